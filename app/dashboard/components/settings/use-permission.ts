// Asks Shopify for an optional permission, or gives it back, and has Holdfast look at once what is granted: Shopify's own notice comes later.

import { useFetcher } from "@remix-run/react";
import { useAppBridge } from "@shopify/app-bridge-react";
import { useState } from "react";

import type { SettingsActionResult } from "../../settings-action.ts";

export interface Permission {
  readonly busy: boolean;
  /** Why the last click changed nothing; null: it did, or there was none. */
  readonly refusal: "declined" | "failed" | null;
  ask(): Promise<void>;
  giveBack(): Promise<void>;
}

/** @param scopes that belong together: granted or given back at once. */
export function usePermission(...scopes: readonly string[]): Permission {
  const shopify = useAppBridge();
  const fetcher = useFetcher<SettingsActionResult>();
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<Permission["refusal"]>(null);

  async function change(answer: () => Promise<boolean>): Promise<void> {
    setAsking(true);
    setRefusal(null);
    try {
      if (await answer()) fetcher.submit({ intent: "read-permissions" }, { method: "post" });
      else setRefusal("declined");
    } catch {
      setRefusal("failed");
    } finally {
      setAsking(false);
    }
  }

  return {
    busy: asking || fetcher.state !== "idle",
    refusal: refusal ?? (fetcher.data?.kind === "failed" ? "failed" : null),
    ask: () => change(async () => (await shopify.scopes.request([...scopes])).result === "granted-all"),
    giveBack: () =>
      change(async () => {
        await shopify.scopes.revoke([...scopes]);
        return true;
      }),
  };
}

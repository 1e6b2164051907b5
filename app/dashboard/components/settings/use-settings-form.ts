// The life of the settings form: what is typed, saving with the permission first, and what came back.

import { useFetcher } from "@remix-run/react";
import { useAppBridge } from "@shopify/app-bridge-react";
import { useEffect, useState } from "react";

import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { Settings } from "#app/domain/settings.ts";

import { documentFrom, draftFrom, isChanged, rebase, type SettingsDraft } from "../../settings-draft.ts";
import type { SettingsActionResult } from "../../settings-page.server.ts";
import type { SaveProblem } from "./outcome-banner.tsx";

export interface SettingsForm {
  readonly draft: SettingsDraft;
  readonly dirty: boolean;
  readonly saving: boolean;
  readonly problem: SaveProblem | null;
  edit(patch: Partial<SettingsDraft>): void;
  save(): Promise<void>;
  discard(): void;
  keepMine(current: Settings): void;
  takeTheirs(current: Settings): void;
}

export function useSettingsForm(settings: Settings, mayWrite: boolean): SettingsForm {
  const shopify = useAppBridge();
  const fetcher = useFetcher<SettingsActionResult>();
  const [draft, setDraft] = useState(() => draftFrom(settings));
  const [problem, setProblem] = useState<SaveProblem | null>(null);
  const [seen, setSeen] = useState<SettingsActionResult | null>(null);
  const result = fetcher.data;

  // Each answer is taken in once, while rendering: an effect would show the old form for a moment.
  if (result !== undefined && result !== seen) {
    setSeen(result);
    setProblem(problemOf(result));
    if (result.kind === "saved") setDraft(draftFrom(result.settings));
  }

  useEffect(() => {
    if (result?.kind === "saved") shopify.toast.show("Settings saved");
  }, [result, shopify]);

  async function save(): Promise<void> {
    if (draft.mode === "enforce" && !mayWrite) {
      const answer = await shopify.scopes.request([WRITE_SCOPE]);
      if (answer.result !== "granted-all") {
        setProblem({ kind: "declined" });
        return;
      }
    }
    setProblem(null);
    fetcher.submit({ intent: "save", document: JSON.stringify(documentFrom(draft)) }, { method: "post" });
  }

  const restart = (current: Settings) => {
    setDraft(draftFrom(current));
    setProblem(null);
  };
  return {
    draft,
    dirty: isChanged(draft),
    saving: fetcher.state !== "idle",
    problem,
    edit: (patch) => setDraft((known) => ({ ...known, ...patch })),
    save,
    discard: () => restart(draft.base),
    keepMine: (current) => {
      setDraft((known) => rebase(known, current));
      setProblem(null);
    },
    takeTheirs: restart,
  };
}

function problemOf(result: SettingsActionResult): SaveProblem | null {
  switch (result.kind) {
    case "saved":
      return null;
    case "faults":
    case "conflict":
      return result;
    case "unavailable":
      return { kind: "unavailable" };
    default:
      // Resuming a source is answered where its button is; it never comes through this form.
      return { kind: "failed" };
  }
}

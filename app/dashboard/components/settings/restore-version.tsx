// Puts an earlier version of the settings in force again: says first what that changes now, and asks for the permission it needs.

import { useFetcher } from "@remix-run/react";
import { useAppBridge } from "@shopify/app-bridge-react";
import { BlockStack, Button, Card, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";

import type { SettingsActionResult } from "../../settings-action.ts";
import { isSettled, resultProblem } from "../../settings-outcome.ts";
import type { VersionPage } from "../../settings-versions-page.server.ts";
import { DifferenceList } from "./difference-list.tsx";
import { OutcomeBanner } from "./outcome-banner.tsx";

export function RestoreVersion({ page }: { readonly page: VersionPage }) {
  const shopify = useAppBridge();
  const fetcher = useFetcher<SettingsActionResult>();
  const [declined, setDeclined] = useState<readonly string[] | null>(null);
  const result = fetcher.state === "idle" ? fetcher.data : undefined;
  const problem = declined === null ? (result === undefined ? null : resultProblem(result)) : { kind: "declined" as const, scopes: declined };

  async function restore(): Promise<void> {
    setDeclined(null);
    if (page.missingScopes.length > 0 && (await shopify.scopes.request([...page.missingScopes])).result !== "granted-all") return setDeclined(page.missingScopes);
    fetcher.submit({ intent: "restore", version: page.version, expected: page.currentVersion }, { method: "post" });
  }

  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          What restoring it changes now
        </Text>
        {page.restoring.length === 0 ? <Text as="p">Nothing: the settings in force say the same.</Text> : <DifferenceList parts={page.restoring} />}
        {problem === null ? null : <OutcomeBanner problem={problem} />}
        {result !== undefined && isSettled(result) ? (
          <Text as="p">{`Restored as version ${result.settings.version}.`}</Text>
        ) : page.restoring.length === 0 ? null : (
          <BlockStack gap="200">
            <Text as="p" tone="subdued">{`It is saved as a new version after ${page.currentVersion}; nothing is lost. Orders that were worked on already keep the rules they were worked on by.`}</Text>
            <InlineStack>
              <Button variant="primary" loading={fetcher.state !== "idle"} onClick={() => void restore()}>
                Restore this version
              </Button>
            </InlineStack>
          </BlockStack>
        )}
      </BlockStack>
    </Card>
  );
}

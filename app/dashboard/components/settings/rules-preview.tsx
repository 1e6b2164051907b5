// Under a form of rules: what they would have done to the orders of the last day, before anybody saves them.

import { useFetcher } from "@remix-run/react";
import { Banner, BlockStack, Button, InlineStack, Text } from "@shopify/polaris";
import { memo, useDeferredValue } from "react";

import { documentFrom, type SettingsDraft } from "../../settings-draft.ts";
import type { SettingsActionResult } from "../../settings-action.ts";
import { exampleText, previewSentences } from "../../rules-preview-view.ts";
import { TextLink } from "../text-link.tsx";
import { Hint, SettingsSection } from "./section.tsx";

/** What is typed is drawn first; the preview takes it up afterwards. */
export function RulesPreview({ draft }: { readonly draft: SettingsDraft }) {
  return <Preview draft={useDeferredValue(draft)} />;
}

const Preview = memo(function Preview({ draft }: { readonly draft: SettingsDraft }) {
  const fetcher = useFetcher<SettingsActionResult>();
  const document = JSON.stringify(documentFrom(draft));
  // What was typed since is not what was tried.
  const asked = fetcher.formData?.get("document");
  const result = fetcher.state === "idle" || asked === undefined ? fetcher.data : undefined;
  return (
    <SettingsSection id="preview" title="Try before you save" description="Looks at the orders of the last 24 hours with the rules as they stand above. Nothing is changed and nothing is saved.">
      <div aria-live="polite">
        <PreviewAnswer result={result} />
      </div>
      <InlineStack>
        <Button loading={fetcher.state !== "idle"} onClick={() => void fetcher.submit({ intent: "preview", document }, { method: "post" })}>
          {result === undefined ? "Try these rules" : "Try again"}
        </Button>
      </InlineStack>
    </SettingsSection>
  );
});

function PreviewAnswer({ result }: { readonly result: SettingsActionResult | undefined }) {
  switch (result?.kind) {
    case undefined:
      return null;
    case "previewed": {
      const { examples } = result.preview;
      return (
        <BlockStack gap="300">
          {previewSentences(result).map((sentence, index) => (
            <Text key={sentence} as="p" {...(index === 0 ? { variant: "headingSm" as const } : {})}>
              {sentence}
            </Text>
          ))}
          {examples.length === 0 ? null : (
            <ul className="hf-lines">
              {examples.map((example) => (
                <li key={example.orderId}>
                  <TextLink url={`/app/history/orders/${example.orderId}`}>{`Order ${example.name ?? example.orderId}`}</TextLink>: {exampleText(example)}
                </li>
              ))}
            </ul>
          )}
        </BlockStack>
      );
    }
    case "faults":
      return (
        <Banner tone="warning" title="These rules cannot be tried yet">
          <Text as="p">Something in them is missing or wrong. Save to see what.</Text>
        </Banner>
      );
    default:
      return <Hint>They could not be tried just now. Nothing was changed; try again in a moment.</Hint>;
  }
}

// Beside a problem with one item's stock: is its number right now? Asked of Shopify when a person wants to know.

import { useFetcher } from "@remix-run/react";
import { Banner, BlockStack, Button, Card, InlineStack, Text } from "@shopify/polaris";

import type { CompareItemAnswer } from "../../compare-item.server.ts";
import { comparisonWords } from "../../compare-view.ts";
import { mismatchesUrl } from "../../mismatch-view.ts";
import { TextLink } from "../text-link.tsx";

export function CompareItem({ inventoryItemId }: { readonly inventoryItemId: string }) {
  const fetcher = useFetcher<CompareItemAnswer>();
  const asking = fetcher.state !== "idle";
  const answer = asking ? undefined : fetcher.data;
  const words = answer === undefined ? null : comparisonWords(answer);
  return (
    <Card>
      <BlockStack gap="300">
        <div className="hf-heading">
          <Text as="h2" variant="headingMd">
            Is the number right now?
          </Text>
          <Button loading={asking} onClick={() => fetcher.submit({ item: inventoryItemId }, { method: "post", action: "/app/compare" })}>
            Compare with Shopify
          </Button>
        </div>
        <Text as="p" tone="subdued">
          Reads this item from Shopify at every location and compares it with what Holdfast knows. No stock changes.
        </Text>
        <div role="status">
          {words === null ? null : (
            <Banner tone={words.tone} title={words.title}>
              <BlockStack gap="100">
                {words.sentences.map((sentence) => (
                  <Text key={sentence} as="p">
                    {sentence}
                  </Text>
                ))}
              </BlockStack>
            </Banner>
          )}
        </div>
        {answer?.kind === "compared" && answer.differences.length > 0 ? (
          <InlineStack>
            <TextLink url={mismatchesUrl("open", { item: inventoryItemId })}>See the mismatches of this item</TextLink>
          </InlineStack>
        ) : null}
      </BlockStack>
    </Card>
  );
}

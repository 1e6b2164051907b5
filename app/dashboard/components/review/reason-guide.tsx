// What the reasons on the page mean and what to do about each: open for the one that was chosen, on demand for all.

import { BlockStack, Card, Text } from "@shopify/polaris";

import type { ReviewReason } from "#app/domain/review.ts";

import { REVIEW_REASON_TERMS } from "../../terms.ts";
import { Disclosure } from "../disclosure.tsx";

export function ReasonGuide({ reasons, chosen }: { readonly reasons: readonly ReviewReason[]; readonly chosen: ReviewReason | "" }) {
  if (reasons.length === 0) return null;
  const [only] = reasons;
  if (only !== undefined && (chosen !== "" || reasons.length === 1)) {
    return (
      <Card>
        <Explanation reason={chosen === "" ? only : chosen} />
      </Card>
    );
  }
  return (
    <Card>
      <Disclosure id="reason-guide" label="What the reasons mean, and what to do">
        <BlockStack gap="400">
          {reasons.map((reason) => (
            <Explanation key={reason} reason={reason} />
          ))}
        </BlockStack>
      </Disclosure>
    </Card>
  );
}

function Explanation({ reason }: { readonly reason: ReviewReason }) {
  const term = REVIEW_REASON_TERMS[reason];
  return (
    <BlockStack gap="100">
      <Text as="h2" variant="headingSm">
        {term.label}
      </Text>
      <Text as="p">{term.meaning}</Text>
      <Text as="p">
        <Text as="span" fontWeight="semibold">
          What to do:
        </Text>{" "}
        {term.advice}
      </Text>
    </BlockStack>
  );
}

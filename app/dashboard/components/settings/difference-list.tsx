// What differs between two versions of the settings, part by part: before and after beside each other, below each other on a phone.

import { BlockStack, Text } from "@shopify/polaris";

import type { DescribedPart } from "../../settings-difference.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";

export function DifferenceList({ parts }: { readonly parts: readonly DescribedPart[] }) {
  return (
    <BlockStack gap="400">
      {parts.map(({ page, changes }) => (
        <BlockStack key={page} gap="200">
          <Text as="h3" variant="headingSm">
            {SETTINGS_PAGES[page].title}
          </Text>
          <dl className="hf-facts">
            {changes.map(({ label, from, to }) => (
              <ChangeRow key={label} label={label} from={from} to={to} />
            ))}
          </dl>
        </BlockStack>
      ))}
    </BlockStack>
  );
}

function ChangeRow({ label, from, to }: { readonly label: string; readonly from: string | null; readonly to: string | null }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {from === null ? (
          <>Added: {to}</>
        ) : to === null ? (
          <>
            Removed: <del>{from}</del>
          </>
        ) : (
          <>
            <del>{from}</del> <span aria-hidden="true">→</span> <ins className="hf-ins">{to}</ins>
          </>
        )}
      </dd>
    </>
  );
}

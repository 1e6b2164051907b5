// Below a bundle whose own stock follows its items: the number at each place, and what is done about it or why nothing is.

import { Badge, BlockStack, InlineStack, Text } from "@shopify/polaris";

import { type PlaceStanding, standingText } from "../../bundle-standing.ts";

const BADGES = { fine: { tone: "success", label: "Follows" }, soon: { tone: "info", label: "Soon" }, attention: { tone: "attention", label: "Left alone" } } as const;

interface BundleStandingsProps {
  /** Of the bundle. */
  readonly name: string;
  readonly standings: readonly PlaceStanding[];
  readonly isProtecting: boolean;
}

export function BundleStandings({ name, standings, isProtecting }: BundleStandingsProps) {
  if (standings.length === 0) {
    return (
      <Text as="p" tone="subdued">
        Its own stock is not known yet: Shopify tells of it when it next changes.
      </Text>
    );
  }
  return (
    <BlockStack gap="200">
      {isProtecting ? null : (
        <Text as="p" tone="subdued">
          Nothing of this is changed while Holdfast only watches.
        </Text>
      )}
      <ul className="hf-lines" aria-label={`Own stock of ${name}`}>
        {standings.map(({ locationId, place, available, decision }) => {
          const { text, tone } = standingText(decision);
          return (
            <li key={locationId}>
              <BlockStack gap="050">
                <InlineStack gap="200" blockAlign="center">
                  <Text as="span">{`${place}: ${available}`}</Text>
                  <Badge tone={BADGES[tone].tone}>{BADGES[tone].label}</Badge>
                </InlineStack>
                <Text as="p" tone="subdued">
                  {text}
                </Text>
              </BlockStack>
            </li>
          );
        })}
      </ul>
    </BlockStack>
  );
}

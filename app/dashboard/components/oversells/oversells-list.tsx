// Oversells as rows that lead to their own pages: one layout that wraps on a phone.

import { BlockStack, InlineStack, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import { plural } from "../../formatting.ts";
import { oversellTerm } from "../../oversell-terms.ts";
import { shortSentence } from "../../oversell-view.ts";
import type { OversellCard } from "../../oversells-page.server.ts";
import { Moment } from "../moment.tsx";
import { TermBadge } from "../term-badge.tsx";

interface OversellsListProps {
  readonly cards: readonly OversellCard[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function OversellsList({ cards, nowMs, timeZone }: OversellsListProps) {
  return (
    <ul className="hf-cards">
      {cards.map((card) => (
        <li key={card.id}>
          <Link to={`/app/oversells/${card.id}`} className="hf-card-link">
            <BlockStack gap="100">
              <InlineStack align="space-between" gap="200" blockAlign="start">
                <Text as="span" fontWeight="semibold">
                  {card.heading}
                </Text>
                <TermBadge term={oversellTerm(card)} />
              </InlineStack>
              <Text as="span">{shortSentence(card)}</Text>
              <Text as="span" variant="bodySm" tone="subdued">
                {[...(card.sku === null || card.sku === card.item ? [] : [card.sku]), card.location, ...(card.heldCount === 0 ? [] : [`${plural(card.heldCount, "order")} on hold`])].map((part) => `${part} · `)}
                {card.closedAt === null ? "since " : "over "}
                <Moment at={card.closedAt ?? card.openedAt} nowMs={nowMs} timeZone={timeZone} clock />
              </Text>
            </BlockStack>
          </Link>
        </li>
      ))}
    </ul>
  );
}

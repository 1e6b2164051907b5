// What is sold beyond stock on purpose: an item a row, with its orders and what there is.

import { BlockStack, InlineStack, Text } from "@shopify/polaris";

import { formatQuantity, plural } from "../../formatting.ts";
import { APART_TERMS } from "../../oversell-terms.ts";
import { orderName } from "../../oversell-view.ts";
import type { ApartCard } from "../../oversells-page.server.ts";
import { termFor } from "../../terms.ts";
import { TermBadge } from "../term-badge.tsx";
import { TextLink } from "../text-link.tsx";

/** Orders named of one item; the rest is counted. */
const NAMED_MAX = 5;

export function ApartList({ cards }: { readonly cards: readonly ApartCard[] }) {
  return (
    <ul className="hf-cards">
      {cards.map((card) => {
        const term = termFor(APART_TERMS, card.reason);
        const named = card.orders.slice(0, NAMED_MAX);
        return (
          <li key={card.inventoryItemId} className="hf-card">
            <BlockStack gap="100">
              <InlineStack align="space-between" gap="200" blockAlign="start">
                <Text as="h3" variant="headingSm">
                  {card.item}
                </Text>
                <TermBadge term={term} />
              </InlineStack>
              <Text as="p">{`${plural(card.unitsOpen, "unit")} in ${plural(card.orderCount, "order")} that ${card.orderCount === 1 ? "waits" : "wait"} to be shipped. ${term.meaning}`}</Text>
              <Text as="p" variant="bodySm" tone="subdued">
                {[...(card.sku === null || card.sku === card.item ? [] : [card.sku]), ...card.locations.map((place) => `${place.locationName ?? `Location ${place.locationId}`}: ${formatQuantity(place.available)}`)].join(" · ")}
              </Text>
              {named.length === 0 ? null : (
                <p>
                  {"Orders: "}
                  {named.map((order, index) => (
                    <span key={order.orderId}>
                      {index === 0 ? "" : ", "}
                      <TextLink url={`/app/history/orders/${order.orderId}`}>{orderName(order)}</TextLink>
                    </span>
                  ))}
                  {card.orderCount > named.length ? ` and ${card.orderCount - named.length} more` : ""}
                </p>
              )}
            </BlockStack>
          </li>
        );
      })}
    </ul>
  );
}

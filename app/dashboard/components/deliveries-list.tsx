// Notifications received, each with how often Shopify repeated it; one layout that wraps on a phone.

import { BlockStack, InlineStack, Text } from "@shopify/polaris";

import type { DeliveryItem } from "../delivery-item.ts";
import { DELIVERY_STATES, reasonText, repetitionText, termFor, topicText } from "../terms.ts";
import { Copyable } from "./copyable.tsx";
import { Moment } from "./moment.tsx";
import { TermBadge } from "./term-badge.tsx";
import { TextLink } from "./text-link.tsx";

interface DeliveriesListProps {
  readonly items: readonly DeliveryItem[];
  readonly nowMs: number;
  readonly timeZone: string;
  /** Links each to its order's stock record. */
  readonly linkOrders?: boolean;
}

export function DeliveriesList({ items, ...shown }: DeliveriesListProps) {
  return (
    <ul className="hf-cards">
      {items.map((item) => (
        <li key={item.id} style={{ padding: "var(--p-space-300) var(--p-space-400)" }}>
          <DeliveryText item={item} {...shown} />
        </li>
      ))}
    </ul>
  );
}

export function DeliveryText({ item, nowMs, timeZone, linkOrders = false }: Omit<DeliveriesListProps, "items"> & { readonly item: DeliveryItem }) {
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" blockAlign="center">
        <TextLink url={`/app/history/notifications/${item.id}`}>
          <Text as="span" fontWeight="semibold">
            {topicText(item.topic) ?? item.topic}
          </Text>
          <Text as="span" visuallyHidden>{`: notification ${item.id}`}</Text>
        </TextLink>
        <TermBadge term={termFor(DELIVERY_STATES, item.state)} />
        {linkOrders && item.orderId !== null ? <TextLink url={`/app/history/orders/${item.orderId}`}>Order {item.orderName ?? item.orderId}</TextLink> : null}
      </InlineStack>
      <InlineStack align="space-between" gap="200">
        <Text as="span" tone="subdued">
          {repetitionText(item.duplicates)} {reasonText(item.reason) ?? ""}
          {item.replayedAt === null ? null : (
            <>
              {" "}
              Worked on once more <Moment at={item.replayedAt} nowMs={nowMs} timeZone={timeZone} />.
            </>
          )}
        </Text>
        <Text as="span" tone="subdued">
          <Moment at={item.receivedAt} nowMs={nowMs} timeZone={timeZone} clock />
        </Text>
      </InlineStack>
      <div className="hf-codes">
        {topicText(item.topic) === null ? null : (
          <Text as="span" tone="subdued">
            <span className="hf-code">{item.topic}</span>
          </Text>
        )}
        <Copyable value={item.webhookId} name="webhook id" />
      </div>
    </BlockStack>
  );
}

// Orders that wait for a person, above the changes that do.

import { BlockStack, Card, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import type { OrderInReview } from "../queries/orders-in-review.server.ts";
import { reasonText } from "../terms.ts";
import { Moment } from "./moment.tsx";

interface OrdersInReviewProps {
  readonly orders: readonly OrderInReview[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function OrdersInReview({ orders, nowMs, timeZone }: OrdersInReviewProps) {
  if (orders.length === 0) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Orders that need your review
        </Text>
        <ul className="hf-cards">
          {orders.map((order) => (
            <li key={order.orderId}>
              <Link to={`/app/history/orders/${order.orderId}`} className="hf-card-link">
                <Text as="span" fontWeight="semibold">
                  {order.name ?? order.orderId}
                </Text>{" "}
                <Text as="span" tone="subdued">
                  {reasonText(order.reason) ?? "No reason was recorded."} First seen <Moment at={order.firstSeenAt} nowMs={nowMs} timeZone={timeZone} />.
                </Text>
              </Link>
            </li>
          ))}
        </ul>
      </BlockStack>
    </Card>
  );
}

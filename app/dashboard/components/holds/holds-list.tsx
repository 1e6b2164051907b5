// Holds as rows that lead to their own pages: one layout that wraps on a phone.

import { BlockStack, InlineStack, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import { formatExact } from "../../formatting.ts";
import { holdTerm, ORDER_MAKING_TERMS } from "../../hold-terms.ts";
import { formatAhead } from "../../hold-view.ts";
import type { HoldRow } from "../../holds-page.server.ts";
import { Moment } from "../moment.tsx";
import { TermBadge } from "../term-badge.tsx";

interface HoldsListProps {
  readonly rows: readonly HoldRow[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function HoldsList({ rows, nowMs, timeZone }: HoldsListProps) {
  return (
    <ul className="hf-cards">
      {rows.map((row) => (
        <li key={row.id}>
          <Link to={`/app/holds/${row.id}`} className="hf-card-link">
            <BlockStack gap="100">
              <InlineStack align="space-between" gap="200">
                <Text as="span" fontWeight="semibold">
                  {row.heading}
                </Text>
                <TermBadge term={holdTerm(row)} />
              </InlineStack>
              <Text as="span" variant="bodySm" tone="subdued">
                {[row.location, ...notesOf(row)].filter((part) => part !== "").map((part) => `${part} · `)}
                {row.state === "active" ? (
                  <time dateTime={row.expiresAt.toISOString()} title={formatExact(row.expiresAt, timeZone)}>{`lapses ${formatAhead(row.expiresAt, nowMs)}`}</time>
                ) : (
                  <Moment at={row.finishedAt ?? row.createdAt} nowMs={nowMs} timeZone={timeZone} clock />
                )}
              </Text>
            </BlockStack>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function notesOf({ reference, orderName, orderId, late, making }: HoldRow): string[] {
  const order = orderName ?? orderId;
  return [
    ...(reference === null ? [] : [reference]),
    ...(order === null ? [] : [`order ${order}`]),
    ...(late ? ["paid after it had lapsed; the units were still there"] : []),
    ...(making === null || making === "created" ? [] : [`order ${ORDER_MAKING_TERMS[making]}`]),
  ];
}

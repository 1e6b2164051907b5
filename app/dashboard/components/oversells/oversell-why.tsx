// Why it happened, how sure that is, and the numbers it rests on, each with its evidence.

import { BlockStack, Card, InlineStack, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

import { formatDelta, formatQuantity, plural } from "../../formatting.ts";
import { CAUSE_TERMS, CONFIDENCE_TERMS, SEEN_BY_TERMS } from "../../oversell-terms.ts";
import { causeSentence } from "../../oversell-view.ts";
import type { OversellDetail } from "../../oversells-page.server.ts";
import { termFor } from "../../terms.ts";
import { Facts, type Fact } from "../facts.tsx";
import { Moment } from "../moment.tsx";
import { TermBadge } from "../term-badge.tsx";
import { TextLink } from "../text-link.tsx";

export function OversellWhy({ page }: { readonly page: OversellDetail }) {
  const { incident } = page;
  const { putBack = 0, takenAway = 0, orderCount = 0 } = incident.evidence;
  const cause = termFor(CAUSE_TERMS, incident.cause);
  const confidence = termFor(CONFIDENCE_TERMS, incident.confidence);
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Why it happened
        </Text>
        <BlockStack gap="100">
          <InlineStack gap="200" blockAlign="center">
            <Text as="h3" variant="headingSm">
              {cause.label}
            </Text>
            {incident.cause === "unknown" ? null : <TermBadge term={confidence} />}
          </InlineStack>
          <Text as="p">{[cause.meaning, causeSentence({ ...incident, putBack, takenAway, orderCount }), incident.cause === "unknown" ? null : confidence.meaning].filter(Boolean).join(" ")}</Text>
        </BlockStack>
        <Facts facts={[...evidenceOf(page), ...countOf(page)]} />
      </BlockStack>
    </Card>
  );
}

/** What shows the cause. */
function evidenceOf({ overwrites, orders, incident, nowMs, timeZone }: OversellDetail): Fact[] {
  const late = incident.cause === "late_notification" ? orders.filter(({ heardAfterMs }) => heardAfterMs > 60_000) : [];
  const bundled = incident.cause === "bundle" ? orders.filter(({ component }) => component) : [];
  const { unknownChanges = 0, uncovered = 0, orderCount = 0 } = incident.evidence;
  const order = (one: (typeof orders)[number]) => ({ key: one.orderId, content: <TextLink url={`/app/history/orders/${one.orderId}`}>{one.name ?? `Order ${one.orderId}`}</TextLink> });
  return [
    ...(incident.cause === "two_sales" && orderCount > 0 ? [{ name: "Orders that wanted it", value: <TextLink url="#orders">{plural(orderCount, "order line")}</TextLink> }] : []),
    ...listed(
      "Overwritten stock",
      overwrites.map(({ id, valueBefore, valueWritten, at }) => ({
        key: id,
        content: (
          <>
            <TextLink url={`/app/overwritten/${id}`}>{`${formatQuantity(valueBefore)} → ${formatQuantity(valueWritten)}`}</TextLink> <Moment at={at} nowMs={nowMs} timeZone={timeZone} exact />
          </>
        ),
      })),
    ),
    ...listed("Told of late", late.slice(0, 10).map(order)),
    ...listed("Taken for bundles", bundled.slice(0, 10).map(order)),
    ...(unknownChanges === 0 ? [] : [{ name: "Changes nobody is known for", value: <TextLink url="#time-line">{plural(unknownChanges, "change")}</TextLink> }]),
    ...(uncovered === 0 ? [] : [{ name: "Missing without an order", value: `${plural(uncovered, "unit")}: no order that Holdfast knows took them` }]),
  ];
}

function listed(name: string, rows: readonly { readonly key: string; readonly content: ReactNode }[]): Fact[] {
  if (rows.length === 0) return [];
  return [{ name, value: <ul className="hf-lines">{rows.map(({ key, content }) => <li key={key}>{content}</li>)}</ul> }];
}

/** How the depth is counted, row by row. */
function countOf({ incident }: OversellDetail): Fact[] {
  const { available, pending, hidden, depth, short, inventoryItemId, state } = incident;
  const preordered = depth + (available ?? 0) + pending - hidden;
  return [
    { name: "Available in Shopify", value: <TextLink url="#picture">{formatQuantity(available)}</TextLink> },
    ...(pending === 0 ? [] : [{ name: "Not in Shopify yet", value: <TextLink url={`/app/history?${new URLSearchParams({ item: inventoryItemId }).toString()}`}>{`${formatDelta(pending)} by changes of Holdfast and units held aside`}</TextLink> }]),
    ...(hidden === 0 ? [] : [{ name: "Hidden by overwritten stock", value: formatDelta(-hidden) }]),
    ...(preordered >= 0 ? [] : [{ name: "Taken by preorders, which wait", value: formatDelta(-preordered) }]),
    { name: state === "closed" ? "Was missing here" : "Missing here", value: plural(depth, "unit") },
    ...(depth === short ? [] : [{ name: "Covered by other locations", value: plural(depth - short, "unit") }]),
    { name: "How Shopify's number is known", value: (SEEN_BY_TERMS[incident.seenBy] ?? incident.seenBy).toLowerCase().replace("shopify", "Shopify").replace("holdfast", "Holdfast") },
  ];
}

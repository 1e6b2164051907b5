// The lines of an order's stock record, each with what happened to it; one layout that wraps on a phone and prints.

import { BlockStack, InlineStack, Text } from "@shopify/polaris";

import { formatDelta, formatQuantity, plural } from "../formatting.ts";
import type { RecordEntry, RecordLine } from "../order-record.ts";
import { CHANGE_STATES, reasonText, termFor } from "../terms.ts";
import { Copyable } from "./copyable.tsx";
import { Facts } from "./facts.tsx";
import { Moment } from "./moment.tsx";
import { TermBadge } from "./term-badge.tsx";
import { TextLink } from "./text-link.tsx";

interface OrderRecordLinesProps {
  readonly lines: readonly RecordLine[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function OrderRecordLines({ lines, nowMs, timeZone }: OrderRecordLinesProps) {
  return (
    <ul className="hf-cards">
      {lines.map((line) => (
        <li key={line.key} className="hf-card">
          <BlockStack gap="300">
            <InlineStack align="space-between" gap="200">
              <BlockStack>
                <Text as="h3" variant="headingSm">
                  {line.item}
                </Text>
                <Text as="span" variant="bodySm" tone="subdued">
                  {[line.sku === line.item ? null : line.sku, line.location].filter((part) => part !== null).join(" · ")}
                </Text>
              </BlockStack>
              <Text as="span" fontWeight="semibold" numeric>
                {balanceText(line)}
              </Text>
            </InlineStack>
            {line.entries.map((entry) => (
              <Entry key={entry.id} entry={entry} item={line.item} nowMs={nowMs} timeZone={timeZone} />
            ))}
          </BlockStack>
        </li>
      ))}
    </ul>
  );
}

function balanceText({ taken, givenBack }: RecordLine): string {
  if (taken === 0 && givenBack === 0) return "nothing taken";
  return givenBack === 0 ? `${plural(taken, "unit")} taken` : `${taken} taken, ${givenBack} given back`;
}

function Entry({ entry, item, nowMs, timeZone }: { readonly entry: RecordEntry; readonly item: string; readonly nowMs: number; readonly timeZone: string }) {
  const reason = entry.state === "applied" || entry.state === "waiting" ? null : reasonText(entry.reason);
  const facts = [
    ...(entry.before === null && entry.after === null ? [] : [{ name: "Before → after", value: `${formatQuantity(entry.before)} → ${formatQuantity(entry.after)}` }]),
    ...(reason === null ? [] : [{ name: "Reason", value: reason }]),
    { name: "Counts once under", value: <Copyable value={entry.effectKey} name="key of the change" /> },
    ...(entry.key === null ? [] : [{ name: "Key of the call", value: <Copyable value={entry.key} name="key of the call" /> }]),
    ...(entry.shopifyReference === null ? [] : [{ name: "Shopify's reference", value: <Copyable value={entry.shopifyReference} name="Shopify's reference" /> }]),
    ...(entry.tries === 0 ? [] : [{ name: "Sent", value: `${entry.tries === 1 ? "once" : `${entry.tries} times`}${entry.doubled ? ", probably took effect twice" : entry.state === "applied" ? ", took effect once" : ""}` }]),
  ];
  return (
    <BlockStack gap="150">
      <InlineStack gap="200" blockAlign="center">
        <TextLink url={`/app/history/${entry.id}`}>
          {entry.delta === 0 ? "No stock assigned" : `${formatDelta(entry.delta)} · ${entry.cause}`}
          <Text as="span" visuallyHidden>{`: ${item}, change ${entry.id}`}</Text>
        </TextLink>
        <TermBadge term={termFor(CHANGE_STATES, entry.state)} />
        <Text as="span" tone="subdued">
          <Moment at={entry.at} nowMs={nowMs} timeZone={timeZone} exact />
        </Text>
      </InlineStack>
      <Facts facts={facts} />
    </BlockStack>
  );
}

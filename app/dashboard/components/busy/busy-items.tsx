// The items most waited for.

import { BlockStack, IndexTable, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import { CAUSE_TERMS } from "../../busy-terms.ts";
import type { BusyItemRow, BusyOverview } from "../../busy-page.server.ts";
import { type BusySpan, busyUrl, formatWait } from "../../busy-view.ts";
import { formatCount, plural } from "../../formatting.ts";
import { TableOrCards } from "../table-or-cards.tsx";
import { TextLink } from "../text-link.tsx";

export function BusyItems({ page: { items, span } }: { readonly page: Pick<BusyOverview, "items" | "span"> }) {
  return <TableOrCards table={<BusyItemsTable items={items} span={span} />} cards={items.map((item) => ({ key: item.key, card: <BusyItemCard item={item} span={span} /> }))} />;
}

function BusyItemCard({ item, span }: { readonly item: BusyItemRow; readonly span: BusySpan }) {
  return (
    <Link to={busyUrl(span, item)} className="hf-card-link" prefetch="none">
      <BlockStack gap="100">
        <Text as="span" fontWeight="semibold">
          {item.name}
        </Text>
        <Text as="span">{[plural(item.waits, "wait"), `half less than ${formatWait(item.p50Ms)}`, `95 of 100 less than ${formatWait(item.p95Ms)}`, ...lostText(item)].join(" · ")}</Text>
        <Text as="span" variant="bodySm" tone="subdued">
          {[item.location, causesOf(item), item.longestHoldMs === 0 ? null : `held ${formatWait(item.longestHoldMs)} at most`].filter((part) => part !== null && part !== "").join(" · ")}
        </Text>
      </BlockStack>
    </Link>
  );
}

function BusyItemsTable({ items, span }: { readonly items: readonly BusyItemRow[]; readonly span: BusySpan }) {
  return (
    <IndexTable
      selectable={false}
      itemCount={items.length}
      resourceName={{ singular: "item", plural: "items" }}
      headings={[
        { title: "Item" },
        { title: "Waits", alignment: "end" },
        { title: "Half less than", alignment: "end" },
        { title: "95 of 100", alignment: "end" },
        { title: "Longest held", alignment: "end" },
        { title: "Locks lost", alignment: "end" },
        { title: "Who waited" },
      ]}
    >
      {items.map((item, index) => (
        <IndexTable.Row key={item.key} id={item.key} position={index}>
          <IndexTable.Cell>
            <div className="hf-item">
              <span title={item.name}>
                <Text as="span" truncate>
                  <TextLink url={busyUrl(span, item)} primary>
                    {item.name}
                  </TextLink>
                </Text>
              </span>
              <Text as="span" variant="bodySm" tone="subdued">
                {[item.sku === item.name ? null : item.sku, item.location].filter((part) => part !== null).join(" · ")}
              </Text>
            </div>
          </IndexTable.Cell>
          <Figure value={formatCount(item.waits)} strong />
          <Figure value={formatWait(item.p50Ms)} />
          <Figure value={formatWait(item.p95Ms)} />
          <Figure value={formatWait(item.longestHoldMs === 0 ? null : item.longestHoldMs)} />
          <Figure value={formatCount(item.lost)} />
          <IndexTable.Cell>
            <span className="hf-reason">{causesOf(item)}</span>
          </IndexTable.Cell>
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}

function Figure({ value, strong = false }: { readonly value: string; readonly strong?: boolean }) {
  return (
    <IndexTable.Cell>
      <Text as="span" alignment="end" numeric {...(strong ? { fontWeight: "semibold" } : {})}>
        {value}
      </Text>
    </IndexTable.Cell>
  );
}

function causesOf({ causes }: BusyItemRow): string {
  return causes.map((cause) => CAUSE_TERMS[cause].label).join(", ");
}

function lostText({ lost }: BusyItemRow): string[] {
  return lost === 0 ? [] : [plural(lost, "lock lost", "locks lost")];
}

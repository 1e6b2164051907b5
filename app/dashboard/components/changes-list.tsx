// Changes as a table on a desk and as cards on a phone; both are in the page and the stylesheet shows one, so nothing shifts.

import { BlockStack, IndexTable, InlineStack, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";
import { memo } from "react";

import { formatDelta, formatQuantity } from "../formatting.ts";
import type { HistoryRow } from "../history-page.server.ts";
import { CHANGE_STATES, reasonText, refusalTerm, termFor } from "../terms.ts";
import { Moment } from "./moment.tsx";
import { TableOrCards } from "./table-or-cards.tsx";
import { TermBadge } from "./term-badge.tsx";
import { TextLink } from "./text-link.tsx";

interface ChangesListProps {
  readonly rows: readonly HistoryRow[];
  readonly nowMs: number;
  readonly timeZone: string;
}

/** Drawn anew with new rows only: a dialog that opens beside fifty of them is no reason. */
export const ChangesList = memo(function ChangesList(props: ChangesListProps) {
  const { rows, nowMs, timeZone } = props;
  return <TableOrCards table={<ChangesTable {...props} />} cards={rows.map((row) => ({ key: row.id, card: <ChangeCard row={row} nowMs={nowMs} timeZone={timeZone} /> }))} />;
});

function ChangesTable({ rows, nowMs, timeZone }: ChangesListProps) {
  return (
    <IndexTable
      selectable={false}
      itemCount={rows.length}
      resourceName={{ singular: "change", plural: "changes" }}
      headings={[{ title: "When" }, { title: "Order" }, { title: "Item" }, { title: "Change", alignment: "end" }, { title: "Before → after", alignment: "end" }, { title: "Cause" }, { title: "State" }]}
    >
      {rows.map((row, index) => (
        <IndexTable.Row key={row.id} id={row.id} position={index}>
          <IndexTable.Cell>
            <TextLink primary url={`/app/history/${row.id}`}>
              <span className="hf-when">
                <Moment at={row.happenedAt} nowMs={nowMs} timeZone={timeZone} clock />
              </span>
              {/* Added to what is seen rather than put in its place: whoever speaks to the page says the visible words. */}
              <Text as="span" visuallyHidden>{`: change of ${row.item}, ${row.orderName === null ? row.cause : `order ${row.orderName}`}`}</Text>
            </TextLink>
          </IndexTable.Cell>
          <IndexTable.Cell>{row.orderName ?? "—"}</IndexTable.Cell>
          <IndexTable.Cell>
            <ItemName row={row} />
          </IndexTable.Cell>
          <IndexTable.Cell>
            <Text as="span" alignment="end" numeric fontWeight="semibold">
              {row.delta === 0 ? "—" : formatDelta(row.delta)}
            </Text>
          </IndexTable.Cell>
          <IndexTable.Cell>
            <Text as="span" alignment="end" numeric>
              {beforeAfter(row)}
            </Text>
          </IndexTable.Cell>
          <IndexTable.Cell>{row.cause}</IndexTable.Cell>
          <IndexTable.Cell>
            <BlockStack gap="100">
              <TermBadge term={termFor(CHANGE_STATES, row.state)} />
              <ChangeReason row={row} />
            </BlockStack>
          </IndexTable.Cell>
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}

function ItemName({ row }: { readonly row: HistoryRow }) {
  return (
    <div className="hf-item">
      <span title={row.item}>
        <Text as="span" truncate>
          {row.item}
        </Text>
      </span>
      <Text as="span" variant="bodySm" tone="subdued">
        {[row.sku !== row.item ? row.sku : null, row.location].filter((part) => part !== null).join(" · ")}
      </Text>
    </div>
  );
}

function ChangeCard({ row, nowMs, timeZone }: { readonly row: HistoryRow; readonly nowMs: number; readonly timeZone: string }) {
  return (
    <Link to={`/app/history/${row.id}`} className="hf-card-link">
      <BlockStack gap="100">
        <InlineStack align="space-between" gap="200">
          <Text as="span" fontWeight="semibold">
            {row.orderName ?? row.cause}
          </Text>
          <TermBadge term={termFor(CHANGE_STATES, row.state)} />
        </InlineStack>
        <ItemName row={row} />
        <InlineStack align="space-between" gap="200">
          <Text as="span" numeric>
            {row.delta === 0 ? "no stock assigned" : row.before === null && row.after === null ? formatDelta(row.delta) : `${formatDelta(row.delta)} (${beforeAfter(row)})`}
          </Text>
          <Text as="span" tone="subdued">
            <Moment at={row.happenedAt} nowMs={nowMs} timeZone={timeZone} clock />
          </Text>
        </InlineStack>
        <ChangeReason row={row} />
      </BlockStack>
    </Link>
  );
}

/** Where the state alone does not say what happened; what waits or went through needs no reason. */
const STATES_WITH_REASON: ReadonlySet<string> = new Set(["parked", "rejected", "cancelled", "shadow"]);

function ChangeReason({ row }: { readonly row: HistoryRow }) {
  const reason = STATES_WITH_REASON.has(row.state) ? reasonText(row.reason) : null;
  if (reason === null) return null;
  const code = refusalTerm(row.reason);
  return (
    <span className="hf-reason">
      <Text as="span" variant="bodySm" tone="subdued">
        {reason}
        {code === null ? null : <span className="hf-code hf-reason__code">{code}</span>}
      </Text>
    </span>
  );
}

function beforeAfter(row: HistoryRow): string {
  return row.before === null && row.after === null ? "—" : `${formatQuantity(row.before)} → ${formatQuantity(row.after)}`;
}

// Overwritten stock; a row leads to its page.

import { BlockStack, IndexTable, InlineStack, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import { formatCount, formatQuantity, plural } from "../../formatting.ts";
import type { OverwriteItem } from "../../overwritten-page.server.ts";
import { OVERWRITE_STATES } from "../../problem-terms.ts";
import { termFor } from "../../terms.ts";
import { Moment } from "../moment.tsx";
import { NumberCell } from "../number-cell.tsx";
import { TableOrCards } from "../table-or-cards.tsx";
import { TermBadge } from "../term-badge.tsx";
import { TextLink } from "../text-link.tsx";
import { StockNames } from "./stock-names.tsx";

interface OverwrittenListProps {
  readonly rows: readonly OverwriteItem[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function OverwrittenList(props: OverwrittenListProps) {
  const { rows, nowMs, timeZone } = props;
  return <TableOrCards table={<OverwrittenTable {...props} />} cards={rows.map((row) => ({ key: row.id, card: <OverwriteCard row={row} nowMs={nowMs} timeZone={timeZone} /> }))} />;
}

function OverwrittenTable({ rows, nowMs, timeZone }: OverwrittenListProps) {
  return (
    <IndexTable
      selectable={false}
      itemCount={rows.length}
      resourceName={{ singular: "overwrite", plural: "overwrites" }}
      headings={[{ title: "When" }, { title: "Item" }, { title: "Was → written", alignment: "end" }, { title: "Units at risk", alignment: "end" }, { title: "Orders forgotten" }, { title: "Times that day", alignment: "end" }, { title: "State" }]}
    >
      {rows.map((row, index) => (
        <IndexTable.Row key={row.id} id={row.id} position={index}>
          <IndexTable.Cell>
            <TextLink primary url={`/app/overwritten/${row.id}`}>
              <span className="hf-when">
                <Moment at={row.at} nowMs={nowMs} timeZone={timeZone} clock />
              </span>
              <Text as="span" visuallyHidden>{`: ${row.item} at ${row.location} was overwritten`}</Text>
            </TextLink>
          </IndexTable.Cell>
          <IndexTable.Cell>
            <StockNames row={row} />
          </IndexTable.Cell>
          <NumberCell value={`${formatQuantity(row.valueBefore)} → ${formatQuantity(row.valueWritten)}`} />
          <NumberCell value={formatCount(row.unitsAtRisk)} strong />
          <IndexTable.Cell>
            <span className="hf-reason">{ordersText(row)}</span>
          </IndexTable.Cell>
          <NumberCell value={formatCount(row.timesLastDay)} />
          <IndexTable.Cell>
            <TermBadge term={termFor(OVERWRITE_STATES, row.state)} />
          </IndexTable.Cell>
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}

function OverwriteCard({ row, nowMs, timeZone }: { readonly row: OverwriteItem; readonly nowMs: number; readonly timeZone: string }) {
  return (
    <Link to={`/app/overwritten/${row.id}`} className="hf-card-link">
      <BlockStack gap="100">
        <InlineStack align="space-between" gap="200" blockAlign="start" wrap={false}>
          <StockNames row={row} strong />
          <TermBadge term={termFor(OVERWRITE_STATES, row.state)} />
        </InlineStack>
        <Text as="span">{`${formatQuantity(row.valueBefore)} → ${formatQuantity(row.valueWritten)}: ${plural(row.unitsAtRisk, "unit")} at risk${row.orderCount === 0 ? "" : ` of ${ordersText(row)}`}`}</Text>
        <Text as="span" variant="bodySm" tone="subdued">
          <Moment at={row.at} nowMs={nowMs} timeZone={timeZone} clock />
          {row.timesLastDay > 1 ? ` · ${row.timesLastDay} times that day` : ""}
        </Text>
      </BlockStack>
    </Link>
  );
}

/** "#1001, #1002 and 3 more" */
function ordersText({ orders, orderCount }: Pick<OverwriteItem, "orders" | "orderCount">): string {
  if (orderCount === 0) return "not known";
  const more = orderCount - orders.length;
  return `${orders.map(({ name }) => name).join(", ")}${more === 0 ? "" : ` and ${formatCount(more)} more`}`;
}

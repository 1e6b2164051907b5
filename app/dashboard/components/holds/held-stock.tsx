// Stock that is put aside, item by item.

import { BlockStack, IndexTable, Text } from "@shopify/polaris";

import { formatCount, formatExact, formatQuantity } from "../../formatting.ts";
import { formatAhead } from "../../hold-view.ts";
import type { HeldStockItem } from "../../holds-page.server.ts";
import { NumberCell } from "../number-cell.tsx";
import { TableOrCards } from "../table-or-cards.tsx";

interface HeldStockProps {
  readonly rows: readonly HeldStockItem[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function HeldStock(props: HeldStockProps) {
  const { rows, nowMs, timeZone } = props;
  return <TableOrCards linked={false} table={<HeldStockTable {...props} />} cards={rows.map((row) => ({ key: row.key, card: <HeldStockCard row={row} nowMs={nowMs} timeZone={timeZone} /> }))} />;
}

function HeldStockTable({ rows, nowMs, timeZone }: HeldStockProps) {
  return (
    <IndexTable
      selectable={false}
      itemCount={rows.length}
      resourceName={{ singular: "item", plural: "items" }}
      headings={[
        { title: "Item" },
        { title: "In checkouts", alignment: "end" },
        { title: "Paid, order awaited", alignment: "end" },
        { title: "Kept aside in Shopify", alignment: "end" },
        { title: "Free for the next", alignment: "end" },
        { title: "Next to lapse" },
      ]}
    >
      {rows.map((row, index) => (
        <IndexTable.Row key={row.key} id={row.key} position={index}>
          <IndexTable.Cell>
            <ItemName row={row} />
          </IndexTable.Cell>
          <NumberCell value={formatCount(row.granted)} strong />
          <NumberCell value={formatCount(row.settling)} />
          <IndexTable.Cell>
            <Text as="span" alignment="end" numeric>
              {formatQuantity(row.held)}
              {movingText(row) === null ? null : (
                <Text as="span" variant="bodySm" tone="subdued">
                  {` ${movingText(row)}`}
                </Text>
              )}
            </Text>
          </IndexTable.Cell>
          <NumberCell value={formatCount(row.free)} />
          <IndexTable.Cell>
            <NextLapse row={row} nowMs={nowMs} timeZone={timeZone} />
          </IndexTable.Cell>
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}

function ItemName({ row }: { readonly row: Pick<HeldStockItem, "item" | "sku" | "location"> }) {
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

/** "(+5 coming, −2 going back)"; null when nothing is on its way. */
function movingText({ growing, leaving }: Pick<HeldStockItem, "growing" | "leaving">): string | null {
  const parts = [...(growing > 0 ? [`+${formatCount(growing)} coming`] : []), ...(leaving > 0 ? [`−${formatCount(leaving)} going back`] : [])];
  return parts.length === 0 ? null : `(${parts.join(", ")})`;
}

function NextLapse({ row, nowMs, timeZone }: { readonly row: HeldStockItem; readonly nowMs: number; readonly timeZone: string }) {
  if (row.nextLapseAt === null) return <>—</>;
  return (
    <time dateTime={row.nextLapseAt.toISOString()} title={formatExact(row.nextLapseAt, timeZone)}>
      {formatAhead(row.nextLapseAt, nowMs)}
    </time>
  );
}

function HeldStockCard({ row, nowMs, timeZone }: { readonly row: HeldStockItem; readonly nowMs: number; readonly timeZone: string }) {
  const moving = movingText(row);
  return (
    <BlockStack gap="100">
      <ItemName row={row} />
      <Text as="span">
        {[
          `${formatCount(row.granted)} in checkouts`,
          ...(row.settling > 0 ? [`${formatCount(row.settling)} paid, order awaited`] : []),
          `${formatQuantity(row.held)} kept aside in Shopify${moving === null ? "" : ` ${moving}`}`,
          `${formatCount(row.free)} free for the next`,
        ].join(" · ")}
      </Text>
      {row.nextLapseAt === null ? null : (
        <Text as="span" variant="bodySm" tone="subdued">
          Next to lapse <NextLapse row={row} nowMs={nowMs} timeZone={timeZone} />
        </Text>
      )}
    </BlockStack>
  );
}

// Stock mismatches; a row leads to its page.

import { BlockStack, IndexTable, InlineStack, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import { formatDelta, formatQuantity } from "../../formatting.ts";
import { differenceText, numbersText, proposalText } from "../../mismatch-view.ts";
import type { MismatchItem } from "../../mismatches-page.server.ts";
import { explanationTerm, MISMATCH_STATES } from "../../problem-terms.ts";
import { termFor } from "../../terms.ts";
import { Moment } from "../moment.tsx";
import { NumberCell } from "../number-cell.tsx";
import { TableOrCards } from "../table-or-cards.tsx";
import { TermBadge } from "../term-badge.tsx";
import { TextLink } from "../text-link.tsx";
import { StockNames } from "./stock-names.tsx";

interface MismatchListProps {
  readonly rows: readonly MismatchItem[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function MismatchList(props: MismatchListProps) {
  const { rows, nowMs, timeZone } = props;
  return <TableOrCards table={<MismatchTable {...props} />} cards={rows.map((row) => ({ key: row.id, card: <MismatchCard row={row} nowMs={nowMs} timeZone={timeZone} /> }))} />;
}

function MismatchTable({ rows, nowMs, timeZone }: MismatchListProps) {
  return (
    <IndexTable
      selectable={false}
      itemCount={rows.length}
      resourceName={{ singular: "mismatch", plural: "mismatches" }}
      headings={[{ title: "Found" }, { title: "Item" }, { title: "Known", alignment: "end" }, { title: "Shopify", alignment: "end" }, { title: "Difference", alignment: "end" }, { title: "Why" }, { title: "State" }]}
    >
      {rows.map((row, index) => (
        <IndexTable.Row key={row.id} id={row.id} position={index}>
          <IndexTable.Cell>
            <TextLink primary url={`/app/mismatches/${row.id}`}>
              <span className="hf-when">
                <Moment at={row.foundAt} nowMs={nowMs} timeZone={timeZone} clock />
              </span>
              <Text as="span" visuallyHidden>{`: ${row.item} at ${row.location}, ${numbersText(row)}`}</Text>
            </TextLink>
          </IndexTable.Cell>
          <IndexTable.Cell>
            <StockNames row={row} />
          </IndexTable.Cell>
          <NumberCell value={formatQuantity(row.known)} />
          <NumberCell value={row.shopify === null ? "none" : formatQuantity(row.shopify)} />
          <NumberCell value={row.shopify === null || row.difference === 0 ? "—" : formatDelta(row.difference)} strong />
          <IndexTable.Cell>
            <Why row={row} />
          </IndexTable.Cell>
          <IndexTable.Cell>
            <TermBadge term={termFor(MISMATCH_STATES, row.state)} />
          </IndexTable.Cell>
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}

function Why({ row }: { readonly row: MismatchItem }) {
  return (
    <span className="hf-reason">
      {explanationTerm(row.explanation).label}
      {row.proposedDelta === null ? null : (
        <Text as="span" tone="subdued">
          {`; ${proposalText(row.proposedDelta)}`}
        </Text>
      )}
    </span>
  );
}

function MismatchCard({ row, nowMs, timeZone }: { readonly row: MismatchItem; readonly nowMs: number; readonly timeZone: string }) {
  return (
    <Link to={`/app/mismatches/${row.id}`} className="hf-card-link">
      <BlockStack gap="100">
        <InlineStack align="space-between" gap="200" blockAlign="start" wrap={false}>
          <StockNames row={row} strong />
          <TermBadge term={termFor(MISMATCH_STATES, row.state)} />
        </InlineStack>
        <Text as="span">{`${numbersText(row)}: ${differenceText(row)}`}</Text>
        <Why row={row} />
        <Text as="span" variant="bodySm" tone="subdued">
          <Moment at={row.foundAt} nowMs={nowMs} timeZone={timeZone} clock />
        </Text>
      </BlockStack>
    </Link>
  );
}

// Read model of the page of oversells: one row an incident with the first of its short orders, newest first, by keyset; and how many there are.

import type { Database } from "#app/ports/database.ts";

import { BACKLOG_COUNT_MAX } from "../limits.ts";
import { type KeysetPage, keysetSql, type PageRequest, toPage } from "./keyset-page.ts";
import { SqlParameters } from "./sql-parameters.ts";

export interface OversellCardRow {
  readonly id: bigint;
  readonly kind: string;
  readonly state: string;
  readonly inventoryItemId: string;
  readonly sku: string | null;
  readonly title: string | null;
  readonly locationId: string;
  readonly locationName: string | null;
  readonly depth: number;
  readonly short: number;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly closeReason: string | null;
  readonly handled: boolean;
  /** The first three by when they took stock. */
  readonly shortOrders: readonly { readonly orderId: string; readonly name: string | null }[];
  readonly shortOrderCount: number;
  /** Orders whose fulfilment Holdfast holds for it. */
  readonly heldCount: number;
}

export interface OversellCardFilter {
  readonly view: "open" | "done" | "all";
  /** Part of a SKU or a title, or an order by its name or id. */
  readonly search: string | null;
}

/** Incidents that a search looks through, from where the page begins: no index knows parts of titles. */
const SEARCHED_MAX = 2_000;
/** Items of the orders that one search text may stand for. */
const ITEMS_MAX = 200;

const VIEW_SQL: Readonly<Record<OversellCardFilter["view"], string>> = {
  open: "o.state = 'open' AND o.handled_at IS NULL",
  done: "(o.state = 'closed' OR o.handled_at IS NOT NULL)",
  all: "TRUE",
};

/** How many short orders a row names. */
const NAMED_MAX = 3;

const CARD_SQL = `
  SELECT o.id, o.kind, o.state, o.inventory_item_id AS "inventoryItemId", o.sku, o.title, o.location_id AS "locationId", o.location_name AS "locationName", o.depth, o.short,
    o.opened_at AS "openedAt", o.closed_at AS "closedAt", o.close_reason AS "closeReason", o.handled_at IS NOT NULL AS handled,
    coalesce(lacking.first, '[]'::jsonb) AS "shortOrders", lacking.count AS "shortOrderCount",
    (SELECT count(DISTINCT h.order_id)::int FROM fulfilment_holds h WHERE h.oversell_id = o.id AND h.state IN ('held', 'release_asked')) AS "heldCount"
  FROM chosen o CROSS JOIN LATERAL (
    SELECT count(*)::int AS count, jsonb_agg(jsonb_build_object('orderId', order_id, 'name', name) ORDER BY nth) FILTER (WHERE nth <= ${NAMED_MAX}) AS first
    FROM (SELECT line->>'orderId' AS order_id, line->>'name' AS name, row_number() OVER (ORDER BY min(position)) AS nth
      FROM jsonb_array_elements(o.orders) WITH ORDINALITY AS lines(line, position) WHERE (line->>'unitsShort')::int > 0 GROUP BY 1, 2) AS named) AS lacking`;

export async function listOversellCards(database: Database, { installId, filter, page }: { readonly installId: bigint; readonly filter: OversellCardFilter; readonly page: PageRequest }): Promise<KeysetPage<OversellCardRow>> {
  const search = filter.search === null ? null : await readSearch(database, installId, filter.search);
  const parameters = new SqlParameters();
  const keyset = keysetSql(page, "o.id", page.direction === "newest" ? "" : parameters.bind(page.cursor));
  const where = `o.install_id = ${parameters.bind(installId)} AND ${VIEW_SQL[filter.view]} AND ${keyset.where}`;
  const among = search === null ? `oversells o WHERE ${where}` : `(SELECT * FROM oversells o WHERE ${where} ORDER BY ${keyset.orderBy} LIMIT ${SEARCHED_MAX}) AS o WHERE ${searchSql(search, parameters)}`;
  const rows = await database.query<OversellCardRow>(
    `WITH chosen AS (SELECT o.* FROM ${among} ORDER BY ${keyset.orderBy} LIMIT ${parameters.bind(page.limit + 1)}::int)
     ${CARD_SQL} ORDER BY ${keyset.orderBy}`,
    ...parameters.values,
  );
  return toPage(rows, page);
}

interface Search {
  readonly text: string;
  /** Of orders by that name or id. */
  readonly orderIds: readonly string[];
  /** What those orders want. */
  readonly itemIds: readonly string[];
}

/** The orders kept in an incident are read only of items that such an order wants: reading those of all would take a second. */
async function readSearch(database: Database, installId: bigint, text: string): Promise<Search> {
  const rows = await database.query<{ orderId: string; itemId: string }>(
    `SELECT DISTINCT i.order_id AS "orderId", i.inventory_item_id AS "itemId" FROM orders o JOIN order_items i ON i.install_id = o.install_id AND i.order_id = o.order_id
     WHERE o.install_id = $1 AND (o.order_id = $2 OR o.name = ANY($3::text[])) LIMIT ${ITEMS_MAX}`,
    installId,
    text.replace(/^gid:\/\/shopify\/Order\//, ""),
    [text, `#${text}`],
  );
  return { text, orderIds: [...new Set(rows.map(({ orderId }) => orderId))], itemIds: [...new Set(rows.map(({ itemId }) => itemId))] };
}

function searchSql({ text, orderIds, itemIds }: Search, parameters: SqlParameters): string {
  const pattern = parameters.bind(`%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`);
  const named = `o.sku ILIKE ${pattern} OR o.title ILIKE ${pattern}`;
  if (itemIds.length === 0) return `(${named})`;
  const ids = parameters.bind([...orderIds]);
  return `(${named} OR o.inventory_item_id = ANY(${parameters.bind([...itemIds])}::text[]) AND EXISTS (SELECT 1 FROM jsonb_array_elements(o.orders) AS line WHERE line->>'orderId' = ANY(${ids}::text[])))`;
}

export interface OversellCounts {
  /** Open and not handled; counted up to `BACKLOG_COUNT_MAX`. */
  readonly open: number;
  /** Units that their orders go short of. */
  readonly unitsShort: number;
  /** Open, handled by a person. */
  readonly handled: number;
  /** There was one at any time. */
  readonly ever: boolean;
}

export async function countOversells(database: Database, installId: bigint): Promise<OversellCounts> {
  const [row] = await database.query<OversellCounts>(
    `SELECT count(*) FILTER (WHERE handled_at IS NULL)::int AS open, coalesce(sum(short) FILTER (WHERE handled_at IS NULL), 0)::int AS "unitsShort",
       count(*) FILTER (WHERE handled_at IS NOT NULL)::int AS handled, EXISTS (SELECT 1 FROM oversells WHERE install_id = $1) AS ever
     FROM (SELECT short, handled_at FROM oversells WHERE install_id = $1 AND state = 'open' LIMIT ${BACKLOG_COUNT_MAX}) AS open`,
    installId,
  );
  return row ?? { open: 0, unitsShort: 0, handled: 0, ever: false };
}

// Incidents of an item on PostgreSQL: its facts are read, judged and written with their alerts in one transaction, one at a time for each item.

import type { OversellKind } from "#app/domain/detection/find-oversells.ts";
import { countHidden } from "#app/domain/detection/count-hidden.ts";
import { byCommitment } from "#app/domain/detection/choose-short.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { ItemFacts, ItemToSettle, OpenOrderUnits, OpenOversell, OversellBook, OversellLocation, OversellOrder, PreorderTaking } from "#app/ports/stock-watch.ts";
import { writeDecision } from "./oversell-incidents.server.ts";
import { EXEMPT, recordPreorders, recordSoldByPlan, TO_ASK } from "./preorder-book.ts";

/** Orders of one item that are looked at, the latest: who is short is among them. */
const ORDERS_MAX = 1_000;
/** Foreign writes that are followed for what they hide, the latest. */
const FOREIGN_EVENTS_MAX = 5_000;

export function createOversellBook(database: Database): OversellBook {
  return {
    settle: (item, decide) =>
      database.transaction(async (tx) => {
        // Two locations of one item may have news at once: what one lacks the other covers, so they are judged together, one after the other.
        await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('oversells:' || $1::text || ':' || $2, 0))::text`, item.installId, item.inventoryItemId);
        const decision = decide(await readFacts(tx, item));
        return decision === null ? [] : writeDecision(tx, item, decision);
      }),
    recordSoldByPlan: (installId, variants) => recordSoldByPlan(database, installId, variants),
    recordPreorders: (installId, lines) => recordPreorders(database, installId, lines),
  };
}

async function readFacts(tx: SqlExecutor, item: ItemToSettle): Promise<ItemFacts> {
  const { variant, orders, handed_over } = await readDemand(tx, item);
  return {
    locations: await readLocations(tx, item),
    orders: (orders ?? []).map(toOpenOrder).toSorted(byCommitment),
    handedOver: (handed_over ?? []).map((row) => ({ units: row.units, committedMs: row.committed_ms, heardMs: row.heard_ms })),
    tracked: variant?.tracked ?? true,
    policy: variant?.inventory_policy === undefined || variant.inventory_policy === null ? null : variant.inventory_policy === "CONTINUE" ? "continue" : "deny",
    open: await readOpen(tx, item),
  };
}

interface LocationRow {
  location_id: string;
  name: string | null;
  available: number | null;
  ships: boolean;
  pending: number;
  hidden: number;
  source: string;
  put_back: number;
  taken_away: number;
  unknown_changes: number;
  counted_at: Date | null;
  raised_at: Date | null;
}

/**
 * `pending` leaves out what is under way and what has an unknown outcome: Shopify may have it already, and counting it twice would tell of an
 * oversell that is none; the end of the call brings the next judgement. A shadow change counts only where Shopify surely did not take the stock.
 * Units that Shopify holds for us and that no active hold was promised come back: they are free, on their way, or of an order that takes its
 * stock from `available` a moment before (docs/reference/reservations.md).
 */
const LOCATIONS = `
WITH stock AS (
  SELECT s.location_id, s.available, s.source, coalesce(l.ships AND l.active, true) AS ships, l.name,
    -- The newest foreign number that was no overwrite, and the newest of those that went up: a count or a delivery.
    (SELECT max(o.at) FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = s.location_id AND o.verdict = 'another_writer'
       AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.install_id = $1 AND c.observation_id = o.id AND c.state <> 'explained')) AS counted_at,
    (SELECT max(o.at) FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = s.location_id AND o.verdict = 'another_writer' AND o.foreign_delta > 0
       AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.install_id = $1 AND c.observation_id = o.id AND c.state <> 'explained')) AS raised_at
  FROM stock_levels s LEFT JOIN locations l ON l.install_id = s.install_id AND l.location_id = s.location_id
  WHERE s.install_id = $1 AND s.inventory_item_id = $2 AND s.connected)
SELECT location_id, name, available, ships, source, counted_at, raised_at,
  (SELECT coalesce(sum(c.delta), 0)::int FROM changes c LEFT JOIN order_sources src ON src.install_id = c.install_id AND src.source_key = c.source_key
    -- An item has few changes and a location has most of them: || '' keeps PostgreSQL, while it has no statistics, from the index by location
    -- (49,401 pages for one row among 25,000 changes; 12 by the item).
    WHERE c.install_id = $1 AND c.inventory_item_id = $2 AND c.location_id || '' = stock.location_id AND c.quantity_name = 'available' AND NOT c.outcome_unknown
      AND (c.state = 'waiting' OR c.state = 'parked' AND c.reason IS DISTINCT FROM 'source_paused'
        OR c.state = 'shadow' AND (c.source_key = ANY($3) OR (src.bypass_count > 0 AND src.took_stock_count = 0)
          OR EXISTS (SELECT 1 FROM order_items i WHERE i.install_id = $1 AND i.order_id = c.order_id AND i.line_id = c.line_id AND i.inventory_item_id = $2 AND i.component)))
      -- Whoever wrote an old number over orders did not count what is still to be taken.
      AND (stock.counted_at IS NULL OR c.created_at > stock.counted_at))
   + (SELECT coalesce(sum(greatest(0, b.held - b.granted)), 0)::int FROM stock_blocks b
      WHERE b.install_id = $1 AND b.inventory_item_id = $2 AND b.location_id = stock.location_id) AS pending,
  (SELECT greatest(0, coalesce(sum(c.units_at_risk), 0))::int FROM conflicts c
    WHERE c.install_id = $1 AND c.inventory_item_id = $2 AND c.location_id = stock.location_id AND c.state = 'open'
      AND (stock.raised_at IS NULL OR c.at > stock.raised_at)) AS hidden,
  (SELECT coalesce(sum(c.units_at_risk), 0)::int FROM conflicts c WHERE c.install_id = $1 AND c.inventory_item_id = $2 AND c.location_id = stock.location_id
      AND c.state = 'open' AND c.units_at_risk > 0 AND c.at > now() - interval '1 hour') AS put_back,
  (SELECT coalesce(-sum(o.foreign_delta), 0)::int FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = stock.location_id
      AND o.verdict = 'another_writer' AND o.foreign_delta < 0 AND o.at > now() - interval '1 hour') AS taken_away,
  (SELECT count(*)::int FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = stock.location_id
      AND o.verdict = 'unknown' AND o.at > now() - interval '1 hour') AS unknown_changes
FROM stock ORDER BY location_id`;

async function readLocations(tx: SqlExecutor, item: ItemToSettle): Promise<OversellLocation[]> {
  const rows = await tx.query<LocationRow>(LOCATIONS, item.installId, item.inventoryItemId, item.confirmedSources);
  const located: LocationRow[] = [];
  for (const row of rows) located.push(row.hidden === 0 ? row : { ...row, ...(await readHidden(tx, item, row)) });
  return located.map((row) => ({
    locationId: row.location_id,
    name: row.name,
    available: row.available,
    ships: row.ships,
    pending: row.pending,
    hidden: row.hidden,
    seenBy: row.source === "own_answer" || row.source === "read" || row.source === "scan" ? row.source : "notification",
    putBack: row.put_back,
    takenAway: row.taken_away,
    unknownChanges: row.unknown_changes,
    countedAt: row.counted_at,
  }));
}

/** Writers that take a few units while some are hidden have not counted: what is hidden has to be followed through them (`countHidden`). */
async function readHidden(tx: SqlExecutor, item: ItemToSettle, { location_id: locationId, raised_at: since }: LocationRow): Promise<Pick<LocationRow, "hidden" | "counted_at">> {
  const events = await tx.query<{ at: Date; put_back: number; foreign_delta: number }>(
    `SELECT at, put_back, foreign_delta FROM (
       SELECT o.at, coalesce(CASE WHEN c.state = 'open' THEN c.units_at_risk END, 0) AS put_back, coalesce(o.foreign_delta, 0) AS foreign_delta
       FROM stock_observations o LEFT JOIN conflicts c ON c.install_id = o.install_id AND c.observation_id = o.id AND c.state <> 'explained'
       WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = $3 AND ($4::timestamptz IS NULL OR o.at > $4)
         AND (c.state = 'open' OR c.state IS NULL AND o.verdict = 'another_writer')
       ORDER BY o.at DESC, o.id DESC LIMIT ${FOREIGN_EVENTS_MAX}) AS latest ORDER BY at`,
    item.installId,
    item.inventoryItemId,
    locationId,
    since,
  );
  const { hidden, countedMs } = countHidden(events.map((event) => ({ atMs: event.at.getTime(), putBack: event.put_back, foreign: event.foreign_delta })));
  return { hidden, counted_at: countedMs === null ? since : new Date(countedMs) };
}

interface OrderRow {
  readonly order_id: string;
  readonly order_name: string | null;
  readonly line_id: string;
  readonly location_id: string | null;
  readonly units_open: number;
  readonly committed_ms: number;
  readonly heard_ms: number;
  readonly paid: boolean;
  readonly component: boolean;
  readonly variant_id: string | null;
  readonly preorder: PreorderTaking | null;
  readonly exempt: string | null;
  readonly to_ask: OpenOrderUnits["toAsk"];
}

interface Demand {
  readonly variant: { readonly tracked: boolean; readonly inventory_policy: string | null } | null;
  readonly orders: readonly OrderRow[] | null;
  /** Tills that were offline tell within days. */
  readonly handed_over: readonly { readonly units: number; readonly committed_ms: number; readonly heard_ms: number }[] | null;
}

/** Who wants the item, and how it is sold: one question, each list as JSON. */
const DEMAND = `
WITH orders AS (
  SELECT order_id, order_name, line_id, location_id, units_open, (extract(epoch FROM committed_at) * 1000)::float8 AS committed_ms, (extract(epoch FROM heard_at) * 1000)::float8 AS heard_ms,
    paid, component, i.variant_id, nullif(preorder, 'no') AS preorder, ${EXEMPT} AS exempt, ${TO_ASK} AS to_ask
  FROM order_items i LEFT JOIN variants v ON v.install_id = i.install_id AND v.variant_id = i.variant_id
  WHERE i.install_id = $1 AND i.inventory_item_id = $2 AND units_open > 0 ORDER BY committed_at DESC, order_id DESC LIMIT ${ORDERS_MAX}),
handed_over AS (
  SELECT units, (extract(epoch FROM committed_at) * 1000)::float8 AS committed_ms, (extract(epoch FROM heard_at) * 1000)::float8 AS heard_ms FROM order_items
  WHERE install_id = $1 AND inventory_item_id = $2 AND exempt = 'pos' AND units_open = 0 AND units > 0 AND committed_at > now() - interval '2 days'
  ORDER BY committed_at DESC LIMIT ${ORDERS_MAX})
SELECT (SELECT json_build_object('tracked', tracked, 'inventory_policy', inventory_policy) FROM variants
    WHERE install_id = $1 AND inventory_item_id = $2 ORDER BY read_at DESC LIMIT 1) AS variant,
  (SELECT json_agg(to_json(o)) FROM orders o) AS orders, (SELECT json_agg(to_json(h)) FROM handed_over h) AS handed_over`;

async function readDemand(tx: SqlExecutor, { installId, inventoryItemId }: ItemToSettle): Promise<Demand> {
  const [row] = await tx.query<Demand>(DEMAND, installId, inventoryItemId);
  return row ?? { variant: null, orders: null, handed_over: null };
}

function toOpenOrder(row: OrderRow): OpenOrderUnits {
  return {
    orderId: row.order_id,
    name: row.order_name,
    lineId: row.line_id,
    locationId: row.location_id,
    units: row.units_open,
    committedMs: row.committed_ms,
    heardMs: row.heard_ms,
    paid: row.paid,
    component: row.component,
    exempt: row.exempt,
    variantId: row.variant_id,
    preorder: row.preorder,
    toAsk: row.to_ask,
  };
}

async function readOpen(tx: SqlExecutor, item: ItemToSettle): Promise<OpenOversell[]> {
  const rows = await tx.query<{ id: bigint; location_id: string; kind: OversellKind; depth: number; short: number; movable: OpenOversell["movable"]; orders: OversellOrder[]; opened_at: Date }>(
    `SELECT id, location_id, kind, depth, short, movable, orders, opened_at FROM oversells
     WHERE install_id = $1 AND inventory_item_id = $2 AND state = 'open' ORDER BY location_id FOR UPDATE`,
    item.installId,
    item.inventoryItemId,
  );
  return rows.map((row) => ({ id: row.id, locationId: row.location_id, kind: row.kind, depth: row.depth, short: row.short, movable: row.movable, orders: row.orders, openedAt: row.opened_at }));
}

// The blocks that reservations draw on: locked in one order, counted up and down, and lapsed holds of a stock that is short ended at once.

import type { StockFacts } from "#app/domain/reservations/decide-grants.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";

export interface InstallStock extends StockPlace {
  readonly installId: bigint;
}

export type StockKey = string;

/** Lapsed holds that one shortage ends at most; the expiry service takes the rest. */
const LAPSED_MAX = 500;
/** A block that holds something is looked at by then, to give back what nobody draws on. */
export const LOOK_AFTER = "5 minutes";

export function stockKeyOf({ installId, inventoryItemId, locationId }: InstallStock): StockKey {
  return `${installId}/${inventoryItemId}@${locationId}`;
}

/** A block and its counters, as `BLOCK_COUNTS` reads them. */
export interface BlockRow {
  readonly install_id: bigint;
  readonly item: string;
  readonly location: string;
  readonly held: number;
  readonly granted: number;
  readonly settling: number;
  readonly leaving: number;
  readonly growing: number;
}

/** Of `stock_blocks b`. */
export const BLOCK_COUNTS = "b.install_id, b.inventory_item_id AS item, b.location_id AS location, b.held, b.granted, b.settling, b.leaving, b.growing";

function columnsOf(stocks: Iterable<InstallStock>): [bigint[], string[], string[]] {
  const all = [...stocks];
  return [all.map((stock) => stock.installId), all.map((stock) => stock.inventoryItemId), all.map((stock) => stock.locationId)];
}

function toStock(row: Pick<BlockRow, "install_id" | "item" | "location">): InstallStock {
  return { installId: row.install_id, inventoryItemId: row.item, locationId: row.location };
}

/** In a statement of its own, before any lock: who inserts while holding another block could wait for whoever waits for that one. */
export async function addBlocks(database: SqlExecutor, stocks: readonly InstallStock[]): Promise<void> {
  await database.execute(
    `INSERT INTO stock_blocks (install_id, inventory_item_id, location_id)
     SELECT s.install_id, s.item, s.location FROM unnest($1::bigint[], $2::text[], $3::text[]) AS s(install_id, item, location)
     ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING`,
    ...columnsOf(stocks),
  );
}

/**
 * The counters of these blocks under their row locks, taken in the order of (install, item, location); null when one of them has no row
 * yet. `available` is read in a statement after it: a move that was just booked has changed the block and the mirror together, and the
 * snapshot from before the wait would show its units in both.
 */
export async function lockBlocks(tx: SqlExecutor, stocks: readonly InstallStock[]): Promise<Map<StockKey, StockFacts> | null> {
  if (stocks.length === 0) return new Map();
  const columns = columnsOf(stocks);
  const blocks = await tx.query<BlockRow>(
    `SELECT ${BLOCK_COUNTS}
     FROM stock_blocks b JOIN unnest($1::bigint[], $2::text[], $3::text[]) AS s(install_id, item, location)
       ON b.install_id = s.install_id AND b.inventory_item_id = s.item AND b.location_id = s.location
     ORDER BY b.install_id, b.inventory_item_id, b.location_id FOR UPDATE OF b`,
    ...columns,
  );
  if (blocks.length < stocks.length) return null;
  const levels = await tx.query<Pick<BlockRow, "install_id" | "item" | "location"> & { available: number | null }>(
    `SELECT l.install_id, l.inventory_item_id AS item, l.location_id AS location, l.available
     FROM stock_levels l JOIN unnest($1::bigint[], $2::text[], $3::text[]) AS s(install_id, item, location)
       ON l.install_id = s.install_id AND l.inventory_item_id = s.item AND l.location_id = s.location`,
    ...columns,
  );
  const available = new Map(levels.map((row) => [stockKeyOf(toStock(row)), row.available]));
  return new Map(
    blocks.map((row) => {
      const { held, granted, settling, leaving, growing } = row;
      const key = stockKeyOf(toStock(row));
      return [key, { held, granted, settling, leaving, growing, available: available.get(key) ?? null }];
    }),
  );
}

/** What ends a hold, or takes its units again, and the column of the hours that counts it. */
const UNITS = {
  /** granted − q */
  released: { granted: -1, settling: 0, hours: "released_units" },
  expired: { granted: -1, settling: 0, hours: "lapsed_units" },
  /** granted − q, settling + q */
  committed: { granted: -1, settling: 1, hours: "committed_units" },
  /** Lapsed before, its units given back: settling + q. */
  committed_late: { granted: 0, settling: 1, hours: "committed_units" },
} as const;

export type UnitsEnd = keyof typeof UNITS;

/**
 * Counts the units of these reservations, whose rows the caller holds locked and has just written. The blocks are locked here, in the one
 * order; the hours behind them, so that nobody else is at them.
 */
export async function countUnits(tx: SqlExecutor, ids: readonly string[], end: UnitsEnd): Promise<number> {
  if (ids.length === 0) return 0;
  const { granted, settling, hours } = UNITS[end];
  const rows = await tx.query<{ quantity: number }>(
    `WITH units AS (
       SELECT install_id, inventory_item_id, location_id, sum(quantity)::int AS quantity FROM reservation_lines
       WHERE reservation_id = ANY($1::uuid[]) AND counts GROUP BY 1, 2, 3),
     locked AS MATERIALIZED (
       SELECT b.install_id, b.inventory_item_id, b.location_id, u.quantity FROM stock_blocks b JOIN units u USING (install_id, inventory_item_id, location_id)
       ORDER BY b.install_id, b.inventory_item_id, b.location_id FOR UPDATE OF b),
     counted AS (
       UPDATE stock_blocks b SET granted = b.granted + (${granted}) * l.quantity, settling = b.settling + (${settling}) * l.quantity,
         look_at = CASE WHEN b.held > 0 THEN coalesce(b.look_at, now() + interval '${LOOK_AFTER}') ELSE b.look_at END
       FROM locked l WHERE b.install_id = l.install_id AND b.inventory_item_id = l.inventory_item_id AND b.location_id = l.location_id)
     INSERT INTO reservation_hours AS h (install_id, hour, inventory_item_id, location_id, ${hours})
     SELECT install_id, date_trunc('hour', now(), 'UTC'), inventory_item_id, location_id, quantity FROM locked ORDER BY 1, 3, 4
     ON CONFLICT (install_id, hour, inventory_item_id, location_id) DO UPDATE SET ${hours} = h.${hours} + excluded.${hours}
     RETURNING (SELECT coalesce(sum(quantity), 0) FROM units)::int AS quantity`,
    ids,
  );
  return rows[0]?.quantity ?? 0;
}

/** Active reservations whose rows the caller holds locked become `state`; answers those that did. */
export async function endReservations(tx: SqlExecutor, ids: readonly string[], state: "released" | "expired", by: string): Promise<{ count: number; units: number }> {
  const ended = await tx.query<{ id: string }>(
    `UPDATE reservations SET state = $2, finished_at = clock_timestamp(), finished_by = $3 WHERE id = ANY($1::uuid[]) AND state = 'active' RETURNING id`,
    ids,
    state,
    by,
  );
  return { count: ended.length, units: await countUnits(tx, ended.map(({ id }) => id), state) };
}

interface LapsedRow {
  readonly id: string;
  readonly got: boolean;
  readonly install_id: bigint;
  readonly item: string;
  readonly location: string;
}

export interface LapsedEnded {
  /** How many were ended: then the counters are to be read again. */
  readonly endedCount: number;
  /** Some of the stock lapsed that somebody else is about to end: asking again behind them finds it. */
  readonly othersAreAtIt: boolean;
}

/**
 * A lapsed hold is the next buyer's at once, not when the expiry service comes by. The caller holds blocks already, and reservations are
 * locked before blocks: so nothing is waited for here. A reservation that is locked is left to whoever has it, and so is one with a
 * line on another block that somebody else holds.
 */
export async function endLapsedOf(tx: SqlExecutor, short: readonly InstallStock[], locked: ReadonlySet<StockKey>): Promise<LapsedEnded> {
  const rows = await tx.query<LapsedRow>(
    `WITH lapsed AS (
       SELECT r.id FROM reservations r WHERE r.state = 'active' AND r.expires_at <= (SELECT clock_timestamp()) AND EXISTS (
         SELECT 1 FROM reservation_lines l JOIN unnest($1::bigint[], $2::text[], $3::text[]) AS s(install_id, item, location)
           ON l.install_id = s.install_id AND l.inventory_item_id = s.item AND l.location_id = s.location WHERE l.reservation_id = r.id AND l.counts)
       ORDER BY r.expires_at LIMIT ${LAPSED_MAX}),
     got AS MATERIALIZED (
       SELECT r.id FROM reservations r WHERE r.id IN (SELECT id FROM lapsed) AND r.state = 'active' AND r.expires_at <= (SELECT clock_timestamp())
       ORDER BY r.id FOR UPDATE SKIP LOCKED)
     SELECT l.reservation_id AS id, got.id IS NOT NULL AS got, l.install_id, l.inventory_item_id AS item, l.location_id AS location
     FROM lapsed JOIN reservation_lines l ON l.reservation_id = lapsed.id AND l.counts LEFT JOIN got ON got.id = lapsed.id`,
    ...columnsOf(short),
  );
  const reachable = await lockFreeBlocks(tx, rows, locked);
  const left = new Set(rows.filter((row) => !row.got || !reachable.has(stockKeyOf(toStock(row)))).map(({ id }) => id));
  const ids = [...new Set(rows.map(({ id }) => id))].filter((id) => !left.has(id));
  const { count } = ids.length === 0 ? { count: 0 } : await endReservations(tx, ids, "expired", "expiry");
  return { endedCount: count, othersAreAtIt: left.size > 0 };
}

async function lockFreeBlocks(tx: SqlExecutor, rows: readonly LapsedRow[], locked: ReadonlySet<StockKey>): Promise<ReadonlySet<StockKey>> {
  const others = new Map(rows.filter((row) => row.got).map((row) => [stockKeyOf(toStock(row)), toStock(row)]));
  for (const key of locked) others.delete(key);
  if (others.size === 0) return locked;
  const got = await tx.query<Pick<BlockRow, "install_id" | "item" | "location">>(
    `SELECT b.install_id, b.inventory_item_id AS item, b.location_id AS location
     FROM stock_blocks b JOIN unnest($1::bigint[], $2::text[], $3::text[]) AS s(install_id, item, location)
       ON b.install_id = s.install_id AND b.inventory_item_id = s.item AND b.location_id = s.location
     ORDER BY b.install_id, b.inventory_item_id, b.location_id FOR UPDATE OF b SKIP LOCKED`,
    ...columnsOf(others.values()),
  );
  return new Set([...locked, ...got.map((row) => stockKeyOf(toStock(row)))]);
}

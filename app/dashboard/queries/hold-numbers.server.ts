// Read model of how holds fare: what is promised right now, what became of those of a span of time, and what buyers were refused.

import { BACKLOG_COUNT_MAX } from "#app/dashboard/limits.ts";
import type { Database } from "#app/ports/database.ts";
import { waitingForPersonSql } from "./list-reservations.server.ts";
import { STOCK_NAME_COLUMNS_SQL, STOCK_NAME_JOINS_SQL } from "./stock-names.ts";

export interface HoldNumbers {
  /** Units now: in checkouts, sold and on their way out, kept aside in Shopify. */
  readonly granted: number;
  readonly settling: number;
  readonly held: number;
  /** When the next hold lapses; null: none is active. */
  readonly nextLapseAt: Date | null;
  /** Counted up to `BACKLOG_COUNT_MAX`. */
  readonly waitingForPerson: number;
  /** Of the last `REFUNDS_COUNTED_DAYS`: nobody tells Holdfast that a charge was given back. */
  readonly refundsRequired: number;
  /** Whether a checkout ever asked for a hold here. */
  readonly everUsed: boolean;
}

const REFUNDS_COUNTED_DAYS = 7;

export async function readHoldNumbers(database: Database, installId: bigint): Promise<HoldNumbers> {
  const [numbers] = await database.query<HoldNumbers>(
    `SELECT coalesce(sum(granted), 0)::int AS granted, coalesce(sum(settling), 0)::int AS settling, coalesce(sum(held), 0)::int AS held,
       (SELECT min(expires_at) FROM reservations WHERE install_id = $1 AND state = 'active') AS "nextLapseAt",
       (SELECT count(*)::int FROM (${waitingForPersonSql("$1")} LIMIT ${BACKLOG_COUNT_MAX}) w) AS "waitingForPerson",
       (SELECT count(*)::int FROM (SELECT 1 FROM reservations WHERE install_id = $1 AND refund_required AND created_at > now() - interval '${REFUNDS_COUNTED_DAYS} days' LIMIT ${BACKLOG_COUNT_MAX}) f) AS "refundsRequired",
       EXISTS (SELECT 1 FROM reservation_hours WHERE install_id = $1) OR EXISTS (SELECT 1 FROM reservations WHERE install_id = $1) AS "everUsed"
     FROM stock_blocks WHERE install_id = $1`,
    installId,
  );
  if (numbers === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  return numbers;
}

/** Units, but for the two counts. */
export interface HoldsOfSpan {
  readonly grantedCount: number;
  readonly grantedUnits: number;
  readonly committedUnits: number;
  readonly releasedUnits: number;
  readonly lapsedUnits: number;
  readonly refusedCount: number;
  readonly shortUnits: number;
}

export async function readHoldsOfSpan(database: Database, installId: bigint, since: Date): Promise<HoldsOfSpan> {
  const [span] = await database.query<HoldsOfSpan>(
    `SELECT coalesce(sum(granted_count), 0)::float8 AS "grantedCount", coalesce(sum(granted_units), 0)::float8 AS "grantedUnits",
       coalesce(sum(committed_units), 0)::float8 AS "committedUnits", coalesce(sum(released_units), 0)::float8 AS "releasedUnits",
       coalesce(sum(lapsed_units), 0)::float8 AS "lapsedUnits", coalesce(sum(refused_count), 0)::float8 AS "refusedCount",
       coalesce(sum(short_units), 0)::float8 AS "shortUnits"
     FROM reservation_hours WHERE install_id = $1 AND hour >= $2`,
    installId,
    since,
  );
  if (span === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  return span;
}

export interface RefusedStock {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly locationName: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly refusedCount: number;
  readonly shortUnits: number;
}

/** Stocks that the page names; the sums count all. */
const REFUSED_STOCKS_MAX = 10;

/** The stocks that most was wanted of in vain. */
export async function readRefusedStock(database: Database, installId: bigint, since: Date): Promise<RefusedStock[]> {
  return database.query<RefusedStock>(
    `WITH refused AS (
       SELECT install_id, inventory_item_id, location_id, sum(refused_count)::float8 AS refused, sum(short_units)::float8 AS short
       FROM reservation_hours WHERE install_id = $1 AND hour >= $2 AND refused_count > 0
       GROUP BY 1, 2, 3 ORDER BY short DESC, refused DESC, inventory_item_id, location_id LIMIT ${REFUSED_STOCKS_MAX})
     SELECT ${STOCK_NAME_COLUMNS_SQL("refused")}, refused.refused AS "refusedCount", refused.short AS "shortUnits"
     FROM refused ${STOCK_NAME_JOINS_SQL("refused")} ORDER BY refused.short DESC, refused.refused DESC, refused.inventory_item_id, refused.location_id`,
    installId,
    since,
  );
}

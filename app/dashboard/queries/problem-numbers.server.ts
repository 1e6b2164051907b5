// Read model of the numbers over the lists of overwritten stock and of mismatches: how many stand in which state, and what the last day brought.

import { BACKLOG_COUNT_MAX } from "#app/dashboard/limits.ts";
import type { Database } from "#app/ports/database.ts";

/** Overwrites of the last day that are counted: a shop with more has a writer that needs no exact count. */
const LAST_DAY_COUNT_MAX = 1_000;

export interface OverwriteNumbers {
  /** Counted up to `BACKLOG_COUNT_MAX`, as are all. */
  readonly open: number;
  readonly everFound: boolean;
  readonly lastDay: {
    readonly count: number;
    /** Items, each once for every location. */
    readonly stockCount: number;
    readonly unitsAtRisk: number;
    readonly orderCount: number;
    /** There may be more: the newest were counted. */
    readonly capped: boolean;
  };
}

export async function readOverwriteNumbers(database: Database, installId: bigint, now: Date): Promise<OverwriteNumbers> {
  const [[row], [day]] = await Promise.all([
    database.query<{ open: number; everFound: boolean }>(
      `SELECT (SELECT count(*)::int FROM (SELECT 1 FROM conflicts WHERE install_id = $1 AND state = 'open' LIMIT ${BACKLOG_COUNT_MAX}) AS counted) AS open,
         EXISTS (SELECT 1 FROM conflicts WHERE install_id = $1) AS "everFound"`,
      installId,
    ),
    database.query<Omit<OverwriteNumbers["lastDay"], "capped">>(
      `WITH recent AS (
         SELECT * FROM (SELECT * FROM conflicts WHERE install_id = $1 ORDER BY id DESC LIMIT ${LAST_DAY_COUNT_MAX}) AS newest
         WHERE at > $2::timestamptz - interval '1 day' AND state <> 'explained')
       SELECT count(*)::int AS count, count(DISTINCT (inventory_item_id, location_id))::int AS "stockCount", coalesce(sum(units_at_risk), 0)::int AS "unitsAtRisk",
         (SELECT count(DISTINCT forgotten->>'orderId')::int FROM recent AS r, jsonb_array_elements(r.unseen) AS forgotten) AS "orderCount"
       FROM recent`,
      installId,
      now,
    ),
  ]);
  if (row === undefined || day === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  return { ...row, lastDay: { ...day, capped: day.count >= LAST_DAY_COUNT_MAX } };
}

export interface MismatchNumbers {
  readonly open: number;
  /** Open, and something is proposed. */
  readonly proposed: number;
  readonly everFound: boolean;
}

export async function readMismatchNumbers(database: Database, installId: bigint): Promise<MismatchNumbers> {
  const [row] = await database.query<MismatchNumbers>(
    `SELECT count(*)::int AS open, count(proposed_delta)::int AS proposed, EXISTS (SELECT 1 FROM drifts WHERE install_id = $1) AS "everFound"
     FROM (SELECT proposed_delta FROM drifts WHERE install_id = $1 AND state = 'open' LIMIT ${BACKLOG_COUNT_MAX}) AS counted`,
    installId,
  );
  if (row === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  return row;
}

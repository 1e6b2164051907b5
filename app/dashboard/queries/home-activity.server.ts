// Read model of Home's numbers over time: what happened by the quarter of an hour, counted ones and those that are not over yet.

import type { Database } from "#app/ports/database.ts";

import { COUNTED_COLUMNS, countedSql, rollUpActivity } from "./roll-up-activity.server.ts";

/** Quarters in which nothing happened are left out. */
export interface QuarterOfActivity {
  readonly startedAt: Date;
  readonly orderNotifications: number;
  /** About stock levels, items and locations: most of them echo a change, whoever made it. */
  readonly stockNotifications: number;
  readonly duplicates: number;
  /** Those of them that were about orders. */
  readonly orderDuplicates: number;
  readonly applied: number;
  /** What would have been applied while Holdfast only watched. */
  readonly shown: number;
  /** Calls to Shopify that no answer came to; each was asked for again under its key. */
  readonly lostAnswers: number;
  readonly lockWaits: number;
  readonly lockWaitMsMax: number;
}

/** `from`: the start of a quarter. Oldest first. Waits for busy items are counted by the hour, and stand in its first quarter. */
export async function readHomeActivity(database: Database, installId: bigint, from: Date, now: Date): Promise<QuarterOfActivity[]> {
  const rolledUntil = await rollUpActivity(database, installId, now);
  const live = rolledUntil > from ? rolledUntil : from;
  const sums = COUNTED_COLUMNS.map((name) => `sum(${name})::int AS "${toCamel(name)}"`).join(", ");
  const zeroes = COUNTED_COLUMNS.map(() => "0").join(", ");
  return database.query<QuarterOfActivity>(
    `SELECT quarter AS "startedAt", ${sums}, sum(lock_waits)::int AS "lockWaits", max(lock_wait_ms_max)::int AS "lockWaitMsMax"
     FROM (
       SELECT quarter, ${COUNTED_COLUMNS.join(", ")}, 0 AS lock_waits, 0 AS lock_wait_ms_max FROM activity_quarters WHERE install_id = $1 AND quarter >= $2 AND quarter < $3
       UNION ALL SELECT counted.*, 0, 0 FROM (${countedSql({ install: "$1", from: "$3", until: null })}) counted
       UNION ALL SELECT hour, ${zeroes}, lock_busy, lock_wait_ms_max FROM activity_hours WHERE install_id = $1 AND hour >= $2
     ) activity GROUP BY quarter ORDER BY quarter`,
    installId,
    from,
    live,
  );
}

/** `lost_answers` → `lostAnswers` */
function toCamel(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

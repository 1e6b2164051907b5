// Read model of Home: orders that were found by looking, because a notification of them never came.

import type { Database } from "#app/ports/database.ts";

/** Older finds are history: the audit trail keeps them. */
const DAYS = 7;

export interface MissedOrdersFound {
  readonly count: number;
  /** Those of them found since `today`; 0 where it is not given. */
  readonly todayCount: number;
  readonly lastAt: Date | null;
}

export async function readMissedOrders(database: Database, installId: bigint, today: Date | null = null): Promise<MissedOrdersFound> {
  const [row] = await database.query<MissedOrdersFound>(
    `SELECT count(*)::int AS count, count(*) FILTER (WHERE missed_at >= $2::timestamptz)::int AS "todayCount", max(missed_at) AS "lastAt"
     FROM orders WHERE install_id = $1 AND missed_at >= now() - interval '${DAYS} days'`,
    installId,
    today,
  );
  return row ?? { count: 0, todayCount: 0, lastAt: null };
}

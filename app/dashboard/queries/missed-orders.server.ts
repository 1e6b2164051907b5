// Read model of Home: orders that were found by looking, because a notification of them never came.

import type { Database } from "#app/ports/database.ts";

/** Older finds are history: the audit trail keeps them. */
const DAYS = 7;

export interface MissedOrdersFound {
  readonly count: number;
  readonly lastAt: Date | null;
}

export async function readMissedOrders(database: Database, installId: bigint): Promise<MissedOrdersFound> {
  const [row] = await database.query<MissedOrdersFound>(
    `SELECT count(*)::int AS count, max(missed_at) AS "lastAt" FROM orders WHERE install_id = $1 AND missed_at >= now() - interval '${DAYS} days'`,
    installId,
  );
  return row ?? { count: 0, lastAt: null };
}

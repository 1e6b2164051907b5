// Read model of Home: what waits, and since when, whatever the day.

import { BACKLOG_COUNT_MAX } from "#app/dashboard/limits.ts";
import type { Database } from "#app/ports/database.ts";

export interface StandingNumbers {
  /** Changes waiting or being sent, at any age; counted up to `BACKLOG_COUNT_MAX`. */
  readonly waiting: number;
  /** Notifications stored and not worked on; counted up to `BACKLOG_COUNT_MAX`. */
  readonly notificationsWaiting: number;
  readonly parked: number;
  /** When the oldest notification that still waits came in. */
  readonly oldestNotificationAt: Date | null;
  /** When the oldest change that still waits was caused; waiting is no delay while Holdfast only watches. */
  readonly oldestChangeAt: Date | null;
  readonly lastNotificationAt: Date | null;
  readonly pausedSources: readonly string[];
}

export async function readStandingNumbers(database: Database, installId: bigint): Promise<StandingNumbers> {
  const [numbers] = await database.query<StandingNumbers>(
    `SELECT open.waiting, open."oldestChangeAt",
      (SELECT count(*)::int FROM (SELECT 1 FROM changes WHERE install_id = $1 AND state = 'parked' LIMIT ${BACKLOG_COUNT_MAX}) p) AS parked,
      (SELECT count(*)::int FROM (SELECT 1 FROM deliveries WHERE install_id = $1 AND state = 'pending' LIMIT ${BACKLOG_COUNT_MAX}) d) AS "notificationsWaiting",
      (SELECT min(received_at) FROM (SELECT received_at FROM deliveries WHERE install_id = $1 AND state = 'pending' AND replayed_at IS NULL ORDER BY id LIMIT 100) d) AS "oldestNotificationAt",
      (SELECT max(received_at) FROM deliveries WHERE install_id = $1) AS "lastNotificationAt",
      (SELECT coalesce(array_agg(source_key ORDER BY source_key), '{}') FROM order_sources WHERE install_id = $1 AND paused_at IS NOT NULL) AS "pausedSources"
    FROM (SELECT count(*)::int AS waiting, min(at) AS "oldestChangeAt" FROM (
      SELECT coalesce(accepted_at, created_at) AS at FROM changes WHERE install_id = $1 AND state IN ('waiting', 'claimed') LIMIT ${BACKLOG_COUNT_MAX}) w) open`,
    installId,
  );
  if (numbers === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  return numbers;
}

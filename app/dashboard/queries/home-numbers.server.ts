// Read model of Home: today's numbers, what waits, and what needs a person.

import { BACKLOG_COUNT_MAX } from "#app/dashboard/limits.ts";
import type { Database } from "#app/ports/database.ts";

import { topicGroupSql } from "./topic-group.ts";

export interface HomeNumbers {
  readonly orderNotifications: number;
  /** About stock levels, items and locations: most of them echo a change, whoever made it. */
  readonly stockNotifications: number;
  readonly duplicatesStopped: number;
  readonly changesApplied: number;
  /** Changes that were only shown, because Holdfast watches. */
  readonly changesShown: number;
  /** Waiting or being sent, at any age; counted up to `BACKLOG_COUNT_MAX`. */
  readonly waiting: number;
  readonly parked: number;
  readonly lockWaits: number;
  readonly lockWaitMsMax: number;
  /** When the oldest notification that still waits came in. */
  readonly oldestNotificationAt: Date | null;
  /** When the oldest change that still waits was caused; waiting is no delay while Holdfast only watches. */
  readonly oldestChangeAt: Date | null;
  readonly lastNotificationAt: Date | null;
  readonly pausedSources: readonly string[];
}

export async function readHomeNumbers(database: Database, installId: bigint, dayStart: Date): Promise<HomeNumbers> {
  const rows = await database.query<HomeNumbers>(
    `SELECT
      today.*,
      (SELECT count(*)::int FROM delivery_duplicates WHERE install_id = $1 AND received_at >= $2) AS "duplicatesStopped",
      (SELECT count(*)::int FROM changes WHERE install_id = $1 AND state = 'applied' AND finished_at >= $2) AS "changesApplied",
      (SELECT count(*)::int FROM changes WHERE install_id = $1 AND state = 'shadow' AND created_at >= $2) AS "changesShown",
      (SELECT count(*)::int FROM (SELECT 1 FROM changes WHERE install_id = $1 AND state IN ('waiting', 'claimed') LIMIT ${BACKLOG_COUNT_MAX}) w) AS waiting,
      (SELECT count(*)::int FROM (SELECT 1 FROM changes WHERE install_id = $1 AND state = 'parked' LIMIT ${BACKLOG_COUNT_MAX}) p) AS parked,
      (SELECT coalesce(sum(lock_busy), 0)::int FROM activity_hours WHERE install_id = $1 AND hour >= $2) AS "lockWaits",
      (SELECT coalesce(max(lock_wait_ms_max), 0)::int FROM activity_hours WHERE install_id = $1 AND hour >= $2) AS "lockWaitMsMax",
      (SELECT min(received_at) FROM (SELECT received_at FROM deliveries WHERE install_id = $1 AND state = 'pending' AND replayed_at IS NULL ORDER BY id LIMIT 100) d) AS "oldestNotificationAt",
      (SELECT min(at) FROM (SELECT coalesce(accepted_at, created_at) AS at FROM changes
        WHERE install_id = $1 AND state IN ('waiting', 'claimed') LIMIT ${BACKLOG_COUNT_MAX}) c) AS "oldestChangeAt",
      (SELECT max(received_at) FROM deliveries WHERE install_id = $1) AS "lastNotificationAt",
      (SELECT coalesce(array_agg(source_key ORDER BY source_key), '{}') FROM order_sources WHERE install_id = $1 AND paused_at IS NOT NULL) AS "pausedSources"
    FROM (SELECT count(*) FILTER (WHERE ${topicGroupSql("topic", "orders")})::int AS "orderNotifications",
                 count(*) FILTER (WHERE ${topicGroupSql("topic", "stock")})::int AS "stockNotifications"
          FROM deliveries WHERE install_id = $1 AND received_at >= $2) today`,
    installId,
    dayStart,
  );
  const numbers = rows[0];
  if (numbers === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  return numbers;
}

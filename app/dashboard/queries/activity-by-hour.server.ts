// Read model of Home's chart: what happened hour by hour, with the hours in which nothing did.

import { HOUR_MS } from "#app/dashboard/time-zone.ts";
import type { Database } from "#app/ports/database.ts";

export interface HourOfActivity {
  readonly startedAt: Date;
  readonly applied: number;
  /** What would have been applied while Holdfast only watched. */
  readonly shown: number;
  readonly duplicatesStopped: number;
  readonly lockWaits: number;
}

/** `firstHour` is the start of an hour; the answer has exactly `hourCount` entries, oldest first. */
export async function readActivityByHour(database: Database, installId: bigint, firstHour: Date, hourCount: number): Promise<HourOfActivity[]> {
  const rows = await database.query<{ hour: number; applied: number; shown: number; duplicates: number; lockWaits: number }>(
    `SELECT hour, sum(applied)::int AS applied, sum(shown)::int AS shown, sum(duplicates)::int AS duplicates, sum(lock_waits)::int AS "lockWaits"
     FROM (
       SELECT floor(extract(epoch FROM finished_at - $2::timestamptz) / 3600)::int AS hour, count(*) AS applied, 0 AS shown, 0 AS duplicates, 0 AS lock_waits
       FROM changes WHERE install_id = $1 AND state = 'applied' AND finished_at >= $2 GROUP BY 1
       UNION ALL
       SELECT floor(extract(epoch FROM created_at - $2::timestamptz) / 3600)::int, 0, count(*), 0, 0
       FROM changes WHERE install_id = $1 AND state = 'shadow' AND created_at >= $2 GROUP BY 1
       UNION ALL
       SELECT floor(extract(epoch FROM received_at - $2::timestamptz) / 3600)::int, 0, 0, count(*), 0
       FROM delivery_duplicates WHERE install_id = $1 AND received_at >= $2 GROUP BY 1
       UNION ALL
       SELECT floor(extract(epoch FROM hour - $2::timestamptz) / 3600)::int, 0, 0, 0, sum(lock_busy)
       FROM activity_hours WHERE install_id = $1 AND hour >= $2 GROUP BY 1
     ) counted GROUP BY hour`,
    installId,
    firstHour,
  );
  const byHour = new Map(rows.map((row) => [row.hour, row]));
  return Array.from({ length: hourCount }, (_, hour) => {
    const row = byHour.get(hour);
    return {
      startedAt: new Date(firstHour.getTime() + hour * HOUR_MS),
      applied: row?.applied ?? 0,
      shown: row?.shown ?? 0,
      duplicatesStopped: row?.duplicates ?? 0,
      lockWaits: row?.lockWaits ?? 0,
    };
  });
}

// How far the work lags behind the notifications, over all shops: what a scrape of the metrics and the operator's doctor ask for.

import type { SqlExecutor } from "#app/ports/database.ts";

/**
 * What is pending of a life that ended is never worked on and waits for its redaction: it is no lag. Written as a walk along the partial
 * index `deliveries_pending_since` that ends at the first row of an active install; `min()` over the join reads every pending row. What a
 * person has worked on once more came long ago and is no lag either.
 */
const OLDEST_PENDING = `
SELECT extract(epoch FROM now() - received_at)::float8 AS lag FROM deliveries
WHERE state = 'pending' AND replayed_at IS NULL AND EXISTS (SELECT 1 FROM installs WHERE installs.id = deliveries.install_id AND installs.state = 'active')
ORDER BY received_at LIMIT 1`;

/** Age of the oldest notification that waits to be worked on, in seconds; 0 when none does. */
export async function readDeliveryLagSeconds(database: SqlExecutor): Promise<number> {
  const [row] = await database.query<{ lag: number }>(OLDEST_PENDING);
  return row?.lag ?? 0;
}

/** Notifications that wait to be worked on, and changes that wait for a person. */
export async function readBacklog(database: SqlExecutor): Promise<{ pendingCount: number; parkedCount: number }> {
  const [row] = await database.query<{ pending: number; parked: number }>(
    `SELECT (SELECT count(*)::int FROM deliveries JOIN installs ON installs.id = deliveries.install_id AND installs.state = 'active'
             WHERE deliveries.state = 'pending') AS pending,
            (SELECT count(*)::int FROM changes JOIN installs ON installs.id = changes.install_id AND installs.state = 'active'
             WHERE changes.state = 'parked') AS parked`,
  );
  return { pendingCount: row?.pending ?? 0, parkedCount: row?.parked ?? 0 };
}

/** What a scrape asks of the incidents, over all shops where the app is installed. Open rows only: their partial indexes keep it short. */
export interface Incidents {
  readonly oversellsOpenCount: number;
  /** Without their sign. */
  readonly driftUnits: number;
  readonly parkedCount: number;
}

export async function readIncidents(database: SqlExecutor): Promise<Incidents> {
  const [row] = await database.query<{ oversells: number; drift: number; parked: number }>(
    `SELECT (SELECT count(*)::int FROM oversells JOIN installs ON installs.id = oversells.install_id AND installs.state = 'active'
             WHERE oversells.state = 'open') AS oversells,
            (SELECT coalesce(sum(abs(difference)), 0)::float8 FROM drifts JOIN installs ON installs.id = drifts.install_id AND installs.state = 'active'
             WHERE drifts.state = 'open') AS drift,
            (SELECT count(*)::int FROM changes JOIN installs ON installs.id = changes.install_id AND installs.state = 'active'
             WHERE changes.state = 'parked') AS parked`,
  );
  return { oversellsOpenCount: row?.oversells ?? 0, driftUnits: row?.drift ?? 0, parkedCount: row?.parked ?? 0 };
}

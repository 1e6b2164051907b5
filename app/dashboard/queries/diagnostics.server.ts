// Read model of the diagnostics that a merchant copies when something is wrong: counts and times only, each up to a limit and from an index.

import { BACKLOG_COUNT_MAX } from "#app/dashboard/limits.ts";
import type { Database } from "#app/ports/database.ts";

export interface DiagnosticFacts {
  readonly lastNotificationAt: Date | null;
  readonly lastAppliedAt: Date | null;
  readonly lastCheckAt: Date | null;
  /** All counted up to `BACKLOG_COUNT_MAX`. */
  readonly notificationsWaiting: number;
  readonly changesWaiting: number;
  readonly changesParked: number;
  readonly oversellsOpen: number;
  readonly overwritesOpen: number;
  readonly mismatchesOpen: number;
  readonly pushesParked: number;
  readonly alertsFailed: number;
  readonly sourcesPaused: number;
  /** What an alert is open about, with its figure. */
  readonly signals: readonly { readonly kind: string; readonly figure: number }[];
}

export async function readDiagnosticFacts(database: Database, installId: bigint): Promise<DiagnosticFacts> {
  const [facts] = await database.query<DiagnosticFacts>(
    `SELECT (SELECT max(received_at) FROM deliveries WHERE install_id = $1) AS "lastNotificationAt",
       (SELECT max(finished_at) FROM changes WHERE install_id = $1 AND state = 'applied') AS "lastAppliedAt",
       (SELECT finished_at FROM stock_scans WHERE install_id = $1 AND kind = 'stock' AND state = 'done' ORDER BY id DESC LIMIT 1) AS "lastCheckAt",
       ${count("deliveries WHERE install_id = $1 AND state = 'pending'")} AS "notificationsWaiting",
       ${count("changes WHERE install_id = $1 AND state IN ('waiting', 'claimed')")} AS "changesWaiting",
       ${count("changes WHERE install_id = $1 AND state = 'parked'")} AS "changesParked",
       ${count("oversells WHERE install_id = $1 AND state = 'open'")} AS "oversellsOpen",
       ${count("conflicts WHERE install_id = $1 AND state = 'open'")} AS "overwritesOpen",
       ${count("drifts WHERE install_id = $1 AND state = 'open'")} AS "mismatchesOpen",
       ${count("external_pushes WHERE install_id = $1 AND state = 'parked'")} AS "pushesParked",
       ${count("alert_messages WHERE install_id = $1 AND state = 'failed'")} AS "alertsFailed",
       ${count("order_sources WHERE install_id = $1 AND paused_at IS NOT NULL")} AS "sourcesPaused",
       (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'figure', figure) ORDER BY kind), '[]') FROM alert_signals WHERE install_id = $1 AND open) AS signals`,
    installId,
  );
  if (facts === undefined) throw new TypeError("a SELECT without FROM answers one row");
  return facts;
}

function count(from: string): string {
  return `(SELECT count(*)::int FROM (SELECT 1 FROM ${from} LIMIT ${BACKLOG_COUNT_MAX}) counted)`;
}

// Read model of comparisons with Shopify: the last complete one, the one under way and how far it is, for Home and the pages of stock problems.

import type { ScanState } from "#app/ports/stock-scan.ts";
import type { Database } from "#app/ports/database.ts";

export interface FinishedScan {
  readonly id: bigint;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** `day_one`, `scheduled` or `asked`. */
  readonly reason: string;
  readonly requestedBy: string;
  /** Items of the shop, each once for every location that stocks it. */
  readonly totalCount: number;
  /** Those of them whose number was settled: equal, or explained. */
  readonly checkedCount: number;
  readonly mismatchCount: number;
}

export interface RunningScan {
  readonly id: bigint;
  readonly kind: "stock" | "orders";
  readonly state: Exclude<ScanState, "done" | "failed">;
  readonly startedAt: Date;
  readonly reason: string;
  readonly requestedBy: string;
  readonly checkedCount: number;
  /** As the last complete comparison counted; null while there was none. */
  readonly totalCount: number | null;
  /** Lines of Shopify's list: as many as it has written so far, or as it has at all once it is read. */
  readonly lineCount: number;
  readonly linesRead: number;
  /** Numbers that differed and are looked at once more. */
  readonly toConfirmCount: number;
}

export interface ScanStanding {
  readonly last: FinishedScan | null;
  readonly running: RunningScan | null;
  /** The newest comparison of stock failed then; null when it did not. Another begins by itself. */
  readonly failedAt: Date | null;
}

interface LastRow {
  id: bigint;
  started_at: Date;
  finished_at: Date;
  reason: string;
  requested_by: string;
  level_count: number;
  unsettled_count: number;
  drift_count: number;
}

interface RunningRow {
  id: bigint;
  kind: RunningScan["kind"];
  state: RunningScan["state"];
  started_at: Date;
  reason: string;
  requested_by: string;
  level_count: number;
  line_count: bigint;
  object_count: bigint;
  to_confirm: number;
}

/** Differences of a scan that are counted while it looks at them again; more are shown as so many. */
export const TO_CONFIRM_COUNT_MAX = 1_000;

export async function readScanStanding(database: Database, installId: bigint): Promise<ScanStanding> {
  const [[last], [running], [newest]] = await Promise.all([
    database.query<LastRow>(
      `SELECT id, created_at AS started_at, finished_at, reason, requested_by, level_count, unsettled_count, drift_count
       FROM stock_scans WHERE install_id = $1 AND kind = 'stock' AND state = 'done' ORDER BY id DESC LIMIT 1`,
      installId,
    ),
    database.query<RunningRow>(
      `SELECT id, kind, state, created_at AS started_at, reason, requested_by, level_count, line_count, object_count,
         (SELECT count(*)::int FROM (SELECT 1 FROM stock_scan_candidates c WHERE c.scan_id = s.id LIMIT ${TO_CONFIRM_COUNT_MAX}) AS counted) AS to_confirm
       FROM stock_scans s WHERE install_id = $1 AND finished_at IS NULL`,
      installId,
    ),
    database.query<{ state: string; finished_at: Date | null }>(
      `SELECT state, finished_at FROM stock_scans WHERE install_id = $1 AND kind = 'stock' ORDER BY id DESC LIMIT 1`,
      installId,
    ),
  ]);
  return {
    last: last === undefined ? null : toFinished(last),
    running: running === undefined ? null : toRunning(running, last?.level_count ?? null),
    failedAt: newest?.state === "failed" ? newest.finished_at : null,
  };
}

function toFinished(row: LastRow): FinishedScan {
  const { id, started_at: startedAt, finished_at: finishedAt, reason, requested_by: requestedBy } = row;
  return { id, startedAt, finishedAt, reason, requestedBy, totalCount: row.level_count, checkedCount: Math.max(0, row.level_count - row.unsettled_count), mismatchCount: row.drift_count };
}

function toRunning(row: RunningRow, lastCount: number | null): RunningScan {
  const { id, kind, state, started_at: startedAt, reason, requested_by: requestedBy } = row;
  return {
    id,
    kind,
    state,
    startedAt,
    reason,
    requestedBy,
    checkedCount: row.level_count,
    // Items that came since the last one are counted when they are met.
    totalCount: lastCount === null ? null : Math.max(lastCount, row.level_count),
    lineCount: Number(row.object_count),
    linesRead: Number(row.line_count),
    toConfirmCount: row.to_confirm,
  };
}

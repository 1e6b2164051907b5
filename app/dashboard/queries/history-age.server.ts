// Read model beside the retention: how much of the history is older than a day in the past. Looks at the oldest rows only, so it costs the same in any shop.

import type { Database } from "#app/ports/database.ts";

export interface HistoryCount {
  /** Of the audit trail; both counted up to `HISTORY_COUNT_MAX`. */
  readonly entries: number;
  readonly notifications: number;
  readonly oldestEntryAt: Date | null;
}

export const HISTORY_COUNT_MAX = 10_000;

/** Rows are numbered as they are written, so the oldest have the lowest ids; the few that commit out of order change nothing that matters here. */
export async function countHistory(database: Database, installId: bigint, olderThan: Date): Promise<HistoryCount> {
  const [row] = await database.query<HistoryCount>(
    `SELECT
       (SELECT count(*)::int FROM (SELECT at FROM audit_entries WHERE install_id = $1 ORDER BY id LIMIT ${HISTORY_COUNT_MAX}) AS oldest WHERE at < $2) AS entries,
       (SELECT count(*)::int FROM (SELECT 1 FROM deliveries WHERE install_id = $1 AND received_at < $2 LIMIT ${HISTORY_COUNT_MAX}) AS counted) AS notifications,
       (SELECT at FROM audit_entries WHERE install_id = $1 ORDER BY id LIMIT 1) AS "oldestEntryAt"`,
    installId,
    olderThan,
  );
  if (row === undefined) throw new TypeError("a SELECT without FROM answers one row");
  return row;
}

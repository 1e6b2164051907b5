// Between which ids the changes of a range of time lie: ids follow the time at which changes were decided, so a halving search finds it.

import type { Database } from "#app/ports/database.ts";

export interface IdBounds {
  /** Changes with a smaller id were decided before the range, by more than `LATE_MS`; only those settled late can lie in it. */
  readonly lowest: bigint | null;
  /** Changes with a larger id were decided after the range. */
  readonly highest: bigint | null;
}

/** A transaction that began earlier may take its id later, by less than its time limit of 30 s. */
const OVERLAP_MS = 60_000;
/** As the index `changes_settled_late` has it. */
export const LATE_MS = 3_600_000;
/** Not worth halving further. */
const SPAN_ENOUGH = 1_000;

export async function readIdBounds(database: Database, installId: bigint, { from, before }: { readonly from: Date | undefined; readonly before: Date | undefined }): Promise<IdBounds> {
  const [lower, upper] = await Promise.all([
    from === undefined ? null : readSpan(database, installId, new Date(from.getTime() - LATE_MS - OVERLAP_MS)),
    before === undefined ? null : readSpan(database, installId, new Date(before.getTime() + OVERLAP_MS)),
  ]);
  return { lowest: lower?.low ?? null, highest: upper?.high ?? null };
}

/** Some 30 steps on the index, each one row. Null: the install has no change. */
async function readSpan(database: Database, installId: bigint, at: Date): Promise<{ readonly low: bigint; readonly high: bigint } | null> {
  const [span] = await database.query<{ low: bigint; high: bigint }>(
    `WITH RECURSIVE span (low, high) AS (
       SELECT low, high FROM (SELECT
         (SELECT id FROM changes WHERE install_id = $1 ORDER BY id LIMIT 1) AS low,
         (SELECT id FROM changes WHERE install_id = $1 ORDER BY id DESC LIMIT 1) AS high) ends WHERE low IS NOT NULL
       UNION ALL
       SELECT CASE WHEN probe.created_at < $2::timestamptz THEN probe.id ELSE s.low END,
              CASE WHEN probe.created_at < $2::timestamptz THEN s.high ELSE (s.low + s.high) / 2 END
       FROM span s CROSS JOIN LATERAL (
         SELECT c.id, c.created_at FROM changes c WHERE c.install_id = $1 AND c.id >= (s.low + s.high) / 2 ORDER BY c.id LIMIT 1) probe
       WHERE s.high - s.low > ${SPAN_ENOUGH})
     SELECT low, high FROM span ORDER BY high - low LIMIT 1`,
    installId,
    at,
  );
  return span ?? null;
}

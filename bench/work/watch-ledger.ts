// What the ledger says while a benchmark waits: how much is still to be done, and how long what is done took.
import { setTimeout as passed } from "node:timers/promises";
import type { BenchDatabase } from "../databases.ts";

const LOOK_EVERY_MS = 50;

/** Resolves when no order of these shops waits for anything. */
export function untilDrained(database: BenchDatabase, installIds: readonly bigint[], limitMs: number, signal: AbortSignal): Promise<void> {
  return untilNoneIsLeft(
    database,
    `SELECT EXISTS (SELECT 1 FROM deliveries WHERE install_id = ANY($1) AND state = 'pending')
         OR EXISTS (SELECT 1 FROM orders WHERE install_id = ANY($1) AND state = 'due')
         OR EXISTS (SELECT 1 FROM changes WHERE install_id = ANY($1) AND state IN ('waiting', 'claimed')) AS left`,
    { installIds, limitMs, signal, what: "applied" },
  );
}

/** Resolves when detection has looked at all orders of these shops and judged all their stocks: some seconds after what was applied last. */
export function untilJudged(database: BenchDatabase, installIds: readonly bigint[], limitMs: number, signal: AbortSignal): Promise<void> {
  return untilNoneIsLeft(
    database,
    `SELECT EXISTS (SELECT 1 FROM orders WHERE install_id = ANY($1) AND detect_at IS NOT NULL)
         OR EXISTS (SELECT 1 FROM stock_judgements WHERE install_id = ANY($1)) AS left`,
    { installIds, limitMs, signal, what: "judged" },
  );
}

interface Wait {
  readonly installIds: readonly bigint[];
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** For the error. */
  readonly what: string;
}

async function untilNoneIsLeft({ pool }: BenchDatabase, question: string, { installIds, limitMs, signal, what }: Wait): Promise<void> {
  const until = performance.now() + limitMs;
  for (;;) {
    const { rows } = await pool.query<{ left: boolean }>(question, [installIds.map(String)]);
    if (rows[0]?.left !== true) return;
    if (signal.aborted) throw new Error("the benchmark was stopped");
    if (performance.now() > until) throw new Error(`not everything is ${what} after ${limitMs / 1_000} s`);
    await passed(LOOK_EVERY_MS);
  }
}

/** From acceptance to application, in ms, sorted, of the changes accepted from a moment on. */
export async function waitsSince({ pool }: BenchDatabase, installIds: readonly bigint[], since: Date): Promise<number[]> {
  const { rows } = await pool.query<{ took: number }>(
    `SELECT extract(epoch FROM finished_at - accepted_at)::float8 * 1000 AS took FROM changes
     WHERE install_id = ANY($1) AND state = 'applied' AND accepted_at >= $2 ORDER BY 1`,
    [installIds.map(String), since],
  );
  return rows.map((row) => row.took);
}

export async function databaseNow({ pool }: BenchDatabase): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>(`SELECT clock_timestamp() AS now`);
  return rows[0]?.now ?? new Date(0);
}

/** As autovacuum leaves a database that has been in use: with statistics of what is in it. A database of a few seconds has none. */
export async function gatherStatistics({ pool }: BenchDatabase): Promise<void> {
  await pool.query("VACUUM ANALYZE");
}

/** Of sorted values; the one that so large a part of them does not exceed. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

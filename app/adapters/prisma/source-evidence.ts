// What was observed of an install's order sources, read plainly or locked against a pause.

import type { SourceEvidence } from "#app/domain/order-mode.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import { prepared } from "./prepared-statements.ts";

/** `lock`: a pause waits for the transaction that holds these rows, or comes first and is seen. In key order, so that two cannot deadlock. */
export async function readSourceEvidence(executor: SqlExecutor, installId: bigint, lock: "plain" | "lock"): Promise<Map<string, SourceEvidence>> {
  const rows = await executor.query<{ source_key: string; bypass_count: number; took_stock_count: number; paused: boolean }>(
    prepared(`SELECT source_key, bypass_count, took_stock_count, paused_at IS NOT NULL AS paused FROM order_sources
     WHERE install_id = $1 ORDER BY source_key ${lock === "lock" ? "FOR UPDATE" : ""}`),
    installId,
  );
  return new Map(
    rows.map((row) => [row.source_key, { bypassCount: row.bypass_count, tookStockCount: row.took_stock_count, paused: row.paused }]),
  );
}

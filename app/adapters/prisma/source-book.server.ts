// What was observed about order sources, and the pause that the first contrary observation brings.

import type { Database, SqlExecutor } from "#app/ports/database.ts";
import { parkPausedTakes } from "./park-paused.ts";
import type { SourceBook, SourceObservation } from "#app/ports/source-book.ts";

/** Orders created within this of each other share their moments: Shopify's times are whole seconds and stock follows a little later. */
const AT_ONCE_SECONDS = 10;
const OTHERS_LOOKED_AT_MAX = 200;

export function createSourceBook(database: Database): SourceBook {
  return {
    async suspect(installId, suspicion, delayMs) {
      await database.execute(
        `INSERT INTO source_suspicions (install_id, order_id, source_key, ordered_at, variant_ids, evidence, judge_at)
         VALUES ($1, $2, $3, $4::timestamptz, $5, $6::jsonb, now() + $7 * interval '1 millisecond') ON CONFLICT DO NOTHING`,
        installId,
        suspicion.orderId,
        suspicion.sourceKey,
        suspicion.createdAt,
        suspicion.variantIds,
        JSON.stringify(suspicion.evidence),
        delayMs,
      );
    },
    async dueSuspicions(installId, limit) {
      const rows = await database.query<{ order_id: string; source_key: string; ordered_at: Date; variant_ids: string[]; evidence: unknown }>(
        `SELECT order_id, source_key, ordered_at, variant_ids, evidence FROM source_suspicions
         WHERE install_id = $1 AND judge_at <= now() ORDER BY judge_at LIMIT $2`,
        installId,
        limit,
      );
      return rows.map((row) => ({
        orderId: row.order_id,
        sourceKey: row.source_key,
        createdAt: row.ordered_at.toISOString(),
        variantIds: row.variant_ids,
        evidence: row.evidence,
      }));
    },
    async settleSuspicion(installId, orderId) {
      await database.execute(`DELETE FROM source_suspicions WHERE install_id = $1 AND order_id = $2`, installId, orderId);
    },
    async nextJudgementAt(installId) {
      const [row] = await database.query<{ at: Date | null }>(`SELECT min(judge_at) AS at FROM source_suspicions WHERE install_id = $1`, installId);
      return row?.at ?? null;
    },
    record: (installId, observation) => database.transaction((tx) => record(tx, installId, observation)),
    async othersAtOnce(installId, order) {
      const rows = await database.query<{ variant_ids: string[] | null }>(
        `SELECT ARRAY(SELECT line->>'variantId' FROM jsonb_array_elements(snapshot->'version'->'lines') AS line) AS variant_ids FROM orders
         WHERE install_id = $1 AND order_id <> $2
           AND ordered_at BETWEEN $3::timestamptz - interval '${AT_ONCE_SECONDS} seconds' AND $3::timestamptz + interval '${AT_ONCE_SECONDS} seconds'
         LIMIT ${OTHERS_LOOKED_AT_MAX}`,
        installId,
        order.orderId,
        order.createdAt,
      );
      return rows.length >= OTHERS_LOOKED_AT_MAX || rows.some((row) => row.variant_ids?.some((id) => order.variantIds.includes(id)));
    },
  };
}

async function record(tx: SqlExecutor, installId: bigint, observation: SourceObservation) {
  const [source] = await tx.query<{ paused: boolean }>(
    `INSERT INTO order_sources (install_id, source_key, bypass_count, took_stock_count, evidence) VALUES ($1, $2, $3, $4, $5::jsonb)
     ON CONFLICT (install_id, source_key) DO UPDATE SET bypass_count = order_sources.bypass_count + excluded.bypass_count,
       took_stock_count = order_sources.took_stock_count + excluded.took_stock_count,
       evidence = excluded.evidence
     RETURNING paused_at IS NOT NULL AS paused`,
    installId,
    observation.sourceKey,
    observation.verdict === "bypassed" ? 1 : 0,
    observation.verdict === "took_stock" ? 1 : 0,
    JSON.stringify({ orderId: observation.orderId, verdict: observation.verdict, seen: observation.evidence }),
  );
  if (observation.verdict !== "took_stock" || source?.paused) return { paused: false, parkedCount: 0 };
  await tx.execute(`UPDATE order_sources SET paused_at = now() WHERE install_id = $1 AND source_key = $2`, installId, observation.sourceKey);
  const parkedCount = await parkPausedTakes(tx, installId);
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, order_id, detail)
     SELECT id, shop, 'source_paused', 'holdfast', $2, $3::jsonb FROM installs WHERE id = $1`,
    installId,
    observation.orderId,
    JSON.stringify({ sourceKey: observation.sourceKey, seen: observation.evidence, parkedCount }),
  );
  return { paused: true, parkedCount };
}

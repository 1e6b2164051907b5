// Deliveries that a person wants worked on once more become pending again; merging makes a second time harmless.

import { type ReplayFacts, replayRefusalOf } from "#app/domain/review.ts";
import type { Database } from "#app/ports/database.ts";
import type { ReplayOutcome, ReplayRequest, ReplayResult } from "#app/ports/review-desk.ts";
import { isActive } from "./review-facts.server.ts";

export function replayDeliveries(database: Database, { installId, deliveryIds, actor, dryRun }: ReplayRequest): Promise<ReplayResult> {
  return database.transaction(async (tx) => {
    if (!(await isActive(tx, installId))) return { kind: "not_installed" };
    const rows = await tx.query<ReplayFacts & { id: bigint }>(
      `SELECT id, state, payload->>'kind' AS "contentKind" FROM deliveries WHERE install_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE`,
      installId,
      deliveryIds,
    );
    const outcomes = new Map<bigint, ReplayOutcome>(deliveryIds.map((id) => [id, "not_found"]));
    for (const row of rows) outcomes.set(row.id, replayRefusalOf(row) ?? "done");
    const ids = rows.filter((row) => outcomes.get(row.id) === "done").map((row) => row.id);
    if (dryRun || ids.length === 0) return { kind: "judged", outcomes };
    await tx.execute(
      `INSERT INTO audit_entries (install_id, shop, kind, actor, order_id, webhook_id, trace_id, detail)
       SELECT install_id, shop, 'delivery_replayed', $2, order_id, webhook_id, trace_id,
         jsonb_strip_nulls(jsonb_build_object('topic', topic, 'state', state, 'reason', reason)) FROM deliveries WHERE id = ANY($1) ORDER BY id`,
      ids,
      actor,
    );
    await tx.execute(`UPDATE deliveries SET state = 'pending', reason = NULL, processed_at = NULL, replayed_at = now() WHERE id = ANY($1)`, ids);
    return { kind: "judged", outcomes };
  });
}

// What a paused source's orders would take is parked: when the pause comes, and whenever more of it would be claimed.

import type { SqlExecutor } from "#app/ports/database.ts";
import { prepared } from "./prepared-statements.ts";

/**
 * Takes only: what is given back was taken by us, and is owed whatever the pause is about. Takes come to wait during a pause too: an edit
 * adds units to an order of before, a refused call lets its changes go. Answers how many were parked.
 */
export function parkPausedTakes(tx: SqlExecutor, installId: bigint): Promise<number> {
  return tx.execute(
    prepared(`WITH parked AS (
       UPDATE changes SET state = 'parked', reason = 'source_paused' FROM (
         SELECT id FROM changes WHERE install_id = $1 AND state = 'waiting' AND delta < 0
           -- Decided once, before any change is looked at: nearly always no source is paused.
           AND EXISTS (SELECT 1 FROM order_sources WHERE install_id = $1 AND paused_at IS NOT NULL)
           AND source_key IN (SELECT source_key FROM order_sources WHERE install_id = $1 AND paused_at IS NOT NULL)
         ORDER BY id FOR UPDATE) AS takes
       WHERE changes.id = takes.id
       RETURNING changes.id, changes.install_id, changes.shop, changes.order_id, changes.webhook_id, changes.trace_id)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, detail)
     SELECT install_id, shop, 'change_parked', 'holdfast', id, order_id, webhook_id, trace_id, '{"reason": "source_paused"}'::jsonb FROM parked ORDER BY id`),
    installId,
  );
}

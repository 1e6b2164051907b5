// After the database was brought back from a backup: what waited in it then may have been sent since, and only a person can tell.

import type { Database } from "#app/ports/database.ts";

export interface RestoredChanges {
  /** Taken to review. */
  readonly parkedCount: number;
}

/**
 * Calls that were open at the backup need no person: they are sent again under their keys, which Shopify knows for 24 h. Moves of holds need
 * none either: each is looked at anew before it is sent. The reason and its audit entries are written in one statement.
 */
export async function parkRestored(database: Database, installId: bigint, request: { readonly actor: string; readonly note: string; readonly dryRun: boolean }): Promise<RestoredChanges> {
  if (request.dryRun) {
    const [row] = await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM changes WHERE install_id = $1 AND state = 'waiting' AND quantity_name = 'available'`, installId);
    return { parkedCount: row?.count ?? 0 };
  }
  const parkedCount = await database.execute(
    `WITH parked AS (
       UPDATE changes SET state = 'parked', reason = 'restored' FROM (
         SELECT id FROM changes WHERE install_id = $1 AND state = 'waiting' AND quantity_name = 'available' ORDER BY id FOR UPDATE) AS waiting
       WHERE changes.id = waiting.id
       RETURNING changes.id, changes.install_id, changes.shop, changes.order_id, changes.webhook_id, changes.trace_id)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, detail)
     SELECT install_id, shop, 'change_parked', $2, id, order_id, webhook_id, trace_id, jsonb_build_object('reason', 'restored', 'note', $3::text) FROM parked ORDER BY id`,
    installId,
    request.actor,
    request.note,
  );
  return { parkedCount };
}

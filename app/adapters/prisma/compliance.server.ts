// Completes privacy requests. Customer requests find nothing, because nothing of a customer is stored; a shop's rows are deleted.

import type { Compliance } from "#app/ports/compliance.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";

/** Every table whose rows belong to an install, children before parents. Entries and attempts go with their mutation. */
const INSTALL_TABLES = [
  "audit_entries",
  "changes",
  "mutations",
  "orders",
  "deliveries",
  "delivery_duplicates",
  "fencing_tokens",
  "stock_levels",
  "variants",
  "locations",
  "order_sources",
  "source_suspicions",
  "activity_hours",
  "api_tokens",
  "settings_versions",
] as const;

interface OpenRequest {
  id: bigint;
  shop: string;
  topic: string;
}

export function createCompliance(database: Database): Compliance {
  return {
    async completeOpen(limit) {
      let completed = 0;
      while (completed < limit && (await completeNext(database))) completed += 1;
      return completed;
    },
  };
}

function completeNext(database: Database): Promise<boolean> {
  return database.transaction(async (tx) => {
    const [request] = await tx.query<OpenRequest>(
      `SELECT id, shop, topic FROM compliance_requests WHERE completed_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (!request) return false;
    const outcome = request.topic === "shop/redact" ? await redactShop(tx, request.shop) : "no_customer_data_stored";
    await tx.execute(`UPDATE compliance_requests SET completed_at = now(), outcome = $2 WHERE id = $1`, request.id, outcome);
    return true;
  });
}

/** A shop that was reinstalled keeps its present life; the lives that ended leave nothing behind. */
async function redactShop(tx: SqlExecutor, shop: string): Promise<string> {
  const ended = await tx.query<{ id: bigint }>(`SELECT id FROM installs WHERE shop = $1 AND state = 'ended' FOR UPDATE`, shop);
  const ids = ended.map((install) => install.id);
  let rows = 0;
  for (const table of INSTALL_TABLES) rows += await tx.execute(`DELETE FROM ${table} WHERE install_id = ANY($1)`, ids);
  rows += await tx.execute(`DELETE FROM installs WHERE id = ANY($1)`, ids);
  rows += await tx.execute(
    `DELETE FROM "Session" WHERE shop = $1 AND NOT EXISTS (SELECT 1 FROM installs WHERE shop = $1 AND state = 'active')`,
    shop,
  );
  return `deleted_rows:${rows}`;
}

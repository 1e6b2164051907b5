// Alerts of overwritten stock: each conflict that has stood for a while and is still one is told of, once.

import type { AlertEvent, AlertOrder } from "#app/domain/alert-event.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import { raiseAlerts, type StockNameRow, stockFacts } from "./raise-alert.ts";

interface StandingRow extends StockNameRow {
  id: bigint;
  install_id: bigint;
  shop: string;
  inventory_item_id: string;
  location_id: string;
  units_at_risk: number;
  unseen: AlertOrder[];
  value_before: number;
  value_written: number;
}

/** One that is being judged anew just now is passed over; it may be explained in a moment. */
const STANDING = `
WITH standing AS (
  UPDATE conflicts SET told_at = now() WHERE id IN (
    SELECT id FROM conflicts WHERE told_at IS NULL AND state = 'open' AND found_at <= now() - $2 * interval '1 millisecond' ORDER BY found_at, id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING *)
SELECT s.id, s.install_id, s.shop, s.inventory_item_id, s.location_id, s.variant_id, s.sku, s.title, s.units_at_risk, s.unseen, s.value_before, s.value_written,
  l.name AS location_name
FROM standing s LEFT JOIN locations l ON l.install_id = s.install_id AND l.location_id = s.location_id`;

export async function tellConflicts(tx: SqlExecutor, limit: number, graceMs: number): Promise<number> {
  const rows = await tx.query<StandingRow>(STANDING, limit, graceMs);
  await raiseAlerts(tx, rows.map(toAlert));
  return rows.length;
}

function toAlert(row: StandingRow): AlertEvent {
  return {
    installId: row.install_id,
    shop: row.shop,
    kind: "conflict",
    subject: String(row.id),
    stage: "opened",
    facts: {
      ...stockFacts(row, { inventoryItemId: row.inventory_item_id, locationId: row.location_id }),
      depth: row.units_at_risk,
      orders: row.unseen,
      detail: { valueBefore: row.value_before, valueWritten: row.value_written },
    },
  };
}

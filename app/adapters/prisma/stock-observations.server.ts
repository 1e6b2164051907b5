// Levels that were read from Shopify: what is news of them becomes an observation and moves the mirror.

import { endOfSecond } from "#app/domain/end-of-second.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { StockLevel } from "#app/ports/shopify-inventory.ts";
import { markForJudgement } from "./stock-news.ts";

/**
 * A read counts at the end of the second in which the quantity last changed. One that says what is known already, or that is
 * older than what is known, says nothing. Of two reads of one second with different numbers the one that came later is believed: were it
 * the earlier, a level that changed again in the second in which it was read would stay wrong until it changes once more.
 */
export async function recordReads(tx: SqlExecutor, installId: bigint, levels: readonly StockLevel[], settleMs: number): Promise<number> {
  const read = levels.flatMap(({ inventoryItemId, locationId, available, updatedAt }) => (available === null || updatedAt === null ? [] : [{ inventoryItemId, locationId, available, at: endOfSecond(updatedAt) }]));
  const sorted = read.toSorted((a, b) => compare(a.inventoryItemId, b.inventoryItemId) || compare(a.locationId, b.locationId));
  if (sorted.length === 0) return 0;
  const news = await tx.query<{ inventory_item_id: string; location_id: string; at: Date }>(
    `WITH moved AS (
       INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source)
       SELECT $1, l.item, l.location, l.available, l.at, 'read' FROM unnest($2::text[], $3::text[], $4::int[], $5::timestamptz[]) AS l(item, location, available, at)
       ORDER BY l.item, l.location
       ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE
         SET available = excluded.available, observed_at = excluded.observed_at, source = excluded.source, connected = true
       WHERE excluded.observed_at >= stock_levels.observed_at AND (excluded.available IS DISTINCT FROM stock_levels.available OR NOT stock_levels.connected)
       RETURNING inventory_item_id, location_id, available, observed_at)
     INSERT INTO stock_observations (install_id, inventory_item_id, location_id, available, at, seen_by)
     SELECT $1, inventory_item_id, location_id, available, observed_at, 'read' FROM moved
     RETURNING inventory_item_id, location_id, at`,
    installId,
    sorted.map((level) => level.inventoryItemId),
    sorted.map((level) => level.locationId),
    sorted.map((level) => level.available),
    sorted.map((level) => level.at),
  );
  await markForJudgement(tx, installId, news.map((row) => ({ inventoryItemId: row.inventory_item_id, locationId: row.location_id, at: row.at })), settleMs);
  return news.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

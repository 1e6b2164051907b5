// Read model: is an item one of this shop's, and how its locations are called.

import type { SqlExecutor } from "#app/ports/database.ts";

/** Bound of one answer; a shop has at most 1,000 locations. */
const LOCATIONS_MAX = 1_000;

/** True when stock of the item was ever seen in this shop. */
export async function isKnownItem(database: SqlExecutor, installId: bigint, inventoryItemId: string): Promise<boolean> {
  const rows = await database.query(`SELECT 1 FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2 LIMIT 1`, installId, inventoryItemId);
  return rows.length > 0;
}

/** @returns the name of a location by its id; one that is not known is called by its id. */
export async function readPlaceNames(database: SqlExecutor, installId: bigint): Promise<(locationId: string) => string> {
  const rows = await database.query<{ id: string; name: string }>(`SELECT location_id AS id, name FROM locations WHERE install_id = $1 LIMIT ${LOCATIONS_MAX}`, installId);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (locationId) => names.get(locationId) ?? `Location ${locationId}`;
}

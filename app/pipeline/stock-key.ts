// The name under which an item at a location is locked, and back.

import type { LockKey } from "#app/ports/lock.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";

export function stockKey(shop: string, stock: { readonly inventoryItemId: string; readonly locationId: string }): LockKey {
  return { shop, resource: `stock/${stock.inventoryItemId}/${stock.locationId}` };
}

/** Null: what is locked is no item (a token's renewal, for example). */
export function stockOfResource(resource: string): StockPlace | null {
  const [, inventoryItemId, locationId] = /^stock\/([0-9]+)\/([0-9]+)$/.exec(resource) ?? [];
  return inventoryItemId === undefined || locationId === undefined ? null : { inventoryItemId, locationId };
}

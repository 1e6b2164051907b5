// The name under which an item at a location is locked.

import type { LockKey } from "#app/ports/lock.ts";

export function stockKey(shop: string, stock: { readonly inventoryItemId: string; readonly locationId: string }): LockKey {
  return { shop, resource: `stock/${stock.inventoryItemId}/${stock.locationId}` };
}

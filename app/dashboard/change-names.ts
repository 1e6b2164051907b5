// What a change's item and location are called; their ids where Shopify's names are not known. Pure.

import { formatItemName } from "./formatting.ts";
import type { ChangeRow } from "./queries/list-changes.server.ts";

export function itemNameOf({ title, sku, inventoryItemId }: Pick<ChangeRow, "title" | "sku" | "inventoryItemId">): string {
  return formatItemName(title) ?? sku ?? (inventoryItemId === null ? "No stock item" : `Item ${inventoryItemId}`);
}

export function locationNameOf({ locationName, locationId }: Pick<ChangeRow, "locationName" | "locationId">): string | null {
  return locationName ?? (locationId === null ? null : `Location ${locationId}`);
}

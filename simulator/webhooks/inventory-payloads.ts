// The bodies of inventory webhooks, in the REST shape of their resources.
import { gid, levelGid } from "../world/ids.ts";
import { zonedSeconds } from "../world/dates.ts";
import { rawNumber } from "../world/raw-number.ts";
import type { Item, Level, ShopState } from "../world/state.ts";

/** Only `available`, no delta and no cause: that is all Shopify says. It is null for an item that is not tracked. */
export function inventoryLevelPayload(shop: ShopState, level: Level): Record<string, unknown> {
  const tracked = shop.items.get(level.itemId)?.tracked ?? false;
  return {
    inventory_item_id: rawNumber(level.itemId),
    location_id: rawNumber(level.locationId),
    available: tracked ? level.quantities.available.value : null,
    updated_at: zonedSeconds(level.updatedAtMs, shop.timezone),
    admin_graphql_api_id: levelGid(level.locationId, level.itemId),
  };
}

export function levelDisconnectPayload(level: Level): Record<string, unknown> {
  return { inventory_item_id: rawNumber(level.itemId), location_id: rawNumber(level.locationId) };
}

export function inventoryItemPayload(shop: ShopState, item: Item): Record<string, unknown> {
  return {
    id: rawNumber(item.id),
    sku: item.sku,
    created_at: zonedSeconds(item.createdAtMs, shop.timezone),
    updated_at: zonedSeconds(item.updatedAtMs, shop.timezone),
    requires_shipping: item.requiresShipping,
    cost: null,
    country_code_of_origin: null,
    province_code_of_origin: null,
    harmonized_system_code: null,
    tracked: item.tracked,
    country_harmonized_system_codes: [],
    admin_graphql_api_id: gid("InventoryItem", item.id),
  };
}

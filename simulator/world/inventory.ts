// Stock itself: the only place that changes a quantity, and so the only place that writes the truth log.
import { gid, levelGid } from "./ids.ts";
import { isoSeconds } from "./dates.ts";
import type { Cause, Item, Level, QuantityName, ShopState, StoredQuantityName } from "./state.ts";
import { ON_HAND_PARTS, STORED_QUANTITY_NAMES } from "./state.ts";
import type { Action, World } from "./world.ts";
import { inventoryLevelPayload } from "../webhooks/inventory-payloads.ts";

export interface QuantityChange {
  itemId: string;
  locationId: string;
  name: StoredQuantityName;
  delta: number;
  cause: Cause;
}

export function levelKey(itemId: string, locationId: string): string {
  return `${itemId}@${locationId}`;
}

export function findLevel(shop: ShopState, itemId: string, locationId: string): Level | undefined {
  return shop.levels.get(levelKey(itemId, locationId));
}

export function quantityOf(shop: ShopState, itemId: string, locationId: string, name: QuantityName): number {
  return findLevel(shop, itemId, locationId)?.quantities[name].value ?? 0;
}

/** Finds the level or makes it, as Shopify does when stock first appears at a location. */
export function ensureLevel(action: Action, itemId: string, locationId: string): Level {
  const { shop } = action;
  const existing = findLevel(shop, itemId, locationId);
  if (existing) return existing;
  const zero = () => ({ value: 0, updatedAtMs: action.atMs });
  const level: Level = {
    itemId,
    locationId,
    active: true,
    createdAtMs: action.atMs,
    updatedAtMs: action.atMs,
    quantities: {
      available: zero(),
      committed: zero(),
      reserved: zero(),
      damaged: zero(),
      safety_stock: zero(),
      quality_control: zero(),
      incoming: zero(),
      on_hand: zero(),
    },
  };
  shop.levels.set(levelKey(itemId, locationId), level);
  const ofItem = shop.levelsByItem.get(itemId);
  if (ofItem) ofItem.push(level);
  else shop.levelsByItem.set(itemId, [level]);
  action.tell("inventory_levels/connect", () => inventoryLevelPayload(shop, level));
  return level;
}

/** Applies one change, appends it to the truth, and tells the app when `available` moved. A zero delta leaves no trace. */
export function changeQuantity(world: World, action: Action, change: QuantityChange): Level {
  const { shop } = action;
  const level = ensureLevel(action, change.itemId, change.locationId);
  if (change.delta === 0) return level;
  const quantity = level.quantities[change.name];
  quantity.value += change.delta;
  quantity.updatedAtMs = action.atMs;
  level.updatedAtMs = action.atMs;
  if (ON_HAND_PARTS.includes(change.name)) {
    level.quantities.on_hand.value += change.delta;
    level.quantities.on_hand.updatedAtMs = action.atMs;
  }
  shop.truth.push({
    seq: world.state.nextTruthSeq,
    at: new Date(action.atMs).toISOString(),
    inventoryItemId: gid("InventoryItem", change.itemId),
    locationId: gid("Location", change.locationId),
    name: change.name,
    delta: change.delta,
    after: quantity.value,
    cause: change.cause,
  });
  world.state.nextTruthSeq += 1;
  if (change.name === "available" || world.assumptions.levelWebhookForOtherNames) {
    action.tell("inventory_levels/update", () => inventoryLevelPayload(shop, level), levelKey(level.itemId, level.locationId));
  }
  return level;
}

/** Moves units between two names of one level, as order placement, fulfilment and draft reservations do. */
export function moveQuantity(world: World, action: Action, change: Omit<QuantityChange, "name"> & { from: StoredQuantityName; to: StoredQuantityName }): void {
  const { from, to, delta, ...rest } = change;
  changeQuantity(world, action, { ...rest, name: from, delta: -delta });
  changeQuantity(world, action, { ...rest, name: to, delta });
}

/** The bundle parents whose stock Shopify derives from their components; nobody may write it. */
export function isBundleParent(shop: ShopState, item: Item): boolean {
  return shop.variants.get(item.variantId)?.requiresComponents === true;
}

export function describeLevel(level: Level): Record<string, unknown> {
  const quantities: Record<string, number> = {};
  for (const name of [...STORED_QUANTITY_NAMES, "on_hand"] as const) quantities[name] = level.quantities[name].value;
  return {
    id: levelGid(level.locationId, level.itemId),
    inventoryItemId: gid("InventoryItem", level.itemId),
    locationId: gid("Location", level.locationId),
    available: level.quantities.available.value,
    quantities,
    updatedAt: isoSeconds(level.updatedAtMs),
  };
}

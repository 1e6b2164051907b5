// Reading stock: items, levels, quantities, locations, and the groups that adjustments answer with.
import { gid, levelGid, numericIdOf } from "../../world/ids.ts";
import { isoSeconds } from "../../world/dates.ts";
import { findLevel } from "../../world/inventory.ts";
import type { Item, Level, Location, QuantityName } from "../../world/state.ts";
import { ON_HAND_PARTS, STORED_QUANTITY_NAMES } from "../../world/state.ts";
import { connect } from "../connection.ts";
import type { Connection, PageArgs } from "../connection.ts";
import type { GraphContext, Resolvers } from "../context.ts";
import { invalidArgument } from "../errors.ts";
import { searchList } from "../search.ts";
import type { AdjustmentChange, AdjustmentGroup } from "../inventory/adjustment-group.ts";

const QUANTITY_NAMES: readonly QuantityName[] = [...STORED_QUANTITY_NAMES, "on_hand"];

const inventoryItem: Resolvers<Item> = {
  id: (item) => gid("InventoryItem", item.id),
  legacyResourceId: (item) => item.id,
  sku: (item) => item.sku,
  tracked: (item) => item.tracked,
  requiresShipping: (item) => item.requiresShipping,
  createdAt: (item) => isoSeconds(item.createdAtMs),
  updatedAt: (item) => isoSeconds(item.updatedAtMs),
  variant: (item, _args, { shop }) => shop.variants.get(item.variantId),
  variants: (item, args: PageArgs, { shop }) => connect([shop.variants.get(item.variantId)].filter((variant) => variant !== undefined), args, (variant) => variant.id),
  inventoryLevel(item, args: { locationId: string; includeInactive?: boolean }, { shop }) {
    const locationId = numericIdOf("Location", args.locationId);
    const level = locationId === null ? undefined : findLevel(shop, item.id, locationId);
    return level && (level.active || args.includeInactive) ? level : null;
  },
  inventoryLevels: (item, args: LevelArgs, { shop }) => connectLevels(shop.levelsByItem.get(item.id) ?? [], args, (level) => level.locationId),
};

const inventoryLevel: Resolvers<Level> = {
  id: (level) => levelGid(level.locationId, level.itemId),
  isActive: (level) => level.active,
  createdAt: (level) => isoSeconds(level.createdAtMs),
  updatedAt: (level) => isoSeconds(level.updatedAtMs),
  item: (level, _args, { shop }) => shop.items.get(level.itemId),
  location: (level, _args, { shop }) => shop.locations.get(level.locationId),
  quantities(level, { names }: { names: string[] }) {
    return names.map((name) => {
      const known = QUANTITY_NAMES.find((candidate) => candidate === name);
      if (!known) throw invalidArgument(`${name} is not a quantity name.`);
      const { value, updatedAtMs } = level.quantities[known];
      return {
        id: `gid://shopify/InventoryQuantity/${level.locationId}?inventory_item_id=${level.itemId}&name=${known}`,
        name: known,
        quantity: value,
        updatedAt: isoSeconds(updatedAtMs),
      };
    });
  },
};

const location: Resolvers<Location> = {
  id: ({ id }) => gid("Location", id),
  legacyResourceId: ({ id }) => id,
  name: ({ name }) => name,
  isActive: ({ active }) => active,
  fulfillsOnlineOrders: ({ active, fulfillsOnlineOrders }) => active && fulfillsOnlineOrders,
  shipsInventory: ({ active, shipsInventory }) => active && shipsInventory,
  isFulfillmentService: ({ fulfilmentService }) => fulfilmentService,
  inventoryLevels: ({ id }, args: LevelArgs, { shop }) => connectLevels([...shop.levels.values()].filter(({ locationId }) => locationId === id), args, (level) => level.itemId),
  hasActiveInventory: ({ id }, _args, { shop }) => [...shop.levels.values()].some((level) => level.locationId === id && level.active),
};

const adjustmentGroup: Resolvers<AdjustmentGroup> = {
  id: (group) => group.id,
  createdAt: (group) => isoSeconds(group.createdAtMs),
  reason: (group) => group.reason,
  referenceDocumentUri: (group) => group.referenceDocumentUri,
  app: (_group, _args, { app }) => app,
  staffMember: () => null,
  changes(group, args: { inventoryItemIds?: string[] | null; locationIds?: string[] | null; quantityNames?: string[] | null }) {
    return group.changes.filter(
      (change) =>
        among(args.inventoryItemIds, gid("InventoryItem", change.itemId)) && among(args.locationIds, gid("Location", change.locationId)) && among(args.quantityNames, change.name),
    );
  },
};

const inventoryChange: Resolvers<AdjustmentChange> = {
  name: (change) => change.name,
  delta: (change) => change.delta,
  quantityAfterChange: (change) => change.after,
  ledgerDocumentUri: (change) => change.ledgerDocumentUri,
  item: (change, _args, { shop }) => shop.items.get(change.itemId),
  location: (change, _args, { shop }) => shop.locations.get(change.locationId),
};

type LevelArgs = PageArgs & { includeInactive?: boolean; query?: string | null };

const LEVEL_FIELDS = {
  inventory_item_id: ({ itemId }: Level) => itemId,
  created_at: ({ createdAtMs }: Level) => createdAtMs,
  updated_at: ({ updatedAtMs }: Level) => updatedAtMs,
};

function connectLevels(levels: readonly Level[], args: LevelArgs, idOf: (level: Level) => string): Connection<Level> {
  const active = levels.filter((level) => level.active || args.includeInactive);
  return connect(searchList(active, args.query, LEVEL_FIELDS, idOf), args, idOf);
}

function among(list: readonly string[] | null | undefined, value: string): boolean {
  return !list || list.includes(value);
}

/** Every name with its place in the sum: on_hand comprises what lies in the house, incoming stands outside. */
export function inventoryProperties(): { quantityNames: Record<string, unknown>[] } {
  return {
    quantityNames: QUANTITY_NAMES.map((name) => ({
      name,
      displayName: name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase()),
      isInUse: true,
      belongsTo: name !== "on_hand" && ON_HAND_PARTS.includes(name) ? ["on_hand"] : [],
      comprises: name === "on_hand" ? ON_HAND_PARTS : [],
    })),
  };
}

export const stockResolvers = {
  InventoryItem: inventoryItem,
  InventoryLevel: inventoryLevel,
  Location: location,
  InventoryAdjustmentGroup: adjustmentGroup,
  InventoryChange: inventoryChange,
};

export function markType<T extends object>(context: GraphContext, type: string, value: T | null | undefined): T | null {
  if (!value) return null;
  context.typeOf.set(value, type);
  return value;
}

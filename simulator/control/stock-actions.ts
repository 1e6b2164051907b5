// Control actions on stock: a second writer's numbers, items and locations changing, and the truth log.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { RequestError } from "../http/router.ts";
import { inventoryItemPayload, levelDisconnectPayload } from "../webhooks/inventory-payloads.ts";
import { gid } from "../world/ids.ts";
import { changeQuantity, describeLevel, findLevel, quantityOf } from "../world/inventory.ts";
import type { Cause, Item, Location, ShopState, TruthEntry, WriteKind } from "../world/state.ts";
import { beginAction, findShop, lookUp } from "../world/world.ts";
import * as inputs from "./inputs.ts";

const TRUTH_PAGE_MAX = 10_000;

export function stockActions(engine: Engine) {
  const { world } = engine;
  const write = (shop: ShopState, item: Item, location: Location, delta: number, cause: Cause) => {
    const action = beginAction(world, shop);
    const level = changeQuantity(world, action, { itemId: item.id, locationId: location.id, name: "available", delta, cause });
    action.finish();
    return describeLevel(level);
  };

  return {
    updateItem(domain: string, input: z.input<typeof inputs.itemUpdateInput>) {
      const shop = findShop(world, domain);
      const { inventoryItemId, tracked, sku } = inputs.read(inputs.itemUpdateInput, input);
      const item = lookUp(shop.items, "InventoryItem", inventoryItemId);
      const action = beginAction(world, shop);
      item.tracked = tracked ?? item.tracked;
      item.sku = sku ?? item.sku;
      item.updatedAtMs = action.atMs;
      action.tell("inventory_items/update", () => inventoryItemPayload(shop, item));
      action.finish();
      return { inventoryItemId: gid("InventoryItem", item.id), tracked: item.tracked, sku: item.sku };
    },
    disconnectLevel(domain: string, input: z.input<typeof inputs.levelInput>) {
      const shop = findShop(world, domain);
      const { item, location } = where(shop, inputs.read(inputs.levelInput, input));
      const level = findLevel(shop, item.id, location.id);
      if (!level) throw new RequestError(404, "unknown_level", "The item is not stocked at this location.");
      const action = beginAction(world, shop);
      level.active = false;
      action.tell("inventory_levels/disconnect", () => levelDisconnectPayload(level));
      action.finish();
      return { active: false };
    },
    setLevel(domain: string, input: z.input<typeof inputs.levelSetInput>) {
      const shop = findShop(world, domain);
      const { available, writer, kind, seenSeq, ...place } = inputs.read(inputs.levelSetInput, input);
      const { item, location } = where(shop, place);
      const delta = available - quantityOf(shop, item.id, location.id, "available");
      return write(shop, item, location, delta, writerCause({ writer, kind, seenSeq }));
    },
    adjustLevel(domain: string, input: z.input<typeof inputs.levelAdjustInput>) {
      const shop = findShop(world, domain);
      const { delta, writer, kind, seenSeq, ...place } = inputs.read(inputs.levelAdjustInput, input);
      const { item, location } = where(shop, place);
      return write(shop, item, location, delta, writerCause({ writer, kind, seenSeq }));
    },
    levels: (domain: string) => [...findShop(world, domain).levels.values()].map(describeLevel),
    truth(domain: string, page: { after?: number; limit?: number } = {}): { items: TruthEntry[]; next: number | null } {
      const entries = findShop(world, domain).truth;
      const limit = Math.min(page.limit ?? 1_000, TRUTH_PAGE_MAX);
      const start = firstAfter(entries, page.after ?? 0);
      const items = entries.slice(start, start + limit);
      return { items, next: start + limit < entries.length ? (items.at(-1)?.seq ?? null) : null };
    },
  };
}

function writerCause({ writer, kind, seenSeq }: { writer: string; kind?: WriteKind | undefined; seenSeq?: number | undefined }): Cause {
  return { kind: "writer", writer, ...(kind === undefined ? {} : { writeKind: kind }), ...(seenSeq === undefined ? {} : { seenSeq }) };
}

function where(shop: ShopState, input: { inventoryItemId: string; locationId: string }): { item: Item; location: Location } {
  return { item: lookUp(shop.items, "InventoryItem", input.inventoryItemId), location: lookUp(shop.locations, "Location", input.locationId) };
}

/** Entries are in order of seq, so the place to read on from is found by halving. */
function firstAfter(entries: readonly TruthEntry[], after: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? 0) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

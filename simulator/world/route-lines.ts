// Order routing: which location each line is served from, and whether a buyer may have it at all.
import { quantityOf } from "./inventory.ts";
import type { ShopState, Variant } from "./state.ts";

export interface Demand {
  variant: Variant;
  quantity: number;
}

export interface Shortage {
  variantId: string;
  locationId: string;
  requested: number;
  available: number;
}

export interface Routing {
  /** One location per demand, in their order. */
  locationIds: string[];
  /** Demands that the stock does not cover and the variant's policy does not let pass. */
  shortages: Shortage[];
}

/** A line goes whole to the first location that has enough of it, else to the first that stocks it, else to the first there is. */
export function routeLines(shop: ShopState, demands: readonly Demand[], fixedLocationId: string | null): Routing {
  const planned = new Map<string, number>();
  const locationIds: string[] = [];
  const shortages: Shortage[] = [];
  for (const { variant, quantity } of demands) {
    const left = (locationId: string) => quantityOf(shop, variant.itemId, locationId, "available") - (planned.get(`${variant.itemId}@${locationId}`) ?? 0);
    const locationId = fixedLocationId ?? chooseLocation(shop, variant, quantity, left);
    const available = left(locationId);
    const tracked = shop.items.get(variant.itemId)?.tracked ?? false;
    if (tracked && variant.inventoryPolicy === "DENY" && available < quantity) {
      shortages.push({ variantId: variant.id, locationId, requested: quantity, available: Math.max(0, available) });
    }
    const key = `${variant.itemId}@${locationId}`;
    planned.set(key, (planned.get(key) ?? 0) + quantity);
    locationIds.push(locationId);
  }
  return { locationIds, shortages };
}

function chooseLocation(shop: ShopState, variant: Variant, quantity: number, left: (locationId: string) => number): string {
  const active = [...shop.locations.values()].filter((location) => location.active);
  const stocking = active.filter((location) => shop.levels.get(`${variant.itemId}@${location.id}`)?.active === true);
  const chosen = stocking.find((location) => left(location.id) >= quantity) ?? stocking[0] ?? active[0] ?? [...shop.locations.values()][0];
  if (!chosen) throw new Error("A shop has at least one location.");
  return chosen.id;
}

// The two Shopify ports over one Admin API client: what the pipeline, holds and detection are given.
import type { AdminApi } from "#app/ports/admin-api.ts";
import { ADJUST_ENTRIES_MAX, type ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";

import { adjustQuantities } from "./adjust-quantities.server.ts";
import { bindKey } from "./bind-key.server.ts";
import { moveQuantities } from "./move-quantities.server.ts";
import { levelsLimits, locationsLimits, readLevels, readLocations } from "./read-levels.server.ts";
import { orderLocationsLimits, readOrderLocations } from "./read-order-locations.server.ts";
import { preordersLimits, readPreorders, readSoldByPlan, soldByPlanLimits } from "./read-selling-plans.server.ts";
import { ordersLimits, readOrders } from "./read-orders.server.ts";
import { readVariants, readVariantsBySku, readVariantsOfItems, variantsBySkuLimits, variantsLimits, variantsOfItemsLimits } from "./read-variants.server.ts";

/** A mutation is charged a flat 10 points; what it answers is not charged by entry. */
const ADJUST_COST = 10;

export function createShopifyInventory(admin: AdminApi): ShopifyInventory {
  return {
    adjustQuantities: (context, request) => adjustQuantities(admin, context, request),
    moveQuantities: (context, request) => moveQuantities(admin, context, request),
    bindKey: (context, key, place, operation) => bindKey(admin, context, key, place, operation),
    readLevels: (context, places) => readLevels(admin, context, places),
    readLocations: (context) => readLocations(admin, context),
    limits: { adjust: { idsMax: ADJUST_ENTRIES_MAX, estimateCost: () => ADJUST_COST }, levels: levelsLimits, locations: locationsLimits },
  };
}

export function createShopifyOrders(admin: AdminApi): ShopifyOrders {
  return {
    readVariants: (context, variantIds) => readVariants(admin, context, variantIds),
    readVariantsOfItems: (context, itemIds) => readVariantsOfItems(admin, context, itemIds),
    readVariantsBySku: (context, sku) => readVariantsBySku(admin, context, sku),
    readOrders: (context, orderIds) => readOrders(admin, context, orderIds),
    readOrderLocations: (context, orderIds) => readOrderLocations(admin, context, orderIds),
    readSoldByPlan: (context, variantIds) => readSoldByPlan(admin, context, variantIds),
    readPreorders: (context, lineIds) => readPreorders(admin, context, lineIds),
    limits: {
      variants: variantsLimits,
      variantsOfItems: variantsOfItemsLimits,
      variantsBySku: variantsBySkuLimits,
      orders: ordersLimits,
      orderLocations: orderLocationsLimits,
      soldByPlan: soldByPlanLimits,
      preorders: preordersLimits,
    },
  };
}

// Answers what a merchant's rules name: which variants, items and locations exist in the shop, as read from Shopify now.

import { formatGid, parseGid } from "#app/domain/gid.ts";
import type { RuleCatalog, RuleCatalogAnswer, RuleReferences } from "#app/ports/rule-catalog.ts";
import type { ReadContext, ReadResult, ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { ShopifyInventory } from "#app/ports/shopify-inventory.ts";

type Unavailable = { readonly kind: "unavailable"; readonly reason: string };

export function createRuleCatalog(orders: ShopifyOrders, inventory: ShopifyInventory): RuleCatalog {
  return { verifyRules: (references) => verify(orders, inventory, references) };
}

async function verify(orders: ShopifyOrders, inventory: ShopifyInventory, references: RuleReferences): Promise<RuleCatalogAnswer | Unavailable> {
  const context: ReadContext = { shop: references.shop };
  const variants = await readAll(references.variantIds, orders.limits.variants.idsMax, (ids) => orders.readVariants(context, ids));
  if (variants.kind === "unavailable") return variants;
  const needsLocations = references.locationIds.length > 0 || references.inventoryItemIds.length > 0;
  const locations = needsLocations ? await readAll(["all"], 1, () => inventory.readLocations(context)) : { kind: "ok" as const, found: [] };
  if (locations.kind === "unavailable") return locations;
  // Items are looked up through any one location: an item that exists is found even where it is not stocked.
  const anywhere = locations.found[0]?.locationId;
  const items =
    anywhere === undefined
      ? { kind: "ok" as const, found: [] }
      : await readAll(references.inventoryItemIds, inventory.limits.levels.idsMax, (ids) =>
          inventory.readLevels(context, ids.map((inventoryItemId) => ({ inventoryItemId, locationId: anywhere }))),
        );
  if (items.kind === "unavailable") return items;
  return {
    kind: "answered",
    variants: variants.found.map((variant) => ({
      variantId: formatGid("ProductVariant", variant.variantId),
      inventoryItemId: formatGid("InventoryItem", variant.inventoryItemId),
      requiresComponents: variant.requiresComponents,
    })),
    inventoryItemIds: items.found.map((level) => formatGid("InventoryItem", level.inventoryItemId)),
    locations: locations.found.map((location) => ({ locationId: formatGid("Location", location.locationId), active: location.active })),
  };
}

async function readAll<Value>(
  gids: readonly string[],
  idsMax: number,
  read: (ids: readonly string[]) => Promise<ReadResult<Value>>,
): Promise<{ kind: "ok"; found: Value[] } | Unavailable> {
  const ids = gids.map((gid) => parseGid(gid)?.id ?? gid);
  const found: Value[] = [];
  for (let start = 0; start < ids.length; start += idsMax) {
    const result = await read(ids.slice(start, start + idsMax));
    if (result.kind !== "ok") return { kind: "unavailable", reason: result.kind };
    found.push(...result.found);
  }
  return { kind: "ok", found };
}

// Answers what a merchant's rules name: which variants, items and locations exist in the shop, as read from Shopify now.

import { z } from "zod";

import { formatGid, parseGid } from "#app/domain/gid.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { OrderBook } from "#app/ports/order-book.ts";
import type { RuleCatalog, RuleCatalogAnswer, RuleReferences } from "#app/ports/rule-catalog.ts";
import type { ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import type { ReadContext, ReadResult, ShopifyOrders } from "#app/ports/shopify-orders.ts";

import { OWN_APP_QUERY } from "./documents/installation.ts";
import { anyGid } from "./gid-schema.ts";
import { sendRead } from "./read-request.server.ts";

const ownAppSchema = z.object({ currentAppInstallation: z.object({ app: z.object({ id: anyGid }) }) });

type Unavailable = { readonly kind: "unavailable"; readonly reason: string };
type Read<Value> = { readonly kind: "ok"; readonly found: readonly Value[] } | Unavailable;

export interface RuleCatalogDependencies {
  readonly orders: ShopifyOrders;
  readonly inventory: ShopifyInventory;
  readonly adminApi: AdminApi;
  /** Keeps what was read, so that rules show names before the first order of them. */
  readonly book: Pick<OrderBook, "storeVariants">;
}

export function createRuleCatalog(dependencies: RuleCatalogDependencies): RuleCatalog {
  return { verifyRules: (references) => verify(dependencies, references) };
}

async function verify({ orders, inventory, adminApi, book }: RuleCatalogDependencies, references: RuleReferences): Promise<RuleCatalogAnswer | Unavailable> {
  const context: ReadContext = { shop: references.shop };
  const variants = await readAll(references.variantIds, orders.limits.variants.idsMax, (ids) => orders.readVariants(context, ids));
  if (variants.kind === "unavailable") return variants;
  const parts = await readAll(references.inventoryItemIds, orders.limits.variantsOfItems.idsMax, (ids) => orders.readVariantsOfItems(context, ids));
  if (parts.kind === "unavailable") return parts;
  const locations = references.locationIds.length === 0 ? { kind: "ok" as const, found: [] } : await readAll(["all"], 1, () => inventory.readLocations(context));
  if (locations.kind === "unavailable") return locations;
  const own = references.appIds.length === 0 ? { kind: "ok" as const, value: null } : await sendRead(adminApi, context, { document: OWN_APP_QUERY, variables: {}, schema: ownAppSchema });
  if (own.kind !== "ok") return { kind: "unavailable", reason: own.kind };
  await book.storeVariants(references.installId, distinct([...variants.found, ...parts.found]));
  return {
    kind: "answered",
    variants: variants.found.map((variant) => ({
      variantId: formatGid("ProductVariant", variant.variantId),
      inventoryItemId: formatGid("InventoryItem", variant.inventoryItemId),
      requiresComponents: variant.requiresComponents,
    })),
    inventoryItemIds: parts.found.map((variant) => formatGid("InventoryItem", variant.inventoryItemId)),
    locations: locations.found.map((location) => ({ locationId: formatGid("Location", location.locationId), active: location.active })),
    ownAppId: own.value?.currentAppInstallation.app.id ?? null,
  };
}

function distinct<Variant extends { readonly variantId: string }>(variants: readonly Variant[]) {
  return [...new Map(variants.map((variant) => [variant.variantId, { ...variant, missing: false }])).values()];
}

async function readAll<Value>(gids: readonly string[], idsMax: number, read: (ids: readonly string[]) => Promise<ReadResult<Value>>): Promise<Read<Value>> {
  const ids = gids.map((gid) => parseGid(gid)?.id ?? gid);
  const found: Value[] = [];
  for (let start = 0; start < ids.length; start += idsMax) {
    const result = await read(ids.slice(start, start + idsMax));
    if (result.kind !== "ok") return { kind: "unavailable", reason: result.kind };
    found.push(...result.found);
  }
  return { kind: "ok", found };
}

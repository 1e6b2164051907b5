// Stage "enrich": which stock item a sold variant takes from.
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { ReadContext, ReadLimits, ReadResult, VariantFacts } from "#app/ports/shopify-orders.ts";

import { VARIANTS, VARIANTS_BY_SKU, VARIANTS_OF_ITEMS } from "./documents/variants.ts";
import { gidOf, nodesFound } from "./gid-schema.ts";
import { assertAtMost, found, missingOf, sendRead } from "./read-request.server.ts";

/** Shopify's limit for a list argument; a variant and its item are two objects. */
export const variantsLimits: ReadLimits = { idsMax: 250, estimateCost: (variants) => variants * 2 };

/** A variant as every read asks for it. */
export const variantSchema = z.object({
  id: gidOf("ProductVariant"),
  sku: z.string().nullable(),
  displayName: z.string(),
  inventoryPolicy: z.enum(["DENY", "CONTINUE"]),
  requiresComponents: z.boolean(),
  inventoryItem: z.object({ id: gidOf("InventoryItem"), tracked: z.boolean() }),
});
const variantsSchema = nodesFound(variantSchema);
const itemsSchema = nodesFound(z.object({ id: gidOf("InventoryItem"), variants: z.object({ nodes: z.array(variantSchema) }) }));

const bySkuSchema = z.object({ productVariants: z.object({ nodes: z.array(variantSchema) }) });

/** A connection of ten variants, each with its item. */
export const variantsBySkuLimits: ReadLimits = { idsMax: 1, estimateCost: (skus) => skus * 22 };

/** An item, a connection, a variant and its item. */
export const variantsOfItemsLimits: ReadLimits = { idsMax: 150, estimateCost: (items) => items * 5 };

export async function readVariants(admin: AdminApi, context: ReadContext, variantIds: readonly string[]): Promise<ReadResult<VariantFacts>> {
  assertAtMost(variantIds.length, variantsLimits.idsMax, "variants");
  if (variantIds.length === 0) return found([], [], null);
  const ids = [...new Set(variantIds)].map((id) => formatGid("ProductVariant", id));
  const answer = await sendRead(admin, context, { document: VARIANTS, variables: { ids }, schema: variantsSchema });
  if (answer.kind !== "ok") return answer;
  const variants = answer.value.nodes.map(toFacts);
  return found(variants, missingOf(variantIds, new Set(variants.map((variant) => variant.variantId))), answer.cost);
}

/** The variant that sells each item; what a bundle's component is called. Items nobody sells are missing. */
export async function readVariantsOfItems(admin: AdminApi, context: ReadContext, itemIds: readonly string[]): Promise<ReadResult<VariantFacts>> {
  assertAtMost(itemIds.length, variantsOfItemsLimits.idsMax, "items");
  if (itemIds.length === 0) return found([], [], null);
  const ids = [...new Set(itemIds)].map((id) => formatGid("InventoryItem", id));
  const answer = await sendRead(admin, context, { document: VARIANTS_OF_ITEMS, variables: { ids }, schema: itemsSchema });
  if (answer.kind !== "ok") return answer;
  const variants = answer.value.nodes.flatMap((item) => item.variants.nodes.map(toFacts));
  return found(variants, missingOf(itemIds, new Set(variants.map((variant) => variant.inventoryItemId))), answer.cost);
}

/** Every variant with exactly this SKU, at most ten. Shopify's search looks past upper and lower case, and lags behind edits by seconds. */
export async function readVariantsBySku(admin: AdminApi, context: ReadContext, sku: string): Promise<ReadResult<VariantFacts>> {
  const query = `sku:"${sku.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
  const answer = await sendRead(admin, context, { document: VARIANTS_BY_SKU, variables: { query }, schema: bySkuSchema });
  if (answer.kind !== "ok") return answer;
  const variants = answer.value.productVariants.nodes.map(toFacts).filter((variant) => variant.sku === sku);
  return found(variants, variants.length === 0 ? [sku] : [], answer.cost);
}

function toFacts(node: z.output<typeof variantSchema>): VariantFacts {
  return {
    variantId: node.id,
    inventoryItemId: node.inventoryItem.id,
    sku: node.sku === "" ? null : node.sku,
    title: node.displayName,
    tracked: node.inventoryItem.tracked,
    policy: node.inventoryPolicy === "CONTINUE" ? "continue" : "deny",
    requiresComponents: node.requiresComponents,
  };
}

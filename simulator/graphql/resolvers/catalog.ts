// Reading what is sold: products, variants and the components of native bundles.
import { gid } from "../../world/ids.ts";
import { isoSeconds } from "../../world/dates.ts";
import { findLevel } from "../../world/inventory.ts";
import type { Component, Product, SellingPlan, SellingPlanGroup, ShopState, Variant } from "../../world/state.ts";
import { connect } from "../connection.ts";
import type { PageArgs } from "../connection.ts";
import type { Resolvers } from "../context.ts";

const product: Resolvers<Product> = {
  id: ({ id }) => gid("Product", id),
  legacyResourceId: ({ id }) => id,
  title: ({ title }) => title,
  handle: ({ handle }) => handle,
  tags: ({ tags }) => tags,
  status: () => "ACTIVE",
  isGiftCard: ({ giftCard }) => giftCard,
  createdAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  updatedAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  featuredImage: () => null,
  featuredMedia: () => null,
  hasOnlyDefaultVariant: ({ variantIds }) => variantIds.length === 1,
  totalInventory: (source, _args, { shop }) => variantsOf(shop, source).reduce((sum, variant) => sum + availableOf(shop, variant), 0),
  variants: (source, args: PageArgs, { shop }) => connect(variantsOf(shop, source), args, (variant) => variant.id),
  sellingPlanGroups: (source, args: PageArgs, { shop }) => connect(source.sellingPlanGroupIds.flatMap((id) => shop.sellingPlanGroups.get(id) ?? []), args, ({ id }) => id),
};

const sellingPlanGroup: Resolvers<SellingPlanGroup> = {
  id: ({ id }) => gid("SellingPlanGroup", id),
  name: ({ name }) => name,
  sellingPlans: ({ planIds }, args: PageArgs, { shop }) => connect(planIds.flatMap((id) => shop.sellingPlans.get(id) ?? []), args, ({ id }) => id),
};

const sellingPlan: Resolvers<SellingPlan> = {
  id: ({ id }) => gid("SellingPlan", id),
  name: ({ name }) => name,
  category: ({ category }) => category,
  inventoryPolicy: (plan) => plan,
};

const sellingPlanInventoryPolicy: Resolvers<SellingPlan> = { reserve: ({ reserve }) => reserve };

const productVariant: Resolvers<Variant> = {
  id: ({ id }) => gid("ProductVariant", id),
  legacyResourceId: ({ id }) => id,
  title: ({ title }) => title,
  displayName: (variant, _args, { shop }) => displayName(shop, variant),
  sku: ({ sku }) => sku,
  price: ({ price }) => price,
  image: () => null,
  inventoryPolicy: ({ inventoryPolicy }) => inventoryPolicy,
  inventoryQuantity: (variant, _args, { shop }) => availableOf(shop, variant),
  requiresComponents: ({ requiresComponents }) => requiresComponents,
  product: (variant, _args, { shop }) => shop.products.get(variant.productId),
  inventoryItem: (variant, _args, { shop }) => shop.items.get(variant.itemId),
  productVariantComponents: (variant, args: PageArgs) => connect(variant.components, args, (component) => component.variantId),
};

const productVariantComponent: Resolvers<Component> = {
  id: ({ variantId }) => gid("ProductVariantComponent", variantId),
  quantity: ({ quantity }) => quantity,
  productVariant: ({ variantId }, _args, { shop }) => shop.variants.get(variantId),
};

export const catalogResolvers = { Product: product, ProductVariant: productVariant, ProductVariantComponent: productVariantComponent, SellingPlanGroup: sellingPlanGroup, SellingPlan: sellingPlan, SellingPlanInventoryPolicy: sellingPlanInventoryPolicy };

export function displayName(shop: ShopState, variant: Variant): string {
  return `${shop.products.get(variant.productId)?.title ?? ""} - ${variant.title}`;
}

function variantsOf(shop: ShopState, source: Product): Variant[] {
  return source.variantIds.flatMap((id) => shop.variants.get(id) ?? []);
}

/** A native bundle has as many as its components make whole; everything else has what its levels say. */
function availableOf(shop: ShopState, variant: Variant): number {
  if (variant.requiresComponents) {
    const sets = variant.components.map(({ variantId, quantity }) => {
      const component = shop.variants.get(variantId);
      return component ? Math.floor(availableOf(shop, component) / quantity) : 0;
    });
    return sets.length === 0 ? 0 : Math.min(...sets);
  }
  let sum = 0;
  for (const location of shop.locations.values()) sum += findLevel(shop, variant.itemId, location.id)?.quantities.available.value ?? 0;
  return sum;
}

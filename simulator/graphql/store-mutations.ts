// Building up and taking down a shop through the API: products with their stock, and locations, as a seed or a probe makes them.
import { GraphQLError } from "graphql";
import { gid, numericIdOf } from "../world/ids.ts";
import { createProduct, deleteProduct } from "../world/shops.ts";
import type { VariantInput } from "../world/shops.ts";
import type { Location, ShopState } from "../world/state.ts";
import { nextId } from "../world/world.ts";
import type { GraphContext, Resolvers } from "./context.ts";

interface VariantSetInput {
  sku?: string | null;
  price?: string | null;
  inventoryPolicy?: "DENY" | "CONTINUE" | null;
  optionValues: { name?: string | null }[];
  inventoryItem?: { tracked?: boolean | null; requiresShipping?: boolean | null; sku?: string | null } | null;
  inventoryQuantities?: { locationId: string; name: string; quantity: number }[] | null;
}

interface ProductSetArgs {
  identifier?: { handle?: string | null; id?: string | null; customId?: unknown } | null;
  input: Record<string, unknown> & { title?: string | null; handle?: string | null; tags?: string[] | null; variants?: VariantSetInput[] | null };
  synchronous?: boolean | null;
}

const PRODUCT_FIELDS: ReadonlySet<string> = new Set(["title", "handle", "tags", "status", "variants", "productOptions", "vendor", "productType", "descriptionHtml"]);
const VARIANT_FIELDS: ReadonlySet<string> = new Set(["sku", "price", "inventoryPolicy", "optionValues", "inventoryItem", "inventoryQuantities"]);
const ITEM_FIELDS: ReadonlySet<string> = new Set(["tracked", "requiresShipping", "sku", "cost"]);

/** Makes a product; one that exists already is not changed by the simulator, and it says so. */
function setProduct(_root: null, { identifier, input, synchronous }: ProductSetArgs, { world, shop, admin }: GraphContext) {
  refuseUnsupported("ProductSetInput", input, PRODUCT_FIELDS);
  if (synchronous === false) throw unsupported("productSet without synchronous");
  if (identifier?.id || identifier?.customId) throw unsupported("productSet of a product that exists");
  const { title } = input;
  const handle = identifier?.handle ?? input.handle ?? undefined;
  const refuse = (code: string, field: string[]) => ({ product: null, userErrors: [{ code, field: ["input", ...field], message: admin.errorText("ProductSetUserErrorCode", code) }] });
  if (!title) return refuse("MISSING_FIELD_REQUIRED", ["title"]);
  if (handle !== undefined && [...shop.products.values()].some((product) => product.handle === handle)) throw unsupported("productSet of a product that exists");
  const variants = (input.variants ?? []).map((variant) => variantOf(variant, shop));
  if (variants.length === 0) return refuse("VARIANTS_INPUT_MISSING", ["variants"]);
  if (variants.some(({ levels }) => levels.some(({ locationId }) => !shop.locations.get(numericIdOf("Location", locationId) ?? "")?.active))) return refuse("INVALID_VARIANT", ["variants"]);
  const { productId } = createProduct(world, shop, { title, tags: input.tags ?? [], variants, ...(handle === undefined ? {} : { handle }) });
  return { product: shop.products.get(numericIdOf("Product", productId) ?? ""), userErrors: [] };
}

function variantOf(variant: VariantSetInput, shop: ShopState): VariantInput {
  refuseUnsupported("ProductVariantSetInput", variant, VARIANT_FIELDS);
  const item = variant.inventoryItem ?? {};
  refuseUnsupported("InventoryItemInput", item, ITEM_FIELDS);
  const quantities = variant.inventoryQuantities ?? [];
  if (quantities.some(({ name }) => name !== "available")) throw unsupported("inventoryQuantities of names other than available");
  const firstLocation = [...shop.locations.keys()][0];
  const stocked = quantities.map(({ locationId, quantity }) => ({ locationId, available: quantity }));
  return {
    sku: variant.sku ?? item.sku ?? "",
    title: variant.optionValues.map(({ name }) => name).filter(Boolean).join(" / ") || "Default Title",
    price: variant.price ?? "0.00",
    tracked: item.tracked ?? false,
    requiresShipping: item.requiresShipping ?? true,
    inventoryPolicy: variant.inventoryPolicy ?? "DENY",
    requiresComponents: false,
    components: [],
    // What names no location is stocked at the shop's first.
    levels: stocked.length > 0 || firstLocation === undefined ? stocked : [{ locationId: gid("Location", firstLocation), available: 0 }],
  };
}

function removeProduct(_root: null, { input }: { input: { id: string } }, { shop }: GraphContext) {
  const product = shop.products.get(numericIdOf("Product", input.id) ?? "");
  if (!product) return { deletedProductId: null, userErrors: [{ field: ["id"], message: "Product does not exist" }] };
  deleteProduct(shop, product);
  return { deletedProductId: gid("Product", product.id), userErrors: [] };
}

interface LocationArgs {
  input: { name: string; fulfillsOnlineOrders?: boolean | null };
}

function addLocation(_root: null, { input }: LocationArgs, { world, shop, admin }: GraphContext) {
  const taken = [...shop.locations.values()].some(({ name }) => name === input.name);
  if (taken) return { location: null, userErrors: [{ code: "TAKEN", field: ["input", "name"], message: admin.errorText("LocationAddUserErrorCode", "TAKEN") }] };
  const location: Location = { id: nextId(world, shop), name: input.name, active: true, fulfillsOnlineOrders: input.fulfillsOnlineOrders ?? true, shipsInventory: true, fulfilmentService: false };
  shop.locations.set(location.id, location);
  return { location, userErrors: [] };
}

function deactivateLocation(_root: null, { locationId }: { locationId: string }, { shop, admin }: GraphContext) {
  const refuse = (code: string) => ({ location: null, locationDeactivateUserErrors: [{ code, field: ["locationId"], message: admin.errorText("LocationDeactivateUserErrorCode", code) }] });
  const location = shop.locations.get(numericIdOf("Location", locationId) ?? "");
  if (!location) return refuse("LOCATION_NOT_FOUND");
  if (stockedAt(shop, location.id)) return refuse("HAS_ACTIVE_INVENTORY_ERROR");
  if ([...shop.fulfilmentOrders.values()].some((each) => each.locationId === location.id && (each.status === "open" || each.status === "in_progress" || each.status === "on_hold"))) {
    return refuse("HAS_FULFILLMENT_ORDERS_ERROR");
  }
  location.active = false;
  return { location, locationDeactivateUserErrors: [] };
}

function deleteLocation(_root: null, { locationId }: { locationId: string }, { shop, admin }: GraphContext) {
  const refuse = (code: string) => ({ deletedLocationId: null, locationDeleteUserErrors: [{ code, field: ["locationId"], message: admin.errorText("LocationDeleteUserErrorCode", code) }] });
  const location = shop.locations.get(numericIdOf("Location", locationId) ?? "");
  if (!location) return refuse("LOCATION_NOT_FOUND");
  if (location.active) return refuse("LOCATION_IS_ACTIVE");
  if (stockedAt(shop, location.id)) return refuse("LOCATION_HAS_INVENTORY");
  for (const [key, level] of shop.levels) {
    if (level.locationId !== location.id) continue;
    shop.levels.delete(key);
    shop.levelsByItem.set(level.itemId, (shop.levelsByItem.get(level.itemId) ?? []).filter((each) => each !== level));
  }
  shop.locations.delete(location.id);
  return { deletedLocationId: gid("Location", location.id), locationDeleteUserErrors: [] };
}

function stockedAt(shop: ShopState, locationId: string): boolean {
  return [...shop.levels.values()].some((level) => level.locationId === locationId && level.quantities.on_hand.value !== 0);
}

function refuseUnsupported(type: string, given: object, supported: ReadonlySet<string>): void {
  const other = Object.entries(given).find(([name, value]) => value !== null && value !== undefined && value !== false && !supported.has(name));
  if (other) throw unsupported(`${type}.${other[0]}`);
}

function unsupported(what: string): GraphQLError {
  return new GraphQLError(`The simulator does not support ${what}`, { extensions: { code: "SIMULATOR_UNSUPPORTED" } });
}

export const storeMutations: Resolvers<null> = {
  productSet: setProduct,
  productDelete: removeProduct,
  locationAdd: addLocation,
  locationDeactivate: deactivateLocation,
  locationDelete: deleteLocation,
};

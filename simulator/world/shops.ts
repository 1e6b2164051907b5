// Setting the stage: shops with their locations, products with their stock, and the app's lives in them.
import { RequestError } from "../http/router.ts";
import { gid } from "./ids.ts";
import { changeQuantity, ensureLevel, levelKey } from "./inventory.ts";
import type { Item, Location, Plan, Product, SellingPlan, ShopState, Variant } from "./state.ts";
import { beginAction, lookUp, nextId } from "./world.ts";
import type { World } from "./world.ts";

export interface ShopInput {
  shop: string;
  plan: Plan;
  locations: { name: string; fulfillsOnlineOrders?: boolean; shipsInventory?: boolean; fulfilmentService?: boolean }[];
  timezone: string;
  currency: string;
  bigIds: boolean;
}

export interface VariantInput {
  sku: string;
  title: string;
  price: string;
  tracked: boolean;
  requiresShipping: boolean;
  inventoryPolicy: "DENY" | "CONTINUE";
  requiresComponents: boolean;
  components: { variantId: string; quantity: number }[];
  levels: { locationId: string; available: number }[];
}

export interface ProductInput {
  title: string;
  /** Default: made from the title. */
  handle?: string;
  tags?: string[];
  agoMs?: number;
  giftCard?: boolean;
  sellingPlans?: Omit<SellingPlan, "id">[];
  variants: VariantInput[];
}

export interface CreatedProduct {
  productId: string;
  variants: { variantId: string; inventoryItemId: string; sku: string }[];
  /** In the order of the plans given. */
  sellingPlanIds: string[];
}

export function createShop(world: World, input: ShopInput): ShopState {
  if (world.state.shops.has(input.shop)) throw new RequestError(409, "shop_exists", `${input.shop} exists already.`);
  const id = nextId(world, input);
  const locations = new Map<string, Location>();
  for (const { name, fulfillsOnlineOrders = true, shipsInventory = true, fulfilmentService = false } of input.locations) {
    const locationId = nextId(world, input);
    locations.set(locationId, { id: locationId, name, active: true, fulfillsOnlineOrders, shipsInventory, fulfilmentService });
  }
  const shop: ShopState = {
    id,
    domain: input.shop,
    name: input.shop.replace(/\.myshopify\.com$/, ""),
    plan: input.plan,
    timezone: input.timezone,
    currency: input.currency,
    bigIds: input.bigIds,
    nextOrderNumber: 1001,
    locations,
    products: new Map(),
    sellingPlanGroups: new Map(),
    sellingPlans: new Map(),
    variants: new Map(),
    items: new Map(),
    levels: new Map(),
    levelsByItem: new Map(),
    orders: new Map(),
    lineIndex: new Map(),
    fulfilmentOrders: new Map(),
    draftOrders: new Map(),
    editSessions: new Map(),
    metafieldDefinitions: [],
    bulkOperations: new Map(),
    flowTriggers: [],
    truth: [],
    install: null,
    accessTokens: new Map(),
    refreshTokens: new Map(),
    staff: new Map(),
    idempotency: new Map(),
    bucket: null,
  };
  world.state.shops.set(shop.domain, shop);
  return shop;
}

export function createProduct(world: World, shop: ShopState, input: ProductInput): CreatedProduct {
  const action = beginAction(world, shop, input.agoMs);
  const product: Product = {
    id: nextId(world, shop),
    title: input.title,
    handle: input.handle ?? input.title.toLowerCase().replace(/[^a-z0-9]+/g, "-"),
    tags: input.tags ?? [],
    giftCard: input.giftCard ?? false,
    createdAtMs: action.atMs,
    variantIds: [],
    sellingPlanGroupIds: [],
  };
  const created = input.variants.map((wanted) => {
    const components = wanted.components.map(({ variantId, quantity }) => ({ variantId: lookUp(shop.variants, "ProductVariant", variantId).id, quantity }));
    const variant: Variant = {
      id: nextId(world, shop),
      productId: product.id,
      itemId: nextId(world, shop),
      title: wanted.title,
      sku: wanted.sku,
      price: wanted.price,
      inventoryPolicy: wanted.inventoryPolicy,
      requiresComponents: wanted.requiresComponents,
      components,
    };
    const item: Item = {
      id: variant.itemId,
      variantId: variant.id,
      sku: wanted.sku,
      tracked: wanted.tracked,
      requiresShipping: wanted.requiresShipping,
      createdAtMs: action.atMs,
      updatedAtMs: action.atMs,
    };
    product.variantIds.push(variant.id);
    shop.variants.set(variant.id, variant);
    shop.items.set(item.id, item);
    for (const { locationId, available } of wanted.levels) {
      const location = lookUp(shop.locations, "Location", locationId);
      ensureLevel(action, item.id, location.id);
      changeQuantity(world, action, { itemId: item.id, locationId: location.id, name: "available", delta: available, cause: { kind: "seed" } });
    }
    return { variantId: gid("ProductVariant", variant.id), inventoryItemId: gid("InventoryItem", item.id), sku: variant.sku };
  });
  shop.products.set(product.id, product);
  const planIds = addSellingPlans(world, shop, product, input.sellingPlans ?? []);
  action.finish();
  return { productId: gid("Product", product.id), variants: created, sellingPlanIds: planIds.map((id) => gid("SellingPlan", id)) };
}

/** With everything of it: variants, items and their stock. Orders of it keep their lines. */
export function deleteProduct(shop: ShopState, product: Product): void {
  for (const variantId of product.variantIds) {
    const itemId = shop.variants.get(variantId)?.itemId ?? "";
    for (const { locationId } of shop.levelsByItem.get(itemId) ?? []) shop.levels.delete(levelKey(itemId, locationId));
    shop.levelsByItem.delete(itemId);
    shop.items.delete(itemId);
    shop.variants.delete(variantId);
  }
  shop.products.delete(product.id);
}

/** One group for all plans of the product. */
function addSellingPlans(world: World, shop: ShopState, product: Product, plans: readonly Omit<SellingPlan, "id">[]): string[] {
  if (plans.length === 0) return [];
  const made = plans.map((plan): SellingPlan => ({ id: nextId(world, shop), ...plan }));
  for (const plan of made) shop.sellingPlans.set(plan.id, plan);
  const group = { id: nextId(world, shop), name: product.title, planIds: made.map(({ id }) => id) };
  shop.sellingPlanGroups.set(group.id, group);
  product.sellingPlanGroupIds.push(group.id);
  return group.planIds;
}

/** Each installation is a life of its own with an own gid; tokens of an earlier one stay dead. */
export function install(world: World, shop: ShopState, granted: readonly string[], flowTriggers: readonly string[] = []): { appInstallationId: string } {
  const installGid = gid("AppInstallation", String(700_000_000 + world.state.nextInstall));
  world.state.nextInstall += 1;
  shop.install = { gid: installGid, granted: [...new Set(granted)], flowTriggers: [...flowTriggers] };
  return { appInstallationId: installGid };
}

/** Tells the app while it is still a subscriber, then revokes its tokens: by the time it hears, they are dead. */
export function uninstall(world: World, shop: ShopState, shopPayload: () => Record<string, unknown>): void {
  if (!shop.install) throw new RequestError(409, "not_installed", "The app is not installed in this shop.");
  const action = beginAction(world, shop);
  action.tell("app/uninstalled", shopPayload);
  action.finish();
  shop.install = null;
  shop.accessTokens.clear();
  shop.refreshTokens.clear();
}

export function setScopes(world: World, shop: ShopState, granted: readonly string[], payload: (before: string[], atMs: number) => Record<string, unknown>): string[] {
  const current = shop.install;
  if (!current) throw new RequestError(409, "not_installed", "The app is not installed in this shop.");
  const before = current.granted;
  current.granted = [...new Set(granted)];
  const action = beginAction(world, shop);
  action.tell("app/scopes_update", () => payload(before, action.atMs));
  action.finish();
  return current.granted;
}

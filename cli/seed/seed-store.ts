// Fills a development store with a second location, products with stock and some orders: what is there already stays as it is.
import { SEED_LOCATION, SEED_SOURCE, SEED_TAG, seedCatalogue } from "./catalogue.ts";
import type { SeedProduct } from "./catalogue.ts";
import * as documents from "./documents.ts";
import { StoreRefused } from "./store-client.ts";
import type { StoreClient } from "./store-client.ts";

export interface SeedOptions {
  productCount: number;
  orderCount: number;
  dryRun: boolean;
  /** Orders a minute; a development store takes no more than five. */
  ordersPerMinute: number;
  pause(ms: number): Promise<void>;
  say(text: string): void;
}

export interface SeedReport {
  shop: string;
  dryRun: boolean;
  location: "made" | "there" | "without";
  products: { made: number; there: number };
  orders: { made: number; there: number };
}

export interface StoreLocation {
  id: string;
  name: string;
  isActive: boolean;
  shipsInventory: boolean;
}

export interface Store {
  isDevelopment: boolean;
  locations: StoreLocation[];
}

interface FoundProduct {
  id: string;
  handle: string;
  variants: { nodes: { id: string }[] };
}

type UserErrors = { code?: string | null; message: string }[];

export async function readStore(client: StoreClient): Promise<Store> {
  const { shop, locations } = await client.ask<{ shop: { plan: { partnerDevelopment: boolean } }; locations: { nodes: StoreLocation[] } }>(documents.READ_STORE);
  return { isDevelopment: shop.plan.partnerDevelopment, locations: locations.nodes };
}

export async function seedStore(client: StoreClient, store: Store, options: SeedOptions): Promise<SeedReport> {
  const { dryRun, orderCount } = options;
  const report: SeedReport = { shop: client.shop, dryRun, location: "there", products: { made: 0, there: 0 }, orders: { made: 0, there: 0 } };
  const active = store.locations.filter(({ isActive, shipsInventory }) => isActive && shipsInventory);
  const [first] = active;
  if (!first) throw new Error(`${client.shop} has no active location that ships`);
  let second = active[1];
  if (!second) {
    second = dryRun ? undefined : await addLocation(client, options);
    report.location = dryRun || second ? "made" : "without";
  }
  const variantIds: string[] = [];
  for (const product of seedCatalogue(options.productCount)) {
    const found = (await client.ask<{ productByIdentifier: FoundProduct | null }>(documents.FIND_PRODUCT, { handle: product.handle })).productByIdentifier;
    report.products[found ? "there" : "made"] += 1;
    const made = found ?? (dryRun ? null : await makeProduct(client, product, [first, second]));
    const variantId = made?.variants.nodes[0]?.id;
    if (variantId !== undefined) variantIds.push(variantId);
  }
  report.orders.there = Math.min(orderCount, await countOrders(client, orderCount));
  const missing = orderCount - report.orders.there;
  report.orders.made = missing;
  if (!dryRun && missing > 0) await makeOrders(client, variantIds, missing, options);
  return report;
}

/** Null where the token may not: then all stock lies at one location. */
async function addLocation(client: StoreClient, { say }: SeedOptions): Promise<StoreLocation | undefined> {
  try {
    const { locationAdd } = await client.ask<{ locationAdd: { location: StoreLocation | null; userErrors: UserErrors } }>(documents.ADD_LOCATION, { name: SEED_LOCATION });
    if (locationAdd.location) return locationAdd.location;
    say(`no second location: ${textOf(locationAdd.userErrors)}`);
  } catch (error) {
    if (!(error instanceof StoreRefused) || error.reason !== "access_denied") throw error;
    say("no second location: the token lacks write_locations");
  }
  return undefined;
}

async function makeProduct(client: StoreClient, product: SeedProduct, locations: readonly [StoreLocation, StoreLocation | undefined]): Promise<FoundProduct> {
  const inventoryQuantities = locations.flatMap((location, index) => {
    const quantity = product.units[index] ?? 0;
    return location === undefined || (index > 0 && quantity === 0) ? [] : [{ locationId: location.id, name: "available", quantity }];
  });
  const input = {
    title: product.title,
    handle: product.handle,
    tags: [SEED_TAG],
    status: "ACTIVE",
    productOptions: [{ name: "Title", values: [{ name: "Default Title" }] }],
    variants: [{ sku: product.sku, price: product.price, inventoryPolicy: product.policy, optionValues: [{ optionName: "Title", name: "Default Title" }], inventoryItem: { tracked: true }, inventoryQuantities }],
  };
  const { productSet } = await client.ask<{ productSet: { product: FoundProduct | null; userErrors: UserErrors } }>(documents.MAKE_PRODUCT, { input });
  if (!productSet.product) throw new Error(`${product.title} could not be made: ${textOf(productSet.userErrors)}`);
  return productSet.product;
}

/** No further than it is asked for. */
async function countOrders(client: StoreClient, wanted: number): Promise<number> {
  let count = 0;
  for (let after: string | null = null; count < wanted; ) {
    const { orders }: { orders: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = await client.ask(documents.FIND_ORDERS, { query: `tag:${SEED_TAG}`, after });
    count += orders.nodes.length;
    if (!orders.pageInfo.hasNextPage) break;
    after = orders.pageInfo.endCursor;
  }
  return count;
}

const MINUTE_MS = 61_000;

async function makeOrders(client: StoreClient, variantIds: readonly string[], count: number, { ordersPerMinute, pause, say }: SeedOptions): Promise<void> {
  if (variantIds.length === 0) throw new Error("without products there is nothing to order");
  for (let made = 0; made < count; made += 1) {
    if (made > 0 && made % ordersPerMinute === 0) {
      say(`${made} of ${count} orders made; a development store takes ${ordersPerMinute} a minute`);
      await pause(MINUTE_MS);
    }
    const lines = [made % variantIds.length, ...(made % 3 === 0 ? [(made + 1) % variantIds.length] : [])];
    const lineItems = [...new Set(lines)].map((index) => ({ variantId: variantIds[index], quantity: 1 + (made % 2) }));
    const order = { lineItems, sourceName: SEED_SOURCE, tags: [SEED_TAG], financialStatus: made % 4 === 0 ? "PENDING" : "PAID" };
    const { orderCreate } = await client.ask<{ orderCreate: { order: { id: string } | null; userErrors: UserErrors } }>(documents.MAKE_ORDER, { order });
    if (!orderCreate.order) throw new Error(`an order could not be made: ${textOf(orderCreate.userErrors)}`);
  }
}

export function textOf(errors: UserErrors): string {
  return errors.map(({ code, message }) => (code ? `${code}: ${message}` : message)).join("; ") || "no reason was given";
}

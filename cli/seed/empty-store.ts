// Takes away what the seed made, and nothing else: orders and products with its tag, and its location.
import { randomUUID } from "node:crypto";

import { SEED_LOCATION, SEED_TAG } from "./catalogue.ts";
import * as documents from "./documents.ts";
import { textOf } from "./seed-store.ts";
import type { Store } from "./seed-store.ts";
import type { StoreClient } from "./store-client.ts";

export interface RemoveReport {
  shop: string;
  dryRun: boolean;
  removed: { orders: number; products: number; locations: number };
  /** What could not be taken away, with Shopify's reason. */
  left: string[];
}

interface Found {
  id: string;
  name: string;
}

/** Pages of 50; a seed never makes as many. */
const PAGES_MAX = 40;

export async function emptyStore(client: StoreClient, { locations }: Store, dryRun: boolean): Promise<RemoveReport> {
  const report: RemoveReport = { shop: client.shop, dryRun, removed: { orders: 0, products: 0, locations: 0 }, left: [] };
  const each = async (what: keyof RemoveReport["removed"], found: Found, remove: () => Promise<string | null>) => {
    const problem = dryRun ? null : await remove();
    if (problem === null) report.removed[what] += 1;
    else report.left.push(`${found.name}: ${problem}`);
  };
  for (const order of await list(client, "orders")) await each("orders", order, () => removeOrder(client, order.id));
  for (const product of await list(client, "products")) await each("products", product, () => removeProduct(client, product.id));
  for (const location of locations.filter(({ name }) => name === SEED_LOCATION)) await each("locations", location, () => removeLocation(client, location.id));
  return report;
}

async function list(client: StoreClient, what: "orders" | "products"): Promise<Found[]> {
  const found: Found[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const document = what === "orders" ? documents.FIND_ORDERS : documents.FIND_PRODUCTS;
    type Listed = { nodes: { id: string; name?: string; title?: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    const answer: Record<string, Listed> = await client.ask(document, { query: `tag:${SEED_TAG}`, after });
    const listed = answer[what];
    found.push(...(listed?.nodes ?? []).map(({ id, name, title }) => ({ id, name: name ?? title ?? id })));
    if (!listed?.pageInfo.hasNextPage) break;
    after = listed.pageInfo.endCursor;
  }
  return found;
}

/** Null: gone. An order that Shopify does not delete as it is can be deleted once it is cancelled. */
async function removeOrder(client: StoreClient, id: string): Promise<string | null> {
  type Deleted = { orderDelete: { deletedId: string | null; userErrors: { message: string }[] } };
  if ((await client.ask<Deleted>(documents.DELETE_ORDER, { id })).orderDelete.deletedId !== null) return null;
  await client.ask(documents.CANCEL_ORDER, { id });
  const { orderDelete } = await client.ask<Deleted>(documents.DELETE_ORDER, { id });
  return orderDelete.deletedId === null ? `cancelled, not deleted: ${textOf(orderDelete.userErrors)}` : null;
}

async function removeProduct(client: StoreClient, id: string): Promise<string | null> {
  const { productDelete } = await client.ask<{ productDelete: { deletedProductId: string | null; userErrors: { message: string }[] } }>(documents.DELETE_PRODUCT, { id });
  return productDelete.deletedProductId === null ? textOf(productDelete.userErrors) : null;
}

async function removeLocation(client: StoreClient, id: string): Promise<string | null> {
  await client.ask(documents.DEACTIVATE_LOCATION, { id, key: randomUUID() });
  const { locationDelete } = await client.ask<{ locationDelete: { deletedLocationId: string | null; locationDeleteUserErrors: { code: string | null; message: string }[] } }>(documents.DELETE_LOCATION, { id });
  return locationDelete.deletedLocationId === null ? textOf(locationDelete.locationDeleteUserErrors) : null;
}

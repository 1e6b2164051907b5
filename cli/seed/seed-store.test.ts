// Seeding a store: made once however often it runs, bounded, told beforehand, and taken away without a trace of it.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createShopifyTransport, type ShopifyTransport } from "#app/adapters/shopify/shopify-transport.server.ts";
import { SHOP, addVariant, startTestApp, type TestApp } from "#simulator/testing/running-simulator.ts";
import { emptyStore } from "./empty-store.ts";
import { readStore, seedStore, type SeedOptions } from "./seed-store.ts";
import { createStoreClient, type StoreClient } from "./store-client.ts";

const SCOPES = ["read_orders", "read_products", "read_inventory", "read_locations", "write_products", "write_locations"];

let app: TestApp;
let transport: ShopifyTransport;
let client: StoreClient;
let pauses: number[];
let said: string[];

async function start(scopes: string[]): Promise<void> {
  app = await startTestApp({ scopes }, { locations: ["Main"] });
  transport = createShopifyTransport({ originOverride: app.simulator.origin, totalTimeoutMs: 10_000 });
  client = createStoreClient({ transport, shop: SHOP, token: app.token, pause: async (ms) => void pauses.push(ms) });
}

beforeEach(async () => {
  pauses = [];
  said = [];
  await start(SCOPES);
});
afterEach(async () => {
  await transport.close();
  await app.simulator.close();
});

const seed = async (more: Partial<SeedOptions> = {}) =>
  await seedStore(client, await readStore(client), { productCount: 4, orderCount: 3, dryRun: false, ordersPerMinute: 5, pause: async (ms) => void pauses.push(ms), say: (text) => void said.push(text), ...more });
const world = () => ({ levels: app.simulator.control.levels(SHOP).length, orders: app.simulator.control.orders(SHOP).length, locations: app.simulator.control.listShops()[0]?.locations.length });

describe("seeding a store", () => {
  it("makes a second location, products with stock and orders of a source of their own", async () => {
    expect(await seed()).toMatchObject({ location: "made", products: { made: 4, there: 0 }, orders: { made: 3, there: 0 } });
    expect(world()).toEqual({ levels: 6, orders: 3, locations: 2 });
    expect(app.simulator.control.levels(SHOP).map(({ available }) => available)).toEqual([100, 40, 110, 120, 40, 2]);
    const [order] = app.simulator.control.orders(SHOP);
    expect(app.simulator.control.order(SHOP, order?.orderId ?? "")).toMatchObject({ source_name: "holdfast-seed", tags: "holdfast-seed" });
  });

  it("makes nothing a second time, and what is missing when more is asked for", async () => {
    await seed();
    const before = world();
    expect(await seed()).toMatchObject({ location: "there", products: { made: 0, there: 4 }, orders: { made: 0, there: 3 } });
    expect(world()).toEqual(before);
    expect(await seed({ productCount: 5, orderCount: 4 })).toMatchObject({ products: { made: 1, there: 4 }, orders: { made: 1, there: 3 } });
  });

  it("says what it would do and does nothing of it", async () => {
    expect(await seed({ dryRun: true })).toMatchObject({ location: "made", products: { made: 4 }, orders: { made: 3 } });
    expect(world()).toEqual({ levels: 0, orders: 0, locations: 1 });
  });

  it("waits a minute after as many orders as a development store takes in one", async () => {
    await seed({ orderCount: 7, ordersPerMinute: 3 });
    expect(pauses).toEqual([61_000, 61_000]);
  });

  it("does without a second location where the token may not make one", async () => {
    await transport.close();
    await app.simulator.close();
    await start(SCOPES.filter((scope) => scope !== "write_locations"));
    expect(await seed({ orderCount: 0 })).toMatchObject({ location: "without", products: { made: 4 } });
    expect(said).toEqual(["no second location: the token lacks write_locations"]);
  });
});

describe("emptying it", () => {
  it("takes away what the seed made and nothing else", async () => {
    addVariant(app, 5);
    const before = world();
    await seed();
    expect(await emptyStore(client, await readStore(client), true)).toMatchObject({ removed: { orders: 3, products: 4, locations: 1 } });
    expect(await emptyStore(client, await readStore(client), false)).toEqual({ shop: SHOP, dryRun: false, removed: { orders: 3, products: 4, locations: 1 }, left: [] });
    expect(world()).toEqual(before);
  });
});

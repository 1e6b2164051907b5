// Goal: show the two races that Holdfast exists for, in the handler as people write it, then show them gone.
// Method: the usual handler (find the webhook id, then create it; read the quantity, subtract, set it) runs against the simulated Shopify.
// A barrier holds every copy between its look and its write, which is where real concurrency puts them; no luck and no sleeping is needed.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

interface Stock {
  readonly shop: string;
  readonly item: string;
  readonly locationId: string;
}

async function openStore() {
  const shop = await house.openShop();
  const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels: [{ locationId: shop.locationIds[0] ?? "", available: 10 }] }] });
  const kettle = variants[0];
  if (!kettle) throw new Error("the product has a variant");
  const stock: Stock = { shop: shop.shop, item: kettle.inventoryItemId, locationId: shop.locationIds[0] ?? "" };
  return { shop, stock, variantId: kettle.variantId };
}

/** Holds everyone who arrives until `count` have. */
function barrier(count: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((pass) => {
      waiting.push(pass);
      if (waiting.length >= count) for (const release of waiting) release();
    });
}

const READ = `query Read($item: ID!, $location: ID!) { inventoryItem(id: $item) { inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } } } }`;
const SET = `mutation Set($input: InventorySetQuantitiesInput!, $key: String!) { inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { message } } }`;

const none = () => Promise.resolve();

/** The usual handler. `seen` is its table of webhook ids; the pauses are where concurrent copies overtake each other. */
async function usualHandler(
  stock: Stock,
  seen: string[],
  webhookId: string,
  pauses: { readonly afterFind: () => Promise<void>; readonly afterRead: () => Promise<void> },
): Promise<void> {
  const found = seen.includes(webhookId);
  await pauses.afterFind();
  if (found) return;
  seen.push(webhookId);
  const admin = house.composed.shopify.adminApi;
  const { shop, item, locationId } = stock;
  const answer = await admin.send({ shop, document: READ, variables: { item, location: locationId } });
  if (answer.kind !== "ok") throw new Error("the level could not be read");
  const level = answer.data as { inventoryItem: { inventoryLevel: { quantities: [{ quantity: number }] } } };
  const quantity = level.inventoryItem.inventoryLevel.quantities[0].quantity - 1;
  await pauses.afterRead();
  const quantities = [{ inventoryItemId: item, locationId, quantity, changeFromQuantity: null }];
  const set = await admin.send({ shop, document: SET, variables: { key: crypto.randomUUID(), input: { name: "available", reason: "correction", quantities } } });
  if (set.kind !== "ok") throw new Error("the level could not be set");
}

function available(stock: Stock): number {
  const level = house.simulator.control.levels(stock.shop).find((entry) => entry["inventoryItemId"] === stock.item);
  return Number((level as { quantities?: { available?: number } } | undefined)?.quantities?.available ?? Number.NaN);
}

describe("one webhook delivered three times at the same instant", () => {
  it("is worked on three times by the usual handler, because all three look before any of them writes", async () => {
    const { stock } = await openStore();
    const seen: string[] = [];
    const pauses = { afterFind: barrier(3), afterRead: none };
    await Promise.all(["w", "w", "w"].map((webhookId) => usualHandler(stock, seen, webhookId, pauses)));
    expect(seen).toEqual(["w", "w", "w"]);
  });

  it("is worked on once by Holdfast", async () => {
    const { shop, stock, variantId } = await openStore();
    await house.protect(shop);
    house.simulator.control.planWebhooks({ seed: 7, duplicates: { rate: 1, copies: 2 } });
    house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 1 }] });
    await house.settle(shop.shop);
    house.simulator.control.planWebhooks({ seed: 7 });
    expect(available(stock)).toBe(9);
    const [row] = await house.composed.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM delivery_duplicates WHERE install_id = $1`, shop.installId);
    expect(row?.count).toBeGreaterThan(0);
  });
});

describe("five orders at the same instant", () => {
  it("lose four units with the usual handler, because each writes a number it read before the others wrote", async () => {
    const { stock } = await openStore();
    const pauses = { afterFind: none, afterRead: barrier(5) };
    await Promise.all(["1", "2", "3", "4", "5"].map((webhookId) => usualHandler(stock, [], webhookId, pauses)));
    expect(available(stock)).toBe(9);
  });

  it("take five units with Holdfast, also when three workers take the shop's turn at once", async () => {
    const { shop, stock, variantId } = await openStore();
    await house.protect(shop);
    for (let count = 0; count < 5; count += 1) {
      house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 1 }] });
    }
    await house.delivered();
    await Promise.all([house.turn(shop.shop), house.turn(shop.shop), house.turn(shop.shop)]);
    await house.settle(shop.shop);
    expect(available(stock)).toBe(5);
    expect(unitsMoved(house, shop, stock.item)).toBe(-5);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });
});

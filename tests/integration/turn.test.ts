// Goal: from a signed webhook to an inventory change applied exactly once. Real PostgreSQL, Redis and simulator; turns are taken by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function shopWithProduct(options: Parameters<House["openShop"]>[0] = {}) {
  const shop = await house.openShop(options);
  const product = house.simulator.control.createProduct(shop.shop, {
    title: "Kettle",
    variants: [
      { sku: "KETTLE", levels: shop.locationIds.map((locationId) => ({ locationId, available: 100 })) },
      { sku: "LID", levels: shop.locationIds.map((locationId) => ({ locationId, available: 100 })) },
    ],
  });
  const [kettle, lid] = product.variants;
  if (!kettle || !lid) throw new Error("the product has two variants");
  return { shop, kettle, lid };
}

const order = (shop: HouseShop, variantId: string, quantity = 1, sourceName = "my-channel") => {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName, lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
};
const changes = (shop: HouseShop) =>
  house.composed.database.query<{ state: string; delta: number; reason: string | null; cause: string; before: number | null; after: number | null }>(
    `SELECT state, delta, reason, cause, before, after FROM changes WHERE install_id = $1 ORDER BY id`,
    shop.installId,
  );

describe("a turn", () => {
  it("applies an order of an enforced source once, with before and after", async () => {
    const { shop, kettle } = await shopWithProduct();
    await house.protect(shop);
    order(shop, kettle.variantId, 3);
    await house.settle(shop.shop);
    expect(await changes(shop)).toMatchObject([{ state: "applied", delta: -3, cause: "order", before: 100, after: 97 }]);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-3);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("changes nothing on a new install and shows what it would have done", async () => {
    const { shop, kettle } = await shopWithProduct();
    await house.settings(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }] } }));
    order(shop, kettle.variantId);
    await house.settle(shop.shop);
    expect(await changes(shop)).toMatchObject([{ state: "shadow", delta: -1 }]);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(0);
  });

  it("coalesces many orders into few calls", async () => {
    const { shop, kettle, lid } = await shopWithProduct();
    await house.protect(shop);
    for (let count = 0; count < 40; count += 1) order(shop, count % 2 === 0 ? kettle.variantId : lid.variantId);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-20);
    expect(unitsMoved(house, shop, lid.inventoryItemId)).toBe(-20);
    const [row] = await house.composed.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM mutations WHERE install_id = $1`, shop.installId);
    expect(row?.count).toBeLessThan(5);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("follows an edit from 1 to 3, a refund and a cancellation", async () => {
    const { shop, kettle } = await shopWithProduct();
    await house.protect(shop);
    const placed = order(shop, kettle.variantId);
    await house.settle(shop.shop);
    const lineItemId = placed.lines[0]?.lineItemId ?? "";
    house.simulator.control.editOrder(shop.shop, placed.orderId, { setQuantities: [{ lineItemId, quantity: 3 }] });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-3);
    house.simulator.control.refundOrder(shop.shop, placed.orderId, { lines: [{ lineItemId, quantity: 1, restockType: "return" }] });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-2);
    house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: true });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(0);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("undoes nothing when the cancellation overtakes the order", async () => {
    const { shop, kettle } = await shopWithProduct();
    await house.protect(shop);
    const placed = order(shop, kettle.variantId);
    house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: true });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(0);
  });

  it("takes a bundle's components for native orders in addition to what Shopify took", async () => {
    const { shop, kettle, lid } = await shopWithProduct();
    await house.protect(shop, (settings) => ({
      ...settings,
      bundles: [{ variantId: kettle.variantId, parentStock: "leave", components: [{ inventoryItemId: lid.inventoryItemId, quantity: 2 }] }],
    }));
    house.simulator.control.placeOrder(shop.shop, { channel: "web", lines: [{ variantId: kettle.variantId, quantity: 2 }] });
    await house.settle(shop.shop);
    const named = await house.composed.database.query(`SELECT sku, title FROM changes WHERE install_id = $1`, shop.installId);
    expect(named).toEqual([{ sku: "LID", title: expect.stringContaining("Kettle") as string }]);
    expect(unitsMoved(house, shop, lid.inventoryItemId)).toBe(-4);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(0);
  });

  it("keeps ids beyond 2^53 all the way to Shopify", async () => {
    const { shop, kettle } = await shopWithProduct({ bigIds: true });
    await house.protect(shop);
    order(shop, kettle.variantId, 2);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-2);
  });

  it("leaves orders alone that are older than the install", async () => {
    const { shop, kettle } = await shopWithProduct();
    await house.protect(shop);
    house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", createdAt: "2020-01-01T00:00:00Z", lines: [{ variantId: kettle.variantId, quantity: 1 }] });
    await house.settle(shop.shop);
    expect(await changes(shop)).toEqual([]);
  });
});

describe("an order source", () => {
  const open = async (change = { confirmedBypass: false }) => {
    const { shop, kettle } = await shopWithProduct();
    await house.protect(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, sources: [{ sourceName: "my-channel", ...change }] } }));
    return { shop, kettle };
  };
  const bypassing = (shop: HouseShop, variantId: string) => house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", inventoryBehaviour: "BYPASS", lines: [{ variantId, quantity: 1 }] });
  const taking = (shop: HouseShop, variantId: string) => house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines: [{ variantId, quantity: 1 }] });

  it("is only watched until three of its orders were seen to bypass Shopify's own decrement, then protected", async () => {
    const { shop, kettle } = await open();
    for (let count = 0; count < 4; count += 1) {
      // A minute apart: stock that changed just now, by whomever, proves nothing about an order of the same moment.
      house.simulator.control.setClock({ advanceMs: 60_000 });
      bypassing(shop, kettle.variantId);
      await house.settle(shop.shop);
    }
    expect((await changes(shop)).map(({ state }) => state)).toEqual(["shadow", "shadow", "shadow", "applied"]);
  });

  it("is paused by the first order that took stock by itself", async () => {
    const { shop, kettle } = await open({ confirmedBypass: true });
    taking(shop, kettle.variantId);
    await house.settle(shop.shop);
    const [source] = await house.composed.database.query<{ paused: boolean }>(`SELECT paused_at IS NOT NULL AS paused FROM order_sources WHERE install_id = $1`, shop.installId);
    expect(source?.paused).toBe(true);
    bypassing(shop, kettle.variantId);
    await house.settle(shop.shop);
    expect((await changes(shop)).at(-1)).toMatchObject({ state: "shadow" });
  });

  it("is not learnt as bypassing when its orders take stock and are fulfilled at once", async () => {
    const { shop, kettle } = await open();
    for (let count = 0; count < 4; count += 1) {
      const placed = taking(shop, kettle.variantId);
      if ("refused" in placed) throw new Error("the order was refused");
      house.simulator.control.fulfillOrder(shop.shop, placed.orderId);
      await house.settle(shop.shop);
    }
    expect((await changes(shop)).every(({ state }) => state === "shadow")).toBe(true);
  });

  it("goes on with what was parked when the merchant ends its pause", async () => {
    const { shop, kettle } = await open({ confirmedBypass: true });
    bypassing(shop, kettle.variantId);
    await house.delivered();
    const ledger = { ...house.composed.turnPorts.ledger, waitingStocks: async () => [] };
    await house.turn(shop.shop, { ledger });
    const { sources } = house.composed.turnPorts;
    await sources.record(shop.installId, { sourceKey: "name:my-channel", orderId: "1", verdict: "took_stock", evidence: null });
    expect(await changes(shop)).toMatchObject([{ state: "parked", reason: "source_paused" }]);
    await house.composed.settingsStore.resumeSource({ installId: shop.installId, sourceKey: "name:my-channel", actor: "test" });
    await house.settle(shop.shop);
    expect(await changes(shop)).toMatchObject([{ state: "applied" }]);
  });

  it("is not paused because a native order of the same moment took the same stock and was heard of later", async () => {
    const { shop, kettle } = await open({ confirmedBypass: true });
    bypassing(shop, kettle.variantId);
    house.simulator.control.planWebhooks({ seed: 3, late: { rate: 1, delayMs: 60_000 } });
    for (let count = 0; count < 3; count += 1) house.simulator.control.placeOrder(shop.shop, { channel: "web", lines: [{ variantId: kettle.variantId, quantity: 1 }] });
    house.simulator.control.planWebhooks({ seed: 3 });
    await house.turn(shop.shop);
    house.simulator.control.setClock({ advanceMs: 61_000 });
    await house.settle(shop.shop);
    const paused = await house.composed.database.query(`SELECT 1 FROM order_sources WHERE install_id = $1 AND paused_at IS NOT NULL`, shop.installId);
    expect(paused).toEqual([]);
  });
});

describe("saving a rule", () => {
  it("finds out what exists, and learns what the bundle and its parts are called before the first order of it", async () => {
    const { shop, kettle, lid } = await shopWithProduct();
    const gone = "gid://shopify/InventoryItem/999999999";
    const answer = await house.composed.catalog.verifyRules({
      installId: shop.installId,
      shop: shop.shop,
      variantIds: [kettle.variantId],
      inventoryItemIds: [lid.inventoryItemId, gone],
      locationIds: [...shop.locationIds],
      appIds: ["1"],
    });
    expect(answer).toMatchObject({ kind: "answered", variants: [{ variantId: kettle.variantId }], inventoryItemIds: [lid.inventoryItemId], locations: [{ active: true }], ownAppId: expect.stringMatching(/^[0-9]+$/) });
    const names = await house.composed.database.query<{ sku: string }>(`SELECT sku FROM variants WHERE install_id = $1 ORDER BY sku`, shop.installId);
    expect(names).toEqual([{ sku: "KETTLE" }, { sku: "LID" }]);
  });
});

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

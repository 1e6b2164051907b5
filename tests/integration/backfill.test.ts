// Goal: what no webhook told is found by looking, fed in like everything else, and counted. Real PostgreSQL, Redis and simulator; the
// back-fill's clock runs ahead of the world's, so that nothing has to wait for the grace in which a notification is still on its way.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function shopWithProduct(options: Parameters<House["openShop"]>[0] = {}) {
  const shop = await house.openShop(options);
  await house.protect(shop);
  const product = house.simulator.control.createProduct(shop.shop, {
    title: "Kettle",
    variants: [{ sku: "KETTLE", levels: shop.locationIds.map((locationId) => ({ locationId, available: 1_000 })) }],
  });
  const [kettle] = product.variants;
  if (!kettle) throw new Error("the product has a variant");
  return { shop, kettle };
}

/** Whatever happens inside is told by no webhook. */
async function untold<Result>(act: () => Result): Promise<Result> {
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1, loss: { rate: 1 } });
  const result = act();
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1 });
  return result;
}

const order = (shop: HouseShop, variantId: string, quantity = 1) => {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
};
const audit = (shop: HouseShop) =>
  house.composed.database.query<{ detail: { unseenCount: number; changedCount: number } }>(`SELECT detail FROM audit_entries WHERE install_id = $1 AND kind = 'missed_orders_found' ORDER BY id`, shop.installId);

describe("the back-fill", () => {
  it("finds an order whose webhook never came, deducts it once, and says how many it found", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => order(shop, kettle.variantId, 3));
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(0);

    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 1, changedCount: 0 });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-3);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
    expect(await audit(shop)).toMatchObject([{ detail: { unseenCount: 1, changedCount: 0 } }]);
  });
});

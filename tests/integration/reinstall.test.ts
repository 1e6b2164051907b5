// Goal: an order belongs to one life of the app, told apart by what each life booked and not by the second in which one ended and the next
// began. Shopify's times are whole seconds: an order created in the second of a reinstall may be of before or after it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { unitsMoved } from "#tests/setup/ledger-and-truth.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function openStore() {
  const shop = await house.openShop();
  await house.protect(shop);
  const levels = [{ locationId: shop.locationIds[0] ?? "", available: 100 }];
  const [kettle] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels }] }).variants;
  await house.settle(shop.shop);
  return { shop, variantId: kettle?.variantId ?? "", item: kettle?.inventoryItemId ?? "" };
}

function place(shop: HouseShop, variantId: string) {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 2 }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return { ...placed, lineItemId: placed.lines[0]?.lineItemId ?? "" };
}

/** The app is removed and installed again; the new life began in the very second of the order. */
async function reinstall(shop: HouseShop, orderId: string): Promise<HouseShop> {
  house.simulator.control.uninstall(shop.shop);
  const installId = await house.install(shop.shop);
  const order = JSON.parse(JSON.stringify(house.simulator.control.order(shop.shop, orderId))) as { created_at: string };
  await house.composed.database.execute(`UPDATE installs SET installed_at = $2::timestamptz + interval '600 milliseconds' WHERE id = $1`, installId, order.created_at);
  const again = { ...shop, installId };
  await house.protect(again);
  return again;
}

const modes = (shop: HouseShop) => house.composed.database.query<{ mode: string; mode_reason: string }>(`SELECT mode, mode_reason FROM orders WHERE install_id = $1`, shop.installId);

describe("an order of the second in which the app was installed again", () => {
  it("is left alone when the life before booked it: its units are out, once", async () => {
    const { shop, variantId, item } = await openStore();
    const placed = place(shop, variantId);
    await house.settle(shop.shop);
    const again = await reinstall(shop, placed.orderId);
    house.simulator.control.editOrder(shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lineItemId, quantity: 3 }] });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, item)).toBe(-2);
    expect(await modes(again)).toEqual([{ mode: "untouched", mode_reason: "before_install" }]);
  });

  it("is taken when the life before only meant to: what waited there never runs", async () => {
    const { shop, variantId, item } = await openStore();
    const placed = place(shop, variantId);
    await house.delivered();
    await house.turn(shop.shop, { ledger: { ...house.composed.turnPorts.ledger, waitingStocks: () => Promise.resolve([]) } });
    const again = await reinstall(shop, placed.orderId);
    house.simulator.control.editOrder(shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lineItemId, quantity: 3 }] });
    await house.settle(shop.shop);
    expect(unitsMoved(house, again, item)).toBe(-3);
    house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: true });
    await house.settle(shop.shop);
    expect(unitsMoved(house, again, item)).toBe(0);
  });

  it("is taken when no life before heard of it", async () => {
    const { shop, variantId, item } = await openStore();
    await house.delivered();
    house.simulator.control.planWebhooks({ seed: 1, loss: { rate: 1 } });
    const placed = place(shop, variantId);
    await house.delivered();
    house.simulator.control.planWebhooks({ seed: 1 });
    const again = await reinstall(shop, placed.orderId);
    house.simulator.control.editOrder(shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lineItemId, quantity: 3 }] });
    await house.settle(shop.shop);
    expect(unitsMoved(house, again, item)).toBe(-3);
  });
});

// Goal: an order that names a hold is tied to it, whichever comes first, and the units that were held go back when the order has taken its
// own, exactly once. Method: real PostgreSQL, Redis and simulator; turns and rounds taken by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Reservation } from "#app/ports/reservation-book.ts";
import { settleHolds } from "#app/reservations/settle-holds.server.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { auditOf, blockOf, commit, find, hold, type HoldingShop, idOf, makeDue, openHoldingShop, sellable, settleAll, stockOf } from "./reservation-orders-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

type Placing = Parameters<House["simulator"]["control"]["placeOrder"]>[1];

function order(shop: HoldingShop, quantity: number, more: Partial<Placing> & { named?: string } = {}): string {
  const { named, ...rest } = more;
  const placed = house.simulator.control.placeOrder(shop.shop, {
    channel: "api",
    inventoryBehaviour: "DECREMENT_IGNORING_POLICY",
    lines: [{ variantId: shop.variantId, quantity }],
    ...(named === undefined ? {} : { attributes: [{ name: "holdfast_reservation", value: named }] }),
    ...rest,
  });
  if ("refused" in placed) throw new Error("the order was refused");
  return idOf(placed.orderId);
}

/** Nothing is promised any more, nothing is under way, and Shopify agrees with the block. */
async function atRest(shop: HoldingShop, forSale: number): Promise<void> {
  const block = await blockOf(house, shop);
  expect(block).toMatchObject({ granted: 0, settling: 0, leaving: 0, growing: 0 });
  expect(stockOf(house, shop).reserved).toBe(block.held);
  expect(await sellable(house, shop)).toBe(forSale);
}

describe("an order that names an active hold", () => {
  it("commits it, takes its stock, and its held units go back on sale", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 3);
    const orderId = order(shop, 3, { named: held.id });
    expect(await sellable(house, shop)).toBe(4); // twice for a moment: three are the order's, three are held
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ state: "committed", orderId, settlement: "done", late: false });
    await atRest(shop, 7);
  });

  it("leaves the checkout free to say afterwards how it was paid", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 1);
    const orderId = order(shop, 1, { named: held.id });
    await settleAll(house, shop);
    expect(await commit(house, held, { orderId })).toMatchObject({ kind: "committed", first: false, reservation: { paymentReference: "pay-1" } });
    await settleAll(house, shop);
    await atRest(shop, 9);
  });

  it("may be cancelled before it is ever worked on", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 2);
    const orderId = order(shop, 2, { named: held.id });
    house.simulator.control.cancelOrder(shop.shop, orderId);
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ state: "committed", settlement: "done" });
    await atRest(shop, 10);
  });

  it("may be edited before it is settled: it has what it has, and the hold goes back whole", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 2);
    const orderId = order(shop, 2, { named: held.id });
    house.simulator.control.editOrder(shop.shop, orderId, { add: [{ variantId: shop.variantId, quantity: 1 }] });
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ orderId, settlement: "done" });
    await atRest(shop, 7);
  });
});

describe("a hold that was committed", () => {
  it("without its order is settled when the order names it", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 3);
    await commit(house, held);
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ settlement: "order" });
    const orderId = order(shop, 3, { named: held.id });
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ orderId, settlement: "done" });
    await atRest(shop, 7);
  });

  it("with an order that Shopify does not take stock for waits until Holdfast has taken it", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 3);
    const orderId = order(shop, 3, { inventoryBehaviour: "BYPASS", sourceName: "my-channel" });
    await commit(house, held, { orderId });
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "http_5xx", shop: shop.shop });
    await house.delivered();
    await house.turn(shop.shop);
    await makeDue(house);
    await settleHolds(house.composed.reservations);
    expect(await find(house, held)).toMatchObject({ settlement: "take" });
    expect(await blockOf(house, shop)).toMatchObject({ settling: 3 });
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ settlement: "done" });
    await atRest(shop, 7);
  });

  it("waits for an order whose stock is a question for a person", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 3);
    const orderId = order(shop, 3, { inventoryBehaviour: "BYPASS", sourceName: "my-channel" });
    await commit(house, held, { orderId });
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code: "INVALID_LOCATION", shop: shop.shop });
    await settleAll(house, shop);
    expect(await house.composed.database.query(`SELECT state FROM changes WHERE install_id = $1 AND order_id = $2`, shop.installId, orderId)).toEqual([{ state: "parked" }]);
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ settlement: "take" });
  });

  it("is named by a second order: the first has it, and the trail says so", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 1);
    const first = order(shop, 1, { named: held.id });
    await settleAll(house, shop);
    order(shop, 1, { named: held.id });
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ orderId: first });
    expect(await auditOf(house, held)).toContain("reservation_ordered_twice");
    await atRest(shop, 8);
  });
});

describe("a hold that lapsed before its order came", () => {
  async function lapse(held: Reservation): Promise<void> {
    await house.composed.database.execute(`UPDATE reservations SET expires_at = now() - interval '1 second' WHERE id = $1::uuid`, held.id);
    await house.composed.reservations.book.expireDue(10);
  }

  it("takes its units again when they are free", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 2);
    await lapse(held);
    order(shop, 2, { named: held.id });
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ state: "committed", late: true, settlement: "done" });
    await atRest(shop, 8);
  });

  it("is left and said when somebody else has them", async () => {
    const shop = await openHoldingShop(house, 2);
    const held = await hold(house, shop, 2);
    await lapse(held);
    const other = await hold(house, shop, 2);
    order(shop, 2, { named: held.id });
    await settleAll(house, shop);
    // An order is no payment: only a commit can be told to give money back.
    expect(await find(house, held)).toMatchObject({ state: "expired", refundRequired: false });
    expect(await auditOf(house, held)).toContain("reservation_order_without_hold");
    expect(await find(house, other)).toMatchObject({ state: "active" });
    expect(await blockOf(house, shop)).toMatchObject({ granted: 2, settling: 0 });
  });
});

describe("a name that means nothing here", () => {
  it.each([
    ["is no id", async () => "my-cart-7"],
    ["was never given", async () => "0192f3a4-7b1c-4d2e-8f90-a1b2c3d4e5f6"],
    ["is another shop's", async () => (await hold(house, await openHoldingShop(house, 5), 1)).id],
  ])("is ignored: it %s", async (_what, named) => {
    const shop = await openHoldingShop(house, 10);
    const name = await named();
    const orderId = order(shop, 1, { named: name });
    await settleAll(house, shop);
    const rows = await house.composed.database.query<{ state: string; tie_at: Date | null }>(`SELECT state, tie_at FROM orders WHERE install_id = $1 AND order_id = $2`, shop.installId, orderId);
    expect(rows).toEqual([{ state: "settled", tie_at: null }]);
    expect(await house.composed.database.query(`SELECT 1 FROM reservations WHERE id::text = $1 AND state <> 'active'`, name)).toEqual([]);
  });
});

describe("many workers at once", () => {
  it("settle each hold once, and give back exactly what was held", async () => {
    const shop = await openHoldingShop(house, 100);
    const held = [];
    for (let count = 0; count < 30; count += 1) held.push(await hold(house, shop, 2));
    for (const one of held) order(shop, 2, { named: one.id });
    await house.settle(shop.shop);
    await makeDue(house);
    await Promise.all(Array.from({ length: 6 }, () => house.composed.reservations.settlements.settleDue(7)));
    await makeDue(house);
    await Promise.all(Array.from({ length: 6 }, () => settleHolds(house.composed.reservations)));
    for (const one of held) expect(await find(house, one)).toMatchObject({ state: "committed", settlement: "done" });
    await house.settle(shop.shop);
    await atRest(shop, 40);
  });
});

describe("a hold whose order nobody saw in time", () => {
  async function overdue(): Promise<{ shop: HoldingShop; held: Reservation }> {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 4);
    await commit(house, held);
    await house.composed.database.execute(`UPDATE reservations SET finished_at = now() - interval '25 hours' WHERE id = $1::uuid`, held.id);
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ settlement: "person" });
    expect(await blockOf(house, shop)).toMatchObject({ settling: 4 });
    return { shop, held };
  }
  const decide = (held: Reservation, sold: boolean) =>
    house.composed.reservations.settlements.decide({ installId: held.installId, reservationId: held.id, sold, actor: "staff:1", reason: "asked the till" });

  it("goes back on sale when a person says that it was not sold, once", async () => {
    const { shop, held } = await overdue();
    expect(await decide(held, false)).toMatchObject({ kind: "done", shopsToWake: [shop.shop] });
    expect(await decide(held, true)).toMatchObject({ kind: "not_waiting" });
    await settleAll(house, shop);
    await atRest(shop, 10);
  });

  it("is taken by a correction when a person says that it was", async () => {
    const { shop, held } = await overdue();
    await decide(held, true);
    await settleAll(house, shop);
    await atRest(shop, 6);
    expect(await auditOf(house, held)).toContain("reservation_decided_sold");
  });

  it("is not taken a second time when its order took it before the person said that it was sold", async () => {
    const shop = await openHoldingShop(house, 10);
    const held = await hold(house, shop, 4);
    await commit(house, held, { orderId: order(shop, 4) });
    await house.composed.database.execute(`UPDATE reservations SET finished_at = now() - interval '25 hours', settle_at = now() WHERE id = $1::uuid`, held.id);
    await house.composed.reservations.settlements.settleDue(10);
    expect(await find(house, held)).toMatchObject({ settlement: "person" });
    await house.settle(shop.shop);
    await decide(held, true);
    await settleAll(house, shop);
    await atRest(shop, 6);
  });

  it("is settled after all when the order comes before a person did", async () => {
    const { shop, held } = await overdue();
    order(shop, 4, { named: held.id });
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ settlement: "done" });
    await atRest(shop, 6);
  });
});

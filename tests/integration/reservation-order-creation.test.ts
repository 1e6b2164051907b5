// Goal: Holdfast creates the order of a reservation once, whatever becomes of the answer. Method: the simulator loses answers, shows orders
// late, and refuses; first the blind retry, which makes two orders where nothing keeps the second one out.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Reservation } from "#app/ports/reservation-book.ts";
import { createOrderFor } from "#app/reservations/create-order.server.ts";
import { lookForOrders } from "#app/reservations/look-for-orders.server.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { auditOf, blockOf, commit, find, hold, type HoldingShop, idOf, installOf, makeDue, makingOf, openHoldingShop, sellable, settleAll, stockOf } from "./reservation-orders-fixture.ts";

let house: House;
let shop: HoldingShop;
let held: Reservation;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  house.simulator.control.clearFaults();
  house.simulator.control.setAssumptions({ uniqueMetafieldsHonoured: true, identifierLagMs: 0 });
  // What other tests left to be looked for is not looked for here.
  await house.composed.database.execute(`UPDATE reservation_orders SET look_at = NULL`);
  shop = await openHoldingShop(house, 10);
  held = await hold(house, shop, 3);
});

const BUYER = { email: "ada@example.com", note: "ring twice", shippingAddress: { firstName: "Ada", city: "Ottawa" } };
/** By whom the last commit told to send, unless said otherwise. */
const create = async (order: Record<string, unknown> = BUYER, attempt?: number) =>
  createOrderFor(house.composed.reservations, { install: await installOf(house, shop), reservation: held, order, attempt: attempt ?? (await makingOf(house, held))?.attempt_count ?? 0 });
const orders = () => house.simulator.control.orders(shop.shop);
const fault = (kind: "after_commit" | "before_commit" | "cut" | "half_body" | "throttled", boundary = "orderCreate") => house.simulator.control.addFault({ boundary, kind, shop: shop.shop });
const look = async () => {
  await makeDue(house);
  return lookForOrders(house.composed.reservations);
};

describe("the blind retry after a lost answer", () => {
  it("makes two orders where nothing keeps values unique", async () => {
    house.simulator.control.setAssumptions({ uniqueMetafieldsHonoured: false });
    const { orderMaker } = house.composed.reservations;
    const request = { installId: shop.installId, reservationId: held.id, lines: [{ variantId: shop.variant, quantity: 3 }], order: {} };
    fault("after_commit");
    expect(await orderMaker.create({ shop: shop.shop }, request)).toMatchObject({ kind: "unknown" });
    expect(await orderMaker.create({ shop: shop.shop }, request)).toMatchObject({ kind: "created" });
    expect(orders()).toHaveLength(2);
  });

  it("is refused where they are, and taken for an order that is there", async () => {
    const { orderMaker } = house.composed.reservations;
    const request = { installId: shop.installId, reservationId: held.id, lines: [{ variantId: shop.variant, quantity: 3 }], order: {} };
    fault("after_commit");
    await orderMaker.create({ shop: shop.shop }, request);
    expect(await orderMaker.create({ shop: shop.shop }, request)).toMatchObject({ kind: "exists" });
    expect(orders()).toHaveLength(1);
  });
});

describe("an order of our own making", () => {
  it("takes its stock in Shopify, carries the reservation, and the hold's units go back", async () => {
    await commit(house, held, { createOrder: true });
    const creation = await create();
    const [made] = orders();
    expect(creation).toEqual({ kind: "created", orderId: idOf(made?.orderId ?? "") });
    expect(house.simulator.control.order(shop.shop, made?.orderId ?? "")).toMatchObject({ note_attributes: [{ name: "holdfast_reservation", value: held.id }], email: "ada@example.com" });
    await settleAll(house, shop);
    expect(await find(house, held)).toMatchObject({ settlement: "done", orderId: idOf(made?.orderId ?? "") });
    expect(stockOf(house, shop)).toMatchObject({ committed: 3 });
    expect(await sellable(house, shop)).toBe(7);
    expect(await auditOf(house, held)).toContain("reservation_order_created");
  });

  it("is never deducted by Holdfast, too, not even by a rule that names its app", async () => {
    await commit(house, held, { createOrder: true });
    await create();
    const appId = JSON.stringify(house.simulator.control.order(shop.shop, orders()[0]?.orderId ?? "")["app_id"]);
    await house.settings(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, sources: [{ appId: /\d+/.exec(appId)?.[0] ?? "", confirmedBypass: true }] } }));
    // Another order of the app's, made without a reservation: the rule does name it.
    house.simulator.control.placeOrder(shop.shop, { channel: "api", appId: /\d+/.exec(appId)?.[0] ?? "", lines: [{ variantId: shop.variantId, quantity: 1 }] });
    await settleAll(house, shop);
    expect(await house.composed.database.query(`SELECT delta FROM changes WHERE install_id = $1 AND quantity_name = 'available'`, shop.installId)).toEqual([{ delta: -1 }]);
    expect(await sellable(house, shop)).toBe(6);
  });

  it("whose content Shopify refuses leaves the hold; another content is sent after another commit", async () => {
    await commit(house, held, { createOrder: true, hash: "first" });
    house.simulator.control.addFault({ boundary: "orderCreate", kind: "user_error", code: "TAX_LINE_RATE_MISSING", shop: shop.shop });
    expect(await create()).toMatchObject({ kind: "refused", errors: [{ code: "TAX_LINE_RATE_MISSING" }] });
    expect(await makingOf(house, held)).toMatchObject({ state: "refused", failure: "TAX_LINE_RATE_MISSING order" });
    expect(await blockOf(house, shop)).toMatchObject({ settling: 3 });
    expect(await commit(house, held, { createOrder: true, hash: "second" })).toMatchObject({ kind: "committed", order: { state: "sending", send: true } });
    expect(await create()).toMatchObject({ kind: "created" });
    expect(orders()).toHaveLength(1);
  });

  it.each(["throttled", "token_revoked"] as const)("that was certainly not sent (%s) may be sent again", async (kind) => {
    await commit(house, held, { createOrder: true });
    house.simulator.control.addFault({ boundary: "orderCreate", kind, shop: shop.shop });
    expect(await create()).toMatchObject({ kind: "not_sent" });
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { send: true } });
    await house.visit(shop.shop);
    await house.composed.budget.report({ shop: shop.shop, throttleStatus: { maximumAvailable: 20_000, currentlyAvailable: 20_000, restoreRate: 1_000 }, requested: 0, actual: 0, ticket: undefined });
  });

  it("is not sent without the scope, and the answer says which", async () => {
    const install = { ...(await installOf(house, shop)), scopes: ["write_inventory"] };
    await commit(house, held, { createOrder: true });
    const creation = await createOrderFor(house.composed.reservations, { install, reservation: held, order: {}, attempt: 1 });
    expect(creation).toMatchObject({ kind: "refused", errors: [{ code: "ACCESS_DENIED", message: expect.stringContaining("write_orders") }] });
  });
});

describe("an order whose sender died", () => {
  const passed = () => house.composed.database.execute(`UPDATE reservation_orders SET sent_at = now() - interval '10 seconds' WHERE reservation_id = $1::uuid`, held.id);

  it("before it left is sent by whoever commits again; the first one, should it come back, sends nothing", async () => {
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { send: true, attempt: 1 } });
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { state: "sending", send: false } });
    await passed();
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { send: true, attempt: 2 } });
    expect(await create(BUYER, 1)).toEqual({ kind: "unknown" });
    expect(orders()).toEqual([]);
    expect(await create(BUYER, 2)).toMatchObject({ kind: "created" });
    expect(orders()).toHaveLength(1);
    expect(await makingOf(house, held)).toMatchObject({ state: "created" });
  });

  it("after it left is looked for, and not sent again", async () => {
    await commit(house, held, { createOrder: true });
    expect(await house.composed.reservations.orderMakings.leaves(shop.installId, held.id, 1)).toBe(true);
    await passed();
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { state: "sending", send: false } });
  });
});

describe("an answer that was lost", () => {
  it.each(["after_commit", "cut", "half_body"] as const)("(%s) makes the order unknown, and no second commit sends it again", async (kind) => {
    await commit(house, held, { createOrder: true });
    fault(kind);
    expect(await create()).toEqual({ kind: "unknown" });
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { state: "unknown", send: false } });
  });

  it("leads to the order as soon as Shopify shows it", async () => {
    house.simulator.control.setAssumptions({ identifierLagMs: 60_000 });
    await commit(house, held, { createOrder: true });
    fault("after_commit");
    await create();
    expect(await look()).toEqual({ found: 0, givenUp: 0, later: 1 });
    house.simulator.control.setClock({ advanceMs: 60_000 });
    expect(await look()).toEqual({ found: 1, givenUp: 0, later: 0 });
    expect(await makingOf(house, held)).toMatchObject({ state: "created", order_id: idOf(orders()[0]?.orderId ?? "") });
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { state: "created", send: false } });
    expect(orders()).toHaveLength(1);
  });

  it("is made up for by the order's own webhook, which is often earlier", async () => {
    house.simulator.control.setAssumptions({ identifierLagMs: 3_600_000 });
    await commit(house, held, { createOrder: true });
    fault("after_commit");
    await create();
    await settleAll(house, shop);
    expect(await makingOf(house, held)).toMatchObject({ state: "created" });
    expect(await find(house, held)).toMatchObject({ settlement: "done" });
    expect(await sellable(house, shop)).toBe(7);
  });

  it("of an order that was never made is a person's when the time is up, and not made again", async () => {
    await commit(house, held, { createOrder: true });
    fault("before_commit");
    expect(await create()).toEqual({ kind: "unknown" });
    expect(await look()).toMatchObject({ later: 1 });
    await house.composed.database.execute(`UPDATE reservation_orders SET give_up_at = now() WHERE reservation_id = $1::uuid`, held.id);
    expect(await look()).toMatchObject({ givenUp: 1 });
    expect(await find(house, held)).toMatchObject({ settlement: "person" });
    expect(await commit(house, held, { createOrder: true })).toMatchObject({ order: { state: "person", send: false } });
    expect(orders()).toEqual([]);
    await house.composed.reservations.settlements.decide({ installId: shop.installId, reservationId: held.id, sold: false, actor: "staff:1", reason: "nothing in the till" });
    await settleAll(house, shop);
    expect(await sellable(house, shop)).toBe(10);
  });

  it("of a process that died before it could write anything down is found all the same", async () => {
    await commit(house, held, { createOrder: true });
    await house.composed.reservations.orderMaker.create({ shop: shop.shop }, { installId: shop.installId, reservationId: held.id, lines: [{ variantId: shop.variant, quantity: 3 }], order: {} });
    expect(await makingOf(house, held)).toMatchObject({ state: "sending" });
    expect(await look()).toMatchObject({ found: 1 });
    expect(await makingOf(house, held)).toMatchObject({ state: "created" });
  });

  it("is not asked of a person while Shopify cannot be asked", async () => {
    await commit(house, held, { createOrder: true });
    fault("after_commit");
    await create();
    await house.composed.database.execute(`UPDATE reservation_orders SET give_up_at = now() WHERE reservation_id = $1::uuid`, held.id);
    fault("cut", "orderByIdentifier");
    expect(await look()).toMatchObject({ later: 1, givenUp: 0 });
    expect(await look()).toMatchObject({ found: 1 });
  });
});

describe("an order that comes after a person gave it up", () => {
  it("is tied to its hold, which is settled", async () => {
    await commit(house, held, { createOrder: true });
    house.simulator.control.addFault({ boundary: "orderCreate", kind: "held", shop: shop.shop });
    expect(await create()).toEqual({ kind: "unknown" });
    await house.composed.database.execute(`UPDATE reservation_orders SET give_up_at = now() WHERE reservation_id = $1::uuid`, held.id);
    expect(await look()).toMatchObject({ givenUp: 1 });
    await house.simulator.control.releaseHeld({ shop: shop.shop });
    await settleAll(house, shop);
    expect(await makingOf(house, held)).toMatchObject({ state: "created" });
    expect(await find(house, held)).toMatchObject({ settlement: "done" });
    expect(await sellable(house, shop)).toBe(7);
  });
});

describe("what the buyer typed", () => {
  it("is neither stored nor logged, also when Shopify quotes it in a refusal", async () => {
    await commit(house, held, { createOrder: true });
    const creation = await create({ ...BUYER, lineItems: [{ variantId: shop.variantId, quantity: "three, said Ada" }] });
    expect(creation).toMatchObject({ kind: "refused", errors: [{ code: "LINES_DIFFER" }] });
    await commit(house, held, { createOrder: true, hash: "again" });
    expect(await create({ ...BUYER, financialStatus: "ada@example.com" })).toMatchObject({ kind: "refused" });
    await commit(house, held, { createOrder: true, hash: "once more" });
    fault("half_body");
    await create(BUYER);
    expect(await makingOf(house, held)).toMatchObject({ state: "unknown", failure: "no answer that can be read" });
    const dump = JSON.stringify(await house.composed.database.query(`SELECT (SELECT jsonb_agg(to_jsonb(o))::text FROM reservation_orders o) AS made, (SELECT jsonb_agg(to_jsonb(a))::text FROM audit_entries a) AS trail`));
    expect(dump).not.toMatch(/ada@example|ring twice|Ottawa|said Ada/);
  });
});

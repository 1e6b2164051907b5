// Goal: a source of orders that is paused, removed or learnt while its orders are under way (issue 3, item 6) ends as a merchant expects: nothing
// is taken or given back twice, and what was parked waits for a person. Decisions: docs/decisions/019.
// Method: the whole house; a rule is changed at the named moment, between two steps of a turn where that matters.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Settings } from "#app/domain/settings.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { rulesStage } from "./rules-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { openStore, order, rule, changes, moved, differences, withoutSending, pause, resume } = rulesStage(() => house);

describe("a source paused while its orders wait", () => {
  it("parks what would be taken and still gives back what was; resumed, each is taken once", async () => {
    const store = await openStore();
    const taken = order(store, store.kettle.variantId, { quantity: 3 });
    await house.settle(store.shop.shop);
    order(store, store.lid.variantId);
    house.simulator.control.refundOrder(store.shop.shop, taken.orderId, { lines: [{ lineItemId: taken.lineItemId, quantity: 1, restockType: "return" }] });
    await house.delivered();
    await house.turn(store.shop.shop, withoutSending());
    await pause(store);
    await house.settle(store.shop.shop);
    // The unit that came back was taken by us, whatever the pause is about.
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([-2, 0]);
    expect((await changes(store)).filter(({ state }) => state === "parked")).toMatchObject([{ delta: -1, reason: "source_paused" }]);
    await resume(store);
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([-2, -1]);
    expect(await differences(store)).toEqual([]);
  });

  it("does not send what an edit adds to an order of it, until it is resumed", async () => {
    const store = await openStore();
    const placed = order(store, store.kettle.variantId, { quantity: 1 });
    await house.settle(store.shop.shop);
    await pause(store);
    house.simulator.control.editOrder(store.shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lineItemId, quantity: 4 }] });
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(-1);
    expect((await changes(store)).at(-1)).toMatchObject({ state: "parked", reason: "source_paused", delta: -3 });
    await resume(store);
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(-4);
    expect(await differences(store)).toEqual([]);
  });

  it("does not send again what Shopify turned away as a whole while the pause came", async () => {
    const store = await openStore();
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code: "INVALID_REASON", shop: store.shop.shop, times: 1 });
    order(store, store.kettle.variantId);
    order(store, store.lid.variantId);
    await house.delivered();
    const { ledger } = house.composed.turnPorts;
    const paused: TurnPorts["ledger"]["claim"] = async (request) => {
      const claimed = await ledger.claim(request);
      if (claimed.kind === "claimed") await pause(store);
      return claimed;
    };
    await house.turn(store.shop.shop, { ledger: { ...ledger, claim: paused } });
    await house.settle(store.shop.shop);
    house.simulator.control.clearFaults();
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([0, 0]);
    expect((await changes(store)).every(({ state }) => state === "parked")).toBe(true);
  });

  it("and its orders cancelled meanwhile leaves nothing to send when it is resumed", async () => {
    const store = await openStore();
    const placed = order(store, store.kettle.variantId, { quantity: 2 });
    await house.delivered();
    await house.turn(store.shop.shop, withoutSending());
    await pause(store);
    house.simulator.control.cancelOrder(store.shop.shop, placed.orderId, { restock: true });
    await house.settle(store.shop.shop);
    await resume(store);
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(0);
    expect(await changes(store)).toMatchObject([{ state: "cancelled" }]);
  });

  it("keeps orders that come meanwhile watched", async () => {
    const store = await openStore();
    await pause(store);
    order(store, store.kettle.variantId);
    await house.settle(store.shop.shop);
    await resume(store);
    await house.settle(store.shop.shop);
    expect(await changes(store)).toMatchObject([{ state: "shadow" }]);
  });
});

describe("a source removed from the rules", () => {
  const without = (settings: Settings): Settings => ({ ...settings, deduct: { ...settings.deduct, sources: [] } });

  it("finishes the orders that came under the rule, gives them back when cancelled, and takes no new ones", async () => {
    const store = await openStore();
    const placed = order(store, store.kettle.variantId, { quantity: 2 });
    await house.delivered();
    await house.turn(store.shop.shop, withoutSending());
    await rule(store, without);
    order(store, store.lid.variantId);
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([-2, 0]);
    house.simulator.control.cancelOrder(store.shop.shop, placed.orderId, { restock: true });
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([0, 0]);
    expect(await differences(store)).toEqual([]);
  });

  it("while it is paused leaves what was parked for a person, and goes on with it when the source is back and resumed", async () => {
    const store = await openStore();
    order(store, store.kettle.variantId);
    await house.delivered();
    await house.turn(store.shop.shop, withoutSending());
    await pause(store);
    await rule(store, without);
    await house.settle(store.shop.shop);
    expect(await changes(store)).toMatchObject([{ state: "parked", reason: "source_paused" }]);
    await house.protect(store.shop);
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(0);
    await resume(store);
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(-1);
    expect(await differences(store)).toEqual([]);
  });
});

describe("a source that is learnt while its orders are under way", () => {
  it("protects the orders after it, and leaves those before it watched", async () => {
    const store = await openStore((settings) => ({ ...settings, deduct: { ...settings.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: false }] } }));
    const early = order(store, store.kettle.variantId, { quantity: 2 });
    await house.settle(store.shop.shop);
    const { sources } = house.composed.turnPorts;
    for (const orderId of ["11", "12", "13"]) await sources.record(store.shop.installId, { sourceKey: "name:my-channel", orderId, verdict: "bypassed", evidence: null });
    order(store, store.lid.variantId);
    house.simulator.control.editOrder(store.shop.shop, early.orderId, { setQuantities: [{ lineItemId: early.lineItemId, quantity: 5 }] });
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([0, -1]);
    expect(await differences(store)).toEqual([]);
  });
});

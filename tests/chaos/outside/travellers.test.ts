// Goal: an attempt that the network holds back and delivers minutes later counts once, whatever was decided meanwhile. The call is cut off at
// its sender, goes on travelling, and executes when `releaseHeld` lets it arrive.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { TIMINGS } from "#app/ports/timings.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { openStore, type StoreUnderTest } from "./store-under-test.ts";

let house: House;
let hasty: House;
beforeAll(async () => {
  house = await openHouse();
  // No waiting for travellers: a key is retired as soon as a refusal is heard.
  hasty = await openHouse({ timings: { ...TIMINGS, travelLimitMs: 1 } });
});
afterAll(async () => {
  await house.close();
  await hasty.close();
});

/** A house whose Shopify does not let a key be used up: what a worker knows is only that it waited long enough. */
function withoutBinding(from: House) {
  return { shopifyInventory: { ...from.composed.shopify.inventory, bindKey: () => Promise.resolve({ kind: "refused", cause: "switched off by the test", cost: null } as const) } };
}

/** Two items in one call: it is held back on its way, and when it is sent again Shopify blames one of the two. */
async function heldThenSplit(store: StoreUnderTest, ports = {}): Promise<void> {
  store.fault({ kind: "held" });
  store.buy(0);
  store.buy(1);
  await store.oneTurn();
  expect(await store.attempts()).toEqual(["unknown"]);
  store.fault({ kind: "user_error", code: "INVALID_INVENTORY_ITEM", index: 1 });
  await store.settle(ports);
}

describe("an attempt still travelling when its batch is refused and split", () => {
  it("would execute under its old key and double what went on under new ones: without using the key up, and without waiting", async () => {
    const store = await openStore(hasty, 2);
    await heldThenSplit(store, withoutBinding(hasty));
    expect(await store.states()).toEqual(["applied", "parked:refused:INVALID_INVENTORY_ITEM"]);
    await hasty.simulator.control.releaseHeld({ shop: store.shop.shop });
    expect([store.moved(0), store.moved(1)]).toEqual([-2, -1]);
  });

  it("is reported when it is heard after all: what had gone on is corrected by a person, what had been parked moved once and is booked", async () => {
    const store = await openStore(hasty, 2);
    await heldThenSplit(store, withoutBinding(hasty));
    await hasty.simulator.control.releaseHeld({ shop: store.shop.shop });
    const { database, turnPorts } = hasty.composed;
    const entries = await database.query<{ mutationId: string; key: string; position: number; inventoryItemId: string; locationId: string; delta: number; changeFrom: number | null; token: bigint }>(
      `SELECT m.id::text AS "mutationId", m.key::text, e.position, e.inventory_item_id AS "inventoryItemId", e.location_id AS "locationId", e.delta, e.change_from AS "changeFrom", e.token
       FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id WHERE m.install_id = $1 AND m.state = 'refused' ORDER BY e.position`,
      store.shop.installId,
    );
    const { mutationId = "", key = "" } = entries[0] ?? {};
    const heard = { mutationId, operation: "adjust" as const, key, traceId: "t", entries, attemptNumber: 1, firstSentAt: new Date(0), firstAttempt: true, unsettledSince: null, unsettledCount: 0 };
    const answer = { groupId: "gid://shopify/InventoryAdjustmentGroup/1", createdAt: "2026-11-01T10:00:00Z", entries: entries.map(({ inventoryItemId, locationId }) => ({ inventoryItemId, locationId, after: 99 })) };
    expect(await turnPorts.ledger.recordApplied(heard, answer)).toEqual({ kind: "applied_after_retirement" });
    const changes = await database.query(`SELECT state, reason, cause, delta FROM changes WHERE install_id = $1 ORDER BY id`, store.shop.installId);
    expect(changes).toEqual([
      { state: "applied", reason: null, cause: "order", delta: -1 },
      { state: "applied", reason: null, cause: "order", delta: -1 },
      { state: "parked", reason: "possibly_doubled", cause: "correction", delta: 1 },
    ]);
  });

  it("executes nothing when it arrives: its key was used up before the batch was split", async () => {
    const store = await openStore(house, 2);
    await heldThenSplit(store);
    expect(await store.states()).toEqual(["applied", "parked:refused:INVALID_INVENTORY_ITEM"]);
    expect(await store.keys()).toHaveLength(2);
    const arrived = await house.simulator.control.releaseHeld({ shop: store.shop.shop });
    expect(arrived.items).toEqual([{ shop: store.shop.shop, status: 200 }]);
    expect([store.moved(0), store.moved(1)]).toEqual([-1, 0]);
    await store.endsWell(["parked:refused:INVALID_INVENTORY_ITEM"]);
  });

  it("keeps its key where the key cannot be used up, and is booked when it arrives within ten minutes", async () => {
    const store = await openStore(house, 2);
    const ports = withoutBinding(house);
    store.fault({ kind: "held" });
    store.buy(0);
    store.buy(1);
    await store.oneTurn();
    store.fault({ kind: "user_error", code: "INVALID_INVENTORY_ITEM", index: 1 });
    await house.composed.database.execute(`UPDATE mutations SET resend_at = now() WHERE install_id = $1`, store.shop.installId);
    await house.turn(store.shop.shop, ports);
    expect(await store.attempts()).toEqual(["unknown", "rejected"]);
    expect(await store.states()).toEqual(["claimed", "claimed"]);
    await house.simulator.control.releaseHeld({ shop: store.shop.shop });
    await store.settle(ports);
    expect(await store.keys()).toHaveLength(1);
    expect([store.moved(0), store.moved(1)]).toEqual([-1, -1]);
    await store.endsWell();
  });

  it("has arrived already when the key is to be used up: the same call again brings its answer, and nothing is split", async () => {
    const store = await openStore(house, 2);
    const { inventory } = house.composed.shopify;
    store.fault({ kind: "held" });
    store.buy(0);
    store.buy(1);
    await store.oneTurn();
    store.fault({ kind: "user_error", code: "INVALID_INVENTORY_ITEM", index: 1 });
    // Between the refusal and the question about the key.
    const overtaken = {
      ...inventory,
      bindKey: async (...parameters: Parameters<typeof inventory.bindKey>) => {
        await house.simulator.control.releaseHeld({ shop: store.shop.shop });
        return inventory.bindKey(...parameters);
      },
    };
    await store.settle({ shopifyInventory: overtaken });
    expect([store.moved(0), store.moved(1)]).toEqual([-1, -1]);
    expect(await store.keys()).toHaveLength(1);
    await store.endsWell();
  });
});

describe("an attempt still travelling when the same call is sent again", () => {
  it("finds its key taken when it arrives, and changes nothing", async () => {
    const store = await openStore(house);
    store.fault({ kind: "held" });
    store.buy();
    await store.settle();
    expect(store.moved()).toBe(-1);
    await house.simulator.control.releaseHeld({ shop: store.shop.shop });
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("is what is booked when it arrives first", async () => {
    const store = await openStore(house);
    store.fault({ kind: "held" });
    store.buy();
    await store.oneTurn();
    await house.simulator.control.releaseHeld({ shop: store.shop.shop });
    expect(store.moved()).toBe(-1);
    await store.settle();
    expect(await store.attempts()).toEqual(["unknown", "applied"]);
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("arrives a day later under a key that Shopify has forgotten: the call had been parked for a person, and nothing was built on it", async () => {
    const store = await openStore(house);
    store.fault({ kind: "held" });
    store.buy();
    await store.oneTurn();
    await house.composed.database.execute(`UPDATE mutations SET first_sent_at = now() - interval '23 hours 1 second', resend_at = now() WHERE install_id = $1`, store.shop.installId);
    await store.settle();
    expect(await store.states()).toEqual(["parked:outcome_unknown"]);
    await house.simulator.control.releaseHeld({ shop: store.shop.shop });
    await store.settle();
    // A person sees the stock and resolves it as applied; until then it is in the list, and one unit has moved.
    expect(store.moved()).toBe(-1);
    expect(await store.states()).toEqual(["parked:outcome_unknown"]);
  });
});

// Goal: whatever Shopify answers to a change of stock, it counts once, its neighbours go on, and nobody is asked without need. The plainest
// of these answers are in tests/integration/outcomes.test.ts; here are the silent, the contradictory and the misleading ones.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { TIMINGS } from "#app/ports/timings.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { openStore } from "./store-under-test.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe("no answer at all, for as long as we wait", () => {
  let impatient: House;
  beforeAll(async () => {
    // The call's own time limit is what ends the wait; it is shorter here, so that a minute of silence is not waited for.
    impatient = await openHouse({ timings: { ...TIMINGS, callTimeoutMs: 1_500 } });
  });
  afterAll(() => impatient.close());

  it.each([
    ["and nothing had happened", false],
    ["though it had taken effect", true],
  ])("%s: the same call again, which counts once", async (_name, committed) => {
    const store = await openStore(impatient);
    store.fault({ kind: "silent", committed });
    store.buy();
    await store.oneTurn();
    expect(await store.attempts()).toEqual(["unknown"]);
    expect(store.moved()).toBe(committed ? -1 : 0);
    await store.settle();
    expect(await store.attempts()).toEqual(["unknown", "applied"]);
    expect(await store.keys()).toHaveLength(1);
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});

describe("an answer that was lost", () => {
  it.each(["after_commit", "half_body"] as const)("three times in a row (%s) counts once", async (kind) => {
    const store = await openStore(house);
    store.fault({ kind, times: 3 });
    store.buy();
    await store.settle();
    expect(await store.attempts()).toEqual(["unknown", "unknown", "unknown", "applied"]);
    expect(await store.keys()).toHaveLength(1);
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("with an error page of the status 502 counts once, whether or not it had taken effect", async () => {
    const store = await openStore(house);
    store.fault({ kind: "html", code: 502, committed: true });
    store.fault({ kind: "http_5xx", code: 500, committed: false });
    store.buy();
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});

describe("an answer about the key", () => {
  it("CONCURRENT is waited for under the same key", async () => {
    const store = await openStore(house);
    store.fault({ kind: "user_error", code: "IDEMPOTENCY_CONCURRENT_REQUEST", index: null });
    store.buy();
    await store.settle();
    expect(await store.attempts()).toEqual(["concurrent", "applied"]);
    expect(await store.keys()).toHaveLength(1);
    await store.endsWell();
  });

  it("PREVIOUS_ATTEMPT_FAILED goes on under a new key", async () => {
    const store = await openStore(house);
    store.fault({ kind: "user_error", code: "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", index: null });
    store.buy();
    await store.settle();
    expect(await store.attempts()).toEqual(["previous_attempt_failed", "applied"]);
    expect(await store.keys()).toHaveLength(2);
    await store.endsWell();
  });

  it("PARAMETER_MISMATCH stops for a person when nothing explains it, and its neighbours go on", async () => {
    const store = await openStore(house, 2);
    store.buy(0);
    await store.settle();
    // As if a bug had sent other content under this key before: the very thing that must never be repeated.
    store.fault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", index: null, times: 2 });
    store.buy(0);
    await store.settle();
    store.buy(1);
    await store.settle();
    expect(await store.states()).toEqual(["applied", "parked:key_mismatch", "applied"]);
    await store.endsWell(["parked:key_mismatch"]);
  });

  it("PARAMETER_MISMATCH after we had used the key up ourselves, and died before retiring it, goes on under a new key", async () => {
    const store = await openStore(house);
    store.buy();
    await house.delivered();
    store.fault({ kind: "before_commit" });
    await house.turn(store.shop.shop);
    const [key] = await store.keys();
    const stock = { inventoryItemId: store.variants[0]?.inventoryItemId.split("/").at(-1) ?? "", locationId: store.shop.locationIds[0]?.split("/").at(-1) ?? "" };
    expect(await house.composed.shopify.inventory.bindKey({ shop: store.shop.shop }, key ?? "", stock, "adjust")).toMatchObject({ kind: "bound" });
    await store.settle();
    expect(await store.attempts()).toEqual(["unknown", "key_mismatch", "applied"]);
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});

describe("an answer about the content", () => {
  it("CHANGE_FROM_QUANTITY_STALE, for which a change without an expectation gives no reason, parks that entry alone", async () => {
    const store = await openStore(house, 2);
    store.fault({ kind: "user_error", code: "CHANGE_FROM_QUANTITY_STALE", index: 0 });
    store.buy(0);
    store.buy(1);
    await store.settle();
    expect((await store.states()).toSorted()).toEqual(["applied", "parked:refused:CHANGE_FROM_QUANTITY_STALE"]);
    await store.endsWell(["parked:refused:CHANGE_FROM_QUANTITY_STALE"]);
  });

  it("an error that names no entry makes the calls smaller until one stands alone with it", async () => {
    const store = await openStore(house, 6);
    const poisoned = store.variants[4]?.inventoryItemId ?? "";
    for (let index = 0; index < 6; index += 1) store.buy(index);
    await house.delivered();
    const { inventory } = house.composed.shopify;
    // Shopify refuses every batch with that item, and does not say which of its entries is at fault.
    const unnamed = {
      ...inventory,
      adjustQuantities: async (...[context, request]: Parameters<typeof inventory.adjustQuantities>) =>
        request.changes.some((change) => poisoned.endsWith(change.inventoryItemId))
          ? ({ kind: "rejected", errors: [{ code: "ADJUST_QUANTITIES_FAILED", message: "no", index: null }], cost: null } as const)
          : inventory.adjustQuantities(context, request),
    };
    await store.settle({ shopifyInventory: unnamed });
    expect((await store.states()).toSorted()).toEqual([...Array.from({ length: 5 }, () => "applied"), "parked:refused:ADJUST_QUANTITIES_FAILED"]);
    await store.endsWell(["parked:refused:ADJUST_QUANTITIES_FAILED"]);
  });

  it("errors beside a result undo nothing of it", async () => {
    const store = await openStore(house);
    store.fault({ kind: "errors_beside" });
    store.buy();
    await store.settle();
    expect(await store.attempts()).toEqual(["applied"]);
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("an entry that is left out while the others are applied is parked, not booked", async () => {
    const store = await openStore(house, 2);
    house.simulator.control.setAssumptions({ failingBatchIsAllOrNothing: false });
    try {
      await house.settings(store.shop, (settings) => ({
        ...settings,
        bundles: [{ variantId: store.variants[0]?.variantId ?? "", parentStock: "leave", components: [{ inventoryItemId: "gid://shopify/InventoryItem/999999999", quantity: 1 }] }],
      }));
      store.fault({ kind: "after_commit" });
      store.buy(0);
      store.buy(1);
      await store.settle();
      expect((await store.states()).toSorted()).toEqual(["applied", "parked:refused:INVALID_INVENTORY_ITEM"]);
      expect(store.moved(1)).toBe(-1);
      await store.endsWell(["parked:refused:INVALID_INVENTORY_ITEM"]);
    } finally {
      house.simulator.control.setAssumptions({ failingBatchIsAllOrNothing: true });
    }
  });
});

describe("a limit", () => {
  it.each([
    ["THROTTLED", { kind: "throttled" }],
    ["429 with Retry-After", { kind: "http_429" }],
  ] as const)("%s says that nothing ran: the refusal after it retires the key at once", async (_name, fault) => {
    const store = await openStore(house, 2);
    store.fault(fault);
    store.buy(0);
    store.buy(1);
    await store.oneTurn();
    expect(await store.attempts()).toEqual(["throttled"]);
    expect(store.moved()).toBe(0);
    await house.composed.redis.commands.flushdb();
    store.fault({ kind: "user_error", code: "INVALID_INVENTORY_ITEM", index: 0 });
    await store.settle();
    expect(await store.attempts()).toEqual(["throttled", "rejected", "applied"]);
    await store.endsWell(["parked:refused:INVALID_INVENTORY_ITEM"]);
  });

  it("met on the way, in somebody else's words, leaves the outcome open", async () => {
    const store = await openStore(house);
    // A gateway's page with the status 429: it may have passed the call on before.
    store.fault({ kind: "html", code: 429, committed: true });
    store.buy();
    await store.oneTurn();
    expect(await store.attempts()).toEqual(["unknown"]);
    await house.composed.redis.commands.flushdb();
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});

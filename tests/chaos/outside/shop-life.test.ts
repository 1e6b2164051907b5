// Goal: what a merchant or Shopify does to the shop in the midst of a turn (scope withdrawn, frozen, uninstalled, installed again) stops the
// work where it must, loses nothing that may still be done, and doubles nothing.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { openStore, type StoreUnderTest } from "./store-under-test.ts";

const READ_SCOPES = ["read_orders", "read_products", "read_inventory", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders"];

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const withdraw = (store: StoreUnderTest) => void house.simulator.control.setScopes(store.shop.shop, { granted: READ_SCOPES });
async function grantAgain(store: StoreUnderTest): Promise<void> {
  house.simulator.control.setScopes(store.shop.shop, { granted: [...READ_SCOPES, "write_inventory"] });
  await house.delivered();
  await house.settings(store.shop, (settings) => ({ ...settings, mode: "enforce" }));
}

/** `act` happens at the named moment of the next call that changes stock. */
function during(moment: "before the claim" | "between claim and request" | "between effect and answer" | "between answer and record", act: () => Promise<unknown> | void): Partial<TurnPorts> {
  const { ledger } = house.composed.turnPorts;
  const { inventory } = house.composed.shopify;
  const adjustQuantities = async (...parameters: Parameters<typeof inventory.adjustQuantities>) => {
    if (moment === "between claim and request") await act();
    const result = await inventory.adjustQuantities(...parameters);
    if (moment === "between effect and answer") await act();
    return result;
  };
  return {
    shopifyInventory: { ...inventory, adjustQuantities },
    ledger: {
      ...ledger,
      claim: async (request) => {
        if (moment === "before the claim") await act();
        return ledger.claim(request);
      },
      recordApplied: async (...parameters) => {
        if (moment === "between answer and record") await act();
        return ledger.recordApplied(...parameters);
      },
    },
  };
}

/** Units that the ledger says were applied, in all lives of the shop, beside those that Shopify saw us move. */
async function appliedUnits(store: StoreUnderTest): Promise<{ ledger: number; shopify: number }> {
  const [row] = await house.composed.database.query<{ units: number }>(`SELECT coalesce(sum(delta), 0)::int AS units FROM changes WHERE shop = $1 AND state = 'applied'`, store.shop.shop);
  return { ledger: row?.units ?? 0, shopify: store.moved() };
}

describe("the write scope is withdrawn", () => {
  it.each(["before the claim", "between claim and request", "between effect and answer"] as const)("%s: protection ends, nothing is lost, and it goes on once granted again", async (moment) => {
    const store = await openStore(house);
    store.buy();
    await house.delivered();
    await house.turn(store.shop.shop, during(moment, () => withdraw(store)));
    // Where the first call was through already, the next one meets the closed door.
    const more = moment === "between effect and answer" ? 1 : 0;
    if (more === 1) store.buy();
    await store.settle();
    expect((await house.composed.settingsStore.current(store.shop.installId)).mode).toBe("observe");
    expect(store.moved()).toBe(0 - more);
    await grantAgain(store);
    await store.settle();
    expect(store.moved()).toBe(-1 - more);
    await store.endsWell();
  });

  it("after a call took effect and its answer was lost: however long, the change is not taken again under a new key", async () => {
    const store = await openStore(house);
    store.buy();
    await store.settle();
    store.fault({ kind: "after_commit" });
    store.buy();
    await store.oneTurn();
    withdraw(store);
    for (let turns = 0; turns < 4; turns += 1) {
      // Far older than anything that may still travel.
      await house.composed.database.execute(`UPDATE attempts SET sent_at = sent_at - interval '20 minutes' WHERE install_id = $1`, store.shop.installId);
      await house.composed.database.execute(`UPDATE mutations SET resend_at = now() WHERE install_id = $1 AND state = 'open'`, store.shop.installId);
      await store.oneTurn();
    }
    expect(await store.states()).toEqual(["applied", "claimed"]);
    await grantAgain(store);
    await store.settle();
    expect(store.moved()).toBe(-2);
    await store.endsWell();
  });

  it.each([
    ["would be taken twice if its key went with that refusal", true],
    ["is taken once: that refusal retires no key", false],
  ])("after a call took effect, its answer was lost and its stock seems not to have moved: it %s", async (_name, retired) => {
    const store = await openStore(house);
    store.fault({ kind: "after_commit" });
    store.buy();
    await store.oneTurn();
    withdraw(store);
    const { inventory } = house.composed.shopify;
    // A reading that lags behind: the guard before the re-send is blind, the one after the refusal is not.
    const readLevels = async () => ({ kind: "ok" as const, found: [], missing: [], cost: null });
    const stale = { ...inventory, readLevels, ...(retired ? { bindKey: async () => ({ kind: "bound" as const, cost: null }) } : {}) };
    await house.composed.database.execute(`UPDATE attempts SET sent_at = now() - interval '20 minutes' WHERE install_id = $1`, store.shop.installId);
    await house.composed.database.execute(`UPDATE mutations SET resend_at = now() WHERE install_id = $1`, store.shop.installId);
    await house.turn(store.shop.shop, { shopifyInventory: stale });
    expect(await store.attempts()).toEqual(["unknown", "refused"]);
    expect(await store.states()).toEqual([retired ? "waiting" : "claimed"]);
    await grantAgain(store);
    await store.settle();
    expect(store.moved()).toBe(retired ? -2 : -1);
    if (!retired) await store.endsWell();
  });
});

describe("a shop that is frozen", () => {
  it.each([402, 423])("(%i) keeps its changes and goes on when it thaws; nothing is parked", async (code) => {
    const store = await openStore(house);
    store.fault({ boundary: "graphql", kind: "http_status", code, times: 6 });
    store.buy();
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("after a call took effect and its answer was lost books it once when it thaws", async () => {
    const store = await openStore(house);
    store.fault({ kind: "after_commit" });
    store.buy();
    await store.oneTurn();
    store.fault({ boundary: "graphql", kind: "http_status", code: 402, times: 3 });
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});

describe("an uninstall in the midst of a turn", () => {
  it.each(["before the claim", "between claim and request", "between effect and answer", "between answer and record"] as const)("%s: what Shopify did is what the ledger says", async (moment) => {
    const store = await openStore(house);
    store.buy();
    await house.delivered();
    const gone = async () => {
      house.simulator.control.uninstall(store.shop.shop);
      await house.delivered();
      // Another worker takes the notice in while this turn is still at it.
      await house.turn(store.shop.shop, { ledger: { ...house.composed.turnPorts.ledger, abandoned: async () => [] } });
    };
    await house.turn(store.shop.shop, during(moment, gone));
    await house.settle(store.shop.shop);
    expect(await house.composed.installStore.active(store.shop.shop)).toBeNull();
    const units = await appliedUnits(store);
    expect(units.ledger).toBe(units.shopify);
    expect(units.shopify).toBe(moment === "between effect and answer" || moment === "between answer and record" ? -1 : 0);
    expect(await house.composed.database.query(`SELECT 1 FROM "Session" WHERE shop = $1`, store.shop.shop)).toEqual([]);
  });

  it("and installed again between claim and request, before the old notice arrives: the old life's call counts once, and the new life takes none of it", async () => {
    const store = await openStore(house);
    store.buy();
    await house.delivered();
    let again: bigint | null = null;
    const reinstalled = async () => {
      house.simulator.control.planWebhooks({ seed: 1, late: { rate: 1, delayMs: 600_000 } });
      house.simulator.control.uninstall(store.shop.shop);
      again = await house.install(store.shop.shop);
      house.simulator.control.planWebhooks({ seed: 1 });
    };
    await house.turn(store.shop.shop, during("between claim and request", reinstalled));
    house.simulator.control.setClock({ advanceMs: 700_000 });
    await house.settle(store.shop.shop);
    expect((await house.composed.installStore.active(store.shop.shop))?.installId).toBe(again);
    const units = await appliedUnits(store);
    expect(units.ledger).toBe(units.shopify);
    // The new life watches until the merchant turns protection on.
    expect((await house.composed.settingsStore.current(again ?? 0n)).mode).toBe("observe");
  });
});

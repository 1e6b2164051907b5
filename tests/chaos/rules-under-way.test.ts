// Goal: rules that change while orders are under way (issue 3, item 6) end as a merchant expects: an order follows the rules under which
// it was first worked on, nothing is taken or given back twice, and nobody's change of the rules is lost. Decisions: docs/decisions/019.
// Method: the whole house; a rule is changed at the named moment, between two steps of a turn where that matters.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { saveSettings } from "#app/dashboard/save-settings.server.ts";
import type { Settings } from "#app/domain/settings.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { mode, tail, rulesStage, type Product, type Store } from "./rules-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { openStore, order, rule, changes, moved, differences, withoutSending } = rulesStage(() => house);

describe("settings saved by several people at once", () => {
  const writers = 6;
  const save = ({ shop }: Store, document: Settings, actor: string) => {
    const { settingsStore, catalog, waker, installStore, alerts } = house.composed;
    return installStore.active(shop.shop).then((install) => {
      if (!install) throw new Error("the app is installed");
      return saveSettings({ settingsStore, catalog, waker, alerts }, { install, document, actor });
    });
  };

  it("are one person's, and the others are told what stands now", async () => {
    const store = await openStore();
    const read = await house.composed.settingsStore.current(store.shop.installId);
    const saved = await Promise.all(Array.from({ length: writers }, (_, writer) => save(store, { ...read, retentionDays: 100 + writer }, `staff:${writer}`)));
    const winners = saved.filter((outcome) => outcome.kind === "saved");
    expect(winners).toHaveLength(1);
    expect(saved.filter((outcome) => outcome.kind === "conflict")).toHaveLength(writers - 1);
    const now = await house.composed.settingsStore.current(store.shop.installId);
    expect(winners).toMatchObject([{ settings: now }]);
    expect(saved.flatMap((outcome) => (outcome.kind === "conflict" ? [outcome.current] : []))).toEqual(Array.from({ length: writers - 1 }, () => now));
    const audit = await house.composed.database.query(`SELECT actor FROM audit_entries WHERE install_id = $1 AND kind = 'settings_changed' AND detail->>'toVersion' = $2`, store.shop.installId, String(now.version));
    expect(audit).toHaveLength(1);
  });

  it("lose nothing when each who was told reads again and repeats the change", async () => {
    const store = await openStore();
    const add = async (name: string): Promise<void> => {
      for (;;) {
        const read = await house.composed.settingsStore.current(store.shop.installId);
        const sources = [...read.deduct.sources, { sourceName: name, confirmedBypass: true }];
        if ((await save(store, { ...read, deduct: { ...read.deduct, sources } }, name)).kind === "saved") return;
      }
    };
    const names = Array.from({ length: writers }, (_, writer) => `channel-${writer}`);
    await Promise.all(names.map(add));
    const now = await house.composed.settingsStore.current(store.shop.installId);
    expect(now.deduct.sources.map(({ sourceName }) => sourceName).toSorted()).toEqual(["my-channel", ...names].toSorted());
  });
});

describe("a bundle's rule changed between an order and its cancellation", () => {
  const bundle = (store: Store, parts: readonly (readonly [Product, number])[]) => (settings: Settings): Settings => ({
    ...settings,
    bundles: [{ variantId: store.kettle.variantId, parentStock: "leave", components: parts.map(([product, quantity]) => ({ inventoryItemId: product.inventoryItemId, quantity })) }],
  });

  it.each(["other parts", "no bundle any more"])("gives back exactly the parts that were taken: %s", async (then) => {
    const store = await openStore();
    await rule(store, bundle(store, [[store.lid, 2]]));
    const placed = order(store, store.kettle.variantId, { quantity: 3 });
    await house.settle(store.shop.shop);
    expect([moved(store, store.lid), moved(store, store.cup)]).toEqual([-6, 0]);
    await rule(store, then === "other parts" ? bundle(store, [[store.cup, 5]]) : (settings) => ({ ...settings, bundles: [] }));
    house.simulator.control.refundOrder(store.shop.shop, placed.orderId, { lines: [{ lineItemId: placed.lineItemId, quantity: 1, restockType: "return" }] });
    await house.settle(store.shop.shop);
    expect([moved(store, store.lid), moved(store, store.cup), moved(store, store.kettle)]).toEqual([-4, 0, 0]);
    house.simulator.control.cancelOrder(store.shop.shop, placed.orderId, { restock: true });
    await house.settle(store.shop.shop);
    expect([moved(store, store.lid), moved(store, store.cup), moved(store, store.kettle)]).toEqual([0, 0, 0]);
    expect(await differences(store)).toEqual([]);
  });

  it("takes nothing for an order that was there before the bundle was made, whatever news of it comes", async () => {
    const store = await openStore();
    house.simulator.control.placeOrder(store.shop.shop, { channel: "web", lines: [{ variantId: store.kettle.variantId, quantity: 1 }] });
    await house.settle(store.shop.shop);
    await rule(store, bundle(store, [[store.lid, 2]]));
    const [native] = house.simulator.control.orders(store.shop.shop);
    house.simulator.control.fulfillOrder(store.shop.shop, native?.orderId ?? "");
    await house.settle(store.shop.shop);
    expect(moved(store, store.lid)).toBe(0);
  });
});

describe("protection switched off and on again", () => {
  it("between an order and its sending lets the change wait, and sends it once when protection is back", async () => {
    const store = await openStore();
    order(store, store.kettle.variantId, { quantity: 2 });
    await house.delivered();
    await house.turn(store.shop.shop, withoutSending());
    await rule(store, mode("observe"));
    await house.settle(store.shop.shop);
    expect(await changes(store)).toMatchObject([{ state: "waiting", delta: -2 }]);
    await rule(store, mode("enforce"));
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(-2);
    expect(await differences(store)).toEqual([]);
  });

  it("right before the claim sends nothing: the claim looks at the rules in its own transaction", async () => {
    const store = await openStore();
    order(store, store.kettle.variantId);
    await house.delivered();
    const { ledger } = house.composed.turnPorts;
    const switchedOff: TurnPorts["ledger"]["claim"] = async (request) => {
      await rule(store, mode("observe"));
      return ledger.claim(request);
    };
    await house.turn(store.shop.shop, { ledger: { ...ledger, claim: switchedOff } });
    expect(moved(store, store.kettle)).toBe(0);
    expect(await changes(store)).toMatchObject([{ state: "waiting" }]);
  });

  it.each(["goes on", "dies"] as const)("between the claim and the sending finishes what was claimed, once, when the worker %s", async (worker) => {
    const store = await openStore();
    order(store, store.kettle.variantId);
    order(store, store.lid.variantId);
    await house.delivered();
    const { ledger } = house.composed.turnPorts;
    const switchedOff: TurnPorts["ledger"]["claim"] = async (request) => {
      const claimed = await ledger.claim(request);
      await rule(store, mode("observe"));
      if (worker === "dies") throw new Error("killed");
      return claimed;
    };
    const ended = await house.turn(store.shop.shop, { ledger: { ...ledger, claim: switchedOff } }).then(() => "goes on", () => "dies");
    expect(ended).toBe(worker);
    // What comes after the switch is not sent any more.
    order(store, store.cup.variantId);
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid), moved(store, store.cup)]).toEqual([-1, -1, 0]);
    expect(await differences(store)).toEqual([]);
  });

  it("leaves what was taken as it is, and what is owed back waits until protection is back", async () => {
    const store = await openStore();
    const placed = order(store, store.kettle.variantId, { quantity: 2 });
    await house.settle(store.shop.shop);
    await rule(store, mode("observe"));
    house.simulator.control.cancelOrder(store.shop.shop, placed.orderId, { restock: true });
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(-2);
    await rule(store, mode("enforce"));
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(0);
    expect(await differences(store)).toEqual([]);
  });

  it("keeps an order watched that was first seen while protection was off", async () => {
    const store = await openStore(mode("observe"));
    const placed = order(store, store.kettle.variantId);
    await house.settle(store.shop.shop);
    await rule(store, mode("enforce"));
    house.simulator.control.editOrder(store.shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lineItemId, quantity: 4 }] });
    await house.settle(store.shop.shop);
    house.simulator.control.cancelOrder(store.shop.shop, placed.orderId, { restock: true });
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(0);
    expect((await changes(store)).every(({ state }) => state === "shadow" || state === "cancelled")).toBe(true);
  });

  it("forty times while orders come in takes each unit that was owed once", async () => {
    const store = await openStore();
    let enforced = 0;
    for (let round = 0; round < 40; round += 1) {
      await rule(store, mode(round % 2 === 0 ? "observe" : "enforce"));
      if (round % 2 === 1) {
        order(store, store.kettle.variantId);
        enforced += 1;
      }
      if (round % 7 === 0) await Promise.all([house.turn(store.shop.shop), house.turn(store.shop.shop)]);
      // Seen under the rule of its moment: later it would be decided by the next one.
      if (round % 2 === 1) {
        await house.delivered();
        await house.turn(store.shop.shop, withoutSending());
      }
    }
    await rule(store, mode("enforce"));
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(-enforced);
    expect(await differences(store)).toEqual([]);
  });
});

describe("the moment of deduction switched while orders are between creation and payment", () => {
  const on = (topic: Settings["deduct"]["on"]) => (settings: Settings): Settings => ({ ...settings, deduct: { ...settings.deduct, on: topic } });

  it.each([
    ["orders/create", "orders/paid"],
    ["orders/paid", "orders/create"],
  ] as const)("from %s to %s takes each order once, by the rule of the day it came", async (before, after) => {
    const store = await openStore(on(before));
    const old = order(store, store.kettle.variantId, { quantity: 2, paid: false });
    await house.settle(store.shop.shop);
    expect(moved(store, store.kettle)).toBe(before === "orders/create" ? -2 : 0);
    await rule(store, on(after));
    const young = order(store, store.lid.variantId, { quantity: 3, paid: false });
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual(before === "orders/create" ? [-2, 0] : [0, -3]);
    house.simulator.control.payOrder(store.shop.shop, old.orderId);
    house.simulator.control.payOrder(store.shop.shop, young.orderId);
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([-2, -3]);
    house.simulator.control.cancelOrder(store.shop.shop, old.orderId, { restock: true });
    house.simulator.control.cancelOrder(store.shop.shop, young.orderId, { restock: true });
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([0, 0]);
    expect(await differences(store)).toEqual([]);
  });
});

describe("the location rule changed", () => {
  const at = (location: string) => (settings: Settings): Settings => ({ ...settings, deduct: { ...settings.deduct, location } });

  it("gives back where it was taken, and takes what an edit adds where the rule now says", async () => {
    const store = await openStore(undefined, 2);
    const [first = "", second = ""] = store.shop.locationIds;
    await rule(store, at(first));
    const placed = order(store, store.kettle.variantId, { quantity: 2 });
    await house.settle(store.shop.shop);
    await rule(store, at(second));
    house.simulator.control.editOrder(store.shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lineItemId, quantity: 3 }], add: [{ variantId: store.lid.variantId, quantity: 1 }] });
    await house.settle(store.shop.shop);
    expect(await changes(store)).toMatchObject([
      { delta: -2, location_id: tail(first) },
      { delta: -1, location_id: tail(first) },
      { delta: -1, location_id: tail(second) },
    ]);
    house.simulator.control.cancelOrder(store.shop.shop, placed.orderId, { restock: true });
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([0, 0]);
    expect(await differences(store)).toEqual([]);
  });

  it("helps orders that wait for a location: nothing was taken for them yet", async () => {
    const store = await openStore();
    const { shopifyOrders } = house.composed.turnPorts;
    const unrouted: Partial<TurnPorts> = {
      shopifyOrders: { ...shopifyOrders, readOrderLocations: (_context, orderIds) => Promise.resolve({ kind: "ok", found: orderIds.map((orderId) => ({ orderId, fulfilmentOrders: [] })), missing: [], cost: null }) },
    };
    order(store, store.kettle.variantId);
    await house.delivered();
    await house.turn(store.shop.shop, unrouted);
    expect(await changes(store)).toEqual([]);
    await rule(store, at(store.shop.locationIds[0] ?? ""));
    await house.composed.database.execute(`UPDATE orders SET due_at = now() WHERE install_id = $1 AND state = 'due'`, store.shop.installId);
    await house.turn(store.shop.shop, unrouted);
    expect(moved(store, store.kettle)).toBe(-1);
    expect(await differences(store)).toEqual([]);
  });
});

describe("the restock rule changed between deduction and refund", () => {
  it.each([
    ["never restock any more", { refunded: "never" as const, cancelled: false }, 0],
    ["restock from now on", { refunded: "follow restock_type" as const, cancelled: true }, -2],
  ])("binds orders that come after it, and leaves earlier ones by the rule of their day: %s", async (_name, then, expected) => {
    const before: Settings["restock"] = expected === 0 ? { cancelled: true, refunded: "follow restock_type", shopifyRestocksBypassed: false } : { cancelled: false, refunded: "never", shopifyRestocksBypassed: false };
    const store = await openStore((settings) => ({ ...settings, restock: before }));
    const placed = order(store, store.kettle.variantId, { quantity: 2 });
    await house.settle(store.shop.shop);
    await rule(store, (settings) => ({ ...settings, restock: { ...settings.restock, ...then } }));
    const later = order(store, store.lid.variantId, { quantity: 2 });
    await house.settle(store.shop.shop);
    for (const { orderId, lineItemId } of [placed, later]) {
      house.simulator.control.refundOrder(store.shop.shop, orderId, { lines: [{ lineItemId, quantity: 1, restockType: "return" }] });
      house.simulator.control.cancelOrder(store.shop.shop, orderId, { restock: true });
    }
    await house.settle(store.shop.shop);
    expect([moved(store, store.kettle), moved(store, store.lid)]).toEqual([expected, -2 - expected]);
    expect(await differences(store)).toEqual([]);
  });
});

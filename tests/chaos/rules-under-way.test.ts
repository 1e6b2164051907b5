// Goal: rules that change while orders are under way (issue 3, item 6) end as a merchant expects: an order follows the rules under which
// it was first worked on, nothing is taken or given back twice, and nobody's change of the rules is lost. Decisions: docs/decisions/019.
// Method: the whole house; a rule is changed at the named moment, between two steps of a turn where that matters.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { saveSettings } from "#app/dashboard/save-settings.server.ts";
import type { Settings } from "#app/domain/settings.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

interface Product {
  readonly variantId: string;
  readonly inventoryItemId: string;
}
interface Store {
  readonly shop: HouseShop;
  readonly kettle: Product;
  readonly lid: Product;
  readonly cup: Product;
}

async function openStore(change?: (settings: Settings) => Settings, locations = 1): Promise<Store> {
  const shop = await house.openShop({ locations });
  await house.protect(shop, change);
  const levels = shop.locationIds.map((locationId) => ({ locationId, available: 100 }));
  const [kettle, lid, cup] = house.simulator.control.createProduct(shop.shop, { title: "Tea", variants: ["KETTLE", "LID", "CUP"].map((sku) => ({ sku, levels })) }).variants;
  if (!kettle || !lid || !cup) throw new Error("the product has three variants");
  await house.settle(shop.shop);
  return { shop, kettle, lid, cup };
}

const order = ({ shop }: Store, variantId: string, over: { quantity?: number; paid?: boolean; inventoryBehaviour?: "BYPASS" | "DECREMENT_IGNORING_POLICY" } = {}) => {
  const { quantity = 1, paid = true, inventoryBehaviour = "BYPASS" } = over;
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", paid, inventoryBehaviour, lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return { ...placed, lineItemId: placed.lines[0]?.lineItemId ?? "" };
};
const rule = (store: Store, change: (settings: Settings) => Settings) => house.settings(store.shop, change);
const mode = (wanted: Settings["mode"]) => (settings: Settings): Settings => ({ ...settings, mode: wanted });
const changes = ({ shop }: Store) =>
  house.composed.database.query<{ state: string; reason: string | null; delta: number; location_id: string | null }>(
    `SELECT state, reason, delta, location_id FROM changes WHERE install_id = $1 ORDER BY id`,
    shop.installId,
  );
const moved = ({ shop }: Store, product: Product) => unitsMoved(house, shop, product.inventoryItemId);
const differences = ({ shop }: Store) => ledgerDifferences(house, shop);
const tail = (gid: string) => gid.slice(gid.lastIndexOf("/") + 1);

/** A turn that derives and sends nothing: what it derives waits. */
const withoutSending = (): Partial<TurnPorts> => ({ ledger: { ...house.composed.turnPorts.ledger, waitingStocks: () => Promise.resolve([]) } });

async function pause(store: Store): Promise<void> {
  await house.composed.turnPorts.sources.record(store.shop.installId, { sourceKey: "name:my-channel", orderId: "1", verdict: "took_stock", evidence: null });
}
const resume = ({ shop }: Store) => house.composed.settingsStore.resumeSource({ installId: shop.installId, sourceKey: "name:my-channel", actor: "test" });

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

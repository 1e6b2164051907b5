// Goal: a bundle's own number follows its items: down as soon as it is known, up only when nothing unknown can have sold it, and never over what
// Shopify sold meanwhile. Real PostgreSQL, Redis and simulator; turns, detection and the back-fill are taken by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { loadBundlesPage } from "#app/dashboard/settings-page.server.ts";
import type { Settings } from "#app/domain/settings.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";
import { detectionStage, idOf } from "./detection-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { judged, oversells, moment } = detectionStage(() => house);

type Variant = ReturnType<House["simulator"]["control"]["createProduct"]>["variants"][number];

interface Store {
  readonly shop: HouseShop;
  readonly set: Variant;
  readonly cup: Variant;
  readonly locationId: string;
}

/** A protected shop that sells a set of two cups; Shopify's numbers are known from their notifications. */
async function openStore({ set = 10, cups = 20, derive = true, mode = "enforce" as Settings["mode"] } = {}): Promise<Store> {
  const shop = await house.openShop();
  const [locationId = ""] = shop.locationIds;
  const { variants } = house.simulator.control.createProduct(shop.shop, {
    title: "Tea",
    variants: [
      { sku: "SET", levels: [{ locationId, available: set }] },
      { sku: "CUP", levels: [{ locationId, available: cups }] },
    ],
  });
  const [bundle, cup] = variants;
  if (!bundle || !cup) throw new Error("the product has two variants");
  await house.composed.catalog.verifyRules({ shop: shop.shop, installId: shop.installId, variantIds: [bundle.variantId], inventoryItemIds: [cup.inventoryItemId], locationIds: [], appIds: [] });
  await house.protect(shop, (settings) => ({
    ...settings,
    mode,
    deduct: { ...settings.deduct, location: locationId },
    bundles: [{ variantId: bundle.variantId, parentStock: derive ? "derive" : "leave", components: [{ inventoryItemId: cup.inventoryItemId, quantity: 2 }] }],
  }));
  await house.settle(shop.shop);
  return { shop, set: bundle, cup, locationId };
}

/** Everything that happened until now is known: the back-fill looked, detection judged. */
async function allKnown({ shop }: Store, ports: Partial<TurnPorts> = {}): Promise<void> {
  await judged(shop);
  await lookForMissed(house, shop);
  await house.turn(shop.shop, ports);
  await house.settle(shop.shop);
}

const available = ({ shop }: Store, { inventoryItemId }: Variant) =>
  (house.simulator.control.levels(shop.shop) as { inventoryItemId: string; quantities: Record<string, number> }[]).find((level) => level.inventoryItemId === inventoryItemId)?.quantities.available;
const numbers = (store: Store) => ({ set: available(store, store.set), cups: available(store, store.cup) });
const sell = (store: Store, { variantId }: Variant, quantity: number, channel: "web" | "api") => {
  moment();
  const placed = house.simulator.control.placeOrder(store.shop.shop, { channel, ...(channel === "api" ? { sourceName: "my-channel" } : {}), lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
};
const count = ({ shop, locationId }: Store, { inventoryItemId }: Variant, units: number) => {
  moment();
  house.simulator.control.setLevel(shop.shop, { inventoryItemId, locationId, available: units, writer: "staff", kind: "stock_take" });
};
const decisions = async ({ shop }: Store) =>
  (await house.composed.database.query<{ state: string; reason: string | null; delta: number; before: number | null; after: number | null }>(
    `SELECT state, reason, delta, before, after FROM changes WHERE install_id = $1 AND quantity_name = 'bundle' ORDER BY id`,
    shop.installId,
  )).map(({ state, reason, delta, before, after }) => `${state}${reason === null ? "" : ` ${reason}`} ${delta}: ${before} to ${after}`);
const inventory = () => house.composed.shopify.inventory;

describe("a bundle's own number", () => {
  it("falls to the sets that its items allow, once, and is then left alone", async () => {
    const store = await openStore({ set: 10, cups: 7 });
    expect(numbers(store)).toEqual({ set: 3, cups: 7 });
    await allKnown(store);
    expect(await decisions(store)).toEqual(["applied -7: 10 to 3"]);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("is left alone where the merchant wants it so, and where the shop only watches", async () => {
    for (const store of [await openStore({ cups: 7, derive: false }), await openStore({ cups: 7, mode: "observe" })]) {
      await allKnown(store);
      expect(numbers(store)).toEqual({ set: 10, cups: 7 });
      expect(await decisions(store)).toEqual([]);
    }
  });

  it("follows an order that Shopify did not take from stock", async () => {
    const store = await openStore();
    sell(store, store.set, 2, "api");
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 8, cups: 16 });
    expect(await decisions(store)).toEqual(["applied -2: 10 to 8"]);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("is right already where Shopify sold the bundle itself: only the items are taken", async () => {
    const store = await openStore();
    sell(store, store.set, 3, "web");
    await house.settle(store.shop.shop);
    await allKnown(store);
    expect(numbers(store)).toEqual({ set: 7, cups: 14 });
    expect(await decisions(store)).toEqual([]);
  });

  it("falls with an item that is sold by itself, and rises when a person counted more, once all orders are known", async () => {
    const store = await openStore();
    sell(store, store.cup, 5, "web");
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 7, cups: 15 });
    count(store, store.cup, 40);
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 7, cups: 40 });
    await allKnown(store);
    expect(numbers(store)).toEqual({ set: 20, cups: 40 });
    expect(await decisions(store)).toEqual(["applied -3: 10 to 7", "applied 13: 7 to 20"]);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("is nothing where an item is oversold, not less", async () => {
    const store = await openStore({ cups: 2, set: 1 });
    for (let orders = 0; orders < 3; orders += 1) sell(store, store.set, 1, "api");
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 0, cups: -4 });
  });

  it("asks for one change however many changed its items in a rush", async () => {
    const store = await openStore({ set: 100, cups: 200 });
    for (let orders = 0; orders < 30; orders += 1) sell(store, store.cup, 2, "api");
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 70, cups: 140 });
    expect((await decisions(store)).length).toBeLessThan(4);
  });

  it("is nobody else's writing to detection: no overwrite, no oversell, no news for a stock system", async () => {
    const store = await openStore();
    await house.settings(store.shop, (settings) => ({ ...settings, external: { enabled: true, url: "https://example.com/stock" } }));
    sell(store, store.cup, 5, "api");
    await allKnown(store);
    const verdicts = await house.composed.database.query<{ verdict: string }>(
      `SELECT verdict FROM stock_observations WHERE install_id = $1 AND inventory_item_id = $2 AND available = 7`,
      store.shop.installId,
      idOf(store.set.inventoryItemId),
    );
    expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["ours"]));
    expect(await oversells(store.shop)).toEqual([]);
    expect(await house.composed.database.query(`SELECT 1 FROM conflicts WHERE install_id = $1`, store.shop.installId)).toEqual([]);
    expect(await house.composed.database.query(`SELECT DISTINCT inventory_item_id AS item FROM external_pushes WHERE install_id = $1`, store.shop.installId)).toEqual([{ item: idOf(store.cup.inventoryItemId) }]);
  });
});

describe("a sale of the bundle that nobody has told of yet", () => {
  /** Shopify sold one, and only the new number was told. */
  async function untoldSale(): Promise<Store> {
    const store = await openStore();
    house.simulator.control.planWebhooks({ seed: 3, loss: { rate: 1 } });
    sell(store, store.set, 1, "web");
    await house.delivered();
    house.simulator.control.planWebhooks({ seed: 3 });
    const levels = await inventory().readLevels({ shop: store.shop.shop }, [{ inventoryItemId: idOf(store.set.inventoryItemId), locationId: idOf(store.locationId) }]);
    if (levels.kind !== "ok") throw new Error(levels.kind);
    await house.composed.turnPorts.levels.recordReads(store.shop.installId, levels.found);
    return store;
  }

  it("is sold a second time when the number rises on what is known of the items", async () => {
    const store = await untoldSale();
    const { bundleStock } = house.composed.turnPorts;
    const hasty: TurnPorts["bundleStock"] = { follow: (installId, bundles, decide, traceId) => bundleStock.follow(installId, bundles, (place) => decide({ ...place, unsettled: false }), traceId) };
    await house.turn(store.shop.shop, { bundleStock: hasty });
    expect(numbers(store)).toEqual({ set: 10, cups: 20 });
  });

  it("is not: the number stays until the back-fill has found the order", async () => {
    const store = await untoldSale();
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 9, cups: 20 });
    await allKnown(store);
    expect(numbers(store)).toEqual({ set: 9, cups: 18 });
    expect(await decisions(store)).toEqual([]);
  });
});

describe("a sale that only the answer to a correction shows", () => {
  it("keeps the number from rising until its order is known", async () => {
    const store = await openStore();
    await judged(store.shop);
    await lookForMissed(house, store.shop);
    // Known up to ten minutes ago, and the numbers are older than that: only the correction is young.
    const { database } = house.composed;
    await database.execute(`UPDATE order_scans SET watermark = now() - interval '10 minutes' WHERE install_id = $1`, store.shop.installId);
    await database.execute(`UPDATE stock_observations SET at = at - interval '1 hour' WHERE install_id = $1`, store.shop.installId);
    house.simulator.control.planWebhooks({ seed: 3, loss: { rate: 1 } });
    sell(store, store.set, 1, "web");
    await house.composed.database.execute(
      `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, delta, state, trace_id) VALUES ($1, $2, 'correction:1', 'correction', $3, $4, -1, 'waiting', 'trace')`,
      store.shop.installId,
      store.shop.shop,
      idOf(store.set.inventoryItemId),
      idOf(store.locationId),
    );
    await house.settle(store.shop.shop);
    house.simulator.control.planWebhooks({ seed: 3 });
    expect(numbers(store)).toEqual({ set: 8, cups: 20 });
    await allKnown(store);
    expect(numbers(store)).toEqual({ set: 9, cups: 18 });
  });
});

describe("a sale between the decision and the call", () => {
  /** The bundle's items became fewer; while the call for that is on its way Shopify sells one bundle itself. */
  async function race(compare: boolean): Promise<Store> {
    const store = await openStore();
    count(store, store.cup, 12);
    await house.delivered();
    const adjustQuantities: ReturnType<typeof inventory>["adjustQuantities"] = (context, request) => {
      if (request.changes.some(({ changeFrom }) => changeFrom !== null)) sell(store, store.set, 1, "web");
      return inventory().adjustQuantities(context, compare ? request : { ...request, changes: request.changes.map((change) => ({ ...change, changeFrom: null, delta: 6 - (available(store, store.set) ?? 0) })) });
    };
    await house.turn(store.shop.shop, { shopifyInventory: { ...inventory(), adjustQuantities } });
    return store;
  }

  it("is lost where the number is plainly set: one bundle too many is for sale", async () => {
    const store = await race(false);
    expect(numbers(store)).toEqual({ set: 6, cups: 12 });
  });

  it("refuses the compare, is read again and counts: nothing is lost, and nothing parked", async () => {
    const store = await race(true);
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 5, cups: 10 });
    expect((await decisions(store))[0]).toContain("cancelled refused:CHANGE_FROM_QUANTITY_STALE -4");
    expect(await house.composed.database.query(`SELECT 1 FROM changes WHERE install_id = $1 AND state IN ('parked', 'waiting', 'claimed')`, store.shop.installId)).toEqual([]);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("that is never read again is not tried again at once, for ever", async () => {
    const store = await openStore();
    count(store, store.cup, 12);
    await house.delivered();
    for (let turns = 0; turns < 5; turns += 1) {
      house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", times: 1, shop: store.shop.shop, kind: "user_error", code: "CHANGE_FROM_QUANTITY_STALE", index: 0 });
      await house.turn(store.shop.shop, { levels: { recordReads: async () => 0 } });
    }
    expect((await decisions(store)).filter((one) => one.startsWith("cancelled refused"))).toHaveLength(1);
  });
});

describe("what its page says", () => {
  const standings = async ({ shop }: Store, installId = shop.installId) => {
    const install = await house.composed.installStore.active(shop.shop);
    if (install === null) throw new Error("the app is installed");
    return (await loadBundlesPage({ dependencies: house.composed, install: { ...install, installId }, timeZone: "UTC" })).standings;
  };
  const gid = (store: Store) => `gid://shopify/ProductVariant/${idOf(store.set.variantId)}`;
  const placeOf = async (store: Store) => (await standings(store))[gid(store)]?.map((place) => ({ available: place.available, decision: place.decision }));

  it("is its number, what is about to become of it, and why it is left alone", async () => {
    const store = await openStore();
    expect(await placeOf(store)).toEqual([{ available: 10, decision: { kind: "equal" } }]);
    count(store, store.cup, 12);
    await house.delivered();
    await house.turn(store.shop.shop, { bundleStock: { follow: async () => ({ askedCount: 0, withdrawnCount: 0, decisions: [] }) } });
    expect(await placeOf(store)).toEqual([{ available: 10, decision: { kind: "set", from: 10, delta: -4 } }]);
    expect(await decisions(store)).toEqual([]);
    await house.composed.database.execute(`UPDATE variants SET tracked = false WHERE install_id = $1 AND inventory_item_id = $2`, store.shop.installId, idOf(store.cup.inventoryItemId));
    expect(await placeOf(store)).toEqual([{ available: 10, decision: { kind: "leave", why: "component_not_tracked" } }]);
  });

  it("is nothing of another shop's, and nothing of bundles that are left as they are", async () => {
    const store = await openStore();
    const other = await openStore({ derive: false });
    expect(await standings(other)).toEqual({});
    expect(await standings(store, other.shop.installId)).toEqual({});
  });
});

describe("trouble on the way", () => {
  it.each(["before_commit", "after_commit", "cut", "http_5xx"] as const)("an answer that is lost (%s) counts once", async (kind) => {
    const store = await openStore();
    count(store, store.cup, 12);
    await house.delivered();
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", times: 1, shop: store.shop.shop, kind });
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 6, cups: 12 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it.each(["before", "after"] as const)("a worker killed %s Shopify carried it out leaves it to the next, under the same key", async (when) => {
    const store = await openStore();
    count(store, store.cup, 12);
    await house.delivered();
    const adjustQuantities: ReturnType<typeof inventory>["adjustQuantities"] = async (...call) => {
      if (when === "after") await inventory().adjustQuantities(...call);
      throw new Error("killed");
    };
    await expect(house.turn(store.shop.shop, { shopifyInventory: { ...inventory(), adjustQuantities } })).rejects.toThrow("killed");
    await house.settle(store.shop.shop);
    expect(numbers(store)).toEqual({ set: 6, cups: 12 });
    expect(await house.composed.database.query(`SELECT DISTINCT key FROM mutations WHERE install_id = $1`, store.shop.installId)).toHaveLength(1);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("a worker killed after it had decided leaves the decision to the next, who asks for nothing twice", async () => {
    const store = await openStore();
    count(store, store.cup, 12);
    await house.delivered();
    const { bundleStock } = house.composed.turnPorts;
    const follow: TurnPorts["bundleStock"]["follow"] = async (...look) => {
      await bundleStock.follow(...look);
      throw new Error("killed");
    };
    await expect(house.turn(store.shop.shop, { bundleStock: { follow } })).rejects.toThrow("killed");
    await Promise.all([house.turn(store.shop.shop), house.turn(store.shop.shop)]);
    await house.settle(store.shop.shop);
    // One that looked before the other's answer was booked may decide the same once more; its claim sees the number and drops it unsent.
    const [first, ...late] = await decisions(store);
    expect(first).toBe("applied -4: 10 to 6");
    expect(late.filter((one) => one !== "cancelled stock_changed -4: null to null")).toEqual([]);
    expect(await house.composed.database.query(`SELECT number FROM attempts WHERE install_id = $1`, store.shop.installId)).toHaveLength(1);
    expect(numbers(store)).toEqual({ set: 6, cups: 12 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("a decision that is not sent yet is withdrawn when the items changed again, and when protection was switched off", async () => {
    const store = await openStore();
    const { ledger } = house.composed.turnPorts;
    const idle: Partial<TurnPorts> = { ledger: { ...ledger, waitingStocks: async () => [] } };
    count(store, store.cup, 12);
    await house.delivered();
    await house.turn(store.shop.shop, idle);
    count(store, store.cup, 8);
    await house.delivered();
    await house.turn(store.shop.shop, idle);
    expect(await decisions(store)).toEqual(["cancelled stock_changed -4: null to null", "waiting -6: null to null"]);
    await house.settings(store.shop, (settings) => ({ ...settings, mode: "observe" }));
    await house.settle(store.shop.shop);
    expect((await decisions(store))[1]).toBe("cancelled watching_only -6: null to null");
    expect(numbers(store)).toEqual({ set: 10, cups: 8 });
  });

  it("what Shopify refuses for good is parked for a person, and not asked for again", async () => {
    const store = await openStore();
    count(store, store.cup, 12);
    await house.delivered();
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", times: 1, shop: store.shop.shop, kind: "user_error", code: "INVALID_LOCATION", index: 0 });
    await house.settle(store.shop.shop);
    await house.settle(store.shop.shop);
    expect(await decisions(store)).toEqual(["parked refused:INVALID_LOCATION -4: null to null"]);
    expect(unitsMoved(house, store.shop, store.set.inventoryItemId)).toBe(0);
  });
});

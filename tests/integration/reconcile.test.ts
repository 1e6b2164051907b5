// Goal: what the notifications did not tell is found by comparing, explained, and only a debt of our own is ever proposed to be corrected.
// Method: real PostgreSQL, Redis and simulator; differences are injected by losing notifications, or by writing what a doubled or an absent
// call leaves behind; scans are taken by hand, step by step, also by workers that die on the way.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { representOversell } from "#app/api/incident-representations.ts";
import { compareItem } from "#app/dashboard/compare-item.server.ts";
import { listOversells } from "#app/dashboard/queries/list-oversells.server.ts";
import { detect } from "#app/detection/detect.server.ts";
import { SCAN_LIMITS, type ReconcilePorts } from "#app/reconcile/reconcile-ports.ts";
import { reconcileItem } from "#app/reconcile/reconcile-item.server.ts";
import type { ScanHold, ScanStep } from "#app/ports/stock-scan.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { scanByHand, scanPorts, scansOf as readScans, takeScanRound } from "#tests/setup/scan-by-hand.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
  house.simulator.control.setBulk({ startAfterMs: 0, cancelAfterMs: 0 });
});
afterAll(() => house.close());

const signal = new AbortController().signal;
const ports = (over: Partial<ReconcilePorts> = {}) => scanPorts(house, over);
const tail = (gid: string) => gid.split("/").at(-1) ?? "";

async function openStore(items = 3, available = 10) {
  const shop = await house.openShop();
  const { variants } = house.simulator.control.createProduct(shop.shop, {
    title: "Kettle",
    variants: Array.from({ length: items }, (_, index) => ({ sku: `K-${index}`, levels: [{ locationId: shop.locationIds[0] ?? "", available }] })),
  });
  await house.settle(shop.shop);
  const [first] = variants;
  return { shop, variants, variantId: first?.variantId ?? "", itemId: first?.inventoryItemId ?? "", locationId: shop.locationIds[0] ?? "" };
}

const scansOf = (shop: HouseShop) => readScans(house, shop);
const driftsOf = (shop: HouseShop) =>
  house.composed.database.query<{ id: bigint; item: string; shopify: number; known: number; difference: number; explanation: string; state: string; proposed_delta: number | null }>(
    `SELECT id, inventory_item_id AS item, shopify, known, difference, explanation, state, proposed_delta FROM drifts WHERE install_id = $1 ORDER BY id`,
    shop.installId,
  );
const mirrorOf = async (shop: HouseShop, itemId: string) =>
  (await house.composed.database.query<{ available: number }>(`SELECT available FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2`, shop.installId, tail(itemId)))[0]?.available;
/** Notifications of what happens inside are lost. */
async function untold(act: () => unknown) {
  house.simulator.control.planWebhooks({ loss: { rate: 1 } });
  await act();
  await house.delivered();
  house.simulator.control.planWebhooks({ loss: { rate: 0 } });
}

const scan = (shop: HouseShop, over: Partial<ReconcilePorts> = {}) => scanByHand(house, shop, over);
const takeRound = (shop: HouseShop, over: Partial<ReconcilePorts> = {}) => takeScanRound(house, shop, over);

describe("a scan", () => {
  it("takes in a shop that nothing was known of, and finds no mismatch where there is none", async () => {
    const { shop } = await openStore(3);
    for (const table of ["stock_levels", "stock_observations"]) await house.composed.database.execute(`DELETE FROM ${table} WHERE install_id = $1`, shop.installId);
    expect(await scan(shop)).toMatchObject({ state: "done", level_count: 3, drift_count: 0 });
    const [known] = await house.composed.database.query(
      `SELECT (SELECT count(*)::int FROM stock_levels WHERE install_id = $1 AND available = 10) AS levels, (SELECT count(*)::int FROM variants WHERE install_id = $1 AND sku LIKE 'K-%' AND inventory_policy = 'DENY') AS variants,
         (SELECT count(*)::int FROM stock_observations WHERE install_id = $1 AND seen_by = 'scan') AS observations`,
      shop.installId,
    );
    expect(known).toEqual({ levels: 3, variants: 3, observations: 3 });
    expect(await driftsOf(shop)).toEqual([]);
  });

  it("finds a number that nobody told of, takes it over, and proposes nothing", async () => {
    const { shop, itemId, locationId } = await openStore(3);
    await scan(shop);
    await untold(() => house.simulator.control.setLevel(shop.shop, { inventoryItemId: itemId, locationId, available: 4, writer: "stock-take" }));
    expect(await mirrorOf(shop, itemId)).toBe(10);
    expect(await scan(shop)).toMatchObject({ state: "done", drift_count: 1 });
    expect(await driftsOf(shop)).toMatchObject([{ item: tail(itemId), shopify: 4, known: 10, difference: -6, explanation: "another_writer", state: "open", proposed_delta: null }]);
    expect(await mirrorOf(shop, itemId)).toBe(4);
    expect(await scan(shop)).toMatchObject({ drift_count: 0 });
  });
});

describe("a number that never holds still", () => {
  it("is let go of after some looks, and the scan says that it was not checked", async () => {
    const { shop, itemId, locationId } = await openStore(2);
    await scan(shop);
    await untold(() => house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: itemId, locationId, delta: -1, writer: "till" }));
    // Every look finds that it changed just now.
    expect(await scan(shop, { limits: { ...ports().limits, settleMs: 60_000 } })).toMatchObject({ state: "done", level_count: 2, drift_count: 0, unsettled_count: 1 });
    expect(await scan(shop)).toMatchObject({ state: "done", drift_count: 1, unsettled_count: 0 });
  });
});

describe("an operation that does not bring everything", () => {
  it.each([
    ["fails half-way, with a part of the file", { boundary: "bulk", kind: "bulk_fails" as const, times: 1 }, 2],
    ["is gone when its file is asked for", { boundary: "bulk", kind: "bulk_expires" as const, times: 1 }, 2],
    ["has a file that breaks off", { boundary: "bulk_file", kind: "half_body" as const, times: 1 }, 2],
    ["could not be asked for, or nobody heard that it was", { boundary: "bulkOperationRunQuery", kind: "after_commit" as const, times: 1 }, 1],
  ])("%s: the scan ends all the same, with every difference found once", async (_name, fault, begun) => {
    const { shop, variants, locationId } = await openStore(4);
    await scan(shop);
    const [first, , , last] = variants;
    await untold(() => {
      for (const variant of [first, last]) house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: variant?.inventoryItemId ?? "", locationId, delta: -3, writer: "till" });
    });
    house.simulator.control.addFault(fault.boundary === "bulk_file" ? fault : { ...fault, shop: shop.shop });
    const before = house.simulator.control.bulkOperations(shop.shop).length;
    expect(await scan(shop)).toMatchObject({ state: "done", level_count: 4, drift_count: 2, unsettled_count: 0 });
    expect((await driftsOf(shop)).map(({ difference }) => difference)).toEqual([-3, -3]);
    house.simulator.control.clearFaults();
    // What was begun and not heard of is found again, not begun twice.
    expect(house.simulator.control.bulkOperations(shop.shop)).toHaveLength(before + begun);
  });

  it("never ends: it is called off, and after as long again left to itself", async () => {
    const { shop } = await openStore(2);
    house.simulator.control.addFault({ boundary: "bulk", kind: "bulk_never_ends", times: 1, shop: shop.shop });
    expect(await scan(shop, { limits: { ...ports().limits, stillMsMax: 0 } })).toMatchObject({ state: "done", operation_count: 1 });
  });

  it("is asked for a bounded number of times, then the scan has failed and says why", async () => {
    const { shop } = await openStore(2);
    house.simulator.control.addFault({ boundary: "bulk", kind: "bulk_fails", times: 20, shop: shop.shop });
    const ended = await scan(shop);
    house.simulator.control.clearFaults();
    expect(ended).toMatchObject({ state: "failed", operation_count: SCAN_LIMITS.operationsMax - 1 });
    expect(ended.failure).not.toBeNull();
  });
});

describe("a worker that dies", () => {
  const killed = () => Promise.reject<never>(new Error("killed"));
  it.each(["asked", "running", "reading", "confirming"] as const)("before and after it wrote '%s' leaves the scan to the next", async (to) => {
    for (const moment of ["before", "after"] as const) {
      const { shop, itemId, locationId } = await openStore(2);
      await scan(shop);
      await untold(() => house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: itemId, locationId, delta: -1, writer: "till" }));
      const { scans } = house.composed.reconcile;
      let struck = false;
      const dying = {
        ...scans,
        advance: async (hold: ScanHold, step: ScanStep) => {
          if (step.to !== to || struck) return scans.advance(hold, step);
          struck = true;
          if (moment === "after") await scans.advance(hold, step);
          return killed();
        },
      };
      await scans.ask({ installId: shop.installId, requestedBy: "test" });
      const one = { scans: { ...dying, release: (...given: Parameters<typeof scans.release>) => (struck ? killed() : scans.release(...given)) }, ownerId: "one" };
      let died = false;
      for (let round = 0; round < 5 && !died; round += 1) died = await takeRound(shop, one).then(() => false, () => true);
      expect([died, struck]).toEqual([true, true]);
      await house.composed.database.execute(`UPDATE stock_scans SET taken_until = now() - interval '1 second' WHERE install_id = $1 AND finished_at IS NULL`, shop.installId);
      expect(await scan(shop, { ownerId: "two" })).toMatchObject({ state: "done", drift_count: 1 });
      const names = house.simulator.control.bulkOperations(shop.shop);
      expect(names).toHaveLength(2);
    }
  });

  it("decides nothing when it comes back after another has taken the scan", async () => {
    const { shop } = await openStore(1);
    const { scans } = house.composed.reconcile;
    await scans.ask({ installId: shop.installId, requestedBy: "test" });
    const one = { ownerId: "one", limit: 1_000, leaseMs: 60_000, schedule: { stockEveryMs: 1e12, failedAfterMs: 1e12 } };
    const taken = (await scans.takeDue(one)).find(({ installId }) => installId === shop.installId);
    await house.composed.database.execute(`UPDATE stock_scans SET taken_until = now() - interval '1 second' WHERE install_id = $1`, shop.installId);
    await scans.takeDue({ ...one, ownerId: "two" });
    expect(await scans.advance({ scanId: taken?.id ?? 0n, ownerId: "one", leaseMs: 60_000 }, { to: "asked" })).toBe(false);
    expect(await scans.advance({ scanId: taken?.id ?? 0n, ownerId: "two", leaseMs: 60_000 }, { to: "asked" })).toBe(true);
    await house.composed.database.execute(`UPDATE stock_scans SET taken_until = NULL, taken_by = NULL WHERE finished_at IS NULL`);
  });
});

describe("one item", () => {
  it("is compared at once, and a dry run changes nothing", async () => {
    const { shop, itemId, locationId } = await openStore(1);
    await scan(shop);
    await untold(() => house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: itemId, locationId, delta: 5, writer: "delivery" }));
    const ask = (dryRun: boolean) => reconcileItem(ports(), { install: shop, inventoryItemId: tail(itemId), actor: "operator", dryRun, signal });
    expect(await ask(true)).toMatchObject({ kind: "compared", differences: [{ shopify: 15, known: 10 }] });
    expect(await driftsOf(shop)).toEqual([]);
    expect(await ask(false)).toMatchObject({ differences: [{ shopify: 15, known: 10, explanation: { kind: "another_writer", proposal: null } }] });
    expect(await driftsOf(shop)).toMatchObject([{ difference: 5 }]);
    expect(await ask(false)).toMatchObject({ differences: [] });
  });

  it("is said to a person place by place; of an item that is not the shop's nothing is read", async () => {
    const { shop, itemId, locationId } = await openStore(1);
    const { database, logger } = house.composed;
    const ask = (item: string, { of = shop, reconcile = ports() } = {}) => compareItem({ reconcile, database, logger }, { install: of, actor: "staff:7" }, item);
    expect(await ask(tail(itemId))).toMatchObject({ kind: "compared", placeCount: 1, differences: [], unsettled: [] });
    await untold(() => house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: itemId, locationId, delta: 5, writer: "delivery" }));
    const { shopifyInventory } = ports();
    const silent = ports({ shopifyInventory: { ...shopifyInventory, readLevels: () => Promise.reject(new Error("Shopify was asked")) } });
    expect(await ask(tail(itemId), { of: (await openStore(1)).shop, reconcile: silent })).toEqual({ kind: "unknown_item" });
    expect(await ask("no id", { reconcile: silent })).toEqual({ kind: "unknown_item" });
    expect(await ask(tail(itemId), { reconcile: silent })).toEqual({ kind: "failed" });
    expect(await ask(tail(itemId))).toMatchObject({ kind: "compared", differences: [{ shopify: 15, known: 10 }] });
    expect(await driftsOf(shop)).toMatchObject([{ difference: 5 }]);
  });
});

describe("day one", () => {
  it("reads stock, then the orders of before the install: who waits is known, nothing is deducted, channels are counted once", async () => {
    const name = "old-shop";
    const { control } = house.simulator;
    const made = control.createShop({ shop: `${name}.myshopify.com`, plan: "plus", bigIds: true, locations: [{ name: "Main" }] });
    const locationId = made.locations[0]?.id ?? "";
    const { variants } = control.createProduct(made.shop, { title: "Lamp", variants: [{ sku: "L-1", levels: [{ locationId, available: 1 }] }] });
    const variantId = variants[0]?.variantId ?? "";
    const old = { createdAt: new Date(Date.now() - 20 * 24 * 3_600_000).toISOString() };
    const place = (channel: "web" | "api", over: { createdAt?: string } = old) => {
      const placed = control.placeOrder(made.shop, { channel, sourceName: channel === "api" ? "my-channel" : "web", lines: [{ variantId, quantity: 1 }], inventoryBehaviour: "DECREMENT_IGNORING_POLICY", ...over });
      if ("refused" in placed) throw new Error("refused");
      return placed;
    };
    place("web");
    place("api");
    const shipped = place("api");
    control.fulfillOrder(made.shop, shipped.orderId, {});
    await control.drainWebhooks();
    const installId = await house.install(made.shop);
    const shop: HouseShop = { shop: made.shop, installId, locationIds: [locationId] };
    // The file of orders is lost once after it was read for a while: what was counted from it is not counted twice.
    for (let round = 0; round < 40; round += 1) {
      const rows = await scansOf(shop);
      if (rows.length === 2 && rows.every(({ state }) => state === "done")) break;
      if (rows.length === 2 && round % 2 === 0) control.addFault({ boundary: "bulk_file", kind: "half_body", times: 1 });
      await takeRound(shop);
    }
    control.clearFaults();
    expect(await scansOf(shop)).toMatchObject([{ kind: "stock", reason: "day_one", state: "done", level_count: 1 }, { kind: "orders", reason: "day_one", state: "done", order_count: 3 }]);
    const orders = await house.composed.database.query(`SELECT mode, mode_reason, state, detect_at IS NOT NULL AS news FROM orders WHERE install_id = $1`, installId);
    expect(orders).toEqual([1, 2].map(() => ({ mode: "untouched", mode_reason: "before_install", state: "settled", news: true })));
    const sources = await house.composed.database.query(`SELECT source_key, order_count FROM order_sources WHERE install_id = $1 ORDER BY source_key`, installId);
    expect(sources).toEqual([{ source_key: "name:my-channel", order_count: 2 }, { source_key: "name:web", order_count: 1 }]);
    // Three were sold of one: what is negative is to be judged at once.
    expect(await house.composed.database.query(`SELECT 1 FROM stock_judgements WHERE install_id = $1`, installId)).toHaveLength(1);
    await house.protect(shop);
    await house.settle(shop.shop);
    expect(await house.composed.database.query(`SELECT 1 FROM changes WHERE install_id = $1`, installId)).toEqual([]);
    // What was short before the install is an incident of the first day, with the orders that wait.
    await house.composed.database.execute(`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1`, installId);
    await detect(house.composed.detection, signal);
    await detect(house.composed.detection, signal);
    const page = await listOversells(house.composed.database, { installId, filter: { state: "open" }, page: { direction: "newest", limit: 10 } });
    expect(page.items.map(representOversell)).toMatchObject([{ kind: "oversold", state: "open", seenBy: "scan", short: 2, orders: [{ unitsShort: 1 }, { unitsShort: 1 }] }]);
  });
});

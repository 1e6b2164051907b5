// Goal: what no webhook told is found by looking, fed in like everything else, and counted. Real PostgreSQL, Redis and simulator; the
// back-fill's clock runs ahead of the world's, so that nothing has to wait for the grace in which a notification is still on its way.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readMissedOrders } from "#app/dashboard/queries/missed-orders.server.ts";
import { backfillOrders, type BackfillPorts } from "#app/pipeline/backfill-orders.server.ts";
import type { OrderScan } from "#app/ports/order-scan.ts";
import { startAcceptServer } from "#tests/setup/accept-server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";
import { createBackfillStep } from "../../worker/backfill-service.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let house: House;
let accept: Awaited<ReturnType<typeof startAcceptServer>>;
beforeAll(async () => {
  house = await openHouse();
  accept = await startAcceptServer(house.composed.accept);
  house.simulator.setAppUrl(accept.origin);
});
afterAll(async () => {
  await house.close();
  await accept.close();
});

async function shopWithProduct(options: Parameters<House["openShop"]>[0] = {}) {
  const shop = await house.openShop(options);
  await house.protect(shop);
  const product = house.simulator.control.createProduct(shop.shop, {
    title: "Kettle",
    variants: [{ sku: "KETTLE", levels: shop.locationIds.map((locationId) => ({ locationId, available: 1_000 })) }],
  });
  const [kettle] = product.variants;
  if (!kettle) throw new Error("the product has a variant");
  return { shop, kettle };
}

/** Whatever happens inside is told by no webhook. */
async function untold<Result>(act: () => Result): Promise<Result> {
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1, loss: { rate: 1 } });
  const result = act();
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1 });
  return result;
}

const order = (shop: HouseShop, variantId: string, quantity = 1) => {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
};
type Placed = ReturnType<typeof order>;
const audit = (shop: HouseShop) =>
  house.composed.database.query<{ detail: { unseenCount: number; changedCount: number } }>(`SELECT detail FROM audit_entries WHERE install_id = $1 AND kind = 'missed_orders_found' ORDER BY id`, shop.installId);

describe("the back-fill", () => {
  it("finds an order whose webhook never came, deducts it once, and says how many it found", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => order(shop, kettle.variantId, 3));
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(0);

    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 1, changedCount: 0 });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-3);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
    expect(await audit(shop)).toMatchObject([{ detail: { unseenCount: 1, changedCount: 0 } }]);
    expect(await readMissedOrders(house.composed.database, shop.installId)).toMatchObject({ count: 1, lastAt: expect.any(Date) as Date });
    const { text } = await house.composed.metrics.expose();
    expect(text).toMatch(/holdfast_missed_orders_total\{kind="unseen"\} [1-9]/);
  });

  it.each<[string, (shop: HouseShop, placed: Placed) => void, number]>([
    ["an edit", (shop, placed) => void house.simulator.control.editOrder(shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lines[0]?.lineItemId ?? "", quantity: 5 }] }), -5],
    ["a refund", (shop, placed) => void house.simulator.control.refundOrder(shop.shop, placed.orderId, { lines: [{ lineItemId: placed.lines[0]?.lineItemId ?? "", quantity: 1, restockType: "return" }] }), -1],
    ["a cancellation", (shop, placed) => void house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: true }), 0],
  ])("finds %s of a known order that no webhook told, though it shares the order's second", async (_name, act, expected) => {
    const { shop, kettle } = await shopWithProduct();
    const placed = order(shop, kettle.variantId, 2);
    await house.settle(shop.shop);
    await untold(() => act(shop, placed));
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 0, changedCount: 1 });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(expected);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("is one cheap call and no read when nothing was missed", async () => {
    const { shop, kettle } = await shopWithProduct();
    for (let count = 0; count < 20; count += 1) order(shop, kettle.variantId);
    await house.settle(shop.shop);
    const before = house.simulator.control.requests({ shop: shop.shop, limit: 10_000 }).items.length;
    expect(await lookForMissed(house, shop)).toMatchObject({ examinedCount: 20, unseenCount: 0, changedCount: 0 });
    const calls = house.simulator.control.requests({ shop: shop.shop, limit: 10_000 }).items.slice(before);
    expect(calls.map(({ operationName, costActual }) => [operationName, costActual])).toEqual([["HoldfastOrdersByUpdate", 22]]);
    expect(await audit(shop)).toEqual([]);
  });

  it("leaves alone what was only just updated, for its webhook is on its way", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => order(shop, kettle.variantId));
    expect(await lookForMissed(house, shop, { aheadMs: 0 })).toMatchObject({ examinedCount: 0, unseenCount: 0 });
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 1 });
  });

  it("takes what waits to be absorbed for known: a backlog of ours is no missed webhook", async () => {
    const { shop, kettle } = await shopWithProduct();
    for (let count = 0; count < 5; count += 1) order(shop, kettle.variantId);
    await house.delivered();
    expect(await lookForMissed(house, shop)).toMatchObject({ examinedCount: 5, unseenCount: 0, changedCount: 0 });
  });

  it("does no harm when the webhook comes after all, with the same content or an older one of the same second", async () => {
    const { shop, kettle } = await shopWithProduct();
    house.simulator.control.planWebhooks({ seed: 2, late: { rate: 1, delayMs: 3_600_000 } });
    const placed = order(shop, kettle.variantId, 2);
    house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: false });
    house.simulator.control.planWebhooks({ seed: 1 });
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 1 });
    await house.simulator.control.drainWebhooks({ skipAhead: true });
    await house.settle(shop.shop);
    // Cancelled without restocking: the units stay out.
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-2);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("does not touch orders that are older than the install, however new their updates", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", createdAt: "2020-01-01T00:00:00Z", lines: [{ variantId: kettle.variantId, quantity: 1 }] }));
    expect(await lookForMissed(house, shop)).toMatchObject({ examinedCount: 0, unseenCount: 0 });
  });

  it("finds what Shopify's search shows minutes late, because a pass begins before the end of the last", async () => {
    const { shop, kettle } = await shopWithProduct();
    house.simulator.control.setAssumptions({ searchLagMs: 6 * MINUTE_MS });
    await untold(() => order(shop, kettle.variantId));
    expect(await lookForMissed(house, shop, { aheadMs: 4 * MINUTE_MS })).toMatchObject({ unseenCount: 0 });
    house.simulator.control.setClock({ advanceMs: 6 * MINUTE_MS });
    expect(await lookForMissed(house, shop, { aheadMs: 1 * MINUTE_MS })).toMatchObject({ unseenCount: 1 });
    house.simulator.control.setAssumptions({ searchLagMs: 0 });
  });

  it("finds what the search shows a day late with the long look that it takes once a day", async () => {
    const { shop, kettle } = await shopWithProduct();
    house.simulator.control.setAssumptions({ searchLagMs: 20 * HOUR_MS });
    await untold(() => order(shop, kettle.variantId));
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 0 });
    house.simulator.control.setClock({ advanceMs: 20 * HOUR_MS });
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 0 });
    house.simulator.control.setClock({ advanceMs: 5 * HOUR_MS });
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 1 });
    house.simulator.control.setAssumptions({ searchLagMs: 0 });
  });

  it("finds everything after an outage of ours that outlasted Shopify's retries", async () => {
    const { shop, kettle } = await shopWithProduct();
    // A port on which nobody listens.
    house.simulator.setAppUrl("http://127.0.0.1:9");
    for (let count = 0; count < 8; count += 1) order(shop, kettle.variantId);
    await house.simulator.control.drainWebhooks({ skipAhead: true });
    expect(house.simulator.control.webhookCounters().abandoned).toBeGreaterThanOrEqual(8);
    house.simulator.setAppUrl(accept.origin);
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 8 });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-8);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });
});

describe("a round of the back-fill", () => {
  it("is bounded; the next one goes on where it ended, with hundreds of orders in one second", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => {
      for (let count = 0; count < 620; count += 1) order(shop, kettle.variantId);
    });
    const looked = await lookForMissed(house, shop, { ports: { shopifyOrders: notRead(), budget: unlimited() } });
    expect(looked).toMatchObject({ examinedCount: 620, roundCount: 2 });
  });

  it.each(["listed", "read", "before it was fed in", "after it was fed in", "woken"] as const)("that dies when the page was %s loses nothing and counts nothing twice", async (point) => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => {
      for (let count = 0; count < 3; count += 1) order(shop, kettle.variantId);
    });
    await expect(lookForMissed(house, shop, { ports: dyingAt(point) })).rejects.toThrow("killed");
    await lookForMissed(house, shop);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-3);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
    expect((await audit(shop)).reduce((sum, { detail }) => sum + detail.unseenCount + detail.changedCount, 0)).toBe(3);
  });

  it("beside another one of the same shop does no harm, and each order is counted by one of them", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => {
      for (let count = 0; count < 12; count += 1) order(shop, kettle.variantId);
    });
    const looked = await Promise.all([lookForMissed(house, shop), lookForMissed(house, shop), lookForMissed(house, shop)]);
    expect(looked.reduce((sum, { unseenCount, changedCount }) => sum + unseenCount + changedCount, 0)).toBe(12);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-12);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("that has no points left keeps what it read and comes back", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => {
      for (let count = 0; count < 12; count += 1) order(shop, kettle.variantId);
    });
    const scan = await scanOf(shop);
    // The page and one read of five orders; then the points are spent.
    const round = await backfillOrders({ ...portsAhead(), budget: grantingTwice() }, { scan, signal: new AbortController().signal, actor: "holdfast", keepPosition: true, dryRun: null });
    expect(round).toMatchObject({ missed: { unseen: { length: 5 } }, dueInMs: 7_000 });
    expect((await scanOf(shop)).watermark).toEqual(scan.watermark);
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 7 });
  });

  it("goes on without its cursor when Shopify does not take it any more", async () => {
    const { shop, kettle } = await shopWithProduct();
    await untold(() => order(shop, kettle.variantId));
    const until = new Date(Math.floor(worldNowMs() / 1_000) * 1_000 + MINUTE_MS);
    await house.composed.database.execute(`UPDATE order_scans SET pass_from = watermark, pass_until = $2, pass_cursor = 'gone' WHERE install_id = $1`, (await scanOf(shop)).installId, until);
    const round = await backfillOrders(portsAhead(), { scan: await scanOf(shop), signal: new AbortController().signal, actor: "holdfast", keepPosition: true, dryRun: null });
    expect(round.dueInMs).toBeGreaterThan(0);
    expect(await scanOf(shop)).toMatchObject({ pass: { cursor: null, until } });
    expect(await lookForMissed(house, shop)).toMatchObject({ unseenCount: 1 });
  });
});

describe("the back-fill service", () => {
  it("gives each shop its turn, the longest waiting first, and one shop's trouble stops no other", async () => {
    const shops: Awaited<ReturnType<typeof shopWithProduct>>[] = [];
    for (let count = 0; count < 3; count += 1) shops.push(await shopWithProduct());
    const [broken] = shops;
    await untold(() => {
      for (const { shop, kettle } of shops) order(shop, kettle.variantId);
    });
    await house.composed.database.execute(`UPDATE order_scans SET due_at = now() - interval '1 day'`);
    const { lister } = house.composed.backfill;
    const step = createBackfillStep({
      ...portsAhead(),
      lister: { ...lister, listUpdated: (context, ...rest) => (context.shop === broken?.shop.shop ? Promise.reject(new Error("a bug")) : lister.listUpdated(context, ...rest)) },
    });
    await step(new AbortController().signal);
    for (const { shop } of shops) expect(await audit(shop)).toHaveLength(shop === broken?.shop ? 0 : 1);
    // Each was put off: the broken one too, so that it is not asked for at every step.
    const [due] = await house.composed.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM order_scans WHERE due_at <= now()`);
    expect(due?.count).toBe(0);
  });

  it("hands a shop to one worker at a time", async () => {
    const { shop } = await shopWithProduct();
    await house.composed.backfill.scans.find(shop.shop);
    await house.composed.database.execute(`UPDATE order_scans SET due_at = now() - interval '1 hour', taken_until = NULL`);
    const taken = await Promise.all(Array.from({ length: 4 }, () => house.composed.backfill.scans.takeDue(100, MINUTE_MS)));
    const ids = taken.flat().map(({ installId }) => installId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) await house.composed.backfill.scans.release(id, HOUR_MS);
  });

  it("leaves a shop alone that uninstalled the app", async () => {
    const { shop } = await shopWithProduct();
    await house.composed.backfill.scans.find(shop.shop);
    await house.composed.database.execute(`UPDATE installs SET state = 'ended', ended_at = now() WHERE id = $1`, shop.installId);
    await house.composed.database.execute(`UPDATE order_scans SET due_at = now() - interval '1 hour', taken_until = NULL WHERE install_id = $1`, shop.installId);
    expect((await house.composed.backfill.scans.takeDue(100, MINUTE_MS)).map(({ installId }) => installId)).not.toContain(shop.installId);
  });
});

function worldNowMs(): number {
  return Date.parse(house.simulator.control.clock().now);
}

function portsAhead(): BackfillPorts {
  return { ...house.composed.backfill, clock: { now: () => new Date(worldNowMs() + 10 * MINUTE_MS) } };
}

async function scanOf(shop: HouseShop): Promise<OrderScan> {
  const scan = await house.composed.backfill.scans.find(shop.shop);
  if (!scan) throw new Error("the shop has a scan");
  return scan;
}

/** Reads that find nothing: for tests of the pages alone. */
function notRead(): BackfillPorts["shopifyOrders"] {
  const { limits } = house.composed.backfill.shopifyOrders;
  return { limits, readOrders: (_context, orderIds) => Promise.resolve({ kind: "ok", found: [], missing: orderIds, cost: null }) };
}

function unlimited(): BackfillPorts["budget"] {
  return { ...house.composed.backfill.budget, reserve: () => Promise.resolve({ kind: "granted" }), report: () => Promise.resolve("recorded") };
}

function grantingTwice(): BackfillPorts["budget"] {
  let grants = 0;
  return { ...unlimited(), reserve: () => Promise.resolve((grants += 1) <= 2 ? { kind: "granted" } : { kind: "later", waitMs: 7_000 }) };
}

/** The process is gone at this point: nothing after it runs. */
function dyingAt(point: "listed" | "read" | "before it was fed in" | "after it was fed in" | "woken"): Partial<BackfillPorts> {
  const killed = () => Promise.reject<never>(new Error("killed"));
  const { scans, shopifyOrders } = house.composed.backfill;
  const books = (over: Partial<BackfillPorts["scans"]>) => ({ scans: { ...scans, ...over } });
  switch (point) {
    case "listed":
      return books({ suspects: killed });
    case "read":
      return { shopifyOrders: { ...shopifyOrders, readOrders: (...asked) => shopifyOrders.readOrders(...asked).then(killed) } };
    case "before it was fed in":
      return books({ feed: killed });
    case "after it was fed in":
      return books({ feed: (...fed) => scans.feed(...fed).then(killed) });
    case "woken":
      return { waker: { wake: killed } };
  }
}

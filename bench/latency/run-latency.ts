// Orders at an uneven pace through a real web and a real worker; how long each took from its acceptance until its change was applied.
import { setTimeout as passed } from "node:timers/promises";
import { findFreePort } from "#dev/services/free-port.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { databaseNow, gatherStatistics, quantile, untilDrained, waitsSince } from "../work/watch-ledger.ts";
import { SOURCE } from "../work/order-body.ts";
import { openWorkHouse, type WorkHouse, type WorkShop } from "../work/work-house.ts";
import type { WorkServices } from "../work/work-services.ts";

export interface LatencyRun {
  readonly orders: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** What Shopify's stand-in took for an answer, in the median: what it was told to wait, and its own work. */
  readonly answerMs: number;
}

export interface LatencyOptions {
  readonly items: number;
  readonly ordersPerSecond: number;
  readonly seconds: number;
  readonly answerMs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

const WARM_UP_SECONDS = 6;
const WARM_UP_ORDERS_PER_SECOND = 25;
const DRAINED_MS_MAX = 60_000;

export async function runLatency(services: WorkServices, options: LatencyOptions): Promise<LatencyRun> {
  const port = await findFreePort();
  const house = await openWorkHouse(services, { answerMs: options.answerMs, webhooks: { appUrl: `http://127.0.0.1:${port}`, topics: ["orders/create"] } });
  try {
    const shop = await house.openShop({ name: "latency", plan: "plus", items: options.items });
    await Promise.all([house.start("web", { port }), house.start("worker")]);
    await sell(house, shop, { ...options, ordersPerSecond: WARM_UP_ORDERS_PER_SECOND, seconds: WARM_UP_SECONDS });
    await gatherStatistics(house.database);
    const since = await databaseNow(house.database);
    const asked = (await house.control.requests(shop.shop)).length;
    const placed = await sell(house, shop, options);
    const waits = await waitsSince(house.database, [shop.installId], since);
    if (waits.length !== placed) throw new Error(`${placed} orders were placed and ${waits.length} changes are applied`);
    return { orders: placed, p50Ms: quantile(waits, 0.5), p95Ms: quantile(waits, 0.95), p99Ms: quantile(waits, 0.99), maxMs: quantile(waits, 1), answerMs: quantile(await answersAfter(house.control, shop.shop, asked), 0.5) };
  } finally {
    await house.close();
  }
}

/** Independent buyers: gaps are exponential, so orders also come close together. Answers how many orders were placed, when all are done. */
async function sell({ control, database }: WorkHouse, { shop, installId, items }: WorkShop, { ordersPerSecond, seconds, seed, signal }: LatencyOptions): Promise<number> {
  const random = seededRandom(seed);
  const began = performance.now();
  const placing: Promise<unknown>[] = [];
  for (let atMs = 0; atMs < seconds * 1_000 && !signal.aborted; atMs += (-Math.log(1 - random.fraction()) * 1_000) / ordersPerSecond) {
    const aheadMs = began + atMs - performance.now();
    if (aheadMs > 0) await passed(aheadMs);
    const { variantId } = random.pick(items);
    placing.push(control.placeOrders(shop, [{ channel: "api", sourceName: SOURCE, inventoryBehaviour: "BYPASS", lines: [{ variantId: `gid://shopify/ProductVariant/${variantId}`, quantity: 1 }] }]));
  }
  await Promise.all(placing);
  await untilSent(control);
  await untilDrained(database, [installId], DRAINED_MS_MAX, signal);
  return placing.length;
}

/** Of calls that change stock. On the stand-in's own clock: from the request that it has read to the answer that it has made. */
async function answersAfter(control: WorkHouse["control"], shop: string, count: number): Promise<number[]> {
  const calls = (await control.requests(shop)).slice(count).filter(({ rootFields }) => rootFields.includes("inventoryAdjustQuantities"));
  return calls.flatMap(({ startedAt, finishedAt }) => (finishedAt === null ? [] : [Date.parse(finishedAt) - Date.parse(startedAt)])).toSorted((one, other) => one - other);
}

async function untilSent(control: WorkHouse["control"]): Promise<void> {
  for (;;) {
    const { pending, inFlight } = await control.webhooks();
    if (pending + inFlight === 0) return;
    await passed(20);
  }
}

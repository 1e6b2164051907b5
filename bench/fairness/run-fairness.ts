// Many small shops get their orders at one moment, alone or while one big shop has thousands waiting; how long the small shops' orders took.
import { setTimeout as passed } from "node:timers/promises";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { storeOrders } from "../work/incoming-orders.ts";
import { databaseNow, gatherStatistics, quantile, untilDrained, waitsSince } from "../work/watch-ledger.ts";
import { openWorkHouse, type WorkHouse, type WorkShop } from "../work/work-house.ts";
import type { WorkServices } from "../work/work-services.ts";

export interface FairnessRun {
  readonly orders: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** Of the big shop, while the small ones were served. */
  readonly bigChanges: number;
}

export interface FairnessOptions {
  /** 0: no big shop has any. */
  readonly bigOrders: number;
  readonly smallShops: number;
  readonly smallOrders: number;
  readonly answerMs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

const BIG_ITEMS = 1_000;
const SMALL_ITEMS = 20;
const WARM_UP_ORDERS = 4;
const WARM_UP_BIG_ORDERS = 1_000;
/** By then the worker is in the midst of the big shop's work. */
const BIG_BEGAN_MS = 1_500;
const DRAINED_MS_MAX = 120_000;

export async function runFairness(services: WorkServices, options: FairnessOptions): Promise<FairnessRun> {
  const house = await openWorkHouse(services, { answerMs: 0 });
  try {
    const random = seededRandom(options.seed);
    const orders = (shop: WorkShop, count: number) => Array.from({ length: count }, () => [{ item: random.pick(shop.items), quantity: 1 }]);
    const big = await house.openShop({ name: "big", plan: "enterprise", items: BIG_ITEMS });
    const small: WorkShop[] = [];
    for (let count = 0; count < options.smallShops; count += 1) small.push(await house.openShop({ name: `small-${count}`, plan: "plus", items: SMALL_ITEMS }));
    await house.control.setLatency(options.answerMs);
    await house.start("worker");
    await storeOrders(house.composed, big, orders(big, WARM_UP_BIG_ORDERS));
    await serve(house, [big, ...small], small.map((shop) => [shop, orders(shop, WARM_UP_ORDERS)] as const), options.signal);
    await gatherStatistics(house.database);

    await storeOrders(house.composed, big, orders(big, options.bigOrders));
    await house.composed.waker.wake(big.shop);
    await passed(BIG_BEGAN_MS);
    const before = await appliedOf(house, big);
    const since = await databaseNow(house.database);
    await serve(house, small, small.map((shop) => [shop, orders(shop, options.smallOrders)] as const), options.signal);
    const bigChanges = (await appliedOf(house, big)) - before;
    const waits = await waitsSince(house.database, small.map((shop) => shop.installId), since);
    return { orders: waits.length, p50Ms: quantile(waits, 0.5), p95Ms: quantile(waits, 0.95), maxMs: quantile(waits, 1), bigChanges };
  } finally {
    await house.close();
  }
}

/** All at one moment, as far as one connection can store them. */
async function serve({ composed, database }: WorkHouse, awaited: readonly WorkShop[], orders: readonly (readonly [WorkShop, Parameters<typeof storeOrders>[2]])[], signal: AbortSignal): Promise<void> {
  await Promise.all(orders.map(([shop, each]) => storeOrders(composed, shop, each)));
  await composed.waker.wakeMany(awaited.map(({ shop }) => shop));
  await untilDrained(database, awaited.map(({ installId }) => installId), DRAINED_MS_MAX, signal);
}

async function appliedOf({ database }: WorkHouse, { installId }: WorkShop): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM changes WHERE install_id = $1 AND state = 'applied'`, [String(installId)]);
  return rows[0]?.count ?? 0;
}

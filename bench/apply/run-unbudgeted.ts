// What one change costs the worker when nothing holds it back: a backlog of accepted orders, each of one item, worked off by one process.
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { storeOrders } from "../work/incoming-orders.ts";
import { gatherStatistics, untilDrained } from "../work/watch-ledger.ts";
import { openWorkHouse, type WorkHouse, type WorkShop } from "../work/work-house.ts";
import type { WorkServices } from "../work/work-services.ts";

export interface UnbudgetedRun {
  readonly changes: number;
  readonly cpuMsPerChange: number;
  readonly changesPerSecond: number;
  readonly mutations: number;
}

export interface UnbudgetedOptions {
  readonly orders: number;
  readonly items: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Of the worker's Node. */
  readonly nodeOptions?: readonly string[];
}

const ANSWER_MS = 20;
/** Worked off before the measurement, so that the worker's code is compiled. */
const WARM_UP_ORDERS = 2_000;
const DRAINED_MS_MAX = 120_000;

export async function runUnbudgeted(services: WorkServices, options: UnbudgetedOptions): Promise<UnbudgetedRun> {
  const house = await openWorkHouse(services, { answerMs: ANSWER_MS });
  try {
    const shop = await house.openShop({ name: "unbudgeted", plan: "enterprise", items: options.items });
    const worker = await house.start("worker", { nodeOptions: options.nodeOptions ?? [] });
    await work(house, shop, WARM_UP_ORDERS, options);
    await gatherStatistics(house.database);
    const { cpuMs: before } = await worker.usage();
    const began = performance.now();
    const mutations = await work(house, shop, options.orders, options);
    const tookMs = performance.now() - began;
    const { cpuMs: after } = await worker.usage();
    return { changes: options.orders, cpuMsPerChange: (after - before) / options.orders, changesPerSecond: (options.orders * 1_000) / tookMs, mutations };
  } finally {
    await house.close();
  }
}

/** Answers how many calls it took. */
async function work({ composed, database }: WorkHouse, shop: WorkShop, orders: number, { seed, signal }: UnbudgetedOptions): Promise<number> {
  const random = seededRandom(seed);
  const before = await countMutations(database.pool, shop);
  await storeOrders(composed, shop, Array.from({ length: orders }, () => [{ item: random.pick(shop.items), quantity: 1 }]));
  await composed.waker.wake(shop.shop);
  await untilDrained(database, [shop.installId], DRAINED_MS_MAX, signal);
  return (await countMutations(database.pool, shop)) - before;
}

async function countMutations(pool: WorkHouse["database"]["pool"], { installId }: WorkShop): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM mutations WHERE install_id = $1`, [String(installId)]);
  return rows[0]?.count ?? 0;
}

// A Standard shop whose items all have changes waiting, all the time: how much of what its budget allows becomes applied changes.
import process from "node:process";
import { setTimeout as passed } from "node:timers/promises";
import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import { type MachineShares, machineTime, sharesBetween } from "../measure/machine-time.ts";
import { gatherStatistics } from "../work/watch-ledger.ts";
import { openWorkHouse, type WorkHouse, type WorkShop } from "../work/work-house.ts";
import type { WorkServices } from "../work/work-services.ts";

export interface BudgetedRun {
  readonly seconds: number;
  readonly pointsRestored: number;
  readonly pointsUsed: number;
  readonly calls: number;
  readonly entries: number;
  readonly changes: number;
  readonly throttled: number;
  /** Who used the machine while it was measured, for each change. */
  readonly machine: MachineShares | null;
}

export interface BudgetedOptions {
  readonly seconds: number;
  readonly items: number;
  readonly answerMs: number;
  readonly signal: AbortSignal;
}

/** Of the Standard plan, and of one adjustment. */
export const RESTORED_PER_SECOND = 100;
export const POINTS_PER_CALL = 10;
/** So few are left when the measurement begins: what follows is restored before it is used. */
const POINTS_LEFT_MAX = 100;
const FEED_EVERY_MS = 100;
const WARM_UP_MS = 4_000;

export async function runBudgeted(services: WorkServices, options: BudgetedOptions): Promise<BudgetedRun> {
  const house = await openWorkHouse(services, { answerMs: options.answerMs });
  const ending = new AbortController();
  try {
    const shop = await house.openShop({ name: "budgeted", plan: "standard", items: options.items });
    await drainBucket(house, shop);
    const feeder = createFeeder(house, shop);
    await feeder.feed();
    const worker = await house.start("worker");
    const feeding = keepFeeding(feeder.feed, AbortSignal.any([ending.signal, options.signal]));
    feeding.catch(() => undefined);
    await passed(WARM_UP_MS / 2);
    await gatherStatistics(house.database);
    await passed(WARM_UP_MS / 2);
    const run = await measure(house, shop, { ...house.pids, worker: worker.pid }, options);
    ending.abort();
    await feeding;
    return run;
  } finally {
    ending.abort();
    await house.close();
  }
}

/** Shopify's bucket is full at first, with 20 s' worth. Reads empty it, through our own budget, which so knows it. */
async function drainBucket({ composed }: WorkHouse, { shop, locationId, items }: WorkShop): Promise<void> {
  const { turnPorts } = composed;
  const places = items.slice(0, 50).map(({ inventoryItemId }) => ({ inventoryItemId, locationId }));
  const points = turnPorts.shopifyInventory.limits.levels.estimateCost(places.length);
  for (;;) {
    const standing = await composed.budget.standing(shop);
    if (standing.kind === "known" && standing.available <= POINTS_LEFT_MAX + points) return;
    const called = await Promise.all(Array.from({ length: 4 }, () => callWithinBudget(turnPorts, shop, points, () => turnPorts.shopifyInventory.readLevels({ shop }, places))));
    if (called.some((each) => each.kind === "later")) return;
  }
}

/** Gives every item that has no change waiting another one, as orders would. */
function createFeeder({ database, composed }: WorkHouse, { shop, installId, locationId, items }: WorkShop): { feed(): Promise<void> } {
  let fed = 0;
  return {
    async feed() {
      fed += 1;
      await database.pool.query(
        `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, trace_id, accepted_at, source_key)
         SELECT $1, $2, 'bench/' || $4 || '/' || i.item, 'order', $4, i.item, $3, -1, 'waiting', md5(i.item), clock_timestamp(), 'name:my-channel' FROM unnest($5::text[]) AS i(item)
         WHERE i.item NOT IN (SELECT inventory_item_id FROM changes WHERE install_id = $1 AND state = 'waiting')`,
        [String(installId), shop, locationId, String(fed), items.map(({ inventoryItemId }) => inventoryItemId)],
      );
      await composed.waker.wake(shop);
    },
  };
}

async function keepFeeding(feed: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await feed();
    await passed(FEED_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

interface Figures {
  readonly calls: number;
  readonly entries: number;
  readonly changes: number;
}

/** Calls that Shopify finished within the time, by its own list of requests; what they carried, by the ledger. */
async function measure(house: WorkHouse, { shop, installId }: WorkShop, pids: Readonly<Record<string, number>>, { seconds, signal }: BudgetedOptions): Promise<BudgetedRun> {
  const from = await figuresOf(house, installId);
  const asked = (await house.control.requests(shop)).at(-1)?.seq ?? 0;
  const machineBefore = await machineTime(pids);
  const feedingBefore = process.cpuUsage();
  const began = performance.now();
  await passed(seconds * 1_000, undefined, { signal });
  const tookSeconds = (performance.now() - began) / 1_000;
  const feeding = process.cpuUsage(feedingBefore);
  const machineAfter = await machineTime(pids);
  const until = await figuresOf(house, installId);
  const requests = (await house.control.requests(shop)).filter(({ seq }) => seq > asked);
  const calls = until.calls - from.calls;
  const changes = until.changes - from.changes;
  const shares = sharesBetween(machineBefore, machineAfter, changes);
  return {
    seconds: tookSeconds,
    pointsRestored: tookSeconds * RESTORED_PER_SECOND,
    pointsUsed: calls * POINTS_PER_CALL,
    calls,
    entries: until.entries - from.entries,
    changes,
    throttled: requests.filter(({ outcome }) => /throttled/i.test(outcome)).length,
    machine: shares === null ? null : { ...shares, us: { ...shares.us, feeding: (feeding.user + feeding.system) / changes } },
  };
}

async function figuresOf({ database }: WorkHouse, installId: bigint): Promise<Figures> {
  const { rows } = await database.pool.query<Figures>(
    `SELECT (SELECT count(*)::int FROM mutations WHERE install_id = $1 AND state = 'applied') AS calls,
       (SELECT count(*)::int FROM mutation_entries e JOIN mutations m ON m.id = e.mutation_id WHERE m.install_id = $1 AND m.state = 'applied') AS entries,
       (SELECT count(*)::int FROM changes WHERE install_id = $1 AND state = 'applied') AS changes`,
    [String(installId)],
  );
  return rows[0] ?? { calls: 0, entries: 0, changes: 0 };
}

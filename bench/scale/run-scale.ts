// The same orders through so many web and so many worker processes: what all of them used, and whether anything was done twice.
import { join } from "node:path";
import process from "node:process";
import { setTimeout as passed } from "node:timers/promises";
import { runCommand } from "#dev/services/run-command.ts";
import type { MeasuredProcess } from "../work/measured-process.ts";
import { gatherStatistics, untilDrained, untilJudged } from "../work/watch-ledger.ts";
import { API_SECRET, openWorkHouse, type WorkHouse, type WorkShop } from "../work/work-house.ts";
import type { WorkServices } from "../work/work-services.ts";
import type { PostInput } from "./post-process.ts";

export interface ScaleRun {
  readonly processes: number;
  readonly changes: number;
  readonly webCpuMs: number;
  readonly workerCpuMs: number;
  readonly seconds: number;
  /** What all of them used in a second in which nothing was to be done, after the last stock was judged. */
  readonly idleCpuMsPerSecond: number;
  /** Calls to Shopify beyond one a mutation, and changes beyond one an order. */
  readonly doneTwice: number;
  readonly mutations: number;
  /** Of shops: the fewer orders a turn finds, the more of them there are. */
  readonly turns: number;
  /** Of all processes, looks and the queue's own included. */
  readonly redisCommands: number;
}

export interface ScaleOptions {
  /** Of web, and of worker. */
  readonly processes: number;
  readonly orders: number;
  readonly shops: number;
  readonly answerMs: number;
  /** Orders for each process before it is measured, so that each has compiled what it runs. */
  readonly warmUp: number;
  /** Before it, too: orders that come one by one, each with a turn of its own; those of a rush share theirs. */
  readonly warmUpTurns: number;
  /** Of the measured orders, by a timetable; 0: as fast as they are answered. */
  readonly perSecond: number;
  readonly signal: AbortSignal;
}

const ENTRY = join(import.meta.dirname, "post-process.ts");
const ITEMS = 200;
const CONNECTIONS = 48;
/** So slow that a turn seldom finds two orders, so fast that it does not take all day. */
const WARM_UP_PER_SECOND = 50;
/** Nothing is asked of them for so long, to see what they use all the same. */
const IDLE_MS = 5_000;
const DRAINED_MS_MAX = 120_000;

export async function runScale(services: WorkServices, options: ScaleOptions): Promise<ScaleRun> {
  const house = await openWorkHouse(services, { answerMs: 0 });
  try {
    const shops: WorkShop[] = [];
    for (let count = 0; count < options.shops; count += 1) shops.push(await house.openShop({ name: `scale-${count}`, plan: "plus", items: ITEMS }));
    await house.control.setLatency(options.answerMs);
    const [webs, workers] = await Promise.all((["web", "worker"] as const).map((service) => startMany(house, service, options.processes)));
    if (webs === undefined || workers === undefined) throw new Error("no process was started");
    const { signal, perSecond } = options;
    const [rush, single] = [options.warmUp * options.processes, options.warmUpTurns * options.processes];
    await play(house, shops, webs, { orders: rush, after: 0, perSecond: 0, signal });
    await play(house, shops, webs, { orders: single, after: rush, perSecond: WARM_UP_PER_SECOND, signal });
    await gatherStatistics(house.database);
    const [webBefore, workerBefore, began] = [await cpuOf(webs), await cpuOf(workers), performance.now()];
    const before = await countsOf(house);
    await play(house, shops, webs, { orders: options.orders, after: rush + single, perSecond, signal });
    const seconds = (performance.now() - began) / 1_000;
    const after = await countsOf(house);
    const changes = after.changes - before.changes;
    const [webCpuMs, workerCpuMs] = [(await cpuOf(webs)) - webBefore, (await cpuOf(workers)) - workerBefore];
    return {
      processes: options.processes,
      changes,
      webCpuMs,
      workerCpuMs,
      seconds,
      idleCpuMsPerSecond: await idleCost([...webs, ...workers], signal),
      doneTwice: after.attempts - after.mutations + Math.abs(changes - options.orders),
      mutations: after.mutations - before.mutations,
      turns: after.turns - before.turns,
      redisCommands: after.redisCommands - before.redisCommands,
    };
  } finally {
    await house.close();
  }
}

function startMany(house: WorkHouse, service: "web" | "worker", count: number): Promise<MeasuredProcess[]> {
  return Promise.all(Array.from({ length: count }, () => house.start(service)));
}

async function play({ database }: WorkHouse, shops: readonly WorkShop[], webs: readonly MeasuredProcess[], { orders, after, perSecond, signal }: Pick<PostInput, "orders" | "after" | "perSecond"> & Pick<ScaleOptions, "signal">): Promise<void> {
  const input: PostInput = {
    origins: webs.map(({ origin }) => origin),
    secret: API_SECRET,
    shops: shops.map(({ shop, items }) => ({ shop, variantIds: items.map(({ variantId }) => variantId) })),
    orders,
    after,
    connections: CONNECTIONS,
    perSecond,
  };
  const { code, output } = await runCommand(process.execPath, ["--disable-warning=ExperimentalWarning", ENTRY, JSON.stringify(input)], { signal });
  if (code !== 0) throw new Error(`the load failed:\n${output}`);
  const installIds = shops.map(({ installId }) => installId);
  await untilDrained(database, installIds, DRAINED_MS_MAX, signal);
  // What detection still had to do for the warm-up's orders, of which many processes get many, would count as the measured orders' cost.
  await untilJudged(database, installIds, DRAINED_MS_MAX, signal);
}

async function cpuOf(processes: readonly MeasuredProcess[]): Promise<number> {
  const used = await Promise.all(processes.map((each) => each.usage()));
  return used.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

async function idleCost(processes: readonly MeasuredProcess[], signal: AbortSignal): Promise<number> {
  const before = await cpuOf(processes);
  await passed(IDLE_MS, undefined, { signal });
  return ((await cpuOf(processes)) - before) / (IDLE_MS / 1_000);
}

interface Counts {
  readonly changes: number;
  readonly mutations: number;
  readonly attempts: number;
  readonly turns: number;
  readonly redisCommands: number;
}

async function countsOf({ database, redis }: WorkHouse): Promise<Counts> {
  const redisCommands = Number(/total_commands_processed:(\d+)/.exec(await redis.info("stats"))?.[1] ?? Number.NaN);
  const { rows } = await database.pool.query<Omit<Counts, "redisCommands">>(
    `SELECT (SELECT count(*)::int FROM changes WHERE state = 'applied') AS changes, (SELECT count(*)::int FROM mutations) AS mutations, (SELECT count(*)::int FROM attempts) AS attempts,
       (SELECT coalesce(sum(turns), 0)::int FROM activity_hours) AS turns`,
  );
  return { ...(rows[0] ?? { changes: 0, mutations: 0, attempts: 0, turns: 0 }), redisCommands };
}

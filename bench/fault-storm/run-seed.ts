// One seed from an empty database to its verdict: shops, processes, buyers and trouble; then calm, rest, and the laws.
import { randomBytes } from "node:crypto";
import { startSimulator, type Simulator } from "#simulator/start.ts";
import { mischiefDone } from "#simulator/scenarios/mischief-done.ts";
import { seededRandom, type SeededRandom } from "#tests/setup/seeded-random.ts";
import { startBalancer, type Balancer } from "./balancer.ts";
import type { Report } from "./child/messages.ts";
import { gatherEvidence, readSent, type Decision } from "./evidence.ts";
import { writeEvidence } from "./write-evidence.ts";
import { Coverage, FAULT_NAMES, KILLS_MIN, STRIKES_MIN, type FaultName } from "./faults.ts";
import { Gate } from "./gate.ts";
import { findGuard } from "./guards.ts";
import { judgeLaws } from "./laws/judge-laws.ts";
import type { Violation } from "./laws/laws.ts";
import { Posts } from "./posts.ts";
import { startSale } from "./sale.ts";
import { IDENTITY, openShops, seedEnvironment, type StormShop } from "./seed-shops.ts";
import { planStorm } from "./storm-plan.ts";
import { STATEMENT_FAULTS } from "./storm-schema.ts";
import type { SeedDatabase, StormServices } from "./storm-services.ts";
import { SHOPIFY_CLOCK_SCALE, SHOPIFY_LATENCY_MS, STORM_TIMINGS } from "./storm-timings.ts";
import { Trouble } from "./trouble.ts";
import { comeToRest } from "./come-to-rest.ts";

export interface SeedInput {
  readonly seed: number;
  readonly orders: number;
  readonly shops: number;
  readonly without: readonly string[];
  /** Default: all of them. */
  readonly faults?: readonly FaultName[];
  /** Lets up when every order is placed and every fault has struck once; coverage is not judged. For short runs. */
  readonly brief?: boolean;
  /** A folder for what the seed was judged by. */
  readonly out?: string;
}

export interface SeedResult {
  readonly seed: number;
  readonly orders: number;
  readonly deliveries: number;
  readonly calls: number;
  readonly kills: number;
  readonly coverage: Coverage;
  /** Faults that struck too seldom for the seed to prove anything. */
  readonly uncovered: readonly { readonly fault: FaultName; readonly count: number }[];
  readonly violations: readonly Violation[];
  readonly seconds: { readonly storm: number; readonly rest: number; readonly whole: number };
}

export async function runSeed(services: StormServices, input: SeedInput): Promise<SeedResult> {
  const startedMs = Date.now();
  const without = withFirstLines(input.without);
  const guards = without.flatMap((name) => findGuard(name) ?? []);
  const spared = new Set(guards.flatMap(({ spares }) => spares ?? []));
  const faults = guards.some(({ behind }) => behind?.without === "all faults") ? [] : (input.faults ?? FAULT_NAMES).filter((fault) => !spared.has(fault));
  const database = await services.createDatabase(`storm_${input.seed}_${randomBytes(3).toString("hex")}`, guards.flatMap(({ sql }) => sql ?? []));
  await services.redisAdmin.flushall();
  const simulator = await startSimulator({
    apiKey: IDENTITY.SHOPIFY_API_KEY,
    apiSecret: IDENTITY.SHOPIFY_API_SECRET,
    scopes: IDENTITY.SCOPES.split(","),
    optionalScopes: IDENTITY.OPTIONAL_SCOPES.split(","),
    schemaPath: services.adminSchemaPath,
    seed: input.seed,
  });
  try {
    return await storm(services, { ...input, without, faults }, { database, simulator, startedMs, exposing: guards.flatMap(({ exposedBy }) => exposedBy), hot: guards.some(({ hot }) => hot), slowCalls: guards.some(({ slowCalls }) => slowCalls) });
  } finally {
    await simulator.close();
    await database.drop();
  }
}

/** What a guard stands behind is taken away with it. */
function withFirstLines(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => [name, ...(findGuard(name)?.behind ? [findGuard(name)?.behind?.guard ?? ""] : [])]))];
}

interface Scene {
  readonly database: SeedDatabase;
  readonly simulator: Simulator;
  readonly startedMs: number;
  readonly exposing: readonly FaultName[];
  readonly hot: boolean;
  readonly slowCalls: boolean;
}

async function storm(services: StormServices, input: SeedInput & { readonly faults: readonly FaultName[] }, { database, simulator, startedMs, exposing, hot, slowCalls }: Scene): Promise<SeedResult> {
  const { seed, without } = input;
  const random = seededRandom(seed);
  const coverage = new Coverage();
  const env = seedEnvironment({ databaseUrl: database.url, redisUrl: services.redis.url, encryptionKey: randomBytes(32).toString("base64") });
  const names = Array.from({ length: input.shops }, (_, index) => `storm-${seed}-${index + 1}.myshopify.com`);
  const shops = await openShops(simulator, env, names);
  const [redisLosses, lockLosses, decisions]: [number[], { by: string; atMs: number }[], Decision[]] = [[], [], []];
  const plan = planStorm({ faults: input.faults, exposing, brief: input.brief === true, slowCalls });
  const balancer = await startBalancer();
  const gate: Gate = new Gate({
    shopifyOrigin: simulator.origin,
    pool: database.pool,
    decide: (call, earlier) => trouble.decide(call, earlier),
    arrange: ({ shop }, { kind, ms, index }) =>
      void simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: kind === "late_attempt" || kind === "slow_question" ? "slow" : kind, delayMs: ms, shop, index, ...(kind === "user_error" ? { code: "INVALID_INVENTORY_ITEM" } : {}) }),
    struck: ({ kind }) => coverage.struck(kind),
  });
  const posts: Posts = new Posts({ services, gate, env, redisPrefix: `storm-${seed}`, timings: STORM_TIMINGS, without, onReport: hear });
  const trouble: Trouble = new Trouble({ plan, random, coverage, services, database, processes: () => posts.now(), redisLosses });

  function hear(by: string, report: Report): void {
    if (report.report === "decided") decisions.push({ ...report, by });
    if (report.report !== "struck") return;
    const { fault, step, moment, id, ms } = report.strike;
    coverage.struck(fault, `${step}:${moment}`);
    trouble.struck(id);
    if (fault === "pause") posts.find(by)?.standStill(ms, true);
    if (fault === "lock_lost") lockLosses.push({ by, atMs: Date.now() });
  }

  try {
    const played = await play({ services, input, database, simulator, shops, random, posts, trouble, gate, balancer, hot });
    const log = readSent(simulator);
    countWebhooks(coverage, log);
    await countStatements(trouble, database);
    const { sale, unfinished, redisKeys, stormEndedMs, restedMs } = played;
    const evidence = await gatherEvidence(database.pool, simulator, { shops, orders: sale.orders, calls: gate.calls, processes: posts.all, redisLosses, lockLosses, decisions: [...decisions], unfinished, redisKeys });
    if (input.out !== undefined) await writeEvidence(input.out, seed, evidence, coverage);
    return {
      seed,
      orders: [...sale.orders.values()].reduce((sum, of) => sum + of.length, 0),
      deliveries: evidence.deliveries.length,
      calls: gate.calls.length,
      kills: coverage.kills(),
      coverage,
      uncovered: without.length > 0 || input.brief === true ? [] : uncovered(coverage, input.faults),
      violations: judgeLaws(evidence),
      seconds: { storm: seconds(startedMs, stormEndedMs), rest: seconds(stormEndedMs, restedMs), whole: seconds(startedMs, Date.now()) },
    };
  } finally {
    trouble.end();
    await posts.close();
    await gate.close();
    await balancer.close();
  }
}

interface Stage {
  readonly services: StormServices;
  readonly input: SeedInput & { readonly faults: readonly FaultName[] };
  readonly database: SeedDatabase;
  readonly simulator: Simulator;
  readonly shops: readonly StormShop[];
  readonly random: SeededRandom;
  readonly posts: Posts;
  readonly trouble: Trouble;
  readonly gate: Gate;
  readonly balancer: Balancer;
  readonly hot: boolean;
}

/** The storm itself, then calm, then rest. */
async function play({ services, input: { seed, orders, faults }, database, simulator, shops, random, posts, trouble, gate, balancer, hot }: Stage) {
  await posts.fill();
  balancer.targets = () => posts.acceptPorts();
  simulator.setAppUrl(balancer.origin);
  simulator.control.setClock({ scale: SHOPIFY_CLOCK_SCALE });
  simulator.control.setLatency({ graphqlMs: SHOPIFY_LATENCY_MS });
  const sale = startSale(simulator, shops, { seed, orders, random, hot });
  let sold = false;
  const planned = sale.planned.then(() => {
    sold = true;
  });
  const raging = trouble.rage(() => sold).finally(() => trouble.end());
  const [redisKeys] = await Promise.all([watchKeys(services, () => trouble.isOver()), raging, planned]);
  await sale.stop();
  simulator.control.planWebhooks({ seed });
  simulator.control.clearFaults();
  gate.releaseLate();
  // Somebody must be there to answer: a webhook that is refused eight times is never sent again.
  posts.calm();
  await posts.fill();
  if (faults.includes("redis_restart") && faults.includes("kill_at_any_moment")) await cutPower(services, simulator, posts);
  const stormEndedMs = Date.now();
  const unfinished = await comeToRest(database.pool, simulator);
  return { sale, redisKeys, unfinished, stormEndedMs, restedMs: Date.now() };
}

/**
 * The last blow: every webhook was answered, and in the next moment every worker is dead and Redis empty. Nothing arrives any more that
 * could wake anybody.
 */
async function cutPower({ redis }: StormServices, simulator: Simulator, posts: Posts): Promise<void> {
  await simulator.control.drainWebhooks({ skipAhead: true });
  for (const worker of posts.now().filter(({ service }) => service === "worker")) worker.kill();
  await redis.killAndRestart();
  await posts.fill();
}

function uncovered(coverage: Coverage, wanted: readonly FaultName[]): SeedResult["uncovered"] {
  const few = wanted.map((fault) => ({ fault, count: coverage.count(fault) })).filter(({ count }) => count < STRIKES_MIN);
  const killed = wanted.includes("kill_at_step") && coverage.kills() < KILLS_MIN;
  return killed ? [...few, { fault: "kill_at_any_moment", count: coverage.kills() }] : few;
}

function countWebhooks(coverage: Coverage, log: ReturnType<typeof readSent>): void {
  coverage.struck("webhook_copy", undefined, log.filter(({ copy, sentAt }) => copy > 0 && sentAt !== null).length);
  const done = mischiefDone(log);
  coverage.struck("webhook_out_of_order", undefined, done.outOfOrderSends);
  coverage.struck("webhook_late", undefined, done.lateSends);
}

async function countStatements(trouble: Trouble, database: SeedDatabase): Promise<void> {
  for (const fault of STATEMENT_FAULTS) {
    const found = await database.pool.query<{ struck: number }>(`SELECT (last_value - 1)::int AS struck FROM storm.${fault}_struck`);
    trouble.noteStatements(fault, found.rows[0]?.struck ?? 0);
  }
}

/** Names of locks are looked at while they are held: afterwards there are none. */
async function watchKeys({ redisAdmin }: StormServices, isOver: () => boolean): Promise<string[]> {
  const seen = new Set<string>();
  while (!isOver()) {
    for (const key of await redisAdmin.keys("*lock*stock/*").catch(() => [])) seen.add(key);
    await new Promise((passed) => setTimeout(passed, 150));
  }
  return [...seen];
}

function seconds(fromMs: number, untilMs: number): number {
  return Math.round((untilMs - fromMs) / 100) / 10;
}

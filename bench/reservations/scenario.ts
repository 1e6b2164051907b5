// `npm run bench -- reservations`: holds granted a second, ours beside a plain row-locking transaction, in the same run on the same database.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { say } from "#dev/services/say.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import type { BenchScenario } from "../bench-scenario.ts";
import { type BenchDatabase, type Databases, openDatabases } from "../databases.ts";
import { CONNECTIONS, openBooked, seedStocks } from "./booked.ts";
import { buy, percentile, type Sample } from "./buy.ts";
import { openPlain, PLAIN_SCHEMA, type Reserving } from "./plain-transaction.ts";

/** On the hot item: granted a second, of what the faster plain one grants; and its 99th percentile below both of theirs. */
const TIMES = 2.5;
/** A pool that PostgreSQL sensibly takes; beside it one connection a buyer. */
const SENSIBLE_POOL = 16;
const SPREAD_ITEMS = 5_000;
const STOCK_FOR_ALL = 1_000_000_000;

const ms = (value: number | null) => (value === null ? "–" : `${value.toFixed(1)} ms`).padStart(10);
const rate = (value: number) => value.toFixed(0).padStart(7);
const text = (value: string) => ({ type: "string", default: value }) as const;

interface Runner {
  readonly name: string;
  readonly open: (url: string) => Reserving;
}

interface Figures {
  readonly name: string;
  readonly granted: number;
  readonly refused: number;
  readonly grantedPerSecond: number;
  readonly refusedPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly refusedP50Ms: number | null;
  readonly refusedP99Ms: number | null;
}

interface Part {
  readonly about: string;
  readonly runners: readonly Figures[];
}

interface Plan {
  readonly about: string;
  readonly items: number;
  readonly units: number;
}

const PLANS: readonly Plan[] = [
  { about: "one hot item with stock for all", items: 1, units: STOCK_FOR_ALL },
  { about: `${SPREAD_ITEMS} items, no hot spot`, items: SPREAD_ITEMS, units: STOCK_FOR_ALL },
  { about: "one hot item that sells out: 1,000 units", items: 1, units: 1_000 },
];

export const reservations: BenchScenario = {
  name: "reservations",
  about: "holds granted a second on a hot item, beside the plain SELECT … FOR UPDATE transaction; with no hot spot; sold out",
  usage: [
    "--buyers N       who ask at the same time (200)",
    "--seconds N      of each measurement (5)",
    "--rounds N       each takes its turn so often (3)",
    "--hot            the hot item only",
    "--json           one JSON document instead of the tables",
    `exit code 0: on the hot item ours grants at least ${TIMES} times what the faster plain transaction does, with a p99 below both; and whatever was`,
    "             granted is written and counted, on each side",
  ],
  async run(args, shutdown) {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({ args: [...args], options: { buyers: text("200"), seconds: text("5"), rounds: text("3"), hot: flag, json: flag, yes: flag } });
    const { databases, durability } = await startServices(shutdown);
    const load = { buyers: Number(values.buyers), seconds: Number(values.seconds), rounds: Number(values.rounds), signal: shutdown.signal };
    if (!values.json) say(`${load.buyers} buyers, ${load.rounds} × ${load.seconds} s each; client and PostgreSQL on this machine; ${durability}`);
    const parts: Part[] = [];
    for (const plan of values.hot ? PLANS.slice(0, 1) : PLANS) {
      const part = { about: plan.about, runners: await runPlan(databases, plan, load) };
      parts.push(part);
      if (!values.json) print(part);
    }
    const verdict = judge(parts[0]);
    if (values.json) process.stdout.write(`${JSON.stringify({ durability, load: { buyers: load.buyers, seconds: load.seconds, rounds: load.rounds }, parts, verdict })}\n`);
    else say(`hot item: ${verdict.times.toFixed(1)} times the faster plain transaction (goal ${TIMES}), p99 ${verdict.p99Lower ? "below" : "NOT below"} both`);
    return verdict.times >= TIMES && verdict.p99Lower ? 0 : 1;
  },
};

async function startServices(shutdown: Shutdown): Promise<{ databases: Databases; durability: string }> {
  const folder = join(tmpdir(), `holdfast-reservations-${process.pid}-${randomBytes(3).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  shutdown.add("the folder", async () => await rm(folder, { recursive: true, force: true }));
  await generateClient();
  // As in production: a grant that was answered outlives the machine's power.
  const postgres = await startPostgres({ folder: join(folder, "postgres"), durability: "safe" });
  shutdown.add("PostgreSQL", postgres.stop);
  const migrated = new URL(postgres.url);
  migrated.pathname = "/migrated";
  const administrator = await openDatabases(shutdown, { folder, postgres: { url: postgres.url, migrated: "template1" }, application: "reservations benchmark" });
  const { pool, name } = await administrator.create("migrated");
  const { rows } = await pool.query<{ said: string }>(
    `SELECT 'fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit') || ', PostgreSQL ' || current_setting('server_version') AS said`,
  );
  await pool.end();
  await deployMigrations(migrated.href);
  const databases = await openDatabases(shutdown, { folder, postgres: { url: postgres.url, migrated: name }, schema: PLAIN_SCHEMA, application: "reservations benchmark" });
  return { databases, durability: rows[0]?.said ?? "unknown" };
}

interface Load {
  readonly buyers: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/** By turns, so that what else the machine does strikes all alike. Each on a database of its own, so that none finds what another left. */
async function runPlan(databases: Databases, plan: Plan, load: Load): Promise<Figures[]> {
  const runners: Runner[] = [
    { name: `plain, pool of ${SENSIBLE_POOL}`, open: (url) => openPlain(url, SENSIBLE_POOL) },
    { name: `plain, pool of ${load.buyers}`, open: (url) => openPlain(url, load.buyers) },
    { name: `ours, ${CONNECTIONS} connections`, open: (url) => openBooked(url, false) },
    { name: "ours, each buyer with a limit", open: (url) => openBooked(url, true) },
  ];
  const samples = new Map<string, Sample[]>(runners.map(({ name }) => [name, []]));
  for (let round = 0; round < load.rounds && !load.signal.aborted; round += 1) {
    for (const { name, open } of runners) {
      const database = await databases.create(`reservations_${randomBytes(4).toString("hex")}`, seedStocks(plan.items, plan.units));
      samples.get(name)?.push(await measure(database, open, plan, load));
      await database.drop();
    }
  }
  return runners.map(({ name }) => figures(name, samples.get(name) ?? []));
}

async function measure(database: BenchDatabase, open: Runner["open"], { items }: Plan, load: Load): Promise<Sample> {
  const reserving = open(database.url);
  try {
    const sample = await buy(reserving, { ...load, warmUpSeconds: 1, pick: () => String(1 + Math.floor(Math.random() * items)) });
    const { counted, written } = await reserving.totals();
    if (counted !== written) throw new Error(`${counted} units are counted as granted, and holds of ${written} are written`);
    return sample;
  } finally {
    await reserving.close();
  }
}

function figures(name: string, samples: readonly Sample[]): Figures {
  const seconds = samples.reduce((sum, sample) => sum + sample.seconds, 0);
  const grantedMs = samples.flatMap((sample) => sample.grantedMs);
  const refusedMs = samples.flatMap((sample) => sample.refusedMs);
  return {
    name,
    granted: grantedMs.length,
    refused: refusedMs.length,
    grantedPerSecond: grantedMs.length / seconds,
    refusedPerSecond: refusedMs.length / seconds,
    p50Ms: percentile(grantedMs, 0.5),
    p99Ms: percentile(grantedMs, 0.99),
    refusedP50Ms: percentile(refusedMs, 0.5),
    refusedP99Ms: percentile(refusedMs, 0.99),
  };
}

function judge(hot: Part | undefined): { times: number; p99Lower: boolean } {
  const plain = hot?.runners.filter(({ name }) => name.startsWith("plain")) ?? [];
  const ours = hot?.runners.find(({ name }) => name.startsWith("ours"));
  const best = Math.max(...plain.map(({ grantedPerSecond }) => grantedPerSecond));
  const p99 = Math.min(...plain.map(({ p99Ms }) => p99Ms ?? Number.POSITIVE_INFINITY));
  return { times: (ours?.grantedPerSecond ?? 0) / best, p99Lower: (ours?.p99Ms ?? Number.POSITIVE_INFINITY) < p99 };
}

function print({ about, runners }: Part): void {
  say(`${about}:`);
  say(`  ${"".padEnd(30)} granted/s       p50        p99   refused/s       p50        p99`);
  for (const each of runners) {
    say(`  ${each.name.padEnd(30)}   ${rate(each.grantedPerSecond)} ${ms(each.p50Ms)} ${ms(each.p99Ms)}     ${rate(each.refusedPerSecond)} ${ms(each.refusedP50Ms)} ${ms(each.refusedP99Ms)}`);
  }
}

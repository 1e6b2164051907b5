// `npm run bench -- reconcile`: are all hidden differences found, and does order work notice a comparison of all stock?
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { startRedis } from "#dev/services/redis.ts";
import { say } from "#dev/services/say.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import type { BenchScenario } from "../bench-scenario.ts";
import { type Databases, openDatabases } from "../databases.ts";
import { type IsolationRun, type Latencies, runIsolation } from "./run-isolation.ts";
import { runReconcileTruth, type TruthRun } from "./run-truth.ts";

/** Undisturbed: the 95th percentile beside scans is at most this, of what it is without. */
const TIMES = 1.5;
const MORE_MS = 250;

const text = (value: string) => ({ type: "string", default: value }) as const;
const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(9);

interface Services {
  readonly databases: Databases;
  readonly redisUrl: string;
  readonly folder: string;
}

export const reconcile: BenchScenario = {
  name: "reconcile",
  about: "are all hidden differences of stock found and explained, and does order work stay undisturbed by a comparison of all stock",
  usage: [
    "--levels N       stock levels that are compared beside the orders (50000)",
    "--orders N       orders a second, each of them one deduction (20)",
    "--seconds N      of each of the two streams (60)",
    "--truth-levels N levels among which differences are hidden (1000); 0 leaves this part out",
    "--seed S         for the hidden differences (1)",
    "--json           one JSON document instead of the tables",
    `exit code 0: every difference found and explained, nothing proposed but debts of our own; every scan done; p95 from acceptance to`,
    `             application beside scans at most ${TIMES} times the one without, plus ${MORE_MS} ms`,
  ],
  async run(args, shutdown) {
    const flag = { type: "boolean", default: false } as const;
    const options = { levels: text("50000"), orders: text("20"), seconds: text("60"), "truth-levels": text("1000"), seed: text("1"), json: flag, yes: flag };
    const { values } = parseArgs({ args: [...args], options });
    const services = await startServices(shutdown);
    const tell = values.json ? () => undefined : say;
    const truthLevels = Number(values["truth-levels"]);
    const truth = truthLevels > 0 ? await playTruth(services, { seed: Number(values.seed), levels: truthLevels }) : null;
    if (truth && !values.json) printTruth(truth);
    const isolation = await playIsolation(services, { levels: Number(values.levels), ordersPerSecond: Number(values.orders), seconds: Number(values.seconds), signal: shutdown.signal, say: tell });
    const verdict = { truth: truth === null || isAllRight(truth), undisturbed: isUndisturbed(isolation) };
    if (values.json) process.stdout.write(`${JSON.stringify({ truth, isolation, criterion: { times: TIMES, moreMs: MORE_MS }, verdict })}\n`);
    else printIsolation(isolation, verdict.undisturbed);
    return verdict.truth && verdict.undisturbed ? 0 : 1;
  },
};

async function startServices(shutdown: Shutdown): Promise<Services> {
  const folder = join(tmpdir(), `holdfast-reconcile-${process.pid}-${randomBytes(3).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  shutdown.add("the folder", async () => await rm(folder, { recursive: true, force: true }));
  await ensureAdminSchema();
  const redis = await startRedis({ folder: join(folder, "redis") });
  shutdown.add("Redis", redis.stop);
  const databases = await openDatabases(shutdown, { folder, application: "reconcile benchmark" });
  return { databases, redisUrl: redis.url, folder };
}

async function playTruth({ databases, redisUrl }: Services, options: { seed: number; levels: number }): Promise<TruthRun> {
  const database = await databases.create(`reconcile_truth_${randomBytes(3).toString("hex")}`);
  try {
    return await runReconcileTruth({ ...options, faults: true, databaseUrl: database.url, redisUrl });
  } finally {
    await database.drop();
  }
}

async function playIsolation({ databases, redisUrl, folder }: Services, options: Omit<Parameters<typeof runIsolation>[0], "databaseUrl" | "redisUrl" | "folder">): Promise<IsolationRun> {
  const database = await databases.create(`reconcile_beside_${randomBytes(3).toString("hex")}`);
  try {
    return await runIsolation({ ...options, databaseUrl: database.url, redisUrl, folder });
  } finally {
    await database.drop();
  }
}

function isAllRight({ figures, negativeUnseen, closedLocationUnseen }: TruthRun): boolean {
  return wrongsOf(figures).length === 0 && figures.proposals.right === figures.proposals.due && negativeUnseen.length === 0 && !closedLocationUnseen;
}

function wrongsOf({ missed, misread, wrongProposals, invented }: TruthRun["figures"]): readonly string[] {
  return [...missed, ...misread, ...wrongProposals, ...invented];
}

function isUndisturbed({ without, beside, scans }: IsolationRun): boolean {
  // Orders that were not applied at all would make the rest look fast.
  if ([without, beside].some(({ orders, changes }) => changes !== orders)) return false;
  return scans.length > 0 && scans.every(({ state }) => state === "done") && beside.p95Ms <= without.p95Ms * TIMES + MORE_MS;
}

function printTruth(run: TruthRun): void {
  const { injected, found, explained, proposals } = run.figures;
  say(`${run.levels} levels, ${injected} hidden differences: ${found} found, ${explained} explained rightly; ${proposals.due} debts, ${proposals.right} proposed rightly`);
  for (const wrong of [...wrongsOf(run.figures), ...run.negativeUnseen.map((place) => `${place}: below zero, not told`)]) say(`  ${wrong}`);
}

function lineOf(name: string, { orders, changes, p50Ms, p95Ms, p99Ms }: Latencies): string {
  return `${name.padEnd(14)} ${String(orders).padStart(7)} ${String(changes).padStart(7)} ${ms(p50Ms)} ${ms(p95Ms)} ${ms(p99Ms)}`;
}

function printIsolation(run: IsolationRun, undisturbed: boolean): void {
  say(`${run.levels} levels, ${run.ordersPerSecond} orders/s for ${run.seconds} s, from acceptance to application:`);
  for (const row of [`${"".padEnd(14)} ${"orders".padStart(7)} ${"changes".padStart(7)} ${"p50".padStart(9)} ${"p95".padStart(9)} ${"p99".padStart(9)}`, lineOf("alone", run.without), lineOf("beside scans", run.beside)]) process.stdout.write(`${row}\n`);
  say(`day one took ${(run.dayOneMs / 1_000).toFixed(1)} s; ${run.differences} differences were hidden; scans: ${run.scans.map((scan) => `${scan.levels} levels in ${(scan.tookMs / 1_000).toFixed(1)} s, ${scan.drifts} mismatches (${scan.state})`).join("; ")}`);
  say(`the worker's memory was at most ${run.workerRssMbMax} MB; order work was ${undisturbed ? "undisturbed" : "disturbed"}: p95 may be ${TIMES} times as long plus ${MORE_MS} ms`);
}

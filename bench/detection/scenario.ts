// `npm run bench -- detection`: every day of known truth, seed after seed, with event ids shared and not; what was right, and what was not.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { startRedis } from "#dev/services/redis.ts";
import { say, SetupProblem } from "#dev/services/say.ts";
import { DETECTION_SCENARIOS } from "#simulator/scenarios/detection/scenarios.ts";
import type { BenchScenario } from "../bench-scenario.ts";
import { openDatabases } from "../databases.ts";
import { type DetectionRun, runDetectionScenario } from "./run-scenario.ts";

/** What must be reached, over all seeds together. */
const GOALS = { right: 1, decidable: 0.8, precision: 0.98, recall: 0.95 } as const;

export const detection: BenchScenario = {
  name: "detection",
  about: "ten days of known truth: are the orders short of stock right, are overwrites found",
  usage: [
    "--seeds N        so many seeds, one after the other (3)",
    "--seed S         the first of them (1)",
    "--scenario NAME  only this one; may be repeated",
    "--json           one JSON document a run instead of a line",
  ],
  async run(args, shutdown) {
    const { values } = parseArgs({
      args: [...args],
      options: { seeds: { type: "string", default: "3" }, seed: { type: "string", default: "1" }, scenario: { type: "string", multiple: true, default: [] }, json: { type: "boolean", default: false }, yes: { type: "boolean", default: false } },
    });
    const scenarios = DETECTION_SCENARIOS.filter(({ name }) => values.scenario.length === 0 || values.scenario.includes(name));
    if (scenarios.length === 0) throw new SetupProblem(`There are the scenarios ${DETECTION_SCENARIOS.map(({ name }) => name).join(", ")}`);
    const [first, count] = [Number(values.seed), Number(values.seeds)];
    const folder = join(tmpdir(), `holdfast-detection-${process.pid}-${randomBytes(3).toString("hex")}`);
    await mkdir(folder, { recursive: true });
    shutdown.add("the folder", async () => await rm(folder, { recursive: true, force: true }));
    await ensureAdminSchema();
    const redis = await startRedis({ folder: join(folder, "redis") });
    shutdown.add("Redis", redis.stop);
    const databases = await openDatabases(shutdown, { folder, application: "detection benchmark" });
    const runs: DetectionRun[] = [];
    for (let seed = first; seed < first + count && !shutdown.signal.aborted; seed += 1) {
      for (const scenario of scenarios) {
        const database = await databases.create(`detection_${seed}_${randomBytes(3).toString("hex")}`);
        const run = await runDetectionScenario(scenario, { seed, levelEventsShared: seed % 2 === 1, databaseUrl: database.url, redisUrl: redis.url });
        await database.drop();
        runs.push(run);
        process.stdout.write(`${values.json ? JSON.stringify(run) : lineOf(run)}\n`);
      }
    }
    return summarise(runs);
  },
};

function lineOf({ scenario, seed, orders, figures }: DetectionRun): string {
  const { incidents, decidable, right, wrong, invented, suspected, overwrites } = figures;
  const head = `seed ${seed} ${scenario}: ${orders} orders; oversold ${incidents}, decidable ${decidable}, right ${right}, invented ${invented.length}, suspected ${suspected.length}; overwrites ${overwrites.true}, found ${overwrites.found}, right ${overwrites.right}`;
  return [head, ...[...wrong, ...invented, ...suspected, ...overwrites.wrong].map((what) => `  ${what}`)].join("\n");
}

function summarise(runs: readonly DetectionRun[]): number {
  const sum = (of: (figures: DetectionRun["figures"]) => number) => runs.reduce((total, { figures }) => total + of(figures), 0);
  const [incidents, decidable, right, invented, suspected] = [sum((f) => f.incidents), sum((f) => f.decidable), sum((f) => f.right), sum((f) => f.invented.length), sum((f) => f.suspected.length)];
  const overwrites = { true: sum((f) => f.overwrites.true), found: sum((f) => f.overwrites.found), right: sum((f) => f.overwrites.right), caught: sum((f) => f.overwrites.caught) };
  const shares = { right: shareOf(right, decidable), decidable: shareOf(decidable, incidents), precision: shareOf(overwrites.right, overwrites.found), recall: shareOf(overwrites.caught, overwrites.true) };
  say(`${runs.length} runs: ${incidents} items oversold, ${decidable} decidable (${percent(shares.decidable)}), short orders right in ${right} of them (${percent(shares.right)}), ${invented} invented, ${suspected} suspected for nothing`);
  say(`overwrites: ${overwrites.true} true, ${overwrites.found} found; precision ${shares.precision.toFixed(3)}, recall ${shares.recall.toFixed(3)}`);
  const missed = (Object.keys(GOALS) as (keyof typeof GOALS)[]).filter((goal) => shares[goal] < GOALS[goal]);
  if (missed.length > 0) say(`not reached: ${missed.map((goal) => `${goal} ${GOALS[goal]}`).join(", ")}`);
  return missed.length === 0 && invented === 0 && runs.length > 0 ? 0 : 1;
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

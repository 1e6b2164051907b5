// `npm run bench -- fuzz`: malformed requests over every public route of a real web process; afterwards it is up, and the database clean.
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { ensureBuild } from "#dev/services/app-build.ts";
import { startRedis } from "#dev/services/redis.ts";
import { say } from "#dev/services/say.ts";
import type { BenchScenario } from "../bench-scenario.ts";
import { openDatabases } from "../databases.ts";
import { openFuzzHouse } from "./fuzz-house.ts";
import { type FuzzRun, runFuzz } from "./run-fuzz.ts";

const text = (value: string) => ({ type: "string", default: value }) as const;
const flag = { type: "boolean", default: false } as const;

export const fuzz: BenchScenario = {
  name: "fuzz",
  about: "malformed requests over every public route of a web process: is it up afterwards, the database clean, and a good webhook still worked on",
  usage: [
    "--requests N     how many are sent (100000)",
    "--connections N  at the same time (24)",
    "--seed S         what they are follows from it and their number (1)",
    "--heap MB        bound of the web process's heap (none: Node's own)",
    "--json           one JSON document",
    "exit code 0: the same process, no 5xx but 503, no request unanswered, nothing unclean in the database",
  ],
  async run(args, shutdown) {
    const { values } = parseArgs({ args: [...args], options: { requests: text("100000"), connections: text("24"), seed: text("1"), heap: { type: "string" }, json: flag, yes: flag } });
    const folder = join(tmpdir(), `holdfast-fuzz-${process.pid}-${randomBytes(3).toString("hex")}`);
    await mkdir(folder, { recursive: true });
    shutdown.add("the folder", async () => await rm(folder, { recursive: true, force: true }));
    await ensureAdminSchema();
    await ensureBuild();
    const databases = await openDatabases(shutdown, { folder, application: "fuzz" });
    const redis = await startRedis({ folder: join(folder, "redis") });
    shutdown.add("Redis", redis.stop);
    const database = await databases.create(`holdfast_fuzz_${process.pid}`);
    shutdown.add("the database", database.drop);
    const fuzzed = await openFuzzHouse({ databaseUrl: database.url, redisUrl: redis.url, ...(values.heap === undefined ? {} : { heapMb: Number(values.heap) }) });
    shutdown.add("the house", fuzzed.close);
    const tell = values.json ? () => undefined : say;
    const result = await runFuzz(fuzzed, { seed: Number(values.seed), requests: Number(values.requests), connections: Number(values.connections), signal: shutdown.signal, onProgress: (sent) => tell(`${sent} sent`) });
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else print(result);
    return result.faults.length === 0 ? 0 : 1;
  },
};

function print({ requests, seconds, seed, routes, answers, memory, faults }: FuzzRun): void {
  const lines = Object.entries(answers).map(([kind, statuses]) => `  ${kind.padEnd(34)} ${Object.entries(statuses).map(([status, count]) => `${status}: ${count}`).join("  ")}`);
  say(`${requests} requests of seed ${seed} over ${routes} addresses in ${seconds.toFixed(0)} s`);
  for (const [when, { heapMb, externalMb, rssMb }] of Object.entries(memory)) say(`memory at the ${when}: ${heapMb.toFixed(0)} MB kept in the heap, ${externalMb.toFixed(0)} MB beside it, ${rssMb.toFixed(0)} MB resident`);
  process.stdout.write(`${lines.join("\n")}\n`);
  say(faults.length === 0 ? "nothing is wrong" : `${faults.length} things are wrong:`);
  if (faults.length > 0) process.stdout.write(`${faults.map((fault) => `- ${fault}`).join("\n")}\n`);
}

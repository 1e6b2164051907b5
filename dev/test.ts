// `npm test`: starts the services, prepares what the tests stand on, runs vitest, the type check and the lint, and counts.
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { ensureAdminSchema } from "./services/admin-schema.ts";
import { ensureBuild } from "./services/app-build.ts";
import { findChromium } from "./services/chromium.ts";
import { generateClient } from "./services/prisma.ts";
import { runTask } from "./services/run-task.ts";
import { say } from "./services/say.ts";
import { startServices } from "./services/start-services.ts";
import { startChild } from "./services/child-process.ts";
import { handedOver, makeTemplateDatabase, testRedisSettings } from "#tests/setup/services.ts";
import type { Shutdown } from "./services/shutdown.ts";

type Count = { passed: number; failed: number };

const root = process.cwd();
const program = (...path: string[]) => join(root, "node_modules", ...path);

await runTask(async (shutdown) => {
  const args = process.argv.slice(2).filter((arg) => arg !== "--yes");
  // With arguments a person looks at some tests; without, everything is asked.
  const whole = args.length === 0;
  await ensureAdminSchema(root);
  await generateClient(root);
  // While the services start and the app is built one processor has little to do.
  const checks = whole ? runChecks(shutdown) : Promise.resolve([]);
  const env = await prepare(shutdown, args);

  const total: Count = { passed: 0, failed: 0 };
  const add = (count: Count) => {
    total.passed += count.passed;
    total.failed += count.failed;
  };
  add(await runVitest(shutdown, args, env));
  for (const { name, lines, count } of await checks) {
    say(`the ${name} ${count.failed === 0 ? "passed" : "failed"}`);
    for (const line of lines) process.stdout.write(`${line}\n`);
    add(count);
  }
  await shutdown.stopAll();
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});

/** What the service and end-to-end tests need; a run of unit tests alone starts nothing. */
async function prepare(shutdown: Shutdown, args: string[]): Promise<Record<string, string>> {
  const only = args.flatMap((arg, index) => (arg === "--project" ? (args[index + 1] ?? "") : arg.startsWith("--project=") ? arg.slice("--project=".length) : []));
  const runs = (project: string) => only.length === 0 || only.includes(project);
  if (!runs("service") && !runs("e2e")) return {};
  const services = await startServices({ root, durability: "fast", shutdown, redisSettings: testRedisSettings });
  say("making the migrated database that the tests clone");
  const template = await makeTemplateDatabase(services.databaseUrl);
  shutdown.add("template database", template.drop);
  const env: Record<string, string> = {
    [handedOver.databaseUrl]: services.databaseUrl,
    [handedOver.templateDatabase]: template.name,
    [handedOver.redisUrl]: services.redisUrl,
  };
  // A partial run may hold no test of the built app or of the browser at all; the tests themselves say what they miss.
  const holds = (project: string) => args.length === 0 || only.includes(project);
  if (holds("service") || holds("e2e")) await ensureBuild(root);
  if (holds("e2e")) env.CHROMIUM_PATH = await findChromium();
  return env;
}

async function runVitest(shutdown: Shutdown, args: string[], env: Record<string, string>): Promise<Count> {
  say("running the tests");
  const report = join(root, ".holdfast", `test-report-${process.pid}.json`);
  await mkdir(join(root, ".holdfast"), { recursive: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await runShown(shutdown, "vitest", [program("vitest", "vitest.mjs"), "run", ...reporters, ...args], env);
  try {
    const result = JSON.parse(await readFile(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      testResults: { status: string; assertionResults: unknown[]; message: string }[];
    };
    // A file that cannot even be loaded has no tests to count, and is one failure.
    const broken = result.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
    const failed = result.numFailedTests + broken;
    return { passed: result.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
  } catch {
    say("vitest left no report");
    return { passed: 0, failed: 1 };
  } finally {
    await rm(report, { force: true });
  }
}

/** One after the other beside everything else; what they say is kept until the tests have had their say. */
async function runChecks(shutdown: Shutdown): Promise<{ name: string; lines: string[]; count: Count }[]> {
  const tsc = program("typescript", "bin", "tsc");
  const checks = [
    { name: "type check", args: [tsc, "--noEmit"] },
    // Scripts for k6 know other globals than the rest.
    { name: "type check of load/k6", args: [tsc, "--noEmit", "-p", "load/k6"] },
    { name: "lint", args: [program("oxlint", "bin", "oxlint"), "--deny-warnings"] },
  ];
  const results = [];
  for (const { name, args } of checks) {
    if (shutdown.signal.aborted) break;
    const lines: string[] = [];
    const code = await runShown(shutdown, name, args, {}, (line) => lines.push(line));
    results.push({ name, lines, count: code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 } });
  }
  return results;
}

async function runShown(shutdown: Shutdown, name: string, args: string[], env: Record<string, string>, show: (line: string) => void = (line) => process.stdout.write(`${line}\n`)): Promise<number> {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = startChild({ name, command: process.execPath, args, env: { ...colour, ...env }, onLine: show });
  shutdown.add(name, child.stop);
  const how = await child.exited;
  return how === "ended with code 0" ? 0 : 1;
}

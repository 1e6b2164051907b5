// The demo without a person: one scenario from start to verdict.
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { holdfastApp } from "#simulator/scenarios/holdfast-app.ts";
import { startNaiveApp } from "#simulator/scenarios/naive-app.ts";
import { runScenario, scenarios } from "#simulator/scenarios/run-scenario.ts";
import type { RunResult } from "#simulator/scenarios/run-scenario.ts";
import type { AppUnderTest } from "#simulator/scenarios/app-under-test.ts";
import type { ControlClient } from "#simulator/scenarios/control-client.ts";
import { findFreePort } from "../services/free-port.ts";
import { say, SetupProblem } from "../services/say.ts";
import { isRush, rushNames, runRushHeadless } from "./checkout-rush.ts";
import type { DemoArguments } from "./demo-settings.ts";
import type { PerformStrike } from "#simulator/scenarios/strikes.ts";
import { strikeWholeApp } from "./strike.ts";
import { startWholeApp } from "./start-whole-app.ts";
import { createToken, startSimulatorProcess } from "./start-processes.ts";
import type { DemoFrame } from "./start-processes.ts";

/** The exit code: 0 only if the verdict is ok. */
export async function runHeadless(frame: DemoFrame, args: DemoArguments, schema: string): Promise<number> {
  if (isRush(args.scenario)) return await runRushHeadless(frame, args, schema);
  if (scenarios[args.scenario] === undefined) throw new SetupProblem(`There is no scenario ${args.scenario}; there are: ${[...Object.keys(scenarios), ...rushNames].join(", ")}`);
  // Unique, so that a database given by DATABASE_URL may be used again and again.
  const shop = `${args.scenario}-${Date.now().toString(36)}.myshopify.com`;
  const { control, app, strike } = args.naive ? await startNaive(frame, args, schema) : await startHoldfast(frame, args, schema);
  const result = await runScenario({ name: args.scenario, seed: args.seed, naive: args.naive, control, app, shop, say, ...(strike === undefined ? {} : { strike }) });
  if (args.out !== undefined) await writeResult(resolve(args.out), result);
  report(result, args.json);
  return result.verdict.ok ? 0 : 1;
}

type Ready = { control: ControlClient; app: AppUnderTest; strike?: PerformStrike };

async function startHoldfast(frame: DemoFrame, args: DemoArguments, schema: string): Promise<Ready> {
  const { simulatorOrigin, services, processes } = await startWholeApp(frame, { schema, seed: args.seed });
  const control = controlClient(simulatorOrigin);
  return { control, strike: strikeWholeApp({ services, processes }), app: holdfastApp({ url: processes.url, control, createToken: async (shop) => await createToken(frame.root, processes.env, shop) }) };
}

async function startNaive(frame: DemoFrame, args: DemoArguments, schema: string): Promise<Ready> {
  const { identity, manifest } = frame;
  const port = await findFreePort();
  const { origin } = await startSimulatorProcess(frame, { schema, appUrl: `http://127.0.0.1:${port}`, seed: args.seed });
  const control = controlClient(origin);
  const app = await startNaiveApp({ control, port, apiKey: identity.apiKey, apiSecret: identity.apiSecret, apiVersion: manifest.apiVersion });
  frame.shutdown.add("the naive app", app.close);
  return { control, app };
}

async function writeResult(folder: string, { verdict, findings, contradictions, orders, ledger, requests }: RunResult): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = { verdict, findings, contradictions, orders, ledger, requests };
  for (const [name, value] of Object.entries(files)) await writeFile(join(folder, `${name}.json`), `${JSON.stringify(value, null, 2)}\n`);
  say(`the verdict and what it rests on are in ${folder}`);
}

function report({ verdict, findings, contradictions }: RunResult, json: boolean): void {
  for (const fault of [...verdict.faults, ...contradictions.slice(0, 5)]) say(`not ok: ${fault}`);
  for (const { kind, where, expected, found } of findings.slice(0, 5)) say(`  ${kind.replaceAll("_", " ")}: ${where}: expected ${expected}, found ${found}`);
  if (json) {
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
    return;
  }
  const rows = Object.entries(verdict).filter(([name]) => name !== "faults");
  for (const [name, value] of rows) process.stdout.write(`${name.padEnd(20)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}\n`);
}

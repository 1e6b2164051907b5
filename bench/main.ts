// `npm run bench -- <scenario>`: finds the scenario and runs it; `--list` names them all.
import process from "node:process";
import { SetupProblem } from "#dev/services/say.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import type { BenchScenario } from "./bench-scenario.ts";
import { checkoutHttp } from "./checkout-http/scenario.ts";
import { dashboard } from "./dashboard/scenario.ts";
import { detection } from "./detection/scenario.ts";
import { faultStorm } from "./fault-storm/scenario.ts";
import { asCommand, asCommandOfAll } from "./measure/run-scenarios.ts";
import { PERFORMANCE_SCENARIOS } from "./performance-scenarios.ts";
import { fuzz } from "./fuzz/scenario.ts";
import { reconcile } from "./reconcile/scenario.ts";
import { reservations } from "./reservations/scenario.ts";
import { rollingDeploy } from "./rolling-deploy/scenario.ts";

const SCENARIOS: readonly BenchScenario[] = [faultStorm, detection, reconcile, reservations, checkoutHttp, dashboard, ...PERFORMANCE_SCENARIOS.map(asCommand), asCommandOfAll(PERFORMANCE_SCENARIOS), fuzz, rollingDeploy];

export async function runBench(args: readonly string[], shutdown: Shutdown): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--list" || name === "--help") {
    for (const each of SCENARIOS) process.stdout.write(`${usageOf(each)}\n`);
    return name === undefined ? 2 : 0;
  }
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (!scenario) throw new SetupProblem(`There is no benchmark ${name}; there are: ${SCENARIOS.map((each) => each.name).join(", ")}`);
  if (rest.includes("--help")) {
    process.stdout.write(`${usageOf(scenario)}\n`);
    return 0;
  }
  try {
    return await scenario.run(rest, shutdown);
  } catch (error) {
    if (isStrangeFlag(error)) throw new SetupProblem(`${error.message}\n${usageOf(scenario)}`);
    throw error;
  }
}

function usageOf({ name, about, usage }: BenchScenario): string {
  return [`${name}: ${about}`, ...usage.map((line) => `  ${line}`)].join("\n");
}

/** What `parseArgs` says of a flag that it does not know, or that lacks its value. */
function isStrangeFlag(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

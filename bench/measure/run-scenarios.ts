// The frame of all performance scenarios: flags, repetition, medians, table or JSON, raw results, exit code.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

import { say, SetupProblem } from "#dev/services/say.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";

import type { BenchScenario } from "../bench-scenario.ts";
import { factsLine, machineFacts, type PostgresFacts } from "./machine-facts.ts";
import { withinScope } from "./measure-scope.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "./performance-scenario.ts";
import { rowsTable } from "./print-rows.ts";
import { medianRows, type Row } from "./row.ts";

const FRAME_USAGE = [
  "--times N      runs, of which the medians are told and judged (1)",
  "--out DIR      raw results are kept there, as JSON",
  "--json         one JSON document as the last line instead of the table",
  "exit code 0: every row reaches its mark",
];
const FRAME_OPTIONS = {
  times: { type: "string", default: "1" },
  out: { type: "string" },
  json: { type: "boolean", default: false },
  // Read where something may have to be installed.
  yes: { type: "boolean", default: false },
} as const;

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** One scenario as a command of its own. */
export function asCommand(scenario: PerformanceScenario): BenchScenario {
  return {
    name: scenario.name,
    about: scenario.about,
    usage: [...scenario.usage, ...FRAME_USAGE],
    run: (args, shutdown) => runScenarios([scenario], parse(args, { ...FRAME_OPTIONS, ...scenario.options }), shutdown),
  };
}

/** All of them, one after the other, as often as asked; flags of single scenarios keep their defaults. */
export function asCommandOfAll(scenarios: readonly PerformanceScenario[]): BenchScenario {
  const known = scenarios.map(({ name }) => name);
  return {
    name: "all",
    about: `every performance scenario: ${known.join(", ")}`,
    usage: ["--only A,B     these scenarios", "--keep DIR     what is dear to seed is kept there, seeded once and used again", ...FRAME_USAGE],
    async run(args, shutdown) {
      const values = parse(args, { ...FRAME_OPTIONS, only: { type: "string" }, keep: { type: "string" } });
      const only = typeof values["only"] === "string" ? values["only"].split(",") : known;
      const strange = only.filter((name) => !known.includes(name));
      if (strange.length > 0) throw new SetupProblem(`There is no performance scenario ${strange.join(", ")}; there are: ${known.join(", ")}`);
      return await runScenarios(scenarios.filter(({ name }) => only.includes(name)), values, shutdown);
    },
  };
}

function parse(args: readonly string[], options: PerformanceScenario["options"]): Values {
  return parseArgs({ args: [...args], options }).values as Values;
}

interface Run {
  readonly scenario: string;
  readonly round: number;
  readonly rows: readonly Row[];
  readonly raw: unknown;
}

/** By rounds, so that what else the machine does strikes all scenarios alike. */
async function runScenarios(scenarios: readonly PerformanceScenario[], values: Values, shutdown: Shutdown): Promise<number> {
  const times = Number(values["times"]);
  if (!Number.isInteger(times) || times < 1) throw new SetupProblem("--times takes a whole number from 1 on");
  const isJson = values["json"] === true;
  const tell = isJson ? () => undefined : say;
  const runs: Run[] = [];
  let postgres: PostgresFacts | undefined;
  for (let round = 1; round <= times; round += 1) {
    for (const scenario of scenarios) {
      if (shutdown.signal.aborted) return 1;
      tell(`${scenario.name}${times === 1 ? "" : `, run ${round} of ${times}`}`);
      const measured = await measureOnce(scenario, values, tell, shutdown);
      postgres ??= measured.postgres;
      runs.push({ scenario: scenario.name, round, rows: measured.rows, raw: measured.raw });
    }
  }
  const machine = machineFacts();
  const rows = scenarios.flatMap(({ name }) => medianRows(runs.filter(({ scenario }) => scenario === name).map((run) => run.rows)));
  if (typeof values["out"] === "string") await keep(values["out"], { machine, postgres, rows, runs });
  if (isJson) process.stdout.write(`${JSON.stringify({ machine, postgres, times, rows })}\n`);
  else process.stdout.write(`${[factsLine(machine, postgres), "", ...rowsTable(rows)].join("\n")}\n`);
  return rows.every(({ reached }) => reached) ? 0 : 1;
}

async function measureOnce(scenario: PerformanceScenario, given: Values, tell: (line: string) => void, shutdown: Shutdown): Promise<Measured> {
  return await withinScope(shutdown, scenario.name, async (scope) => await scenario.measure({ scope, tell, ...readers(scenario, given) }));
}

/** A flag that was not given has the scenario's default. */
function readers(scenario: PerformanceScenario, given: Values): Pick<MeasureContext, "text" | "number" | "isSet"> {
  const valueOf = (flag: string): string | boolean | undefined => {
    const option = scenario.options[flag];
    return option === undefined ? undefined : (given[flag] ?? ("default" in option ? option.default : undefined));
  };
  const text = (flag: string) => {
    const value = valueOf(flag);
    return typeof value === "string" ? value : undefined;
  };
  return {
    text,
    number(flag) {
      const value = Number(text(flag));
      if (!Number.isFinite(value)) throw new SetupProblem(`--${flag} takes a number`);
      return value;
    },
    isSet: (flag) => valueOf(flag) === true,
  };
}

async function keep(folder: string, { machine, postgres, rows, runs }: { machine: unknown; postgres: unknown; rows: readonly Row[]; runs: readonly Run[] }): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "rows.json"), `${JSON.stringify({ machine, postgres, rows }, null, 2)}\n`);
  for (const { scenario, round, ...run } of runs) await writeFile(join(folder, `${scenario}-${round}.json`), `${JSON.stringify({ machine, postgres, scenario, round, ...run }, null, 1)}\n`);
}

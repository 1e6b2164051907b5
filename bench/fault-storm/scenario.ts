// `npm run bench -- fault-storm`: seed after seed, one line each; ends with 0 only if every law held and every fault struck often enough.
import process from "node:process";
import { parseArgs } from "node:util";
import { say, SetupProblem } from "#dev/services/say.ts";
import type { BenchScenario } from "../bench-scenario.ts";
import { FAULT_NAMES, type FaultName } from "./faults.ts";
import { GUARDS, findGuard } from "./guards.ts";
import { LAWS, NOT_JUDGED, type LawName } from "./laws/laws.ts";
import { runSeed, type SeedResult } from "./run-seed.ts";
import { startStormServices } from "./storm-services.ts";

const ORDERS_DEFAULT = 300;
const SHOPS = 5;

export const faultStorm: BenchScenario = {
  name: "fault-storm",
  about: "5 shops, 300 orders, 3 workers and 2 accept processes under every fault at once, drawn from a seed; then the laws are judged",
  usage: [
    "--seeds N      so many seeds, one after the other (1)",
    "--seed S       the first of them (1)",
    "--orders N     orders of a seed, all shops together (300)",
    "--without G    with a guard taken away; may be repeated; stops at the first law that breaks. --without ? names them",
    "--faults F    only these, separated by commas, or none",
    "--out DIR      what each seed was judged by, and the log of each process (LOG_LEVEL says how much)",
    "--json         one JSON document a seed instead of a line",
  ],
  async run(args, shutdown) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string", default: "1" },
        seed: { type: "string", default: "1" },
        orders: { type: "string", default: String(ORDERS_DEFAULT) },
        without: { type: "string", multiple: true, default: [] },
        faults: { type: "string" },
        out: { type: "string" },
        json: { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
      },
    });
    const without = values.without;
    if (without.includes("?")) return listGuards();
    for (const name of without) if (!findGuard(name)) throw new SetupProblem(`There is no guard ${name}; there are: ${GUARDS.map((guard) => guard.name).join(", ")}`);
    const [first, count, orders] = [wholeNumber("seed", values.seed), wholeNumber("seeds", values.seeds), wholeNumber("orders", values.orders)];
    const faults = readFaults(values.faults);
    const services = await startStormServices(shutdown, values.out === undefined ? {} : { logFolder: values.out });
    const results: SeedResult[] = [];
    for (let seed = first; seed < first + count && !shutdown.signal.aborted; seed += 1) {
      const result = await runSeed(services, { seed, orders, shops: SHOPS, without, faults, ...(values.out === undefined ? {} : { out: values.out }) });
      results.push(result);
      process.stdout.write(`${values.json ? JSON.stringify(result) : lineOf(result)}\n`);
      if (without.length > 0 && result.violations.length > 0) break;
    }
    return summarise(results, without);
  },
};

function lineOf(result: SeedResult): string {
  const least = result.coverage.least(result.uncovered.length > 0 ? result.uncovered.map(({ fault }) => fault) : (Object.keys(result.coverage.toJSON()) as never));
  const { storm, rest, whole } = result.seconds;
  const laws = brokenLaws(result);
  const verdict = laws.length > 0 ? `BROKEN ${laws.join(", ")}` : "laws hold";
  const facts = `${result.orders} orders, ${result.deliveries} deliveries, ${result.calls} calls, ${result.kills} kills, least ${least?.fault ?? "-"} ${least?.count ?? 0}`;
  const lines = [`seed ${result.seed}: ${verdict}; ${facts}; ${whole} s (${storm} storm, ${rest} rest)`];
  for (const law of laws) {
    const found = result.violations.filter((violation) => violation.law === law);
    lines.push(`  law ${law}: ${LAWS[law]}`, ...found.slice(0, 5).map(({ what }) => `    ${what}`), ...(found.length > 5 ? [`    and ${found.length - 5} more`] : []));
  }
  if (result.uncovered.length > 0) lines.push(`  struck too seldom: ${result.uncovered.map(({ fault, count }) => `${fault} ${count}`).join(", ")}`);
  return lines.join("\n");
}

function brokenLaws({ violations }: SeedResult): LawName[] {
  return [...new Set(violations.map(({ law }) => law))];
}

function summarise(results: readonly SeedResult[], without: readonly string[]): number {
  const broken = results.filter(({ violations }) => violations.length > 0);
  const uncovered = results.filter((result) => result.uncovered.length > 0);
  const total = new Map<string, number>();
  for (const { coverage } of results) for (const [fault, count] of Object.entries(coverage.toJSON())) total.set(fault, (total.get(fault) ?? 0) + count);
  say(`faults that struck in ${results.length} seeds: ${[...total].map(([fault, count]) => `${fault} ${count}`).join(", ")}`);
  for (const [law, why] of Object.entries(NOT_JUDGED)) say(`law ${law} was not judged: ${why}`);
  if (without.length > 0) {
    const [caught] = broken;
    const expected = without.flatMap((name) => findGuard(name)?.law ?? []);
    if (!caught) say(`without ${without.join(" and ")} no law broke in ${results.length} seeds; expected: ${expected.join(", ")}`);
    else say(`without ${without.join(" and ")} seed ${caught.seed} broke ${brokenLaws(caught).map((law) => `law ${law} (${LAWS[law]})`).join("; ")}; expected: ${expected.join(", ")}`);
    return caught ? 1 : 0;
  }
  say(`${results.length - broken.length} of ${results.length} seeds held every law${broken.length > 0 ? `; broken in ${broken.map(({ seed }) => seed).join(", ")}` : ""}`);
  if (uncovered.length > 0) say(`not every fault struck often enough in ${uncovered.map(({ seed }) => seed).join(", ")}`);
  return broken.length + uncovered.length === 0 && results.length > 0 ? 0 : 1;
}

function listGuards(): number {
  for (const { name, what, law, exposedBy, how } of GUARDS) process.stdout.write(`${name}: ${what}. Law ${law}. Exposed by ${exposedBy.join(", ")}. Taken away: ${how}.\n`);
  return 0;
}

function readFaults(text: string | undefined): readonly FaultName[] {
  if (text === undefined) return FAULT_NAMES;
  return text.split(",").filter((name) => name !== "none" && name !== "").map((name) => {
    const fault = FAULT_NAMES.find((known) => known === name);
    if (!fault) throw new SetupProblem(`There is no fault ${name}; there are: ${FAULT_NAMES.join(", ")}`);
    return fault;
  });
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new SetupProblem(`--${name} must be a whole number.`);
  return Number(text);
}

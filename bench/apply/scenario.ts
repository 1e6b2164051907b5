// `npm run bench -- apply`: how much of a shop's API budget becomes applied changes, beside one call per order; and what a change costs the worker.
import { machineText } from "../measure/machine-time.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, ratioAtLeast, ratioAtMost, type Row, valueAtLeast, valueAtMost } from "../measure/row.ts";
import { startWorkServices } from "../work/work-services.ts";
import { type OnePerOrderRun, runOnePerOrder } from "./one-per-order.ts";
import { type BudgetedRun, runBudgeted } from "./run-budgeted.ts";
import { runUnbudgeted, type UnbudgetedRun } from "./run-unbudgeted.ts";

const NAME = "apply";
const POINTS_PART = 0.9;
const ENTRIES_MEAN = 240;
const TIMES_ONE_PER_ORDER = 25;
/** Before anything was changed for speed: 8,000 orders over 5,000 items on the machine that docs/performance.md names. */
export const FIRST_CPU_MS_PER_CHANGE = 1.2;
const OF_THE_FIRST = 0.5;

export const apply: PerformanceScenario = {
  name: NAME,
  about: "a Standard shop's budget turned into applied changes, beside one mutation per order; processor time per change without a budget",
  usage: [
    "--seconds N     of each of the two budgeted measurements (20)",
    "--items N       that always have changes waiting (5000)",
    "--answer-ms N   what Shopify needs for an answer, in the budgeted ones (150)",
    "--orders N      worked off without a budget (8000)",
    "--seed S        of what they buy (1)",
    "--cpu-prof DIR  keeps a processor profile of the worker without a budget",
    "--part NAME     only one: budgeted, one-per-order, unbudgeted",
  ],
  options: {
    seconds: { type: "string", default: "20" },
    items: { type: "string", default: "5000" },
    "answer-ms": { type: "string", default: "150" },
    orders: { type: "string", default: "8000" },
    seed: { type: "string", default: "1" },
    "cpu-prof": { type: "string" },
    part: { type: "string" },
  },
  async measure(context: MeasureContext): Promise<Measured> {
    const services = await startWorkServices(context.scope);
    const only = context.text("part");
    const wants = (part: string) => only === undefined || only === part;
    const { signal } = context.scope;
    const budget = { seconds: context.number("seconds"), items: context.number("items"), answerMs: context.number("answer-ms"), signal };
    if (wants("budgeted")) context.tell("a Standard shop, work always waiting");
    const budgeted = wants("budgeted") ? await runBudgeted(services, budget) : null;
    if (wants("one-per-order")) context.tell("one mutation per order");
    if (budgeted) context.tell(machineText(budgeted.machine, "a change"));
    const onePerOrder = wants("one-per-order") ? await runOnePerOrder(services, budget) : null;
    if (wants("unbudgeted")) context.tell("a backlog without a budget");
    const profiles = context.text("cpu-prof");
    const nodeOptions = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
    const unbudgeted = wants("unbudgeted") ? await runUnbudgeted(services, { orders: context.number("orders"), items: budget.items, seed: context.number("seed"), signal, nodeOptions }) : null;
    const rows = [...(budgeted ? budgetedRows(budgeted, onePerOrder) : []), ...(unbudgeted ? unbudgetedRows(unbudgeted) : [])];
    return { rows, raw: { budgeted, onePerOrder, unbudgeted }, postgres: services.postgres };
  },
};

function budgetedRows(run: BudgetedRun, beside: OnePerOrderRun | null): Row[] {
  const baseline = beside === null ? undefined : { name: "one mutation per order", value: beside.orders / beside.seconds };
  const machine = run.machine === null ? [] : [makeRow({ scenario: NAME, row: "part of all cores' time that was used meanwhile", value: run.machine.busy, unit: "" })];
  return [
    makeRow({ scenario: NAME, row: "part of the points used", value: run.pointsUsed / run.pointsRestored, unit: "", mark: valueAtLeast(POINTS_PART) }),
    makeRow({ scenario: NAME, row: "entries a mutation, mean", value: run.entries / run.calls, unit: "", mark: valueAtLeast(ENTRIES_MEAN) }),
    makeRow({ scenario: NAME, row: "throttled calls", value: run.throttled, unit: "", mark: valueAtMost(0) }),
    makeRow({ scenario: NAME, row: "changes applied", value: run.changes / run.seconds, unit: "/s", baseline, mark: baseline === undefined ? undefined : ratioAtLeast(TIMES_ONE_PER_ORDER) }),
    ...machine,
  ];
}

function unbudgetedRows(run: UnbudgetedRun): Row[] {
  const first = { name: "first measurement", value: FIRST_CPU_MS_PER_CHANGE };
  return [
    makeRow({ scenario: NAME, row: "without a budget: worker's processor time a change", value: run.cpuMsPerChange, unit: "ms", baseline: first, mark: ratioAtMost(OF_THE_FIRST) }),
    makeRow({ scenario: NAME, row: "without a budget: changes applied", value: run.changesPerSecond, unit: "/s" }),
  ];
}

// `npm run bench -- scale`: what the same work costs with more web and worker processes, and whether any of it is done twice.
import { ensureBuild } from "#dev/services/app-build.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, ratioAtMost, type Row, valueAtMost } from "../measure/row.ts";
import { startWorkServices } from "../work/work-services.ts";
import { runScale, type ScaleRun } from "./run-scale.ts";

const NAME = "scale";
const RISE_TIMES = 1.15;

export const scale: PerformanceScenario = {
  name: NAME,
  about: "processor time per 1,000 changes with 1, 2 and 4 web and worker processes; what was done twice",
  usage: ["--orders N      posted in each measurement (600)", "--shops N       among which they are spread (20)", "--answer-ms N   what Shopify needs for an answer (150)", "--warm-up N     orders for each process in a rush, not measured (1000)", "--warm-up-turns N  orders for each process one by one, not measured (250)", "--per-second N  of the measured orders, by a timetable; 0: as fast as they are answered (30)", "--processes L   of web, and of worker, one measurement each (1,2,4)"],
  options: { orders: { type: "string", default: "600" }, shops: { type: "string", default: "20" }, "answer-ms": { type: "string", default: "150" }, "warm-up": { type: "string", default: "1000" }, "warm-up-turns": { type: "string", default: "250" }, "per-second": { type: "string", default: "30" }, processes: { type: "string", default: "1,2,4" } },
  async measure(context: MeasureContext): Promise<Measured> {
    await ensureBuild();
    const services = await startWorkServices(context.scope);
    const runs: ScaleRun[] = [];
    for (const processes of (context.text("processes") ?? "").split(",").map(Number)) {
      context.tell(`${processes} web and ${processes} worker`);
      runs.push(await runScale(services, { processes, orders: context.number("orders"), shops: context.number("shops"), answerMs: context.number("answer-ms"), warmUp: context.number("warm-up"), warmUpTurns: context.number("warm-up-turns"), perSecond: context.number("per-second"), signal: context.scope.signal }));
    }
    return { rows: rowsOf(runs), raw: { runs }, postgres: services.postgres };
  },
};

function rowsOf(runs: readonly ScaleRun[]): Row[] {
  const one = runs[0];
  if (one === undefined) return [];
  const baseline = { name: "1 web, 1 worker", value: secondsPer1000(one) };
  return [
    makeRow({ scenario: NAME, row: "CPU seconds per 1,000 changes, 1 + 1 processes", value: baseline.value, unit: "s" }),
    ...runs.slice(1).map((run) => makeRow({ scenario: NAME, row: `CPU seconds per 1,000 changes, ${run.processes} + ${run.processes} processes`, value: secondsPer1000(run), unit: "s", baseline, mark: ratioAtMost(RISE_TIMES) })),
    makeRow({ scenario: NAME, row: "done twice", value: runs.reduce((sum, { doneTwice }) => sum + doneTwice, 0), unit: "", mark: valueAtMost(0) }),
  ];
}

/** ms per change is s per 1,000. */
function secondsPer1000({ webCpuMs, workerCpuMs, changes }: ScaleRun): number {
  return (webCpuMs + workerCpuMs) / changes;
}

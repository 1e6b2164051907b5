// `npm run bench -- scale`: what the same work costs with more web and worker processes, and whether any of it is done twice.
import { ensureBuild } from "#dev/services/app-build.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, ratioAtMost, type Row, type RowInput, valueAtMost } from "../measure/row.ts";
import { startWorkServices } from "../work/work-services.ts";
import { runScale, type ScaleRun } from "./run-scale.ts";

const NAME = "scale";
const RISE_TIMES = 1.15;

export const scale: PerformanceScenario = {
  name: NAME,
  about: "processor time per 1,000 changes with 1, 2 and 4 web and worker processes; what was done twice",
  usage: ["--orders N      posted in each measurement (600)", "--shops N       among which they are spread (20)", "--answer-ms N   what Shopify needs for an answer (150)", "--warm-up N     orders for each process in a rush, not measured (1000)", "--warm-up-turns N  orders for each process one by one, not measured (1000)", "--per-second N  of the measured orders, by a timetable; 0: as fast as they are answered (30)", "--processes L   of web, and of worker: each with all the work, and beside it 1 + 1 with a part of the work (1,2,4)"],
  options: { orders: { type: "string", default: "600" }, shops: { type: "string", default: "20" }, "answer-ms": { type: "string", default: "150" }, "warm-up": { type: "string", default: "1000" }, "warm-up-turns": { type: "string", default: "1000" }, "per-second": { type: "string", default: "30" }, processes: { type: "string", default: "1,2,4" } },
  async measure(context: MeasureContext): Promise<Measured> {
    await ensureBuild();
    const services = await startWorkServices(context.scope);
    const run = async (processes: number, part: number): Promise<ScaleRun> => {
      const share = (flag: string) => Math.round(context.number(flag) / part);
      context.tell(`${processes} web and ${processes} worker${part === 1 ? "" : `, 1/${part} of the work`}`);
      return await runScale(services, { processes, orders: share("orders"), shops: share("shops"), perSecond: share("per-second"), answerMs: context.number("answer-ms"), warmUp: context.number("warm-up"), warmUpTurns: context.number("warm-up-turns"), signal: context.scope.signal });
    };
    const runs: Beside[] = [];
    for (const processes of (context.text("processes") ?? "").split(",").map(Number)) {
      // What one process does in the control is what each of many does: what is left of the difference comes of there being others.
      runs.push({ all: await run(processes, 1), control: processes === 1 ? null : await run(1, processes) });
    }
    return { rows: rowsOf(runs), raw: { runs }, postgres: services.postgres };
  },
};

interface Beside {
  readonly all: ScaleRun;
  /** One web and one worker with as much work as each of `all` had; null: it is the same. */
  readonly control: ScaleRun | null;
}

function rowsOf(runs: readonly Beside[]): Row[] {
  const one = runs[0]?.all;
  if (one === undefined) return [];
  const name = "CPU seconds per 1,000 changes";
  const rowOf = (row: string, value: number, more: Pick<RowInput, "baseline" | "mark"> = {}) => makeRow({ scenario: NAME, row, value, unit: "s", ...more });
  return [
    rowOf(`${name}, 1 + 1 processes`, secondsPer1000(one)),
    rowOf("of it while nothing was to be done, 1 + 1 processes", idleSecondsPer1000(one)),
    makeRow({ scenario: NAME, row: "Redis commands a turn, 1 + 1 processes", value: one.redisCommands / one.turns, unit: "" }),
    ...runs.slice(1).flatMap(({ all, control }) => {
      const many = `${all.processes} + ${all.processes} processes`;
      return [
        rowOf(`${name}, ${many}`, secondsPer1000(all), { baseline: { name: "1 + 1, the same work", value: secondsPer1000(one) }, mark: ratioAtMost(RISE_TIMES) }),
        ...(control === null ? [] : [rowOf(`${name}, ${many}, beside as much work for each`, secondsPer1000(all), { baseline: { name: `1 + 1, 1/${all.processes} of the work`, value: secondsPer1000(control) }, mark: ratioAtMost(RISE_TIMES) })]),
        rowOf(`of it while nothing was to be done, ${many}`, idleSecondsPer1000(all)),
      ];
    }),
    makeRow({ scenario: NAME, row: "done twice", value: runs.reduce((sum, { all, control }) => sum + all.doneTwice + (control?.doneTwice ?? 0), 0), unit: "", mark: valueAtMost(0) }),
  ];
}

/** ms per change is s per 1,000. */
function secondsPer1000({ webCpuMs, workerCpuMs, changes }: ScaleRun): number {
  return (webCpuMs + workerCpuMs) / changes;
}

/** What looking for work costs whether or not there is any: the idle processes' use, for as long as the measurement took. */
function idleSecondsPer1000({ idleCpuMsPerSecond, seconds, changes }: ScaleRun): number {
  return (idleCpuMsPerSecond * seconds) / changes;
}

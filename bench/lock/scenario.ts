// `npm run bench -- lock`: our lock beside the libraries that people use, alone and with many contenders for one key, on one Redis.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { findProgram, runCommand } from "#dev/services/run-command.ts";
import { startRedis } from "#dev/services/redis.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { type Baseline, makeRow, type Mark, median, ratioAtLeast, ratioAtMost, type Row, valueAtMost } from "../measure/row.ts";
import type { Contended, ContendInput } from "./contend-process.ts";
import { SIDES, type SideName } from "./sides.ts";

const NAME = "lock";
const ENTRY = join(import.meta.dirname, "contend-process.ts");
const FLOORS: readonly SideName[] = ["bare", "protocol"];
const OTHERS = SIDES.filter((side) => side !== "ours" && !FLOORS.includes(side));
const CONTENDING = SIDES.filter((side) => side !== "protocol");
/** The one with which each does best with 32 contenders that hold 5 ms; tried: 1, 2, 5, 10, 20. */
const RETRY_MS: { readonly [Side in SideName]: number } = { ours: 0, redlock: 5, "redlock-universal": 5, "redis-semaphore": 5, bare: 0, protocol: 0 };
const WARM_UP_MS = 3_000;

const ALONE_PART = 0.9;
const ACHIEVABLE_PART = 0.95;
const WAIT_TIMES = 1.2;
const COMMANDS_MAX = 3;

/**
 * Redis has one core and each side another, as on machines of their own: whether both share a core decides by two to three times how fast a
 * question is answered, and the system moves them as it likes. Without `taskset` they stay where they are put.
 */
const REDIS_CORE = "0";
const SIDE_CORE = "1";

type Results = { readonly [Side in SideName]: Contended[] };

export const lock: PerformanceScenario = {
  name: NAME,
  about: "acquire and release alone, and with many contenders for one key, beside redlock, redlock-universal, redis-semaphore and the least a Redis allows",
  usage: ["--contenders N  for one key (32)", "--hold-ms N     each time (5)", "--seconds N     of each measurement (2)", "--rounds N      each side takes its turn so often (3)"],
  options: { contenders: { type: "string", default: "32" }, "hold-ms": { type: "string", default: "5" }, seconds: { type: "string", default: "2" }, rounds: { type: "string", default: "3" } },
  async measure(context: MeasureContext): Promise<Measured> {
    const { scope } = context;
    const redis = await startRedis({ folder: join(scope.folder, "redis") });
    scope.add("Redis", redis.stop);
    const taskset = availableParallelism() > 1 ? findProgram("taskset") : undefined;
    if (taskset !== undefined) await runCommand(taskset, ["-a", "-c", "-p", REDIS_CORE, String(redis.pid)]);
    context.tell(taskset === undefined ? "Redis and the sides run on whichever core the system gives them" : "Redis has a core, the sides another");
    const contenders = context.number("contenders");
    const common = { url: redis.url, warmUpMs: WARM_UP_MS, measureMs: context.number("seconds") * 1_000 };
    const alone: Results = { ours: [], redlock: [], "redlock-universal": [], "redis-semaphore": [], bare: [], protocol: [] };
    const contended: Results = { ours: [], redlock: [], "redlock-universal": [], "redis-semaphore": [], bare: [], protocol: [] };
    // By turns, so that what else the machine does strikes all alike.
    for (let round = 1; round <= context.number("rounds") && !scope.signal.aborted; round += 1) {
      context.tell(`round ${round}`);
      for (const side of SIDES) alone[side].push(await runProcess(taskset, { ...common, side, contenders: 1, holdMs: 0, retryMs: RETRY_MS[side] }));
      for (const side of CONTENDING) contended[side].push(await runProcess(taskset, { ...common, side, contenders, holdMs: context.number("hold-ms"), retryMs: RETRY_MS[side] }));
    }
    return { rows: [...aloneRows(alone), ...contendedRows(contended, contenders)], raw: { alone, contended } };
  },
};

async function runProcess(taskset: string | undefined, input: ContendInput): Promise<Contended> {
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", ENTRY, JSON.stringify(input)];
  const [program = "", ...args] = taskset === undefined ? node : [taskset, "-c", SIDE_CORE, ...node];
  const { code, output } = await runCommand(program, args);
  const line = output.split("\n").findLast((text) => text.startsWith("{"));
  if (code !== 0 || line === undefined) throw new Error(`${input.side} failed:\n${output}`);
  return JSON.parse(line) as Contended;
}

function of(results: Results, side: SideName, figure: keyof Contended): number {
  return median(results[side].map((result) => result[figure]));
}

function aloneRow(name: string, value: number, more: { readonly baseline?: Baseline | undefined; readonly mark?: Mark } = {}): Row {
  return makeRow({ scenario: NAME, row: name, value, unit: "/s", ...more });
}

function aloneRows(results: Results): Row[] {
  const rates = OTHERS.map((name) => ({ name, value: of(results, name, "perSecond") }));
  const fastest = rates.toSorted((one, other) => other.value - one.value)[0];
  return [
    aloneRow("alone: acquired and let go", of(results, "ours", "perSecond"), { baseline: fastest, mark: ratioAtLeast(ALONE_PART) }),
    ...rates.map(({ name, value }) => aloneRow(`alone: ${name}`, value)),
    aloneRow("alone: bare SET NX and DEL", of(results, "bare", "perSecond"), { baseline: fastest }),
    aloneRow("alone: our questions to Redis and nothing else", of(results, "protocol", "perSecond"), { baseline: fastest }),
  ];
}

function contendedRows(results: Results, contenders: number): Row[] {
  const achievable = (side: SideName) => ({ name: "achievable", value: 1_000 / of(results, side, "holdMsMean") });
  const rows = CONTENDING.flatMap((side) => [
    makeRow({ scenario: NAME, row: `contended: ${side}`, value: of(results, side, "perSecond"), unit: "/s", baseline: achievable(side), ...(side === "ours" ? { mark: ratioAtLeast(ACHIEVABLE_PART) } : {}) }),
    makeRow({
      scenario: NAME,
      row: `contended: wait p99, ${side}`,
      value: of(results, side, "waitP99Ms"),
      unit: "ms",
      baseline: { name: "all holds", value: contenders * of(results, side, "holdMsMean") },
      ...(side === "ours" ? { mark: ratioAtMost(WAIT_TIMES) } : {}),
    }),
    makeRow({ scenario: NAME, row: `contended: commands an acquisition, ${side}`, value: of(results, side, "sentPerAcquisition"), unit: "", ...(side === "ours" ? { mark: valueAtMost(COMMANDS_MAX) } : {}) }),
  ]);
  return rows;
}

// `npm run bench -- accept`: webhooks acknowledged a second after their durable commit, through the Remix action, beside three baselines and a floor under the same load.
import type { MeasureScope } from "../measure/measure-scope.ts";
import type { LoadFigures } from "../measure/load/load-plan.ts";
import { runLoad } from "../measure/load/run-load.ts";
import type { Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { type MachineShares, machineText, machineTime, sharesBetween } from "../measure/machine-time.ts";
import { processFigures } from "../measure/process-figures.ts";
import { type Baseline, makeRow, ratioAtLeast, ratioAtMost, type RowInput } from "../measure/row.ts";
import { type MeasuredServices, startMeasuredServices } from "../measure/start-services.ts";
import { countDeliveries, forgetDeliveries, installShop } from "./prepare-database.ts";
import { SECRET, SHOP, type SideName, SIDES, startSide } from "./sides.ts";

const OF_USUAL = 12;
const OF_EMPTY = 0.85;
const P99_OF_EMPTY = 1.5;
const US_PER_S = 1_000_000;
/** So often a path has to be taken before V8 has compiled it; slow sides take longer to get there. */
export const WARM_UP_COUNT = 3_000;

export interface AcceptLoad {
  readonly connections: number;
  readonly warmUpMs: number;
  readonly warmUpCount: number;
  readonly measureMs: number;
  readonly bodyBytes: number;
  readonly prepared: number;
}

export interface SideFigures extends LoadFigures {
  /** Computing of the process that answers, and of PostgreSQL's main process' children not: what one webhook costs it. */
  readonly cpuUsPerRequest: number | null;
  readonly residentMb: number | null;
  /** Who used the machine while it was measured, for each webhook answered then. */
  readonly machine: MachineShares | null;
}

export const ACCEPT_OPTIONS = {
  connections: { type: "string", default: "100" },
  seconds: { type: "string", default: "6" },
  "warm-up": { type: "string", default: "4" },
  bytes: { type: "string", default: "5120" },
  prepared: { type: "string", default: "20000" },
} as const;

export const ACCEPT_USAGE = [
  "--connections N  that send at the same time, each when it was answered (100)",
  "--seconds N      of the measurement (6)",
  "--warm-up N      seconds before it, not counted (4); longer for a side that has not answered 3,000 by then",
  "--bytes N        of an order (5120)",
  "--prepared N     orders that are signed beforehand; used up, they are sent again under new webhook ids (20000)",
];

export const accept: PerformanceScenario = {
  name: "accept",
  about: "webhooks acknowledged a second after durable commit by one web process; beside the usual recipe, an empty Remix action, bare node:http with the signature's check, and the floor of one insert",
  usage: [...ACCEPT_USAGE, "--sides A,B      of: holdfast, empty action, floor, usual recipe, bare node:http", "--profile DIR    processor profiles of the sides are written there"],
  options: { ...ACCEPT_OPTIONS, profile: { type: "string" }, sides: { type: "string", default: SIDES.map(({ name }) => name).join(",") } },
  async measure({ scope, text, number, tell }) {
    const services = await startMeasuredServices(scope);
    await installShop(services.databaseUrl);
    const load = { connections: number("connections"), warmUpMs: number("warm-up") * 1_000, warmUpCount: WARM_UP_COUNT, measureMs: number("seconds") * 1_000, bodyBytes: number("bytes"), prepared: number("prepared") };
    const wanted = (text("sides") ?? "").split(",");
    const figures = new Map<SideName, SideFigures>();
    for (const side of SIDES.filter(({ name }) => wanted.includes(name))) {
      await forgetDeliveries(services.databaseUrl);
      const measured = await measureSide(scope, services, side.name, load, text("profile"));
      figures.set(side.name, measured);
      tell(`${side.name}: ${measured.perSecond.toFixed(0)}/s, p50 ${measured.p50Ms.toFixed(1)} ms, p99 ${measured.p99Ms.toFixed(1)} ms, ${measured.cpuUsPerRequest?.toFixed(0) ?? "–"} µs of the process a request, ${measured.residentMb?.toFixed(0) ?? "–"} MB; ${machineText(measured.machine, "a webhook")}`);
    }
    return { rows: rowsOf(figures), raw: Object.fromEntries(figures), postgres: services.postgres } satisfies Measured;
  },
};

/** One side from its start to its end. Whatever it acknowledged must be stored, when it is one that stores. */
export async function measureSide(scope: MeasureScope, services: MeasuredServices, name: SideName, load: AcceptLoad, profile?: string): Promise<SideFigures> {
  const side = SIDES.find((one) => one.name === name);
  if (side === undefined) throw new Error(`there is no side ${name}`);
  const storedBefore = await countDeliveries(services.databaseUrl);
  const running = await startSide(scope, services, side, profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]);
  const cpuBefore = (await processFigures(running.pid))?.cpuMs;
  const pids = { web: running.pid, postgres: services.postgresPid, redis: services.redisPid };
  const times: ReturnType<typeof machineTime>[] = [];
  const look = () => void times.push(machineTime(pids));
  const figures = await runLoad(scope, { kind: "closed", url: running.webhookUrl, shop: SHOP, secret: SECRET, ...load, firstNumber: 1 }, { onMeasuring: look, onMeasured: look });
  const [before = null, after = null] = await Promise.all(times);
  const shares = sharesBetween(before, after, figures.count);
  const machine = shares === null ? null : { ...shares, us: { ...shares.us, load: (figures.cpuMs * 1_000) / figures.count } };
  const used = await processFigures(running.pid);
  const stored = (await countDeliveries(services.databaseUrl)) - storedBefore;
  await running.stop();
  const stores = name === "holdfast" || name === "usual recipe";
  // What was sent last and not waited for may be stored without having been heard of.
  if (stores && stored < figures.acknowledged) throw new Error(`${name} acknowledged ${figures.acknowledged} webhooks and stored ${stored}`);
  const refused = Object.entries(figures.byStatus).filter(([status]) => status !== "200");
  if (refused.length > 0) throw new Error(`${name} answered ${JSON.stringify(figures.byStatus)}:\n${(await running.output()).split("\n").slice(-10).join("\n")}`);
  const cpuUsPerRequest = used === null || cpuBefore === undefined ? null : ((used.cpuMs - cpuBefore) * 1_000) / figures.sent;
  return { ...figures, cpuUsPerRequest, residentMb: used?.residentMb ?? null, machine };
}

function rowsOf(figures: ReadonlyMap<SideName, SideFigures>): ReturnType<typeof makeRow>[] {
  const ours = figures.get("holdfast");
  if (ours === undefined) return [...figures].map(([name, { perSecond }]) => makeRow({ scenario: "accept", row: name, value: perSecond, unit: "/s" }));
  const beside = (name: SideName, read: (of: SideFigures) => number): Baseline | undefined => {
    const other = figures.get(name);
    return other === undefined ? undefined : { name, value: read(other) };
  };
  const rate = (of: SideFigures) => of.perSecond;
  const p99 = (of: SideFigures) => of.p99Ms;
  const inputs: Omit<RowInput, "scenario">[] = [
    { row: "acknowledged, of the usual recipe", value: ours.perSecond, unit: "/s", baseline: beside("usual recipe", rate), mark: ratioAtLeast(OF_USUAL) },
    { row: "acknowledged, of an empty action", value: ours.perSecond, unit: "/s", baseline: beside("empty action", rate), mark: ratioAtLeast(OF_EMPTY) },
    { row: "p99, of an empty action", value: ours.p99Ms, unit: "ms", baseline: beside("empty action", p99), mark: ratioAtMost(P99_OF_EMPTY) },
    { row: "acknowledged, of the floor", value: ours.perSecond, unit: "/s", baseline: beside("floor", rate) },
    { row: "p99, of the floor", value: ours.p99Ms, unit: "ms", baseline: beside("floor", p99) },
    ...floorRows(figures),
    ...machineRows(ours, figures),
    { row: "acknowledged, of bare node:http", value: ours.perSecond, unit: "/s", baseline: beside("bare node:http", rate) },
    { row: "p99, of the usual recipe", value: ours.p99Ms, unit: "ms", baseline: beside("usual recipe", p99) },
    { row: "processor time of the process a webhook", value: ours.cpuUsPerRequest ?? Number.NaN, unit: "µs", baseline: beside("empty action", (of) => of.cpuUsPerRequest ?? Number.NaN) },
  ];
  return inputs.filter(({ mark, baseline }) => mark === undefined || baseline !== undefined).map((input) => makeRow({ scenario: "accept", ...input }));
}

/**
 * What stops the mark beside the empty action on so many cores, whoever shares the work among threads: all cores together have only so much
 * time for each webhook at that rate, and what the empty action takes of it (its load included) and PostgreSQL takes for the rows is gone.
 */
function machineRows(ours: SideFigures, figures: ReadonlyMap<SideName, SideFigures>): Omit<RowInput, "scenario">[] {
  const empty = figures.get("empty action");
  if (ours.machine === null || !empty?.machine) return [];
  const allowed = { name: `all there is at ${OF_EMPTY} of the empty action`, value: (empty.machine.cores * US_PER_S) / (OF_EMPTY * empty.perSecond) };
  return [
    { row: "all cores' time a webhook", value: ours.machine.machineUs, unit: "µs", baseline: allowed },
    { row: "all cores' time for an empty action, and PostgreSQL's for a row", value: empty.machine.machineUs + (ours.machine.us["postgres"] ?? 0), unit: "µs", baseline: allowed },
  ];
}

/** What stops the marks that are told beside an empty action: not even the floor, which does next to nothing, is the empty action. */
function floorRows(figures: ReadonlyMap<SideName, SideFigures>): Omit<RowInput, "scenario">[] {
  const floor = figures.get("floor");
  const empty = figures.get("empty action");
  if (floor === undefined || empty === undefined) return [];
  return [
    { row: "floor: acknowledged, of an empty action", value: floor.perSecond, unit: "/s", baseline: { name: "empty action", value: empty.perSecond } },
    { row: "floor: p99, of an empty action", value: floor.p99Ms, unit: "ms", baseline: { name: "empty action", value: empty.p99Ms } },
  ];
}

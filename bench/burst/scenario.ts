// `npm run bench -- burst`: a rush that comes by its own timetable, on a web process whose worker is busy with it at the same time.
import { ensureBuild } from "#dev/services/app-build.ts";

import type { LoadFigures, LoadPlan } from "../measure/load/load-plan.ts";
import { runLoad } from "../measure/load/run-load.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, type Row, valueAtMost } from "../measure/row.ts";
import { SOURCE } from "../work/order-body.ts";
import { untilDrained } from "../work/watch-ledger.ts";
import { API_SECRET, openWorkHouse, type WorkHouse, type WorkShop } from "../work/work-house.ts";
import { startWorkServices } from "../work/work-services.ts";

const NAME = "burst";
const P99_MS = 250;
/** The processes are as warm as in a shop that sells: the same way was taken often before. */
const WARM_UP_REQUESTS = 6_000;
const WARM_UP_CONNECTIONS = 20;
const ITEMS = 300;
const LINES = 3;
const CONNECTIONS_MAX = 1_000;
const DRAINED_WITHIN_MS = 120_000;

interface BurstRun {
  readonly burst: LoadFigures;
  /** Webhooks that were answered 200 and are not stored. */
  readonly notStored: number;
  readonly drainedAfterSeconds: number;
}

export const burst: PerformanceScenario = {
  name: NAME,
  about: "an open loop of webhooks at one web process, latency from the planned moment, its worker working them off and Shopify answering slowly",
  usage: ["--rate N         webhooks a second (2000)", "--seconds N      of the rush (2.5)", "--answer-ms N    what Shopify needs for an answer (500)", "--bytes N        of an order (5120)"],
  options: { rate: { type: "string", default: "2000" }, seconds: { type: "string", default: "2.5" }, "answer-ms": { type: "string", default: "500" }, bytes: { type: "string", default: "5120" } },
  async measure(context: MeasureContext): Promise<Measured> {
    await ensureBuild();
    const services = await startWorkServices(context.scope);
    const house = await openWorkHouse(services, { answerMs: context.number("answer-ms") });
    context.scope.add("the house", house.close);
    const run = await runBurst(house, context);
    context.tell(`p50 ${run.burst.p50Ms.toFixed(0)} ms, p99 ${run.burst.p99Ms.toFixed(0)} ms, longest ${run.burst.maxMs.toFixed(0)} ms; all of it worked off ${run.drainedAfterSeconds.toFixed(1)} s after the last answer`);
    return { rows: rowsOf(run), raw: run, postgres: services.postgres };
  },
};

async function runBurst(house: WorkHouse, { scope, number }: MeasureContext): Promise<BurstRun> {
  const shop = await house.openShop({ name: "burst", plan: "plus", items: ITEMS });
  const web = await house.start("web");
  await house.start("worker");
  const common = { url: `${web.origin}/webhooks`, shop: shop.shop, secret: API_SECRET, bodyBytes: number("bytes"), sourceName: SOURCE, variantIds: linesOf(shop) };
  const warmUp: LoadPlan = { ...common, kind: "closed", connections: WARM_UP_CONNECTIONS, warmUpMs: 0, measureMs: DRAINED_WITHIN_MS, requests: WARM_UP_REQUESTS, prepared: WARM_UP_REQUESTS, firstNumber: 1 };
  const before = await runLoad(scope, warmUp);
  await untilDrained(house.database, [shop.installId], DRAINED_WITHIN_MS, scope.signal);
  const measureMs = number("seconds") * 1_000;
  const perSecond = number("rate");
  const prepared = Math.ceil((measureMs / 1_000) * perSecond);
  const measured = await runLoad(scope, { ...common, kind: "open", connections: CONNECTIONS_MAX, warmUpMs: 0, measureMs, perSecond, prepared, firstNumber: WARM_UP_REQUESTS + WARM_UP_CONNECTIONS });
  const answeredMs = performance.now();
  const { rows } = await house.database.pool.query<{ count: string }>("SELECT count(*) FROM deliveries WHERE topic = 'orders/create'");
  await untilDrained(house.database, [shop.installId], DRAINED_WITHIN_MS, scope.signal);
  return { burst: measured, notStored: Math.max(0, before.acknowledged + measured.acknowledged - Number(rows[0]?.count)), drainedAfterSeconds: (performance.now() - answeredMs) / 1_000 };
}

/** Orders of three lines each, over all items. */
export function linesOf({ items }: WorkShop): string[][] {
  const lists: string[][] = [];
  for (let first = 0; first + LINES <= items.length; first += LINES) lists.push(items.slice(first, first + LINES).map(({ variantId }) => variantId));
  return lists;
}

function row(name: string, value: number, unit: string, limit?: number): Row {
  return makeRow({ scenario: NAME, row: name, value, unit, mark: limit === undefined ? undefined : valueAtMost(limit) });
}

function rowsOf({ burst: figures, notStored, drainedAfterSeconds }: BurstRun): Row[] {
  return [
    row("p99 from the planned moment", figures.p99Ms, "ms", P99_MS),
    row("p50 from the planned moment", figures.p50Ms, "ms"),
    row("of it at worst the load's own delay", figures.behindMsMax ?? 0, "ms"),
    row("not answered 200", figures.sent - figures.acknowledged, "webhooks", 0),
    row("answered 200 and not stored", notStored, "webhooks", 0),
    row("worked off after the last answer", drainedAfterSeconds, "s"),
  ];
}

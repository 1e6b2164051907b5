// `npm run bench -- memory`: what web and worker keep in memory while a million webhooks pass through them.
import { setTimeout as passed } from "node:timers/promises";

import { ensureBuild } from "#dev/services/app-build.ts";

import { linesOf } from "../burst/scenario.ts";
import { runLoad } from "../measure/load/run-load.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, type Row, valueAtMost } from "../measure/row.ts";
import type { MeasuredProcess } from "../work/measured-process.ts";
import { SOURCE } from "../work/order-body.ts";
import { untilDrained } from "../work/watch-ledger.ts";
import { API_SECRET, openWorkHouse, type WorkHouse } from "../work/work-house.ts";
import { startWorkServices } from "../work/work-services.ts";
import { slope } from "./slope.ts";

const NAME = "memory";
const RISE_MB_MAX = 10;
const RESIDENT_MB_MAX = 250;
/** The rise is told for so many webhooks, however many were sent. */
const PER_WEBHOOKS = 500_000;
const CONNECTIONS = 30;
const ITEMS = 300;
const SAMPLE_EVERY_MS = 1_000;
const TIME_MS_MAX = 1_800_000;
const DRAINED_WITHIN_MS = 600_000;
/** Orders; each is notified of again and again, as orders are that are paid, edited and fulfilled. */
const ORDERS = 20_000;

export interface MemorySample {
  readonly webhooks: number;
  readonly webMb: number;
  readonly workerMb: number;
}

export const memory: PerformanceScenario = {
  name: NAME,
  about: "resident memory of web and worker while webhooks pass, and its rise over the last half of them",
  usage: ["--webhooks N     that are sent (1000000)", "--bytes N        of an order (5120)", "--answer-ms N    what Shopify needs for an answer (150)"],
  options: { webhooks: { type: "string", default: "1000000" }, bytes: { type: "string", default: "5120" }, "answer-ms": { type: "string", default: "150" } },
  async measure(context: MeasureContext): Promise<Measured> {
    await ensureBuild();
    const services = await startWorkServices(context.scope);
    const house = await openWorkHouse(services, { answerMs: context.number("answer-ms") });
    context.scope.add("the house", house.close);
    const samples = await runMemory(house, context);
    return { rows: rowsOf(samples), raw: samples, postgres: services.postgres };
  },
};

async function runMemory(house: WorkHouse, { scope, number, tell }: MeasureContext): Promise<MemorySample[]> {
  const shop = await house.openShop({ name: "memory", plan: "plus", items: ITEMS });
  const web = await house.start("web");
  const worker = await house.start("worker");
  const requests = number("webhooks");
  const samples: MemorySample[] = [];
  const over = new AbortController();
  const sampling = (async () => {
    while (!over.signal.aborted) {
      samples.push(await sample(house, web, worker));
      if (samples.length % 20 === 0) tell(sampleText(samples.at(-1)));
      await passed(SAMPLE_EVERY_MS);
    }
  })();
  const url = `${web.origin}/webhooks`;
  const figures = await runLoad(scope, { kind: "closed", url, shop: shop.shop, secret: API_SECRET, bodyBytes: number("bytes"), sourceName: SOURCE, variantIds: linesOf(shop), connections: CONNECTIONS, warmUpMs: 0, measureMs: TIME_MS_MAX, requests, prepared: Math.min(ORDERS, requests), firstNumber: 1 });
  await untilDrained(house.database, [shop.installId], DRAINED_WITHIN_MS, scope.signal);
  over.abort();
  await sampling;
  tell(`${figures.acknowledged.toLocaleString("en")} webhooks; ${sampleText(samples.at(-1))}`);
  return samples;
}

/** Webhooks are counted by the newest id: looking for it costs nothing, however many there are. */
async function sample({ database }: WorkHouse, web: MeasuredProcess, worker: MeasuredProcess): Promise<MemorySample> {
  const { rows } = await database.pool.query<{ newest: string | null }>("SELECT max(id) AS newest FROM deliveries");
  const [ofWeb, ofWorker] = await Promise.all([web.usage(), worker.usage()]);
  return { webhooks: Number(rows[0]?.newest ?? 0), webMb: ofWeb.residentMb, workerMb: ofWorker.residentMb };
}

function sampleText(at: MemorySample | undefined): string {
  return at === undefined ? "" : `${at.webhooks.toLocaleString("en")}: web ${at.webMb.toFixed(0)} MB, worker ${at.workerMb.toFixed(0)} MB`;
}

function row(name: string, value: number, limit: number): Row {
  return makeRow({ scenario: NAME, row: name, value, unit: "MB", mark: valueAtMost(limit) });
}

function rowsOf(samples: readonly MemorySample[]): Row[] {
  const total = samples.at(-1)?.webhooks ?? 0;
  const lastHalf = samples.filter(({ webhooks }) => webhooks >= total / 2 && webhooks < total);
  const rise = (read: (of: MemorySample) => number) => slope(lastHalf.map((of) => [of.webhooks, read(of)])) * PER_WEBHOOKS;
  const most = (read: (of: MemorySample) => number) => Math.max(...samples.map(read));
  const web = (of: MemorySample) => of.webMb;
  const worker = (of: MemorySample) => of.workerMb;
  return [
    row("web: rise over 500,000, in the last half", rise(web), RISE_MB_MAX),
    row("worker: rise over 500,000, in the last half", rise(worker), RISE_MB_MAX),
    row("web: most", most(web), RESIDENT_MB_MAX),
    row("worker: most", most(worker), RESIDENT_MB_MAX),
    makeRow({ scenario: NAME, row: "webhooks", value: total, unit: "" }),
  ];
}

// `npm run bench -- latency`: from the acceptance of an order until Shopify has its change and the ledger says so.
import { ensureBuild } from "#dev/services/app-build.ts";
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, type Row, valueAtMost } from "../measure/row.ts";
import { startWorkServices } from "../work/work-services.ts";
import { type LatencyRun, runLatency } from "./run-latency.ts";

const NAME = "latency";
/** What ours may add. */
const MEDIAN_MORE_MS = 30;
const P99_MORE_MS = 120;

export const latency: PerformanceScenario = {
  name: NAME,
  about: "from the acceptance of an order until its change is applied, over many items and on one hot item",
  usage: ["--items N       among which buyers choose (1000)", "--orders N      a second, at an uneven pace (5)", "--seconds N     of each of the two streams (40)", "--answer-ms N   what Shopify needs for an answer (150)", "--seed S        of items and pace (1)"],
  options: {
    items: { type: "string", default: "1000" },
    orders: { type: "string", default: "5" },
    seconds: { type: "string", default: "40" },
    "answer-ms": { type: "string", default: "150" },
    seed: { type: "string", default: "1" },
  },
  async measure(context: MeasureContext): Promise<Measured> {
    await ensureBuild();
    const services = await startWorkServices(context.scope);
    const answerMs = context.number("answer-ms");
    const stream = { ordersPerSecond: context.number("orders"), seconds: context.number("seconds"), answerMs, seed: context.number("seed"), signal: context.scope.signal };
    context.tell(`${stream.ordersPerSecond} orders/s over ${context.number("items")} items`);
    const many = await runLatency(services, { ...stream, items: context.number("items") });
    context.tell(`${stream.ordersPerSecond} orders/s of one item`);
    const hot = await runLatency(services, { ...stream, items: 1 });
    return { rows: rowsOf(many, hot), raw: { many, hot, answerMs }, postgres: services.postgres };
  },
};

const row = (name: string, value: number, answerMs: number): Row => makeRow({ scenario: NAME, row: name, value, unit: "ms", baseline: { name: "Shopify's answer", value: answerMs } });
const added = (name: string, value: number, limitMs: number): Row => makeRow({ scenario: NAME, row: name, value, unit: "ms", mark: valueAtMost(limitMs) });

function rowsOf(many: LatencyRun, hot: LatencyRun): Row[] {
  return [
    row("many items: p50", many.p50Ms, many.answerMs),
    added("many items: p50, beyond Shopify's answer", many.p50Ms - many.answerMs, MEDIAN_MORE_MS),
    row("many items: p99", many.p99Ms, many.answerMs),
    added("many items: p99, beyond Shopify's answer", many.p99Ms - many.answerMs, P99_MORE_MS),
    row("one hot item: p50", hot.p50Ms, hot.answerMs),
    row("one hot item: p99", hot.p99Ms, hot.answerMs),
    // Who comes just after a call has left waits for its answer and for that of the next.
    added("one hot item: p99, beyond two answers", hot.p99Ms - 2 * hot.answerMs, P99_MORE_MS),
  ];
}

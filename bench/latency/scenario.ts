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
    return { rows: rowsOf(many, hot, answerMs), raw: { many, hot, answerMs }, postgres: services.postgres };
  },
};

function rowsOf(many: LatencyRun, hot: LatencyRun, answerMs: number): Row[] {
  const unit = "ms";
  const row = (name: string, value: number, limitMs: number) => makeRow({ scenario: NAME, row: name, value, unit, baseline: { name: "Shopify's answer", value: answerMs }, mark: valueAtMost(limitMs) });
  return [
    row("many items: p50", many.p50Ms, answerMs + MEDIAN_MORE_MS),
    row("many items: p99", many.p99Ms, answerMs + P99_MORE_MS),
    makeRow({ scenario: NAME, row: "one hot item: p50", value: hot.p50Ms, unit, baseline: { name: "Shopify's answer", value: answerMs } }),
    row("one hot item: p99", hot.p99Ms, 2 * answerMs + P99_MORE_MS),
  ];
}

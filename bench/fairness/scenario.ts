// `npm run bench -- fairness`: do small shops wait for a big one whose orders pile up?
import type { MeasureContext, Measured, PerformanceScenario } from "../measure/performance-scenario.ts";
import { makeRow, ratioAtMost } from "../measure/row.ts";
import { startWorkServices } from "../work/work-services.ts";
import { runFairness } from "./run-fairness.ts";

const NAME = "fairness";
const TIMES = 2;

export const fairness: PerformanceScenario = {
  name: NAME,
  about: "small shops' orders while one big shop has thousands waiting, beside the same without the big one; one worker",
  usage: ["--big N         orders that wait in the big shop (20000)", "--shops N       small ones (50)", "--orders N      of each small shop, all at one moment (10)", "--answer-ms N   what Shopify needs for an answer (150)", "--seed S        of what they buy (1)"],
  options: {
    big: { type: "string", default: "20000" },
    shops: { type: "string", default: "50" },
    orders: { type: "string", default: "10" },
    "answer-ms": { type: "string", default: "150" },
    seed: { type: "string", default: "1" },
  },
  async measure(context: MeasureContext): Promise<Measured> {
    const services = await startWorkServices(context.scope);
    const options = { smallShops: context.number("shops"), smallOrders: context.number("orders"), answerMs: context.number("answer-ms"), seed: context.number("seed"), signal: context.scope.signal };
    context.tell(`${options.smallShops} small shops alone`);
    const alone = await runFairness(services, { ...options, bigOrders: 0 });
    context.tell(`and beside a shop with ${context.number("big")} orders waiting`);
    const beside = await runFairness(services, { ...options, bigOrders: context.number("big") });
    const rows = [
      makeRow({ scenario: NAME, row: "small shops' p95 beside a big one", value: beside.p95Ms, unit: "ms", baseline: { name: "without it", value: alone.p95Ms }, mark: ratioAtMost(TIMES) }),
      makeRow({ scenario: NAME, row: "small shops' median beside a big one", value: beside.p50Ms, unit: "ms", baseline: { name: "without it", value: alone.p50Ms } }),
      makeRow({ scenario: NAME, row: "the big shop's changes meanwhile", value: beside.bigChanges, unit: "" }),
    ];
    return { rows, raw: { alone, beside }, postgres: services.postgres };
  },
};

// Goal: a worker that sleeps in the middle of its work for longer than its lease, while another brings the shop to its end, decides nothing
// when it wakes up: what it knows is old by then.
//
// Method: the real process stops itself by SIGSTOP at the step; a second one runs until ledger, audit trail and Shopify agree; then SIGCONT,
// and the first one is asked to stop, which it does when its turn has ended. Nothing may have changed.
import { describe, expect, it } from "vitest";

import { pauseWorkerAt } from "./crash-lane.ts";
import { PAUSES } from "./crash-points.ts";
import { POINT_LIMIT_MS, runInLanes, type PointRun } from "./points-in-lanes.ts";
import { WORKER_SCENARIOS } from "./worker-scenarios.ts";

const POINTS = PAUSES.map(({ step, moment, scenario: name }): PointRun => {
  const scenario = WORKER_SCENARIOS[name];
  return { title: `${moment} ${step}, at ${scenario.title}`, run: (lane) => pauseWorkerAt(lane, { step, moment }, scenario) };
});

describe("a worker that sleeps", () => {
  const ending = runInLanes(POINTS);

  it.each(POINTS.map((point) => [point.title, point] as const))("%s", { timeout: POINT_LIMIT_MS }, async (_title, point) => {
    expect(await ending(point)).toBe("at rest");
  });
});

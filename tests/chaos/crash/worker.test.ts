// Goal: a worker that is killed at any point of its work, and started again, ends with ledger, audit trail and Shopify agreeing.
//
// Method: the real process, killed by SIGKILL at a named step, with nothing of it running in between; then a new one that knows of no
// strike. Nobody helps: the queue, the call's own time, the sweeper and the leases bring the rest about, ten times faster than in life.
import { describe, expect, it } from "vitest";

import { killWorkerAt } from "./crash-lane.ts";
import { MOMENTS, WORKER_ROWS } from "./crash-points.ts";
import { POINT_LIMIT_MS, runInLanes, type PointRun } from "./points-in-lanes.ts";
import { WORKER_SCENARIOS } from "./worker-scenarios.ts";

const POINTS = WORKER_ROWS.flatMap((row) =>
  MOMENTS.map((moment): PointRun => {
    const scenario = WORKER_SCENARIOS[row.scenario];
    return { title: `${moment} ${row.step}, at ${scenario.title}`, run: (lane) => killWorkerAt(lane, { step: row.step, moment }, scenario, row[moment].leaves) };
  }),
);

describe("a worker killed", () => {
  const ending = runInLanes(POINTS);

  it.each(POINTS.map((point) => [point.title, point] as const))("%s", { timeout: POINT_LIMIT_MS }, async (_title, point) => {
    expect(await ending(point)).toBe("at rest");
  });
});

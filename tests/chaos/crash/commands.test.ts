// Goal: an operator's command may be killed at any point too; given again, it loses nothing and does nothing twice.
//
// Method: as for workers. Apart from the web process: there Shopify's clock is moved hours ahead, and a command would look for orders of the future.
import { describe, expect, it } from "vitest";

import { COMMAND_SCENARIOS } from "./command-scenarios.ts";
import { killCommandAt } from "./crash-lane.ts";
import { COMMAND_ROWS, MOMENTS } from "./crash-points.ts";
import { POINT_LIMIT_MS, runInLanes, type PointRun } from "./points-in-lanes.ts";

const POINTS = COMMAND_ROWS.flatMap(({ step, scenario: name }) =>
  MOMENTS.map((moment): PointRun => {
    const scenario = COMMAND_SCENARIOS[name];
    return { title: `a command, ${moment} ${step}, at ${scenario.title}`, run: (lane) => killCommandAt(lane, { step, moment }, scenario) };
  }),
);

describe("killed", () => {
  const ending = runInLanes(POINTS);

  it.each(POINTS.map((point) => [point.title, point] as const))("%s", { timeout: POINT_LIMIT_MS }, async (_title, point) => {
    expect(await ending(point)).toBe("at rest");
  });
});

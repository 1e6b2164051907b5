// Goal: the web process and the operator's commands may be killed at any point too; who was not answered asks again, and nothing is lost or done twice.
//
// Method: as for workers. Shopify's retries come on its clock, which is moved to them; merchants and operators repeat what was not answered.
import { describe, expect, it } from "vitest";

import { COMMAND_SCENARIOS } from "./command-scenarios.ts";
import { killCommandAt, killWebAt } from "./crash-lane.ts";
import { COMMAND_ROWS, MOMENTS, WEB_ROWS } from "./crash-points.ts";
import { POINT_LIMIT_MS, runInLanes, type PointRun } from "./points-in-lanes.ts";
import { WEB_SCENARIOS } from "./web-scenarios.ts";

const POINTS = [
  ...WEB_ROWS.flatMap(({ step, scenario: name }) =>
    MOMENTS.map((moment): PointRun => {
      const scenario = WEB_SCENARIOS[name];
      return { title: `the web process, ${moment} ${step}, at ${scenario.title}`, run: (lane) => killWebAt(lane, { step, moment }, scenario) };
    }),
  ),
  ...COMMAND_ROWS.flatMap(({ step, scenario: name }) =>
    MOMENTS.map((moment): PointRun => {
      const scenario = COMMAND_SCENARIOS[name];
      return { title: `a command, ${moment} ${step}, at ${scenario.title}`, run: (lane) => killCommandAt(lane, { step, moment }, scenario) };
    }),
  ),
];

describe("killed", () => {
  const ending = runInLanes(POINTS);

  it.each(POINTS.map((point) => [point.title, point] as const))("%s", { timeout: POINT_LIMIT_MS }, async (_title, point) => {
    expect(await ending(point)).toBe("at rest");
  });
});

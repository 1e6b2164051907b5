// Goal: the web process may be killed at any point too; who was not answered asks again, and nothing is lost or done twice.
//
// Method: as for workers. Shopify's retries come on its clock, which is moved to them; merchants repeat what was not answered.
import { describe, expect, it } from "vitest";

import { killWebAt } from "./crash-lane.ts";
import { MOMENTS, WEB_ROWS } from "./crash-points.ts";
import { POINT_LIMIT_MS, runInLanes, type PointRun } from "./points-in-lanes.ts";
import { WEB_SCENARIOS } from "./web-scenarios.ts";

const POINTS = WEB_ROWS.flatMap(({ step, scenario: name }) =>
  MOMENTS.map((moment): PointRun => {
    const scenario = WEB_SCENARIOS[name];
    return { title: `the web process, ${moment} ${step}, at ${scenario.title}`, run: (lane) => killWebAt(lane, { step, moment }, scenario) };
  }),
);

describe("killed", () => {
  const ending = runInLanes(POINTS);

  it.each(POINTS.map((point) => [point.title, point] as const))("%s", { timeout: POINT_LIMIT_MS }, async (_title, point) => {
    expect(await ending(point)).toBe("at rest");
  });
});

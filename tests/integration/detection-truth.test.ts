// Goal: on days whose truth is known, Holdfast names the right orders and the right writes. Method: each scenario is played in the simulator, and the
// verdict is computed from the simulator's truth by code that knows nothing of the app. Longer, over many seeds: `npm run bench -- detection`.
import { describe, expect, it } from "vitest";

import { runDetectionScenario } from "#bench/detection/run-scenario.ts";
import { DETECTION_SCENARIOS } from "#simulator/scenarios/detection/scenarios.ts";

const SEED = 11;
/** A count may happen to leave a number that was there before: nothing tells it from an overwrite. */
const COINCIDENCES_MAX = 1;

describe("on a day of known truth", () => {
  it.each(DETECTION_SCENARIOS)("$name: the short orders are right, and so are the overwrites", { timeout: 120_000 }, async (scenario) => {
    const { figures } = await runDetectionScenario(scenario, { seed: SEED, levelEventsShared: true });
    const { overwrites } = figures;
    expect({ wrong: figures.wrong, invented: [...figures.invented, ...figures.suspected], missed: overwrites.true - overwrites.caught }, `seed ${SEED}`).toEqual({ wrong: [], invented: [], missed: 0 });
    expect(overwrites.found - overwrites.right, `seed ${SEED}: ${overwrites.wrong.join("; ")}`).toBeLessThanOrEqual(COINCIDENCES_MAX);
  });
});

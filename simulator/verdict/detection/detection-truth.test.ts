// The verdict itself: on every scenario it finds what the scenario was made for, and takes a perfect finder for right and a blind one for wrong.
import { afterEach, describe, expect, it } from "vitest";

import { DETECTION_SCENARIOS } from "../../scenarios/detection/scenarios.ts";
import { stageScenario } from "../../scenarios/detection/stage-scenario.ts";
import { startSimulator, type Simulator } from "../../start.ts";
import { compareDetection } from "./compare.ts";
import { trueMoves, trueOversells, trueOverwrites } from "./true-incidents.ts";
import { readWhatHappened, type WhatHappened } from "./what-happened.ts";

const SHOP = "truth.myshopify.com";
const SEED = 5;
let simulator: Simulator | undefined;

afterEach(async () => {
  await simulator?.close();
});

async function playOnce(name: string): Promise<WhatHappened> {
  simulator = await startSimulator({ apiKey: "key", apiSecret: "secret", scopes: ["read_orders"], optionalScopes: [], schemaPath: ".cache/admin_2026-10.json", seed: SEED });
  simulator.control.createShop({ shop: SHOP, locations: [{ name: "Main" }, { name: "Second" }] });
  const scenario = DETECTION_SCENARIOS.find((of) => of.name === name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  const played = stageScenario(simulator.control, scenario, { shop: SHOP, seed: SEED });
  await played.play();
  return readWhatHappened(simulator.control, SHOP, played);
}

const MADE_FOR: Readonly<Record<string, { oversold: boolean; moves: boolean; overwritten: boolean }>> = {
  "native-rush": { oversold: false, moves: false, overwritten: false },
  "bypassed-rush": { oversold: true, moves: false, overwritten: false },
  "bypassed-rush-protected": { oversold: true, moves: false, overwritten: false },
  "shared-components": { oversold: true, moves: false, overwritten: false },
  "two-locations": { oversold: true, moves: true, overwritten: false },
  "till-offline-for-an-hour": { oversold: true, moves: false, overwritten: false },
  "erp-every-30-s": { oversold: true, moves: false, overwritten: true },
  "hidden-oversell": { oversold: true, moves: false, overwritten: true },
  "lost-webhooks": { oversold: true, moves: false, overwritten: true },
  "stock-take": { oversold: true, moves: false, overwritten: false },
};

describe("the truth of a scenario", () => {
  it.each(DETECTION_SCENARIOS.map(({ name }) => name))("%s has the incidents it was made for, most of them decidable", { timeout: 30_000 }, async (name) => {
    const happened = await playOnce(name);
    const oversells = trueOversells(happened);
    expect({ oversold: oversells.length > 0, moves: trueMoves(happened).size > 0, overwritten: trueOverwrites(happened).length > 0 }, `seed ${SEED}`).toEqual(MADE_FOR[name]);
    expect(oversells.filter(({ decidable }) => decidable).length, `seed ${SEED}`).toBeGreaterThanOrEqual(oversells.length * 0.8);
  });

  it("takes a perfect finder for right, and one that finds nothing for wrong", async () => {
    const happened = await playOnce("hidden-oversell");
    const oversells = trueOversells(happened).map(({ inventoryItemId, short, orders }) => ({ kind: "likely_oversold" as const, inventoryItemId, locationId: "", short, orders: [...orders].map(([orderId, unitsShort]) => ({ orderId, unitsShort })) }));
    const conflicts = trueOverwrites(happened).map(({ atMs, written, ...of }) => ({ ...of, at: new Date(atMs).toISOString(), valueWritten: written }));
    const perfect = compareDetection(happened, { oversells, conflicts });
    expect({ right: perfect.right, wrong: perfect.wrong, invented: perfect.invented, suspected: perfect.suspected }).toEqual({ right: perfect.decidable, wrong: [], invented: [], suspected: [] });
    expect(perfect.overwrites).toMatchObject({ right: conflicts.length, caught: conflicts.length, wrong: [] });
    const blind = compareDetection(happened, { oversells: [], conflicts: [] });
    expect({ right: blind.right, caught: blind.overwrites.caught }).toEqual({ right: 0, caught: 0 });
  });
});

// One detection scenario through a whole Holdfast: played in the simulator, worked on by turns and detection, and held against what happened.
import { representConflict, representOversell } from "#app/api/incident-representations.ts";
import { listConflicts } from "#app/dashboard/queries/list-conflicts.server.ts";
import { listOversells } from "#app/dashboard/queries/list-oversells.server.ts";
import { detect } from "#app/detection/detect.server.ts";
import type { Settings } from "#app/domain/settings.ts";
import { CHANNEL, type Scenario } from "#simulator/scenarios/detection/stage.ts";
import { stageScenario } from "#simulator/scenarios/detection/stage-scenario.ts";
import { compareDetection, type DetectionFigures, type FoundConflict, type FoundOversell } from "#simulator/verdict/detection/compare.ts";
import { readWhatHappened } from "#simulator/verdict/detection/what-happened.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";

export interface DetectionRun {
  readonly scenario: string;
  readonly seed: number;
  readonly orders: number;
  readonly figures: DetectionFigures;
}

export interface RunOptions {
  readonly seed: number;
  /** Whether Shopify's notifications of levels carry the event id of the order that moved them. */
  readonly levelEventsShared: boolean;
  /** Servers to use; their own where left out. */
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
}

/** Enough for points to come back meanwhile. */
const ROUNDS_MAX = 1_000;
const PAGE = 250;

export async function runDetectionScenario(scenario: Scenario, { seed, levelEventsShared, ...servers }: RunOptions): Promise<DetectionRun> {
  const house = await openHouse({ seed, ...servers });
  try {
    const { control } = house.simulator;
    control.setAssumptions({ levelEventsShared });
    const shop = await house.openShop({ locations: 2 });
    const played = stageScenario(control, scenario, { shop: shop.shop, seed });
    await house.settings(shop, (settings) => withRules(settings, scenario, played.bundles));
    await played.play(() => house.settle(shop.shop));
    await workOff(house, shop, scenario.loss !== undefined);
    const found = await whatWasFound(house, shop);
    const happened = readWhatHappened(control, shop.shop, played);
    return { scenario: scenario.name, seed, orders: control.orders(shop.shop).length, figures: compareDetection(happened, found) };
  } finally {
    await house.close();
  }
}

function withRules(settings: Settings, { rules }: Scenario, bundles: ReturnType<typeof stageScenario>["bundles"]): Settings {
  return {
    ...settings,
    mode: rules.mode,
    deduct: { ...settings.deduct, sources: rules.countsChannel ? [{ sourceName: CHANNEL, confirmedBypass: true }] : [] },
    bundles: bundles.map(({ variantId, components }) => ({ variantId, parentStock: "leave", components })),
  };
}

/** Everything that was told is worked on, and what waits for its time is due at once, until nothing is left. */
async function workOff(house: House, shop: HouseShop, lossy: boolean): Promise<void> {
  // The scenario's hours have passed for Shopify's tokens, not for this process.
  await house.visit(shop.shop);
  await house.settle(shop.shop);
  if (lossy) {
    await lookForMissed(house, shop);
    await house.settle(shop.shop);
  }
  // Twice: what was told while the first was under way is news for the second.
  await judgeAll(house, shop);
  await house.settle(shop.shop);
  await judgeAll(house, shop);
}

async function judgeAll(house: House, shop: HouseShop): Promise<void> {
  const { database, detection } = house.composed;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    // Also what waits for the end of a lease, because there were no points to ask for it.
    await database.execute(`UPDATE stock_judgements SET due_at = now(), taken_until = NULL WHERE install_id = $1 AND (due_at < 'infinity' OR taken_until IS NOT NULL)`, shop.installId);
    const { orderCount, stockCount } = await detect(detection, new AbortController().signal);
    if (orderCount + stockCount === 0) return;
  }
  throw new Error("detection finds no end");
}

/** As a program reads it over the API. */
async function whatWasFound({ composed: { database } }: House, { installId }: HouseShop): Promise<{ oversells: FoundOversell[]; conflicts: FoundConflict[] }> {
  const asked = { installId, filter: { state: "open" }, page: { direction: "newest", limit: PAGE } } as const;
  const oversells = (await listOversells(database, asked)).items.map(representOversell);
  const conflicts = (await listConflicts(database, asked)).items.map(representConflict);
  return JSON.parse(JSON.stringify({ oversells, conflicts })) as { oversells: FoundOversell[]; conflicts: FoundConflict[] };
}

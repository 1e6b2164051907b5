// Kills the worker of one proving ground at one point after the other, each in a fresh shop, and sees what becomes of the shop.
import { expect, vi } from "vitest";

import { openProvingGround, type ProvingGround, type Wanted } from "../processes/proving-ground.ts";
import type { StrikableProcess } from "../processes/strikable-process.ts";
import { nameOf, type Point, type Strike } from "../processes/strike-plan.ts";
import { openStage, readDifferences, readLeftBehind, readWorkLeft, type Stage } from "./stage.ts";
import type { CommandScenario, Scenario } from "./scenario.ts";

/** Bounds that only a defect, or a very busy machine, reaches: the waits themselves end with the condition. */
export const REACH_LIMIT_MS = 30_000;
const REST_LIMIT_MS = 45_000;
const POLL_MS = 50;

export interface Lane {
  readonly ground: ProvingGround;
  /** Those that run and know of no strike; null while none does. */
  worker: StrikableProcess | null;
  web: StrikableProcess | null;
  stageCount: number;
}

export async function openLane(): Promise<Lane> {
  return { ground: await openProvingGround(), worker: null, web: null, stageCount: 0 };
}

/** @param leaves what is to be found in the shop's tables when the worker is dead; null: that differs from time to time. */
export async function killWorkerAt(lane: Lane, point: Point, scenario: Scenario, leaves: string | null): Promise<void> {
  lane.worker ??= await lane.ground.startWorker();
  const stage = await setStage(lane, scenario);
  // A wake for later that an earlier shop left behind would have its turn struck instead.
  await lane.ground.house.composed.redis.commands.flushdb();

  const struck = await strikeDuring(lane, stage, { ...point, act: "kill" }, scenario);
  await diesAt(point, struck);
  const left = await readLeftBehind(stage);
  await scenario.meanwhile?.(stage);
  lane.worker = await lane.ground.startWorker(pickClock(scenario));
  await scenario.afterwards?.(stage);
  await endsAs(stage, scenario);
  if (scenario.clockAheadMs !== undefined) await endWorker(lane);
  if (leaves !== null && left !== null) expect(left).toBe(leaves);
}

export async function killWebAt(lane: Lane, point: Point, scenario: Scenario): Promise<void> {
  lane.worker ??= await lane.ground.startWorker();
  lane.web ??= await lane.ground.startWeb();
  const stage = await setStage(lane, scenario);
  const struck = lane.web;
  lane.web = null;
  await struck.arm({ ...point, act: "kill" });
  await scenario.act(stage);
  await diesAt(point, struck);
  lane.web = await lane.ground.startWeb();
  await scenario.afterwards?.(stage);
  // Shopify's retries: its clock is moved to them.
  await stage.house.simulator.control.drainWebhooks({ skipAhead: true });
  await endsAs(stage, scenario);
}

/**
 * The worker sleeps at the point until another one has brought the shop to its end, and wakes up in the middle of what it was doing. Beyond
 * its lease, its sign of life and the call's own time, because the other had to wait for them.
 */
export async function pauseWorkerAt(lane: Lane, point: Point, scenario: Scenario): Promise<void> {
  lane.worker ??= await lane.ground.startWorker();
  const stage = await setStage(lane, scenario);
  const sleeper = lane.worker;
  lane.worker = null;
  await sleeper.arm({ ...point, act: "pause" });
  await scenario.act(stage);
  await within(sleeper.struck(point), REACH_LIMIT_MS, `${nameOf(point)} was not reached`);
  lane.worker = await lane.ground.startWorker();
  await scenario.afterwards?.(stage);
  await endsAs(stage, scenario);
  sleeper.resume();
  // What the sleeper still wants to do it has done when it stopped in good order.
  await sleeper.stop();
  expect(await sleeper.ended).toBe("ended with code 0");
  await endsAs(stage, scenario);
}

/** The command is given again after its death. */
export async function killCommandAt(lane: Lane, point: Point, scenario: CommandScenario): Promise<void> {
  lane.worker ??= await lane.ground.startWorker();
  const stage = await setStage(lane, scenario);
  const words = await scenario.words(stage);
  await diesAt(point, await lane.ground.startCommand(words, { strikes: [{ ...point, act: "kill" }], ...pickClock(scenario) }));
  const again = await lane.ground.startCommand(words, pickClock(scenario));
  expect(await again.ended).toMatch(/^ended with code [01]$/);
  await endsAs(stage, scenario);
  for (const { query, expected } of scenario.also ?? []) expect(await stage.rows(query)).toEqual(expected);
}

async function setStage(lane: Lane, { prepare, scopes }: Pick<Scenario, "prepare"> & Pick<CommandScenario, "scopes">): Promise<Stage> {
  const stage = await openStage(lane.ground, `stage-${(lane.stageCount += 1)}`, () => lane.worker, scopes);
  await prepare?.(stage);
  // Also of the turn that the shop's own beginning brought.
  await comesToRest(stage);
  return stage;
}

async function diesAt(point: Point, struck: StrikableProcess): Promise<void> {
  expect(await within(struck.struck(), REACH_LIMIT_MS, `${nameOf(point)} was not reached`)).toBe(nameOf(point));
  expect(await struck.ended).toBe("ended by SIGKILL");
}

/** Lets the scenario happen to a worker in which the strike is armed. */
async function strikeDuring(lane: Lane, stage: Stage, strike: Strike, scenario: Scenario): Promise<StrikableProcess> {
  const { during = "running", act } = scenario;
  if (during === "down") {
    await endWorker(lane);
    await act(stage);
    return lane.ground.startWorker({ strikes: [strike], ...pickClock(scenario) });
  }
  const worker = lane.worker ?? (await lane.ground.startWorker());
  lane.worker = null;
  await worker.arm(strike);
  if (during === "asleep") worker.pause();
  await act(stage);
  if (during === "asleep") {
    await stage.house.delivered();
    worker.resume();
  }
  return worker;
}

function pickClock({ clockAheadMs }: Pick<Scenario, "clockAheadMs">): Pick<Wanted, "clockAheadMs"> {
  return clockAheadMs === undefined ? {} : { clockAheadMs };
}

async function endWorker(lane: Lane): Promise<void> {
  await lane.worker?.kill();
  lane.worker = null;
}

/** Nothing is left to do, and ledger, audit trail and Shopify agree. */
async function endsAs(stage: Stage, { ending }: Pick<Scenario, "ending">): Promise<void> {
  await becomesEmpty(async () => {
    // While work is left there is nothing to compare yet, and comparing costs more than the work.
    const left = await readWorkLeft(stage);
    return left.length > 0 ? left : readDifferences(stage, ending);
  });
}

function comesToRest(stage: Stage): Promise<void> {
  return becomesEmpty(() => readWorkLeft(stage));
}

async function becomesEmpty(read: () => Promise<string[]>): Promise<void> {
  await vi.waitFor(async () => expect(await read()).toEqual([]), { timeout: REST_LIMIT_MS, interval: POLL_MS });
}

export async function within<Value>(awaited: Promise<Value>, limitMs: number, problem: string): Promise<Value> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(problem)), limitMs);
  try {
    return await Promise.race([awaited, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

// Kills the worker of one proving ground at one point after the other, each in a fresh shop, and sees what becomes of the shop.
import { expect, vi } from "vitest";

import type { ProvingGround } from "../processes/proving-ground.ts";
import type { StrikableProcess } from "../processes/strikable-process.ts";
import { nameOf, type Point, type Strike } from "../processes/strike-plan.ts";
import { openStage, readDifferences, readWorkLeft, type Stage } from "./stage.ts";
import type { Scenario } from "./worker-scenarios.ts";

/** Bounds that only a defect, or a very busy machine, reaches: the waits themselves end with the condition. */
const REACH_LIMIT_MS = 30_000;
const REST_LIMIT_MS = 45_000;
const POLL_MS = 50;

export interface WorkerLane {
  readonly ground: ProvingGround;
  /** The one that runs and knows of no strike; null while none does. */
  worker: StrikableProcess | null;
  stageCount: number;
}

export async function killWorkerAt(lane: WorkerLane, point: Point, scenario: Scenario): Promise<void> {
  const stage = await openStage(lane.ground, `stage-${(lane.stageCount += 1)}`);
  lane.worker ??= await lane.ground.startWorker();
  if (scenario.prepare) {
    await scenario.prepare(stage);
    await comesToRest(stage);
  }
  // A wake for later that an earlier shop left behind would have its turn struck instead.
  await lane.ground.house.composed.redis.commands.flushdb();

  const struck = await strikeDuring(lane, stage, { ...point, act: "kill" }, scenario);
  expect(await within(struck.struck(), REACH_LIMIT_MS, `${nameOf(point)} was not reached`)).toBe(nameOf(point));
  expect(await struck.ended).toBe("ended by SIGKILL");

  lane.worker = await lane.ground.startWorker();
  if (scenario.afterwards) await scenario.afterwards(stage);
  await comesToRest(stage);
  expect(await readDifferences(stage, scenario.ending)).toEqual([]);
}

/** Lets the scenario happen to a worker in which the strike is armed. */
async function strikeDuring(lane: WorkerLane, stage: Stage, strike: Strike, { during = "running", act }: Scenario): Promise<StrikableProcess> {
  if (during === "down") {
    await lane.worker?.kill();
    lane.worker = null;
    await act(stage);
    return lane.ground.startWorker(strike);
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

export async function comesToRest(stage: Stage): Promise<void> {
  await vi.waitFor(
    async () => {
      const left = await readWorkLeft(stage);
      if (left.length > 0) throw new Error(`the house does not come to rest: ${left.join(", ")}`);
    },
    { timeout: REST_LIMIT_MS, interval: POLL_MS },
  );
}

async function within<Value>(awaited: Promise<Value>, limitMs: number, problem: string): Promise<Value> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(problem)), limitMs);
  try {
    return await Promise.race([awaited, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

// Works on many points at once, each told to a test of its own: a few lanes side by side, because most of a point is waiting.
import { afterAll } from "vitest";

import { openLane, type Lane } from "./crash-lane.ts";

export interface PointRun {
  readonly title: string;
  run(lane: Lane): Promise<void>;
}

/** Two files run at once on two processors: more lanes would only take turns. */
const LANES_MAX = 2;
/** Waiting for a lane included. */
export const POINT_LIMIT_MS = 240_000;

/** How each point ended, by the point; resolves with "at rest" or rejects with what is wrong. */
export function runInLanes(points: readonly PointRun[]): (point: PointRun) => Promise<"at rest"> {
  const lanes: Promise<Lane>[] = [];
  const free: Promise<Lane>[] = [];
  let openedCount = 0;
  const waiting: ((lane: Promise<Lane>) => void)[] = [];
  const runs = new Map<PointRun, Promise<"at rest">>();

  const takeLane = (): Promise<Lane> => {
    const idle = free.pop();
    if (idle) return idle;
    if (openedCount >= LANES_MAX) return new Promise((resolve) => waiting.push(resolve));
    openedCount += 1;
    const opened = openLane();
    lanes.push(opened);
    return opened;
  };
  const giveBack = (lane: Promise<Lane>): void => {
    const next = waiting.shift();
    if (next) next(lane);
    else free.push(lane);
  };
  const run = async (point: PointRun): Promise<"at rest"> => {
    const lane = await takeLane();
    try {
      await point.run(lane);
      giveBack(Promise.resolve(lane));
      return "at rest";
    } catch (problem) {
      // What it left behind shall not be found by the next one.
      const fresh = openLane();
      lanes.push(fresh);
      giveBack(fresh);
      throw problem;
    }
  };
  const start = (point: PointRun): Promise<"at rest"> => {
    const running = runs.get(point) ?? run(point);
    runs.set(point, running);
    return running;
  };

  afterAll(async () => {
    await Promise.allSettled(runs.values());
    await Promise.all(lanes.map(async (lane) => (await lane).ground.close()));
  }, POINT_LIMIT_MS);

  return (point) => {
    // The next ones begin while this one waits; each tells its own test how it ended.
    const index = points.indexOf(point);
    for (const ahead of points.slice(index, index + LANES_MAX)) start(ahead).catch(() => undefined);
    return start(point);
  };
}

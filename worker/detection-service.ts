// Detection in the worker: orders with news are looked at, stocks with news are judged; beside the turns, in steps that can be run alone.

import type { Composition } from "#app/composition.server.ts";
import { type DetectionPorts, detect } from "#app/detection/detect.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

const EVERY_MS = 1_000;
/** Steps in a row while there is more to do; then the others of this process have their turn. */
const STEPS_MAX = 20;

/** Answers how many steps found something to do. */
export function createDetectionStep(ports: DetectionPorts): (signal: AbortSignal) => Promise<number> {
  return async (signal) => {
    let worked = 0;
    while (worked < STEPS_MAX && !signal.aborted) {
      const { orderCount, stockCount } = await detect(ports, signal);
      if (orderCount + stockCount === 0) break;
      worked += 1;
    }
    return worked;
  };
}

export function startDetectionService({ detection, clock, logger, sharedLooks }: Pick<Composition, "detection" | "clock" | "logger" | "sharedLooks">): RunningService {
  const stopping = new AbortController();
  const step = createDetectionStep(detection);
  const running = repeat({ clock, logger, name: "detection", everyMs: EVERY_MS, among: sharedLooks, step: async () => void (await step(stopping.signal)) });
  return {
    stop() {
      stopping.abort();
      return running.stop();
    },
  };
}

// Watches whether this web process still keeps up with the webhooks that come, and says so when it does not.

import { performance } from "node:perf_hooks";

import type { Clock } from "#app/ports/clock.ts";
import type { Rush } from "#app/ports/rush.ts";

/** Looked at so long after a webhook came; an idle process looks at nothing. */
const WINDOW_MS = 50;
/** 200 a second: fewer are no rush, whatever else keeps the process busy (a page takes one thread for some ten milliseconds, too). */
const WEBHOOKS_MIN = 10;
/** Part of the window in which the thread had work, or waited for a processor to do it. Beyond it requests wait in line. */
const BUSY_MIN = 0.9;

export interface RushWatch {
  noteWebhook(): void;
}

/** @param busySince how busy this thread was since the last call, 0 to 1. */
export function createRushWatch(rush: Pick<Rush, "say">, clock: Clock, busySince: () => number = createBusySince()): RushWatch {
  let webhooks = 0;

  function look(): void {
    const busy = busySince();
    if (webhooks >= WEBHOOKS_MIN && busy >= BUSY_MIN) rush.say();
    webhooks = 0;
  }

  return {
    noteWebhook() {
      webhooks += 1;
      if (webhooks > 1) return;
      busySince();
      clock.setTimer(WINDOW_MS, look);
    },
  };
}

function createBusySince(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}

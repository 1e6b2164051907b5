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
/** While a rush is on: it has rest now because work gave way, and would have none again if work came back at once. */
const STILL_BUSY_MIN = 0.6;
/** Said longer ago than this, a rush is over: no webhook came, or the thread had rest all the while. */
const LULL_MS = 4 * WINDOW_MS;

export interface RushWatch {
  noteWebhook(): void;
}

/** @param busySince how busy this thread was since the last call, 0 to 1. */
export function createRushWatch(rush: Pick<Rush, "say">, clock: Clock, busySince: () => number = createBusySince()): RushWatch {
  let webhooks = 0;
  let saidMs = Number.NEGATIVE_INFINITY;

  function look(): void {
    const busy = busySince();
    const nowMs = clock.monotonicMs();
    const busyMin = nowMs - saidMs <= LULL_MS ? STILL_BUSY_MIN : BUSY_MIN;
    if (webhooks >= WEBHOOKS_MIN && busy >= busyMin) {
      saidMs = nowMs;
      rush.say();
    }
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

// A wall clock that only tests move, so that hours of retries take no time.
import type { WallClock } from "../world/clock.ts";

export interface ManualWall extends WallClock {
  /** Moves time and runs the timers that fall due, in order. */
  pass(ms: number): void;
}

export function createManualWall(startMs = 0): ManualWall {
  let now = startMs;
  const timers = new Set<{ atMs: number; fn: () => void }>();
  return {
    nowMs: () => now,
    setTimer(fn, delayMs) {
      const timer = { atMs: now + delayMs, fn };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      const target = now + ms;
      for (;;) {
        const due = [...timers].filter(({ atMs }) => atMs <= target).sort((a, b) => a.atMs - b.atMs)[0];
        if (!due) break;
        timers.delete(due);
        now = Math.max(now, due.atMs);
        due.fn();
      }
      now = target;
    },
  };
}

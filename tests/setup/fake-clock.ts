// A clock that stands still until a test moves it; timers fire in order while it moves.
import type { Clock } from "#app/ports/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly fn: () => void;
}

export class FakeClock implements Clock {
  #startMs: number;
  #elapsedMs = 0;
  #sequence = 0;
  readonly #timers = new Set<Timer>();

  constructor(start: Date = new Date("2026-11-01T12:00:00Z")) {
    this.#startMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#startMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(ms: number, fn: () => void): { cancel(): void } {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, ms), sequence: this.#sequence++, fn };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  get pendingTimerCount(): number {
    return this.#timers.size;
  }

  /** Moves time on, firing each timer at its own time and letting the promises it settles run before the next one. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#elapsedMs + ms;
    await settle();
    for (let timer = this.#nextDue(targetMs); timer; timer = this.#nextDue(targetMs)) {
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs);
      timer.fn();
      await settle();
    }
    this.#elapsedMs = targetMs;
  }

  /** Moves time on without running anything, as for a process that was paused and has just been resumed. */
  jump(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Sets the wall clock on or back, as an administrator or a time server would. The monotonic clock and the timers do not notice. */
  jumpWall(ms: number): void {
    this.#startMs += ms;
  }

  #nextDue(targetMs: number): Timer | undefined {
    return [...this.#timers]
      .filter((timer) => timer.dueMs <= targetMs)
      .toSorted((a, b) => a.dueMs - b.dueMs || a.sequence - b.sequence)[0];
  }
}

/** Lets every promise that can settle without I/O settle: setImmediate runs after all microtasks. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

// The clock port: the only way to ask for the time or to wait, so that tests decide what time it is.

export interface Clock {
  /** Wall-clock time: for timestamps, never for measuring. */
  now(): Date;
  /** Milliseconds of a clock that never jumps, from an arbitrary start: for measuring. */
  monotonicMs(): number;
  /** Calls `fn` once, `ms` milliseconds from now, unless cancelled. */
  setTimer(ms: number, fn: () => void): { cancel(): void };
}

// Beside the stages: requests that arrive together go to the database together, so that one commit (one fsync) makes many of them durable.

import type { Clock } from "#app/ports/clock.ts";

export interface BatchLimits {
  /** Requests in one batch. */
  readonly rowsMax: number;
  /** Batches under way at once: while one waits for the disk the next is sent. */
  readonly inFlightMax: number;
  /**
   * Another batch sets out beside one under way only when so many wait, or when that one takes longer than `slowAfterMs`. Without this each
   * takes the few that came since the last, and what a batch costs by itself is paid for every few. Not given: at once.
   */
  readonly another?: { readonly waitingMin: number; readonly slowAfterMs: number };
  /** Requests waiting for a batch; beyond this the sender is told to come back. */
  readonly waitingMax: number;
  /** A request that is not answered by then is `unavailable`, whatever becomes of it afterwards. */
  readonly answerWithinMs: number;
}

/** `unavailable`: not known to be done. `overloaded`, `gone` (the sender has left): not even tried. */
export type Batched<Outcome> = Outcome | "unavailable" | "overloaded" | "gone";

export interface Batches<Entry, Outcome> {
  submit(entry: Entry, signal?: AbortSignal): Promise<Batched<Outcome>>;
}

interface Waiting<Entry, Outcome> {
  readonly entry: Entry;
  readonly settle: (outcome: Batched<Outcome>) => void;
  settled: boolean;
  /** In a batch: it need not be looked for among those that wait, of whom there may be thousands. */
  setOut: boolean;
}

/**
 * No timer gathers a batch: the first request goes at once, and whatever arrives while batches are under way goes together afterwards. Who
 * is alone waits for nobody, and a flood batches itself.
 *
 * @param send outcomes in the order of the entries. What throws fails the whole batch; with `cutWhenFailed` it is cut in halves until what is
 *   at fault stands alone, without those who were answered meanwhile.
 */
export function gatherBatches<Entry, Outcome>(
  send: (batch: readonly Entry[]) => Promise<readonly (Outcome | "unavailable")[]>,
  options: { readonly limits: BatchLimits; readonly clock: Pick<Clock, "setTimer">; readonly cutWhenFailed: boolean },
): Batches<Entry, Outcome> {
  const { limits, clock, cutWhenFailed } = options;
  const waiting: Waiting<Entry, Outcome>[] = [];
  let inFlight = 0;
  const pace = watchPace(limits, clock);

  const maySetOut = (): boolean => inFlight < limits.inFlightMax && waiting.length > 0 && (pace.quickCount() === 0 || waiting.length >= (limits.another?.waitingMin ?? 0));

  function pump(): void {
    while (maySetOut()) {
      inFlight += 1;
      const ended = pace.began(pump);
      void flush(waiting.splice(0, limits.rowsMax)).finally(() => {
        inFlight -= 1;
        ended();
        pump();
      });
    }
  }

  async function flush(batch: readonly Waiting<Entry, Outcome>[]): Promise<void> {
    for (const one of batch) one.setOut = true;
    const open = batch.filter((one) => !one.settled);
    if (open.length === 0) return;
    const outcomes = await send(open.map((one) => one.entry)).catch(() => null);
    if (outcomes === null && cutWhenFailed && open.length > 1) {
      const half = Math.ceil(open.length / 2);
      await flush(open.slice(0, half));
      return flush(open.slice(half));
    }
    open.forEach((one, index) => one.settle(outcomes?.[index] ?? "unavailable"));
  }

  function leave(one: Waiting<Entry, Outcome>): void {
    if (one.setOut) return;
    const place = waiting.indexOf(one);
    if (place >= 0) waiting.splice(place, 1);
  }

  return {
    submit(entry, signal) {
      if (signal?.aborted) return Promise.resolve("gone");
      if (waiting.length >= limits.waitingMax) return Promise.resolve("overloaded");
      return new Promise((resolve) => {
        const end = (outcome: Batched<Outcome>): void => {
          if (one.settled) return;
          one.settled = true;
          timer.cancel();
          signal?.removeEventListener("abort", onAbort);
          leave(one);
          resolve(outcome);
        };
        const onAbort = (): void => end("gone");
        const one: Waiting<Entry, Outcome> = { entry, settle: end, settled: false, setOut: false };
        const timer = clock.setTimer(limits.answerWithinMs, () => end("unavailable"));
        signal?.addEventListener("abort", onAbort);
        waiting.push(one);
        // After this tick: requests parsed in the same turn of the event loop share the batch.
        if (maySetOut()) setImmediate(pump);
      });
    },
  };
}

interface Pace {
  /** Batches under way that it is worth waiting for, so that more go together. */
  quickCount(): number;
  /** A batch has set out; what is answered is called when it has ended. */
  began(onSlow: () => void): () => void;
}

/** A batch that waits for a lock must not keep the others waiting. */
function watchPace({ another }: BatchLimits, clock: Pick<Clock, "setTimer">): Pace {
  let quick = 0;
  return {
    quickCount: () => quick,
    began(onSlow) {
      if (another === undefined) return () => undefined;
      quick += 1;
      let counts = true;
      const stopCounting = (): void => {
        if (counts) quick -= 1;
        counts = false;
      };
      const timer = clock.setTimer(another.slowAfterMs, () => {
        stopCounting();
        onSlow();
      });
      return () => {
        timer.cancel();
        stopCounting();
      };
    },
  };
}

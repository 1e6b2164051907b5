// One bounded wait of a lock request: ends by its limit or the caller's signal, and in between is woken or races one call.
import type { Clock } from "#app/ports/clock.ts";

export type RaceResult<Value> =
  | { kind: "answered"; value: Value }
  | { kind: "failed"; cause: Error }
  /** The call took longer than it may. It is still under way. */
  | { kind: "overdue" }
  /** The whole wait is over. The call is still under way. */
  | { kind: "ended" };

export class WakeableWait {
  readonly #clock: Clock;
  readonly #endsAtMs: number;
  readonly #signal: AbortSignal | undefined;
  #isAborted = false;
  /** A wake that came while nobody was waiting is kept, or the waiter would sleep through its turn. */
  #isWoken = false;
  #handedPlace: number | null = null;
  #onWake: (() => void) | null = null;
  #onAbort: (() => void) | null = null;
  /** Hears the caller's signal, if there is one. */
  #onAborted: (() => void) | null = null;

  /** A limit of 0 is none: the caller makes one attempt, whose own limit applies. */
  constructor(clock: Clock, { limitMs, signal }: { limitMs: number; signal?: AbortSignal | undefined }) {
    this.#clock = clock;
    this.#endsAtMs = limitMs > 0 ? clock.monotonicMs() + limitMs : Number.POSITIVE_INFINITY;
    this.#signal = signal;
    if (signal === undefined) return;
    if (signal.aborted) this.#isAborted = true;
    this.#onAborted = () => {
      this.#isAborted = true;
      this.#onAbort?.();
    };
    signal.addEventListener("abort", this.#onAborted);
  }

  /** The place with which a wake last came. */
  get handedPlace(): number | null {
    return this.#handedPlace;
  }

  get isEnded(): boolean {
    return this.#isAborted || this.#leftMs() <= 0;
  }

  readonly wake = (handedPlace: number | null = null): void => {
    this.#isWoken = true;
    if (handedPlace !== null) this.#handedPlace = handedPlace;
    this.#onWake?.();
  };

  /** Resolves when woken, after `ms` at the latest, or when the wait is over. */
  async untilWoken(ms: number): Promise<"again" | "ended"> {
    if (!this.#isWoken && !this.isEnded) {
      let timer: { cancel(): void } | undefined;
      await new Promise<void>((resolve) => {
        this.#onWake = resolve;
        this.#onAbort = resolve;
        timer = this.#clock.setTimer(Math.min(ms, this.#leftMs()), resolve);
      });
      timer?.cancel();
      this.#onWake = null;
      this.#onAbort = null;
    }
    this.#isWoken = false;
    return this.isEnded ? "ended" : "again";
  }

  /** The call's answer, unless the wait or the call's own limit ends first. */
  race<Value>(call: Promise<Value>, overdueMs: number): Promise<RaceResult<Value>> {
    const leftMs = this.#leftMs();
    const limited = answerWithin(this.#clock, call, Math.min(overdueMs, leftMs), leftMs <= overdueMs ? "ended" : "overdue");
    // Left there after the answer: ending what was answered does nothing.
    this.#onAbort = limited.end;
    return limited.answer;
  }

  close(): void {
    if (this.#onAborted !== null) this.#signal?.removeEventListener("abort", this.#onAborted);
  }

  #leftMs(): number {
    return this.#endsAtMs - this.#clock.monotonicMs();
  }
}

/** A call's answer, or why it is not waited for any longer. One timer and one promise: a lock is taken and let go with two of these. */
export function answerWithin<Value>(
  clock: Clock,
  call: Promise<Value>,
  ms: number,
  late: "overdue" | "ended" = "overdue",
): { readonly answer: Promise<RaceResult<Value>>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<RaceResult<Value>>();
  const timer = clock.setTimer(ms, () => resolve({ kind: late }));
  call.then(
    (value) => {
      timer.cancel();
      resolve({ kind: "answered", value });
    },
    (error: unknown) => {
      timer.cancel();
      resolve({ kind: "failed", cause: error instanceof Error ? error : new Error(String(error)) });
    },
  );
  const end = (): void => {
    timer.cancel();
    resolve({ kind: "ended" });
  };
  return { answer: promise, end };
}

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
  readonly #ended: Promise<void>;
  readonly #signal: AbortSignal | undefined;
  readonly #limit: { cancel(): void } | null;
  #end: () => void = () => undefined;
  #isEnded = false;
  /** A wake that came while nobody was waiting is kept, or the waiter would sleep through its turn. */
  #isWoken = false;
  #onWake: (() => void) | null = null;

  /** A limit of 0 is none: the caller makes one attempt, whose own limit applies. */
  constructor(clock: Clock, { limitMs, signal }: { limitMs: number; signal?: AbortSignal | undefined }) {
    this.#clock = clock;
    this.#ended = new Promise((resolve) => {
      this.#end = () => {
        this.#isEnded = true;
        resolve();
      };
    });
    this.#limit = limitMs > 0 ? clock.setTimer(limitMs, this.#end) : null;
    this.#signal = signal;
    if (signal?.aborted) this.#end();
    signal?.addEventListener("abort", this.#end);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  wake(): void {
    this.#isWoken = true;
    this.#onWake?.();
  }

  /** Resolves when woken, after `ms` at the latest, or when the wait is over. */
  async untilWoken(ms: number): Promise<"again" | "ended"> {
    if (!this.#isWoken && !this.#isEnded) {
      let timer: { cancel(): void } | undefined;
      const woken = new Promise<void>((resolve) => {
        this.#onWake = resolve;
        timer = this.#clock.setTimer(ms, resolve);
      });
      await Promise.race([woken, this.#ended]);
      timer?.cancel();
      this.#onWake = null;
    }
    this.#isWoken = false;
    return this.#isEnded ? "ended" : "again";
  }

  /** The call's answer, unless the wait or the call's own limit ends first. */
  async race<Value>(call: Promise<Value>, overdueMs?: number): Promise<RaceResult<Value>> {
    let timer: { cancel(): void } | undefined;
    const contenders: Promise<RaceResult<Value>>[] = [
      call.then(
        (value) => ({ kind: "answered", value }),
        (error: unknown) => ({ kind: "failed", cause: error instanceof Error ? error : new Error(String(error)) }),
      ),
      this.#ended.then(() => ({ kind: "ended" })),
    ];
    if (overdueMs !== undefined) {
      contenders.push(
        new Promise((resolve) => {
          timer = this.#clock.setTimer(overdueMs, () => resolve({ kind: "overdue" }));
        }),
      );
    }
    const result = await Promise.race(contenders);
    timer?.cancel();
    return result;
  }

  close(): void {
    this.#limit?.cancel();
    this.#signal?.removeEventListener("abort", this.#end);
  }
}

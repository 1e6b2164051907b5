// The waker port: asks for a turn of a shop, and runs the turns that were asked for. Losing a wake is repaired by the sweeper.

/** `unavailable`: the queue could not be reached. Nothing is lost: the sweeper finds what was never woken. */
export type WakeResult = { kind: "woken" } | { kind: "unavailable" };

/** The longest delay of a wake; longer ones are cut to it. */
export const WAKE_DELAY_MS_MAX = 24 * 3_600_000;

export interface Waker {
  /**
   * At least one turn of the shop starts after this call. Wakes of a shop whose turn waits are folded into that turn; a wake that comes
   * while the turn runs brings one more, behind the other shops. With `delayMs` the turn starts no earlier than that much later, and
   * at most an eighth of the delay after it if a worker is idle; it never delays a turn that is due sooner. Never rejects.
   */
  wake(shop: string, options?: { delayMs?: number }): Promise<WakeResult>;
  /**
   * As `wake` without delay for each of the shops, in few round trips. `unavailable` when any of them may not have been woken.
   * `traceIds`: per shop the trace of a notification for which it is woken; the turn is told the one of the wake that it was made for.
   */
  wakeMany(shops: readonly string[], options?: { traceIds?: ReadonlyMap<string, string> }): Promise<WakeResult>;
  /** Shops whose turn waits for a worker, and turns asked for later. Rejects when the queue cannot be reached. */
  depth(): Promise<{ waiting: number; active: number; delayed: number }>;
}

/** What a turn says about the next one of its shop. */
export interface TurnOutcome {
  readonly again: "now" | "no" | { readonly afterMs: number };
}

/**
 * One turn. `signal` aborts when the process must stop and the time for it is over. `traceId`: of the notification that it was woken for.
 * `letNextBegin`: from then on the shop's next turn may run beside what this one still waits for; the turn counts as running until it ends. A throw is a bug: it is reported and the shop is woken again after `failedTurnDelayMs`.
 */
export type TurnHandler = (shop: string, context: { signal: AbortSignal; traceId?: string | null; letNextBegin?: () => void }) => Promise<TurnOutcome>;

export interface TurnRunner {
  /** Resolves when the first connection to the queue stands. */
  ready(): Promise<void>;
  /** Takes no new turns, waits up to `timeoutMs` for the running ones, then aborts their signals. An aborted turn is run again elsewhere. */
  stop(options: { timeoutMs: number }): Promise<{ kind: "drained" } | { kind: "forced"; unfinishedCount: number }>;
}

export interface TurnQueue extends Waker {
  /** @param options.waker through which a turn that ends asks for the next one. */
  runTurns(handler: TurnHandler, options: { concurrency: number; waker?: Waker }): TurnRunner;
}

export type WakerEvent =
  | { kind: "woken"; count: number }
  | { kind: "unavailable"; count: number; cause: Error }
  | { kind: "turn_failed"; shop: string; traceId?: string; cause: Error }
  /** The queue gave a turn to another worker because its process died, or was paused for too long. */
  | { kind: "turn_stalled" }
  /** A connection trouble of the running worker, which it mends by itself. */
  | { kind: "worker_error"; cause: Error };

// Every fault of the storm by name, what it is, and how often it must have struck in a seed; counted where it strikes, not where it is planned.

export const FAULTS = {
  kill_at_step: "SIGKILL of a worker or accept process, by itself, just before or after a named step",
  kill_at_any_moment: "SIGKILL of a worker or accept process, from outside, at no particular point",
  pause: "a process stands still (SIGSTOP) for longer than its lease, then goes on",
  slow_step: "a worker's step takes its time: 100 ms to 1.5 s before or after it",
  job_twice: "a turn is handed out again and again while it runs, as the queue does when it takes its worker for dead",
  wake_dropped: "a wake says that it was queued and was not",
  lock_lost: "a lock is gone right after it was taken, and its holder does not know",
  redis_flush: "FLUSHALL",
  redis_restart: "Redis is stopped and comes back empty",
  redis_cut: "every connection to Redis is cut",
  postgres_cut: "every connection to PostgreSQL is terminated",
  deadlock: "PostgreSQL aborts a statement with 40P01",
  serialization: "PostgreSQL aborts a statement with 40001",
  slow_statement: "a statement of PostgreSQL takes 200 ms, within its transaction",
  webhook_copy: "a webhook is sent more than once",
  webhook_out_of_order: "a webhook is overtaken by a later one of its order",
  webhook_late: "a webhook arrives five seconds or more after its event, on Shopify's clock",
  answer_late: "a webhook is stored, but answered after Shopify stopped waiting, and is sent again",
  before_commit: "the connection is cut before Shopify carried the call out",
  after_commit: "Shopify carried the call out and the connection is cut before the answer",
  slow: "Shopify carries the call out slowly; the app may have stopped waiting",
  http_429: "Shopify answers 429 with Retry-After",
  throttled: "Shopify answers 200 with THROTTLED",
  http_5xx: "Shopify answers 503",
  html: "Shopify answers an HTML page",
  half_body: "Shopify carried the call out and half of the answer arrives",
  cut: "the connection is destroyed",
  token_revoked: "Shopify does not know the access token any more",
  user_error: "Shopify refuses the call, naming an entry or none",
  slow_question: "Shopify takes its time over a question about a key (a change by 0)",
  late_attempt: "an attempt travels for one to two seconds and is carried out then; the next one under its key is refused",
} as const;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** Faults that the simulator makes at a call that changes stock. */
export const CALL_FAULTS = ["before_commit", "after_commit", "slow", "http_429", "throttled", "http_5xx", "html", "half_body", "cut", "token_revoked", "user_error"] as const satisfies readonly FaultName[];
export type CallFault = (typeof CALL_FAULTS)[number];

/** Faults that a process makes in itself at a named step. */
export const STEP_FAULTS = ["kill_at_step", "pause", "slow_step", "job_twice", "wake_dropped", "lock_lost", "answer_late"] as const satisfies readonly FaultName[];
export type StepFault = (typeof STEP_FAULTS)[number];

export const STRIKES_MIN = 5;
export const KILLS_MIN = 10;

/** How often each fault struck. */
export class Coverage {
  readonly #counts = new Map<FaultName, number>();
  /** What struck, finer: `kill_at_step ledger.claim:after`. */
  readonly details = new Map<string, number>();

  struck(fault: FaultName, detail?: string, times = 1): void {
    this.#counts.set(fault, this.count(fault) + times);
    if (detail !== undefined) this.details.set(`${fault} ${detail}`, (this.details.get(`${fault} ${detail}`) ?? 0) + times);
  }

  count(fault: FaultName): number {
    return this.#counts.get(fault) ?? 0;
  }

  kills(): number {
    return this.count("kill_at_step") + this.count("kill_at_any_moment");
  }

  /** The fault that struck least. */
  least(wanted: readonly FaultName[]): { fault: FaultName; count: number } | null {
    const counted = wanted.map((fault) => ({ fault, count: this.count(fault) }));
    return counted.toSorted((a, b) => a.count - b.count)[0] ?? null;
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(FAULT_NAMES.map((fault) => [fault, this.count(fault)]));
  }
}

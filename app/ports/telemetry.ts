// The telemetry port: what the pipeline tells about itself. Labels come from closed sets; ids go to logs.

/** Structured log; fields are ids, counts and codes, never payloads or secrets. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export const TURN_OUTCOMES = ["worked", "idle", "later", "not_installed", "failed"] as const;
export type TurnMetricOutcome = (typeof TURN_OUTCOMES)[number];

export const MUTATION_OUTCOMES = [
  "applied",
  "rejected",
  "throttled",
  "concurrent",
  "rekeyed",
  "refused",
  "unknown",
  "not_sent",
  "lost",
  "applied_after_retirement",
  "applied_twice",
] as const;
export type MutationMetricOutcome = (typeof MUTATION_OUTCOMES)[number];

export const LOCK_OUTCOMES = ["acquired", "busy", "timeout", "lost", "unavailable"] as const;
export type LockMetricOutcome = (typeof LOCK_OUTCOMES)[number];

export const CONFLICT_KINDS = ["deadlock", "serialization", "lock_timeout", "open_entry"] as const;
export type DatabaseConflictKind = (typeof CONFLICT_KINDS)[number];

/**
 * Statements and transactions that failed for good. `conflict`: deadlocks and serialization failures met more often than they are
 * repeated; `unavailable`: no connection, or the server ended it; `timeout`: a limit on time was met.
 */
export const DATABASE_FAILURE_KINDS = ["conflict", "unavailable", "timeout"] as const;
export type DatabaseFailureKind = (typeof DATABASE_FAILURE_KINDS)[number];

/**
 * What became of a request about a hold, or of a hold. `refused`: not enough units; `over_limit`: of its reference or token; `unconfirmed`:
 * Shopify did not confirm units in time, or nobody could say in time. `late`: committed after it had lapsed; `refund_required`: that was refused.
 */
export const RESERVATION_OUTCOMES = ["granted", "repeated", "refused", "over_limit", "unconfirmed", "committed", "late", "released", "expired", "refund_required"] as const;
export type ReservationMetricOutcome = (typeof RESERVATION_OUTCOMES)[number];

export const OVERSELL_KINDS = ["oversold", "move_stock", "likely_oversold"] as const;
export const OVERSELL_STAGES = ["opened", "closed"] as const;

/** One sending of an alert's message: delivered, to be tried again, or given up. */
export const ALERT_OUTCOMES = ["sent", "retried", "given_up"] as const;
/** One sending of a change to an external stock system. */
export const PUSH_OUTCOMES = ["delivered", "retried", "parked"] as const;
/** A scan of a shop's stock. */
export const SCAN_OUTCOMES = ["completed", "partial", "failed"] as const;

export interface Metrics {
  /** `topic`: one of the known topics or `other`; `outcome`: see docs/reference/api.md. */
  delivery(topic: string, outcome: string, ackSeconds: number): void;
  change(state: string, count: number): void;
  changeLatency(seconds: number): void;
  mutation(outcome: MutationMetricOutcome, entryCount: number): void;
  apiCostAvailable(points: number): void;
  turn(outcome: TurnMetricOutcome): void;
  lock(outcome: LockMetricOutcome, waitSeconds?: number): void;
  lockHeld(seconds: number): void;
  /** Orders found whose notification never came: never heard of, or known in an older version. */
  missedOrders(kind: "unseen" | "changed", count: number): void;
  databaseConflict(kind: DatabaseConflictKind): void;
  databaseFailure(kind: DatabaseFailureKind): void;
  reservation(outcome: ReservationMetricOutcome, count?: number): void;
  /** From a request for units to its answer, a wait for Shopify included. */
  reservationTook(seconds: number): void;
  /** An incident opened or closed; how many are open is read at the scrape. */
  oversell(kind: (typeof OVERSELL_KINDS)[number], stage: (typeof OVERSELL_STAGES)[number]): void;
  /** A foreign write that overwrote changes it had not seen was found. */
  conflict(count?: number): void;
  alertMessage(outcome: (typeof ALERT_OUTCOMES)[number]): void;
  externalPush(outcome: (typeof PUSH_OUTCOMES)[number]): void;
  scan(outcome: (typeof SCAN_OUTCOMES)[number]): void;
}

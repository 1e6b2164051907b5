// The telemetry port: what the pipeline tells about itself. Labels come from closed sets; ids go to logs.

/** Structured log; fields are ids, counts and codes, never payloads or secrets. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export type TurnMetricOutcome = "worked" | "idle" | "later" | "not_installed" | "failed";
export type MutationMetricOutcome = "applied" | "rejected" | "throttled" | "concurrent" | "rekeyed" | "refused" | "unknown" | "not_sent" | "lost" | "applied_after_retirement" | "applied_twice";

export interface Metrics {
  /** `topic`: one of the known topics or `other`; `outcome`: see docs/reference/api.md. */
  delivery(topic: string, outcome: string, ackSeconds: number): void;
  change(state: string, count: number): void;
  changeLatency(seconds: number): void;
  mutation(outcome: MutationMetricOutcome, entryCount: number): void;
  apiCostAvailable(points: number): void;
  turn(outcome: TurnMetricOutcome): void;
  lock(outcome: "acquired" | "busy" | "timeout" | "lost" | "unavailable", waitSeconds?: number): void;
  lockHeld(seconds: number): void;
  /** Orders found whose notification never came: never heard of, or known in an older version. */
  missedOrders(kind: "unseen" | "changed", count: number): void;
  databaseConflict(kind: "deadlock" | "serialization" | "lock_timeout" | "open_entry"): void;
}

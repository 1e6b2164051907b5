// The cost-budget port: what a shop's Admin API will still take, shared by every process that calls it.

/** Shopify's own account of the bucket, as in `extensions.cost.throttleStatus` of an answer. */
export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  /** Points per second. */
  readonly restoreRate: number;
}

export type BudgetReservation =
  /** The points are set aside until `report` (or for `RESERVATION_TTL_MS`, if the caller dies). */
  | { kind: "granted" }
  /** Come back after `waitMs`; nothing was set aside. */
  | { kind: "later"; waitMs: number }
  /** The shared budget cannot be reached. */
  | { kind: "unavailable" };

/** Whether a report reached the shared budget. A lost report leaves the budget too careful, never too generous. */
export type BudgetReport = "recorded" | "unavailable";

/** What is assumed of a shop before its first answer: the smallest plan. */
export const ASSUMED_BUDGET = { maximumAvailable: 2000, restoreRate: 100 } as const;

export interface CostBudget {
  /** Sets `points` aside for one call. A call that costs more than the whole bucket waits for a full one. */
  reserve(request: { shop: string; points: number }): Promise<BudgetReservation>;
  /**
   * Corrects the budget from Shopify's answer to one call. `requested` is what was reserved for it, `actual` what it cost (0 when it
   * was throttled). Points reserved by calls still in flight stay subtracted.
   */
  report(answer: { shop: string; throttleStatus: ThrottleStatus; requested: number; actual: number }): Promise<BudgetReport>;
  /** Grants nothing for `waitMs`. `requested`: the reservation of the call that was refused, given back. */
  throttled(refusal: { shop: string; waitMs: number; requested?: number }): Promise<BudgetReport>;
}

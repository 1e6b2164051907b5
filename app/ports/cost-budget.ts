// The cost-budget port: what a shop's Admin API will still take, shared by every process that calls it.

/** Shopify's own account of the bucket, as in `extensions.cost.throttleStatus` of an answer. */
export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  /** Points per second. */
  readonly restoreRate: number;
}

export type BudgetReservation =
  /**
   * The points are set aside until `report`, or for two minutes if the caller dies. `ticket` names this reservation; a report that
   * carries it is the more exact for it.
   */
  | { kind: "granted"; ticket?: string }
  /** Come back after `waitMs`; nothing was set aside. */
  | { kind: "later"; waitMs: number }
  /** The shared budget cannot be reached. */
  | { kind: "unavailable" };

/** Whether a report reached the shared budget. A lost report leaves the budget too careful, never too generous. */
export type BudgetReport = "recorded" | "unavailable";

/** What is assumed of a shop before its first answer: the smallest plan. */
export const ASSUMED_BUDGET = { maximumAvailable: 2000, restoreRate: 100 } as const;

/** Shopify's answer to one call. */
export interface BudgetAnswer {
  readonly shop: string;
  readonly throttleStatus: ThrottleStatus;
  /** What was reserved for the call. */
  readonly requested: number;
  /** What it cost; 0 when it was throttled. */
  readonly actual: number;
  readonly ticket?: string | undefined;
}

/** A refusal of one call: THROTTLED or HTTP 429. */
export interface BudgetRefusal {
  readonly shop: string;
  readonly waitMs: number;
  /** What was reserved for the call, when its answer had no throttle status (HTTP 429) and so is not reported: the bucket counts as empty. */
  readonly requested?: number;
  readonly ticket?: string | undefined;
}

/** How a shop's bucket stands at this moment. */
export type BudgetStanding =
  | {
      readonly kind: "known";
      /** Points that may be spent now; 0 or more. */
      readonly available: number;
      readonly maximum: number;
      /** Points per second. */
      readonly restoreRate: number;
      /** Nothing is granted for this long, because Shopify refused a call; 0: it did not. */
      readonly closedForMs: number;
    }
  /** Shopify has not answered a call of this shop within a week: nothing was measured. */
  | { readonly kind: "unmeasured" }
  /** The shared budget cannot be reached. */
  | { readonly kind: "unavailable" };

export interface CostBudget {
  /** Sets `points` aside for one call. A call that costs more than the whole bucket waits for a full one. */
  reserve(request: { shop: string; points: number }): Promise<BudgetReservation>;
  /** Corrects the budget from an answer. Points reserved by calls still in flight stay subtracted. */
  report(answer: BudgetAnswer): Promise<BudgetReport>;
  /** Grants nothing for `waitMs`. A THROTTLED answer is reported first, with its throttle status. */
  throttled(refusal: BudgetRefusal): Promise<BudgetReport>;
  /** Gives a reservation back whose call was never made. */
  cancel(reservation: { shop: string; points: number; ticket?: string | undefined }): Promise<BudgetReport>;
  /** For people to look at; sets nothing aside. */
  standing(shop: string): Promise<BudgetStanding>;
}

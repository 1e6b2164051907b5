// Port of what was observed about order sources: do their orders bypass Shopify's own decrement?

export interface SourceObservation {
  readonly sourceKey: string;
  readonly orderId: string;
  readonly verdict: "bypassed" | "took_stock";
  /** Quantities and times the verdict rests on. */
  readonly evidence: unknown;
}

export interface SourceSuspicion {
  readonly sourceKey: string;
  readonly orderId: string;
  readonly createdAt: string;
  readonly variantIds: readonly string[];
  readonly evidence: unknown;
}

export interface SourceBook {
  /** Keeps a suspicion until `delayMs` have passed; one per order. */
  suspect(installId: bigint, suspicion: SourceSuspicion, delayMs: number): Promise<void>;
  /** Suspicions whose time has come. They stay until they are settled. */
  dueSuspicions(installId: bigint, limit: number): Promise<readonly SourceSuspicion[]>;
  settleSuspicion(installId: bigint, orderId: string): Promise<void>;
  nextJudgementAt(installId: bigint): Promise<Date | null>;
  /** True when another order of the same moments holds one of the variants: a change of its stock then proves nothing. */
  othersAtOnce(installId: bigint, order: { orderId: string; createdAt: string; variantIds: readonly string[] }): Promise<boolean>;
  /**
   * Counts an observation. The first order of a deducted source that took stock pauses the source: its waiting changes are parked, and
   * the pause is in the audit trail.
   */
  record(installId: bigint, observation: SourceObservation): Promise<{ readonly paused: boolean; readonly parkedCount: number }>;
}

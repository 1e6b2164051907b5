// Port of what was observed about order sources: do their orders bypass Shopify's own decrement?

export interface SourceObservation {
  readonly sourceKey: string;
  readonly orderId: string;
  readonly verdict: "bypassed" | "took_stock" | "inconclusive";
  /** Quantities and times the verdict rests on. */
  readonly evidence: unknown;
}

export interface SourceBook {
  /** True when another order of the same moments holds one of the variants: a change of its stock then proves nothing. */
  othersAtOnce(installId: bigint, order: { orderId: string; createdAt: string; variantIds: readonly string[] }): Promise<boolean>;
  /**
   * Counts an observation. The first order of a source that was to be deducted and took stock pauses the source: its waiting changes
   * are parked, and the pause is in the audit trail.
   */
  record(installId: bigint, observation: SourceObservation, ruleNamesSource: boolean): Promise<{ readonly paused: boolean; readonly parkedCount: number }>;
}

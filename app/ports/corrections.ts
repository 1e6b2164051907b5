// Port of a person's decision on a mismatch or an overwritten stock: a correction of it, its undoing, or leaving it as it is.

export type CorrectionSubject = { readonly kind: "drift" | "conflict"; readonly id: bigint };
export type CorrectionAct = "correct" | "dismiss" | "undo";

export interface CorrectionRequest {
  readonly installId: bigint;
  readonly subject: CorrectionSubject;
  readonly act: CorrectionAct;
  /** `staff:<id>` or `operator`. */
  readonly actor: string;
  readonly note: string;
  /** Judges under the same locks and writes nothing. */
  readonly dryRun: boolean;
  /** A fresh UUID. */
  readonly traceId: string;
}

/** Exactly what is sent to Shopify, with both numbers. */
export interface Correction {
  readonly effectKey: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
  /** `available` as last seen; null when it is not known. */
  readonly standing: number | null;
  /** What it would be then; orders of the meantime move both alike. */
  readonly expected: number | null;
}

export type CorrectionRefusal =
  | "not_found"
  /** It was decided, or has gone by itself. */
  | "not_open"
  | "already_corrected"
  /** The ledger proves no debt of ours: Shopify's number stands. */
  | "no_proposal"
  /** Somebody wrote a number of their own since: what was missing then may be in it. */
  | "recounted"
  /** Holdfast only watches in this shop: it changes no stock. */
  | "not_protecting"
  /** There is no correction that took effect. */
  | "not_applied"
  | "already_undone";

export type CorrectionResult =
  | { readonly kind: "done"; readonly correction: Correction | null; /** Null in a dry run, and when nothing is sent. */ readonly changeId: bigint | null }
  | { readonly kind: "refused"; readonly refusal: CorrectionRefusal }
  | { readonly kind: "not_installed" };

export interface Corrections {
  act(request: CorrectionRequest): Promise<CorrectionResult>;
}

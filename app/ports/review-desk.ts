// Port of a person's acts on what stopped: each is judged by the domain's rules under the rows' locks, and written with its audit entry.

import type { ActRefusal, ReplayRefusal, ReviewAct, ReviewFacts } from "#app/domain/review.ts";

/** Changes or deliveries that one call takes, in one transaction (a resolution: one per mutation). Callers repeat for more. */
export const REVIEW_STEP_MAX = 250;

export interface ActRequest {
  readonly installId: bigint;
  readonly act: ReviewAct;
  /** At most `REVIEW_STEP_MAX`. */
  readonly changeIds: readonly bigint[];
  /** `staff:<id>` or `operator`. */
  readonly actor: string;
  /** The person's reason; null only where none is asked for. */
  readonly note: string | null;
  /** Judges under the same locks and writes nothing. */
  readonly dryRun: boolean;
}

/** `not_found`: the install has no such change. */
export type ActOutcome = "done" | ActRefusal | "not_found";

export type ActResult =
  | {
      readonly kind: "judged";
      readonly outcomes: ReadonlyMap<bigint, ActOutcome>;
      /** Changes whose state the act changed: a resolution also settles what went in the same call. */
      readonly changedCount: number;
    }
  /** The install has ended; nothing of it is touched any more. */
  | { readonly kind: "not_installed" };

export interface ReplayRequest {
  readonly installId: bigint;
  /** At most `REVIEW_STEP_MAX`. */
  readonly deliveryIds: readonly bigint[];
  readonly actor: string;
  readonly dryRun: boolean;
}

export type ReplayOutcome = "done" | ReplayRefusal | "not_found";

export type ReplayResult = { readonly kind: "judged"; readonly outcomes: ReadonlyMap<bigint, ReplayOutcome> } | { readonly kind: "not_installed" };

/** Facts of one change as they are now. */
export interface ParkedFacts extends ReviewFacts {
  /** Changes that went in the same call and share its outcome, this one included; 1 when nothing was sent. */
  readonly sharedCount: number;
  /** When the last attempt of its call cannot arrive any more; null when none can. */
  readonly mayArriveUntil: Date | null;
  /** The order is being looked at again: a question may answer itself. */
  readonly beingRead: boolean;
}

export interface ReviewDesk {
  /** Plain reads, for showing what may be done. An id the install does not have is left out. */
  facts(installId: bigint, changeIds: readonly bigint[]): Promise<ReadonlyMap<bigint, ParkedFacts>>;
  /** Parked changes by their stored reason; counting stops at `limit` changes. */
  countByReason(installId: bigint, limit: number): Promise<readonly { readonly reason: string | null; readonly count: number }[]>;
  act(request: ActRequest): Promise<ActResult>;
  replay(request: ReplayRequest): Promise<ReplayResult>;
}

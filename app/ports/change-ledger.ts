// Port of stages 3 to 7 and of resuming: claims, facts and decisions about mutations. Decisions carry fencing tokens, facts do not.

/**
 * What a call does: it adjusts `available`, moves units between `available` and the block we hold in `reserved`, or adjusts a bundle's own number
 * from the very number it was decided from. One of them for all of its entries.
 */
export type Operation = "adjust" | "move" | "follow";

/** One stock that changes wait for; `waitingCount` changes, the oldest of them `oldestId`. */
export interface WaitingStock {
  readonly operation: Operation;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly oldestId: bigint;
  readonly waitingCount: number;
  readonly splitDepth: number;
}

export interface MutationContentEntry {
  readonly position: number;
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Of a move: above 0 from `available` into the block, below 0 back. */
  readonly delta: number;
  /** What `available` must be for Shopify to carry the entry out; null: whatever it is. */
  readonly changeFrom: number | null;
  /** The token under which its owner may decide. */
  readonly token: bigint;
}

/** A frozen call: content and key never change, whoever sends it. */
export interface ClaimedMutation {
  readonly mutationId: string;
  readonly operation: Operation;
  readonly key: string;
  /** The trace of its oldest change, sent along to Shopify. */
  readonly traceId: string;
  readonly entries: readonly MutationContentEntry[];
  readonly attemptNumber: number;
  readonly firstSentAt: Date;
  /** False from the second attempt on: the answer may be a replay of an older one. */
  readonly firstAttempt: boolean;
  /** When the first of those earlier attempts was opened that may have had an effect, or may yet; null when none may. */
  readonly unsettledSince: Date | null;
  /** How many such attempts there are. */
  readonly unsettledCount: number;
  /** Shopify knew the key with this content before this attempt was sent: whatever it answers now is what it remembers, and final. */
  readonly keyStands?: boolean;
}

export type ClaimResult =
  | { readonly kind: "claimed"; readonly mutation: ClaimedMutation; readonly changeCount: number; readonly nettedCount: number; readonly cancelledCount: number }
  /** Everything held summed to zero and was settled without a call, was dropped, or was taken by somebody else. */
  | { readonly kind: "nothing"; readonly nettedCount: number; readonly cancelledCount: number }
  /** Another mutation of one of these items is open: the lock alone did not keep us apart. */
  | { readonly kind: "conflict" }
  /** The install ended, or protection was switched off, in the meantime. */
  | { readonly kind: "not_allowed" };

export interface OpenMutation {
  readonly mutationId: string;
  readonly entries: readonly { readonly inventoryItemId: string; readonly locationId: string }[];
}

export type TakeOverResult =
  | { readonly kind: "taken"; readonly mutation: ClaimedMutation }
  /** Shopify's answer was heard and not booked (the process died in between): it is booked as it was heard, nothing is sent. */
  | { readonly kind: "answered"; readonly mutation: ClaimedMutation; readonly answer: AppliedAnswer }
  /** It has been settled, or is not to be sent yet. */
  | { readonly kind: "gone" }
  /** Too old to be sent again: Shopify would no longer recognise its key. It was parked for a person. */
  | { readonly kind: "parked"; readonly changeCount: number };

export type AttemptOutcome =
  | "applied"
  | "rejected"
  | "throttled"
  | "concurrent"
  | "previous_attempt_failed"
  | "key_mismatch"
  | "refused"
  | "not_sent"
  | "unknown";

export interface AppliedAnswer {
  readonly groupId: string;
  /** ISO 8601: when Shopify made the adjustment. */
  readonly createdAt: string;
  readonly entries: readonly { readonly inventoryItemId: string; readonly locationId: string; readonly after: number | null }[];
  /** What Shopify left out of the call, with the reason under which its changes are parked. */
  readonly refused?: readonly { readonly inventoryItemId: string; readonly locationId: string; readonly reason: string }[];
}

/** Latency and cause of a change that was just applied, for metrics and the canonical log line. */
export interface AppliedChange {
  readonly changeId: bigint;
  readonly orderId: string | null;
  readonly webhookId: string | null;
  readonly traceId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
  readonly before: number | null;
  readonly after: number | null;
  readonly acceptedAt: Date | null;
  readonly appliedAt: Date;
}

export type ApplyRecord =
  | { readonly kind: "applied"; readonly changes: readonly AppliedChange[] }
  | { readonly kind: "already_applied" }
  /** The mutation had been given up and its changes went on under another key: stock moved twice. An incident. */
  | { readonly kind: "applied_after_retirement" };

/** What a refusal says of the entries; `whole`: nothing names one. */
export type RefusalPlan =
  | { readonly kind: "park_entries"; readonly entries: readonly { readonly position: number; readonly reason: string }[] }
  | { readonly kind: "split"; readonly reason: string }
  | { readonly kind: "rekey"; readonly reason: string }
  /** `evidence`: what a person may decide by; codes, ids and quantities. */
  | { readonly kind: "park_unknown"; readonly reason: string; readonly evidence?: unknown };

/** Stock that an applied call probably moved twice, because Shopify had forgotten its key. */
export interface DoubledStock {
  readonly places: readonly { readonly inventoryItemId: string; readonly locationId: string }[];
  readonly evidence: unknown;
}

export type RefusalRecord =
  | { readonly kind: "recorded"; readonly parkedCount: number; readonly waitingCount: number }
  /** An earlier attempt may still be travelling: the key stays in use until it cannot arrive any more. */
  | { readonly kind: "not_yet"; readonly resendAt: Date }
  /** Somebody else holds newer tokens, or the mutation is settled: this worker decides nothing. */
  | { readonly kind: "lost" };

export interface ChangeLedger {
  /** Stocks with waiting changes of these kinds and no open mutation: those of the first kind before the others, the oldest first. */
  waitingStocks(installId: bigint, operations: readonly Operation[], limit: number): Promise<readonly WaitingStock[]>;
  /**
   * Freezes one call for the stocks held: content, key, tokens and its first attempt, in one transaction. Deltas of one stock are
   * summed; a stock whose sum is zero is settled without a call. Moves out of `available` that could not succeed, or may not be made any more, are
   * cancelled; moves back are claimed also while the shop only watches.
   */
  claim(request: {
    installId: bigint;
    shop: string;
    ownerId: string;
    operation: Operation;
    stocks: readonly { inventoryItemId: string; locationId: string }[];
    mutationId: string;
    key: string;
  }): Promise<ClaimResult>;
  /** Open mutations that nobody is sending: due to be sent again. */
  abandoned(installId: bigint, limit: number): Promise<readonly OpenMutation[]>;
  /** Issues new tokens for an abandoned mutation and opens its next attempt; from here on its old owner decides nothing. */
  takeOver(installId: bigint, mutationId: string, ownerId: string): Promise<TakeOverResult>;
  /** Records what came back. A fact: no token is asked for. */
  finishAttempt(mutationId: string, number: number, outcome: AttemptOutcome, detail: unknown): Promise<void>;
  /**
   * Books an applied mutation. Needs no token: the answer is the proof, whoever holds it. With `doubled` it also opens the incident, and a
   * parked correction of each of its stocks that a person may send or discard.
   */
  recordApplied(mutation: ClaimedMutation, answer: AppliedAnswer, doubled?: DoubledStock): Promise<ApplyRecord>;
  /** Books a refusal; tokens equal or nothing. `keyBound`: nothing that was sent under its key can take effect any more. */
  recordRefused(mutation: ClaimedMutation, plan: RefusalPlan, keyBound?: boolean): Promise<RefusalRecord>;
  /** The newest key under which Shopify certainly applied a change and which it should still know; null when there is none. */
  witnessKey(installId: bigint): Promise<{ readonly key: string; readonly operation: Operation } | null>;
  /** The same call may be sent again in `delayMs`; tokens equal or nothing. `keyStands`: Shopify was seen to know its key with its content. */
  postpone(mutation: ClaimedMutation, delayMs: number, keyStands?: boolean): Promise<"postponed" | "lost">;
  /** Mutations without an outcome yet, being sent or waiting to be sent again. */
  openCount(installId: bigint): Promise<number>;
  /** Waiting changes of these kinds that could be claimed now, or mutations to be sent again now. */
  hasWork(installId: bigint, operations: readonly Operation[]): Promise<boolean>;
  /** When the next open mutation may be sent again. */
  nextResendAt(installId: bigint): Promise<Date | null>;
}

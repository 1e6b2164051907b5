// The external-pushes port: the outbox to a merchant's stock system, one lane per item, and what a person may do about it.

/** A shop whose stock system is switched on and has something due. */
export interface ExternalSystem {
  readonly installId: bigint;
  readonly shop: string;
  readonly url: string;
  /** Null while none was made: nothing is sent unsigned. `unreadable`: it was sealed with a key that is not there. */
  readonly secret: string | null | "unreadable";
  /** Runs that ended in failures, one after the other. */
  readonly failuresInARow: number;
}

/** The right to push one item's changes, until the lease ends. `lease` grows with every claim: an older one records nothing. */
export interface ExternalLane {
  readonly installId: bigint;
  readonly inventoryItemId: string;
  readonly lease: bigint;
}

/** One applied change, fixed when it was booked. Ids are decimal strings. */
export interface ExternalPush {
  readonly pushId: bigint;
  readonly changeId: bigint;
  /** The receiver's idempotency key: the same for every sending. */
  readonly key: string;
  /** 1, 2, 3 … per item, without gaps, in the order in which the changes were booked. */
  readonly sequence: bigint;
  readonly shop: string;
  readonly inventoryItemId: string;
  readonly attemptCount: number;
  readonly content: PushContent;
}

export interface PushContent {
  readonly locationId: string;
  readonly sku: string | null;
  readonly quantityName: string;
  readonly delta: number;
  /** Null where nobody saw the quantity: two changes that cancelled out, or an outcome that a person settled. */
  readonly before: number | null;
  readonly after: number | null;
  readonly cause: string;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly mutationId: string | null;
  readonly traceId: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
}

export type PushDecision =
  | { readonly kind: "delivered"; readonly status: number }
  /** The same push once more, after `delayMs`; the item's later ones wait behind it. */
  | { readonly kind: "again"; readonly status: number | null; readonly reason: string; readonly delayMs: number }
  /** A person decides; the item's later ones wait behind it. */
  | { readonly kind: "parked"; readonly status: number | null; readonly reason: string };

export interface ExternalPushBook {
  /** Installs with something due, by id, after `afterInstallId`; none whose receiver is being left in peace. */
  shopsDue(limit: number, afterInstallId: bigint | null): Promise<readonly ExternalSystem[]>;
  /** Due lanes of an install that nobody else has, the longest waiting first. They are due again when the lease ends. */
  claim(installId: bigint, lanesMax: number, leaseMs: number): Promise<readonly ExternalLane[]>;
  /** The next pushes of a lane, in order, none of them delivered or skipped. */
  next(lane: ExternalLane, limit: number): Promise<readonly ExternalPush[]>;
  /** What became of one sending, and the lease anew; `lost` when the lane was claimed by somebody else meanwhile: nothing is written. */
  settle(lane: ExternalLane, push: ExternalPush, decision: PushDecision, leaseMs: number): Promise<"recorded" | "lost">;
  /** Gives a lane back before its lease ends; what is left in it is due at once. */
  letGo(lane: ExternalLane): Promise<void>;
  /** `pauseMs` null: the receiver answers. Otherwise nothing of this install is claimed for that long. */
  reportReceiver(installId: bigint, report: { readonly pauseMs: number | null; readonly reason: string | null }): Promise<void>;
}

export const PUSH_STATES = ["pending", "delivered", "parked", "skipped"] as const;
export type PushState = (typeof PUSH_STATES)[number];

export type PushActRefusal = "not_parked" | "not_found";

export interface PushActRequest {
  readonly installId: bigint;
  readonly pushIds: readonly bigint[];
  /** `retry`: its attempts are counted from nothing. `skip`: it is never sent, the item goes on after it. */
  readonly act: "retry" | "skip";
  readonly actor: string;
  /** Why; skipping needs one. */
  readonly note: string;
  readonly dryRun: boolean;
}

export interface ExternalDesk {
  act(request: PushActRequest): Promise<{ readonly doneIds: readonly bigint[]; readonly refused: readonly { readonly id: bigint; readonly refusal: PushActRefusal }[] }>;
  /** A new secret, from now on the only one; answered in clear this once. */
  renewSecret(request: { readonly installId: bigint; readonly shop: string; readonly actor: string }): Promise<string>;
  /** Queues applied changes that never were, oldest first, up to `limit`; answers how many, and where to go on. */
  queueHistory(request: { readonly installId: bigint; readonly afterChangeId: bigint; readonly limit: number; readonly dryRun: boolean }): Promise<{
    readonly queuedCount: number;
    /** Null: there are no more. */
    readonly lastChangeId: bigint | null;
  }>;
}

// The lock port: a lease on named resources of one shop, taken all together or as many as are free, held by one owner at a time.

/** What is locked: a resource of a shop, for example one inventory item at one location. All keys of one request are of one shop. */
export interface LockKey {
  readonly shop: string;
  readonly resource: string;
}

/** Why a lock is taken. A closed set: it labels metrics. */
export type LockPurpose = "turn" | "reservation" | "reconciliation" | "token" | "person";

/** The most keys one request may name: one mutation's entries. */
export const LOCK_KEYS_MAX = 250;

/** How a hold was lost. `lapsed`: not renewed in time, by our own clock. `taken`: the lock no longer names us as owner. */
export type LockLoss = { kind: "lapsed" } | { kind: "taken"; keys: readonly LockKey[] };

/** The reason with which a hold's signal aborts. Work that gives up with it is not a bug. */
export class LockLostError extends Error {
  override readonly name = "LockLostError";
  readonly loss: LockLoss;

  constructor(loss: LockLoss) {
    super(loss.kind === "lapsed" ? "the lease was not renewed in time" : "the lock has another owner or none");
    this.loss = loss;
  }
}

export type HoldRun<Value> =
  /** `work` finished and the lock was ours until after it had. */
  | { kind: "completed"; value: Value }
  /** The lock was lost before it could be released, whether or not `work` finished. Nothing may be decided on its result. */
  | { kind: "lost"; loss: LockLoss; value?: Value };

/**
 * A lock that is held. It renews itself at a third of its lease until released or lost. It prevents waste and contention; it does not
 * make a write safe: whoever decides something checks a fencing token from PostgreSQL in the same transaction.
 */
export interface Hold {
  /** The keys held, sorted by resource, without duplicates. */
  readonly keys: readonly LockKey[];
  /** Unique per acquisition; also the name under which `listLocks` shows it. */
  readonly owner: string;
  /** Aborts with a `LockLostError` when the hold is lost. Reading it after the process was paused notices the lapse at once. */
  readonly signal: AbortSignal;
  /** Time from the request to the acquisition. */
  readonly waitedMs: number;
  /** How much longer the lease certainly lasts if no renewal succeeds, by the local monotonic clock. 0 when lost or let go. */
  remainingMs(): number;
  /** Stops the renewal and frees every key that is still ours. Safe to call again; `lost` if any key was not ours to the end. */
  release(): Promise<"released" | "lost">;
  /** Runs `work`, then releases, also when it throws. What `work` throws is thrown on, unless it is the abort of this hold's signal. */
  run<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<HoldRun<Value>>;
}

export interface LockRequest {
  /** In any order; the array is not changed. A key named twice counts once. */
  readonly keys: readonly LockKey[];
  readonly purpose: LockPurpose;
  /** How long the lock survives its holder. Independent of the wait limit. */
  readonly leaseMs: number;
}

export interface WaitingLockRequest extends LockRequest {
  /** 0: one attempt, without queueing. */
  readonly waitLimitMs: number;
  /** Ends the wait early; the answer is then `timeout`. */
  readonly signal?: AbortSignal;
}

export type LockAcquisition =
  | { kind: "acquired"; hold: Hold }
  | { kind: "timeout"; waitedMs: number }
  /** The lock service cannot be reached. Nothing is held; what may have been taken unseen lapses with its lease. */
  | { kind: "unavailable"; cause: Error };

export type FreeLockAcquisition =
  /** `hold.keys` may be a part of what was asked for; `busy` is the rest. */
  | { kind: "acquired"; hold: Hold; busy: LockKey[] }
  | { kind: "none_free"; busy: LockKey[] }
  | { kind: "unavailable"; cause: Error };

export interface HeldLock {
  readonly resource: string;
  readonly owner: string;
  readonly purpose: LockPurpose;
  /** By the lock service's clock. */
  readonly heldSince: Date;
  /** What is left of the lease now. */
  readonly leaseLeftMs: number;
  /** Requests queued for this resource. */
  readonly waitingCount: number;
}

/** A look at one shop's locks, not an atomic one: for people and metrics, never for a decision. */
export interface LockListing {
  readonly held: readonly HeldLock[];
  /** Requests queued for any resource of the shop. */
  readonly waitingCount: number;
}

export type LockEvent =
  | { kind: "acquired"; purpose: LockPurpose; waitMs: number }
  | { kind: "timeout"; purpose: LockPurpose; waitMs: number }
  | { kind: "lost"; purpose: LockPurpose; holdMs: number }
  | { kind: "released"; purpose: LockPurpose; holdMs: number };

export interface Lock {
  /**
   * All keys or none. Requests that share a key are served in the order in which they began to wait; a request for many keys keeps its
   * place in the queue of each of them, so traffic on single keys cannot starve it. Holding one lock while acquiring another is a
   * deadlock waiting to happen: name all keys in one request.
   */
  acquire(request: WaitingLockRequest): Promise<LockAcquisition>;
  /** Those keys that are free now, without waiting. A key that somebody waits for is not free. */
  tryAcquireFree(request: LockRequest): Promise<FreeLockAcquisition>;
  /** Who holds what since when. Rejects when the lock service cannot be reached. */
  listLocks(shop: string): Promise<LockListing>;
}

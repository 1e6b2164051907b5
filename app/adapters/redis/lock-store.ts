// What a lock needs from the server that keeps it: single attempts, each atomic; waiting, leases and loss are the client's business.
import type { LockListing, LockPurpose } from "#app/ports/lock.ts";

/** How long a waiter counts as alive without attempting again: three missed fallback attempts. */
export const WAITER_TTL_MS = 3_000;

/** How long what is handed over is the new owner's unless it renews it: no longer than its place in the queue would have been kept. */
export function handedLeaseMs(leaseMs: number): number {
  return Math.min(leaseMs, WAITER_TTL_MS);
}

export interface HandOverTerms {
  readonly purpose: LockPurpose;
  readonly leaseMs: number;
}

export interface LockClaim {
  readonly shop: string;
  /** Sorted, without duplicates. */
  readonly resources: readonly string[];
  readonly owner: string;
}

/**
 * The seam for lock servers: one Redis, a quorum of several, the fake of the tests. Every method rejects when the server
 * cannot be reached, and then may or may not have taken effect; each is safe to repeat with the same owner.
 */
export interface LockStore {
  /**
   * A name nobody else has or had, under which wakes for it find this process. With terms: it will ask for one resource alone, on these
   * terms, and a store may hand it the resource while it waits.
   */
  newOwner(terms?: HandOverTerms): string;
  /**
   * Takes all resources if each is free and nobody alive queues for it before `owner`. Otherwise, with `queue`, keeps the owner's
   * place in every queue, takes one ticket for all of them if it had none, and marks it alive for `WAITER_TTL_MS`.
   * `retryInMs`: when the leases in the way end at the latest, null if none is known. `place`: names what was answered, for a wake; null
   * if nothing can be handed over.
   */
  attempt(
    claim: LockClaim & { purpose: LockPurpose; leaseMs: number; queue: boolean },
  ): Promise<{ granted: true } | { granted: false; retryInMs: number | null; place: number | null }>;
  /** Takes each resource that is free and for which nobody alive queues; answers those taken. */
  attemptFree(claim: LockClaim & { purpose: LockPurpose; leaseMs: number }): Promise<string[]>;
  /** Begins the lease anew on each resource that is still the owner's; answers those that are not. */
  renew(claim: LockClaim & { purpose: LockPurpose; leaseMs: number }): Promise<string[]>;
  /** Frees what is the owner's, leaves every queue, and wakes the next waiter of each free resource. Answers what was not the owner's. */
  letGo(claim: LockClaim): Promise<string[]>;
  /**
   * Calls `listener` when the owner should attempt again. With the `place` of an attempt's answer: the resource was handed to the owner
   * after that answer, and is its own until `handedLeaseMs` after the attempt was sent, or longer. Messages may be lost, late, or come for
   * nothing. What a store remembers of a waiter it forgets at `stop`.
   */
  onWake(owner: string, listener: (handedPlace: number | null) => void): { stop(): void };
  list(shop: string): Promise<LockListing>;
  /** Resolves when wakes can be heard. */
  ready(): Promise<void>;
}

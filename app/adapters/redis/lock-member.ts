// One server of a quorum as the quorum sees it: it votes on claims, takes its votes back, and keeps what a holder renews.
import type { Redis } from "ioredis";
import { invariant } from "#app/domain/invariant.ts";
import type { LockListing, LockPurpose } from "#app/ports/lock.ts";
import type { RedisKeys } from "./keys.ts";
import { WAITER_TTL_MS, type LockClaim } from "./lock-store.ts";
import { registerQuorumScripts } from "./quorum-scripts.ts";
import { integers, RedisLockStore } from "./redis-lock-store.ts";

/** One attempt of an owner. Rounds grow, so that what is handed back late cannot be mistaken for what was granted since. */
export interface Round {
  readonly number: number;
  /** The owner's place in every queue of every member; null: it does not wait. */
  readonly ticket: number | null;
}

export interface Vote {
  readonly granted: boolean;
  /** When the leases in the way end at the latest; null if none is known, or granted. */
  readonly retryInMs: number | null;
  /** The highest ticket this member has seen. */
  readonly ticketSeen: number;
}

export interface Renewal {
  readonly renewed: readonly string[];
  /** Was free here, and is the owner's now. */
  readonly retaken: readonly string[];
}

export type LeaseClaim = LockClaim & { readonly purpose: LockPurpose; readonly leaseMs: number };

/**
 * Every method sends at once, in the order of the calls, and rejects when the member cannot be reached; what was sent then may still
 * take effect.
 */
export interface LockMember {
  /** All resources or none, as far as this member is concerned. With a ticket the owner first takes its place in every queue. */
  vote(claim: LeaseClaim, round: Round): Promise<Vote>;
  /** Each resource that is free here and for which nobody alive queues; answers those granted. */
  voteFree(claim: LeaseClaim): Promise<string[]>;
  /** Frees what was granted up to this round and restores the owner's place; wakes who is first now. */
  handBack(claim: LockClaim, round: Round): Promise<void>;
  renewOrRetake(claim: LeaseClaim): Promise<Renewal>;
  /** Frees what is the owner's, leaves every queue, wakes the next. Answers what was not the owner's. */
  letGo(claim: LockClaim): Promise<string[]>;
  onWake(owner: string, listener: (handedPlace: number | null) => void): { stop(): void };
  list(shop: string): Promise<LockListing>;
  ready(): Promise<void>;
}

export class RedisLockMember implements LockMember {
  readonly #commands: Redis;
  readonly #keys: RedisKeys;
  /** For the steps that are the same with one server. */
  readonly #store: RedisLockStore;

  constructor(connections: { commands: Redis; subscriber: Redis }, keys: RedisKeys, processId: string) {
    this.#commands = connections.commands;
    this.#keys = keys;
    this.#store = new RedisLockStore(connections, keys, processId);
    registerQuorumScripts(this.#commands);
  }

  async vote(claim: LeaseClaim, round: Round): Promise<Vote> {
    const { owner, leaseMs, purpose } = claim;
    const keys = [...this.#shopKeys(claim), ...this.#locksAndQueues(claim)];
    const args = [owner, leaseMs, purpose, round.ticket ?? 0, WAITER_TTL_MS, round.number];
    const [granted, leftMs, ticketSeen] = integers(await this.#commands.holdfastLockVoteV2(keys.length, ...keys, ...args));
    invariant(granted !== undefined && leftMs !== undefined && ticketSeen !== undefined, "the vote script answers a triple");
    return { granted: granted === 1, retryInMs: granted === 1 || leftMs < 0 ? null : leftMs, ticketSeen };
  }

  voteFree(claim: LeaseClaim): Promise<string[]> {
    return this.#store.attemptFree(claim);
  }

  async handBack(claim: LockClaim, round: Round): Promise<void> {
    const keys = [...this.#shopKeys(claim), ...this.#locksAndQueues(claim)];
    const args = [claim.owner, round.number, round.ticket ?? 0, WAITER_TTL_MS, this.#keys.lockWakeChannel];
    await this.#commands.holdfastLockHandBackV2(keys.length, ...keys, ...args);
  }

  async renewOrRetake(claim: LeaseClaim): Promise<Renewal> {
    const { shop, owner, leaseMs, purpose, resources } = claim;
    const keys = [this.#keys.lockWaiters(shop), ...this.#locksAndQueues(claim)];
    const outcomes = integers(await this.#commands.holdfastLockRenewOrRetakeV2(keys.length, ...keys, owner, leaseMs, purpose));
    invariant(outcomes.length === resources.length, "the renewal script answers for every lock");
    const having = (outcome: number) => resources.filter((_, index) => outcomes[index] === outcome);
    return { renewed: having(1), retaken: having(2) };
  }

  letGo(claim: LockClaim): Promise<string[]> {
    return this.#store.letGo(claim);
  }

  onWake(owner: string, listener: (handedPlace: number | null) => void) {
    return this.#store.onWake(owner, listener);
  }

  list(shop: string): Promise<LockListing> {
    return this.#store.list(shop);
  }

  ready(): Promise<void> {
    return this.#store.ready();
  }

  #shopKeys({ shop }: LockClaim): string[] {
    return [this.#keys.lockTickets(shop), this.#keys.lockWaiters(shop)];
  }

  #locksAndQueues({ shop, resources }: LockClaim): string[] {
    return [
      ...resources.map((resource) => this.#keys.lock(shop, resource)),
      ...resources.map((resource) => this.#keys.lockQueue(shop, resource)),
    ];
  }
}

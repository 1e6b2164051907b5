// A lock server in memory, for tests without Redis: the same steps as the Lua scripts, on the test's own clock.
import type { Clock } from "#app/ports/clock.ts";
import type { LockListing, LockPurpose } from "#app/ports/lock.ts";
import { type HandOverTerms, WAITER_TTL_MS, type LockClaim, type LockStore } from "#app/adapters/redis/lock-store.ts";

interface StoredLock {
  readonly owner: string;
  readonly purpose: LockPurpose;
  readonly sinceMs: number;
  untilMs: number;
}

/** What all connected stores share. Each `connect()` stands for one process. */
export class InMemoryLockServer {
  readonly #clock: Clock;
  readonly #locks = new Map<string, StoredLock>();
  /** Waiting owners of a resource in the order of their tickets. */
  readonly #queues = new Map<string, string[]>();
  /** Until when each waiting owner counts as alive. */
  readonly #aliveUntilMs = new Map<string, number>();
  readonly #listeners = new Map<string, (handedPlace: number | null) => void>();
  /** Of owners that ask for one resource alone. */
  readonly #terms = new Map<string, HandOverTerms>();
  #processCount = 0;
  isReachable = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  connect(): LockStore {
    const processId = `process-${++this.#processCount}`;
    let ownerCount = 0;
    return {
      newOwner: (terms) => {
        const owner = `${processId}/${++ownerCount}`;
        if (terms) this.#terms.set(owner, terms);
        return owner;
      },
      attempt: async (claim) => this.#reach(() => this.#attempt(claim)),
      attemptFree: async (claim) => this.#reach(() => this.#attemptFree(claim)),
      renew: async (claim) => this.#reach(() => this.#renew(claim)),
      letGo: async (claim) => this.#reach(() => this.#letGo(claim)),
      onWake: (owner, listener) => {
        this.#listeners.set(owner, listener);
        return { stop: () => void this.#listeners.delete(owner) };
      },
      list: async (shop) => this.#reach(() => this.#list(shop)),
      ready: async () => undefined,
    };
  }

  /** As if the server had restarted empty. */
  flush(): void {
    this.#locks.clear();
    this.#queues.clear();
    this.#aliveUntilMs.clear();
  }

  /** Remembers what the server knows now; the answer puts it back. */
  replicate(): () => void {
    const locks = new Map([...this.#locks].map(([key, lock]) => [key, { ...lock }]));
    const [queues, aliveUntilMs] = [new Map(this.#queues), new Map(this.#aliveUntilMs)];
    return () => {
      this.flush();
      for (const [key, lock] of locks) this.#locks.set(key, lock);
      for (const [key, owners] of queues) this.#queues.set(key, owners);
      for (const [owner, untilMs] of aliveUntilMs) this.#aliveUntilMs.set(owner, untilMs);
    };
  }

  expireLock(shop: string, resource: string): void {
    this.#locks.delete(name(shop, resource));
  }

  /** As if every waiting process had been silent for too long. */
  expireWaiters(): void {
    this.#aliveUntilMs.clear();
  }

  #reach<Value>(step: () => Value): Value {
    if (!this.isReachable) throw new Error("the lock server is away");
    return step();
  }

  #attempt(claim: LockClaim & { purpose: LockPurpose; leaseMs: number; queue: boolean }) {
    const { owner, queue } = claim;
    const names = claim.resources.map((resource) => name(claim.shop, resource));
    const inTheWay = names.map((key) => this.#holder(key)).filter((lock) => lock !== null && lock.owner !== owner);
    const isBehind = names.some((key) => this.#holder(key) === null && ![owner, undefined].includes(this.#firstAlive(key)));
    if (inTheWay.length === 0 && !isBehind) {
      for (const key of names) this.#take(key, claim);
      this.#leave(owner, names);
      return { granted: true as const };
    }
    if (queue) this.#enqueue(owner, names);
    const leftMs = inTheWay.map((lock) => (lock?.untilMs ?? 0) - this.#clock.monotonicMs());
    return { granted: false as const, retryInMs: leftMs.length > 0 ? Math.max(...leftMs) : null, place: this.#aliveUntilMs.get(owner) ?? null };
  }

  #attemptFree(claim: LockClaim & { purpose: LockPurpose; leaseMs: number }): string[] {
    return claim.resources.filter((resource) => {
      const key = name(claim.shop, resource);
      const holder = this.#holder(key);
      const isFree = holder?.owner === claim.owner || (holder === null && this.#firstAlive(key) === undefined);
      if (isFree) this.#take(key, claim);
      return isFree;
    });
  }

  #renew({ shop, resources, owner, leaseMs }: LockClaim & { leaseMs: number }): string[] {
    return resources.filter((resource) => {
      const lock = this.#holder(name(shop, resource));
      if (lock?.owner !== owner) return true;
      lock.untilMs = this.#clock.monotonicMs() + leaseMs;
      return false;
    });
  }

  #letGo({ shop, resources, owner }: LockClaim): string[] {
    const names = resources.map((resource) => name(shop, resource));
    this.#leave(owner, names);
    const lost = resources.filter((resource) => {
      const key = name(shop, resource);
      return this.#holder(key)?.owner !== owner || !this.#locks.delete(key);
    });
    const woken = new Set<string>();
    for (const key of names) {
      const first = this.#holder(key) === null ? this.#firstAlive(key) : undefined;
      if (first === undefined || woken.has(first)) continue;
      woken.add(first);
      this.#listeners.get(first)?.(this.#handOver(key, first));
    }
    return lost;
  }

  /** Answers the place that the new owner had; null if it asks for more than this. */
  #handOver(key: string, owner: string): number | null {
    const [terms, place] = [this.#terms.get(owner), this.#aliveUntilMs.get(owner)];
    if (terms === undefined || place === undefined) return null;
    this.#take(key, { owner, purpose: terms.purpose, leaseMs: Math.min(terms.leaseMs, place - this.#clock.monotonicMs()) });
    this.#leave(owner, [key]);
    return place;
  }

  #list(shop: string): LockListing {
    const nowMs = this.#clock.monotonicMs();
    const ofShop = [...this.#locks].filter(([key, lock]) => key.startsWith(name(shop, "")) && lock.untilMs > nowMs);
    const held = ofShop.map(([key, lock]) => ({
      resource: key.slice(name(shop, "").length),
      owner: lock.owner,
      purpose: lock.purpose,
      heldSince: new Date(this.#clock.now().getTime() - (nowMs - lock.sinceMs)),
      leaseLeftMs: lock.untilMs - nowMs,
      waitingCount: this.#queues.get(key)?.length ?? 0,
    }));
    const queues = [...this.#queues].filter(([key]) => key.startsWith(name(shop, "")));
    const waiting = new Set(queues.flatMap(([, owners]) => owners.filter((owner) => this.#isAlive(owner))));
    return { held, waitingCount: waiting.size };
  }

  #holder(key: string): StoredLock | null {
    const lock = this.#locks.get(key);
    return lock !== undefined && lock.untilMs > this.#clock.monotonicMs() ? lock : null;
  }

  #take(key: string, { owner, purpose, leaseMs }: { owner: string; purpose: LockPurpose; leaseMs: number }): void {
    const nowMs = this.#clock.monotonicMs();
    this.#locks.set(key, { owner, purpose, sinceMs: nowMs, untilMs: nowMs + leaseMs });
  }

  #enqueue(owner: string, names: readonly string[]): void {
    if (!this.#isAlive(owner)) {
      this.#leave(owner, names);
      for (const key of names) this.#queues.set(key, [...(this.#queues.get(key) ?? []), owner]);
    }
    this.#aliveUntilMs.set(owner, this.#clock.monotonicMs() + WAITER_TTL_MS);
  }

  #leave(owner: string, names: readonly string[]): void {
    this.#aliveUntilMs.delete(owner);
    for (const key of names) this.#queues.set(key, (this.#queues.get(key) ?? []).filter((waiter) => waiter !== owner));
  }

  #firstAlive(key: string): string | undefined {
    const alive = (this.#queues.get(key) ?? []).filter((owner) => this.#isAlive(owner));
    this.#queues.set(key, alive);
    return alive[0];
  }

  #isAlive(owner: string): boolean {
    return (this.#aliveUntilMs.get(owner) ?? 0) > this.#clock.monotonicMs();
  }
}

function name(shop: string, resource: string): string {
  return `${shop} ${resource}`;
}

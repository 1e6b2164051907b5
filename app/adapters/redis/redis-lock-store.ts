// The lock store on one Redis: each step a Lua script, wakes over one pub/sub channel per process.
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { invariant } from "#app/domain/invariant.ts";
import type { HeldLock, LockListing, LockPurpose } from "#app/ports/lock.ts";
import type { RedisKeys } from "./keys.ts";
import { registerLockScripts } from "./lock-scripts.ts";
import { WAITER_TTL_MS, type LockClaim, type LockStore } from "./lock-store.ts";

/** The most locks one listing reads. */
const LISTED_LOCKS_MAX = 1_000;

const PURPOSES: ReadonlySet<string> = new Set<LockPurpose>(["turn", "reservation", "reconciliation", "token", "person"]);

export class RedisLockStore implements LockStore {
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  readonly #keys: RedisKeys;
  readonly #processId: string;
  readonly #listeners = new Map<string, () => void>();
  readonly #subscribed: Promise<unknown>;
  #ownerCount = 0;

  /**
   * `commands` fails fast; `subscriber` waits for the server and comes back by itself after it was cut. `processId`: given when several
   * stores keep the locks of one process, who is then the same owner to each.
   */
  constructor(connections: { commands: Redis; subscriber: Redis }, keys: RedisKeys, processId: string = randomUUID()) {
    this.#processId = processId;
    this.#commands = connections.commands;
    this.#subscriber = connections.subscriber;
    this.#keys = keys;
    registerLockScripts(this.#commands);
    this.#subscriber.on("message", (_channel: string, owner: string) => this.#listeners.get(owner)?.());
    const subscribe = (): Promise<unknown> => this.#subscriber.subscribe(keys.lockWakeChannel + this.#processId);
    this.#subscribed = subscribe();
    // Heard through ready(); without a subscription waiters still attempt again every second.
    this.#subscribed.catch(() => undefined);
    this.#subscriber.on("ready", () => void subscribe().catch(() => undefined));
  }

  newOwner(): string {
    return `${this.#processId}/${++this.#ownerCount}`;
  }

  async attempt(claim: LockClaim & { purpose: LockPurpose; leaseMs: number; queue: boolean }) {
    const { shop, resources, owner, purpose, leaseMs, queue } = claim;
    const keys = [
      this.#keys.lockTickets(shop),
      this.#keys.lockWaiters(shop),
      this.#keys.lockHeld(shop),
      ...this.#locksAndQueues(claim),
    ];
    const args = [owner, leaseMs, purpose, queue ? 1 : 0, WAITER_TTL_MS, ...resources];
    const [granted, leaseLeftMs] = integers(await this.#commands.holdfastLockAcquireV2(keys.length, ...keys, ...args));
    invariant(granted !== undefined && leaseLeftMs !== undefined, "the acquire script answers a pair");
    if (granted === 1) return { granted: true as const };
    return { granted: false as const, retryInMs: leaseLeftMs < 0 ? null : leaseLeftMs };
  }

  async attemptFree(claim: LockClaim & { purpose: LockPurpose; leaseMs: number }) {
    const { shop, resources, owner, purpose, leaseMs } = claim;
    const keys = [this.#keys.lockWaiters(shop), this.#keys.lockHeld(shop), ...this.#locksAndQueues(claim)];
    const args = [owner, leaseMs, purpose, WAITER_TTL_MS, ...resources];
    return atPositions(resources, await this.#commands.holdfastLockAcquireFreeV2(keys.length, ...keys, ...args));
  }

  async renew({ shop, resources, owner, leaseMs }: LockClaim & { leaseMs: number }) {
    const keys = [this.#keys.lockHeld(shop), ...resources.map((resource) => this.#keys.lock(shop, resource))];
    return atPositions(resources, await this.#commands.holdfastLockRenewV1(keys.length, ...keys, owner, leaseMs, ...resources));
  }

  async letGo(claim: LockClaim) {
    const { shop, resources, owner } = claim;
    const keys = [this.#keys.lockWaiters(shop), this.#keys.lockHeld(shop), ...this.#locksAndQueues(claim)];
    const args = [owner, this.#keys.lockWakeChannel, WAITER_TTL_MS, ...resources];
    return atPositions(resources, await this.#commands.holdfastLockLetGoV2(keys.length, ...keys, ...args));
  }

  onWake(owner: string, listener: () => void) {
    this.#listeners.set(owner, listener);
    return { stop: () => void this.#listeners.delete(owner) };
  }

  async list(shop: string): Promise<LockListing> {
    const nowMs = await this.#serverNowMs();
    const [resources, waitingCount] = await Promise.all([
      this.#commands.zrange(this.#keys.lockHeld(shop), 0, String(LISTED_LOCKS_MAX - 1)),
      this.#commands.zcount(this.#keys.lockWaiters(shop), String(nowMs), "+inf"),
    ]);
    const held = await Promise.all(resources.map((resource) => this.#describe(shop, resource)));
    return { held: held.filter((lock) => lock !== null), waitingCount };
  }

  async ready(): Promise<void> {
    await this.#subscribed;
  }

  #locksAndQueues({ shop, resources }: LockClaim): string[] {
    return [
      ...resources.map((resource) => this.#keys.lock(shop, resource)),
      ...resources.map((resource) => this.#keys.lockQueue(shop, resource)),
    ];
  }

  async #describe(shop: string, resource: string): Promise<HeldLock | null> {
    const lock = this.#keys.lock(shop, resource);
    const [{ owner, purpose, since }, leaseLeftMs, waitingCount] = await Promise.all([
      this.#commands.hgetall(lock),
      this.#commands.pttl(lock),
      this.#commands.zcard(this.#keys.lockQueue(shop, resource)),
    ]);
    // Freed or lapsed since the index was read; or written by a version that knows another purpose.
    if (owner === undefined || !isPurpose(purpose) || leaseLeftMs < 0) return null;
    return { resource, owner, purpose, heldSince: new Date(Number(since)), leaseLeftMs, waitingCount };
  }

  async #serverNowMs(): Promise<number> {
    const [seconds, micros] = await this.#commands.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }
}

function isPurpose(text: string | undefined): text is LockPurpose {
  return text !== undefined && PURPOSES.has(text);
}

/** What a script answered, as numbers. Anything else means that the script and this file disagree. */
export function integers(reply: unknown): number[] {
  invariant(Array.isArray(reply) && reply.every((entry) => typeof entry === "number"), "a lock script answers integers");
  return reply;
}

/** The resources at the positions (from 1) that a script answered. */
function atPositions(resources: readonly string[], reply: unknown): string[] {
  return integers(reply).map((position) => {
    const resource = resources[position - 1];
    invariant(resource !== undefined, "a lock script answers positions of its locks");
    return resource;
  });
}

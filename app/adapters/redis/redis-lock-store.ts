// The lock store on one Redis: each step a Lua script, wakes over one pub/sub channel per process.
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { invariant } from "#app/domain/invariant.ts";
import type { HeldLock, LockListing, LockPurpose } from "#app/ports/lock.ts";
import type { RedisKeys } from "./keys.ts";
import { registerLockScripts } from "./lock-scripts.ts";
import type { HandOverTerms, LockClaim, LockStore } from "./lock-store.ts";

/** The most locks one listing reads. */
const LISTED_LOCKS_MAX = 1_000;

const PURPOSES: ReadonlySet<string> = new Set<LockPurpose>(["turn", "reservation", "reconciliation", "token", "person"]);

export class RedisLockStore implements LockStore {
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  readonly #keys: RedisKeys;
  readonly #processId: string;
  readonly #listeners = new Map<string, (handedPlace: number | null) => void>();
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
    this.#subscriber.on("message", (_channel: string, message: string) => {
      const [owner = "", place] = message.split(" ");
      this.#listeners.get(owner)?.(place === undefined ? null : Number(place));
    });
    const subscribe = (): Promise<unknown> => this.#subscriber.subscribe(keys.lockWakeChannel + this.#processId);
    this.#subscribed = subscribe();
    // Heard through ready(); without a subscription waiters still attempt again every second.
    this.#subscribed.catch(() => undefined);
    this.#subscriber.on("ready", () => void subscribe().catch(() => undefined));
  }

  /** The script that lets go reads the terms from the name. */
  newOwner(terms?: HandOverTerms): string {
    const name = `${this.#processId}/${++this.#ownerCount}`;
    return terms === undefined ? name : `${name}/${terms.purpose}/${terms.leaseMs}`;
  }

  async attempt(claim: LockClaim & { purpose: LockPurpose; leaseMs: number; queue: boolean }) {
    const { shop, resources, owner, purpose, leaseMs, queue } = claim;
    const keys = this.#keysToTake(claim);
    if (queue) keys.push(this.#keys.lockTickets(shop));
    const [granted, leaseLeftMs, place] = integers(await this.#commands.holdfastLockAcquireV3(keys.length, ...keys, owner, leaseMs, purpose, ...resources));
    if (granted === 1) return { granted: true as const };
    invariant(leaseLeftMs !== undefined && place !== undefined, "the acquire script answers a triple to who must wait");
    return { granted: false as const, retryInMs: leaseLeftMs < 0 ? null : leaseLeftMs, place: place > 0 ? place : null };
  }

  async attemptFree(claim: LockClaim & { purpose: LockPurpose; leaseMs: number }) {
    const { resources, owner, purpose, leaseMs } = claim;
    const keys = this.#keysToTake(claim);
    return atPositions(resources, await this.#commands.holdfastLockAcquireFreeV3(keys.length, ...keys, owner, leaseMs, purpose, ...resources));
  }

  async renew({ shop, resources, owner, leaseMs }: LockClaim & { leaseMs: number }) {
    const keys = [this.#keys.lockHeld(shop), ...resources.map((resource) => this.#keys.lock(shop, resource))];
    return atPositions(resources, await this.#commands.holdfastLockRenewV1(keys.length, ...keys, owner, leaseMs, ...resources));
  }

  async letGo(claim: LockClaim) {
    const { shop, resources, owner } = claim;
    const keys = [this.#keys.lockWaiters(shop), this.#keys.lockHeld(shop), ...this.#locksAndQueues(claim)];
    const args = [owner, this.#keys.lockWakeChannel, ...resources];
    return atPositions(resources, await this.#commands.holdfastLockLetGoV3(keys.length, ...keys, ...args));
  }

  onWake(owner: string, listener: (handedPlace: number | null) => void) {
    this.#listeners.set(owner, listener);
    return { stop: () => void this.#listeners.delete(owner) };
  }

  async list(shop: string): Promise<LockListing> {
    const nowMs = await this.#serverNowMs();
    const [resources, waitingCount] = await Promise.all([
      // Not those whose lease has ended: the index is cleared of them from time to time only.
      this.#commands.zrange(this.#keys.lockHeld(shop), `(${nowMs}`, "+inf", "BYSCORE", "LIMIT", 0, LISTED_LOCKS_MAX),
      this.#commands.zcount(this.#keys.lockWaiters(shop), String(nowMs), "+inf"),
    ]);
    const held = await Promise.all(resources.map((resource) => this.#describe(shop, resource)));
    return { held: held.filter((lock) => lock !== null), waitingCount };
  }

  async ready(): Promise<void> {
    await this.#subscribed;
  }

  #keysToTake({ shop, resources }: LockClaim): string[] {
    return [
      this.#keys.lockWaiters(shop),
      ...resources.map((resource) => this.#keys.lock(shop, resource)),
      this.#keys.lockHeld(shop),
      ...resources.map((resource) => this.#keys.lockQueue(shop, resource)),
    ];
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

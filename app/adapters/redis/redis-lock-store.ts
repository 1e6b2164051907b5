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
/** A listing looks at so many keys at a time, and at so many times at most: what lies beyond in a server full of other things is not listed. */
const SCANNED_KEYS = 1_000;
const SCANS_MAX = 500;
/** Who lets go waits so long at most until the next in its own process has heard that the lock is its own. */
const HEARD_MS_MAX = 10;

const PURPOSES: ReadonlySet<string> = new Set<LockPurpose>(["turn", "reservation", "reconciliation", "token", "person"]);

export class RedisLockStore implements LockStore {
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  readonly #keys: RedisKeys;
  readonly #processId: string;
  readonly #listeners = new Map<string, (handedPlace: number | null) => void>();
  /** Who let go, by the owner that it handed the lock to. */
  readonly #untilHeard = new Map<string, () => void>();
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
      const goOn = this.#untilHeard.get(owner);
      if (goOn !== undefined) setImmediate(goOn);
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
    const { shop, owner, purpose, leaseMs, queue } = claim;
    const keys = this.#waitersLocksAndQueues(claim);
    if (queue) keys.push(this.#keys.lockTickets(shop));
    const reply = await this.#commands.holdfastLockAcquireV4(keys.length, ...keys, owner, leaseMs, purpose);
    if (reply === 1) return { granted: true as const };
    const [leaseLeftMs, place] = integers(reply);
    invariant(leaseLeftMs !== undefined && place !== undefined, "the acquire script answers a pair to who must wait");
    return { granted: false as const, retryInMs: leaseLeftMs < 0 ? null : leaseLeftMs, place: place > 0 ? place : null };
  }

  async attemptFree(claim: LockClaim & { purpose: LockPurpose; leaseMs: number }) {
    const { resources, owner, purpose, leaseMs } = claim;
    const keys = this.#waitersLocksAndQueues(claim);
    const reply = await this.#commands.holdfastLockAcquireFreeV4(keys.length, ...keys, owner, leaseMs, purpose);
    return reply === 1 ? [...resources] : atPositions(resources, reply);
  }

  async renew({ shop, resources, owner, leaseMs }: LockClaim & { leaseMs: number }) {
    const keys = resources.map((resource) => this.#keys.lock(shop, resource));
    return atPositions(resources, await this.#commands.holdfastLockRenewV2(keys.length, ...keys, owner, leaseMs));
  }

  async letGo(claim: LockClaim) {
    const keys = this.#waitersLocksAndQueues(claim);
    const reply = await this.#commands.holdfastLockLetGoV5(keys.length, ...keys, claim.owner, this.#keys.lockWakeChannel);
    if (reply === 0) return [];
    if (typeof reply !== "string") return atPositions(claim.resources, reply);
    await this.#heard(reply);
    return [];
  }

  onWake(owner: string, listener: (handedPlace: number | null) => void) {
    this.#listeners.set(owner, listener);
    return { stop: () => void this.#listeners.delete(owner) };
  }

  async list(shop: string): Promise<LockListing> {
    const nowMs = await this.#serverNowMs();
    const [resources, waitingCount] = await Promise.all([
      this.#findLocked(shop),
      this.#commands.zcount(this.#keys.lockWaiters(shop), String(nowMs), "+inf"),
    ]);
    const held = await Promise.all(resources.map((resource) => this.#describe(shop, resource, nowMs)));
    return { held: held.filter((lock) => lock !== null), waitingCount };
  }

  async ready(): Promise<void> {
    await this.#subscribed;
  }

  /**
   * The next in the queue goes first: Redis writes its message after the answer to who let go, and what that one does next, often to queue
   * again, would take the time in which the message is read. Nothing to wait for in another process, or when the message was sooner.
   */
  async #heard(owner: string): Promise<void> {
    if (!this.#listeners.has(owner)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, HEARD_MS_MAX);
      this.#untilHeard.set(owner, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#untilHeard.delete(owner);
  }

  #waitersLocksAndQueues({ shop, resources }: LockClaim): string[] {
    return [
      this.#keys.lockWaiters(shop),
      ...resources.map((resource) => this.#keys.lock(shop, resource)),
      ...resources.map((resource) => this.#keys.lockQueue(shop, resource)),
    ];
  }

  /** By looking through the server's keys: people look seldom, and an index would have to be kept by everybody who takes a lock. */
  async #findLocked(shop: string): Promise<string[]> {
    const { start, pattern } = this.#keys.allLocks(shop);
    const found = new Set<string>();
    let cursor = "0";
    for (let scanCount = 0; scanCount < SCANS_MAX && found.size < LISTED_LOCKS_MAX; scanCount += 1) {
      const [next, keys] = await this.#commands.scan(cursor, "MATCH", pattern, "COUNT", SCANNED_KEYS, "TYPE", "hash");
      for (const key of keys) found.add(key.slice(start.length));
      if (next === "0") break;
      cursor = next;
    }
    return [...found].sort().slice(0, LISTED_LOCKS_MAX);
  }

  async #describe(shop: string, resource: string, nowMs: number): Promise<HeldLock | null> {
    const lock = this.#keys.lock(shop, resource);
    const [{ owner, purpose, since, lease }, leaseLeftMs, waitingCount] = await Promise.all([
      this.#commands.hgetall(lock),
      this.#commands.pttl(lock),
      this.#commands.zcard(this.#keys.lockQueue(shop, resource)),
    ]);
    // Freed or lapsed since it was found; or written by a version that knows another purpose.
    if (owner === undefined || !isPurpose(purpose) || leaseLeftMs < 0) return null;
    // What was never renewed has been held for what is gone of its lease.
    const heldSince = new Date(since === undefined ? nowMs - Number(lease) + leaseLeftMs : Number(since));
    return { resource, owner, purpose, heldSince, leaseLeftMs, waitingCount };
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

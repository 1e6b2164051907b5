// The locks that are measured beside one another: each taken and let go as its own documentation says, with the retry that does best here.
import { Redis } from "ioredis";
import { Mutex } from "redis-semaphore";
import Redlock from "redlock";
import { createLock, IoredisAdapter } from "redlock-universal";
import { connectRedis } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";

/**
 * `bare` is no lock anybody could use: the least that taking and letting go by way of a Redis costs this client. `protocol` is what ours says
 * to Redis and nothing else: no limit for an answer, no end of the lease, no signal; alone only.
 */
export const SIDES = ["ours", "redlock", "redlock-universal", "redis-semaphore", "bare", "protocol"] as const;
export type SideName = (typeof SIDES)[number];

export interface Side {
  /** Waits until the key is ours; answers with how to let it go. */
  acquire(key: string): Promise<() => Promise<unknown>>;
  /** Commands that were sent to Redis so far; what a script calls is not counted. */
  sentCount(): number;
  close(): Promise<void>;
}

/** Far longer than any hold: nothing is renewed, for nobody. */
const LEASE_MS = 10_000;
const WAIT_MS_MAX = 60_000;

export interface SideOptions {
  readonly url: string;
  /** Of those that ask again and again; ours is woken. */
  readonly retryMs: number;
  /** 1: alone. */
  readonly contenders: number;
}

export async function openSide(name: SideName, { url, retryMs, contenders }: SideOptions): Promise<Side> {
  if (name === "ours") return await openOurs(url);
  if (name === "bare") return contenders === 1 ? await openSetAndDelete(url) : await openToken(url, contenders);
  if (name === "protocol") return await openProtocol(url);
  const client = new Redis(url);
  const sentCount = countSent(client);
  await client.ping();
  return { acquire: waiters[name](client, retryMs), sentCount, close: async () => client.disconnect() };
}

async function openOurs(url: string): Promise<Side> {
  const connections = connectRedis({ url, clock: systemClock, onError: () => undefined });
  await connections.connected();
  const sentCount = countSent(connections.commands);
  const lock = new LeasedLock({ store: new RedisLockStore(connections, redisKeys("bench")), clock: systemClock });
  await lock.ready();
  return {
    async acquire(key) {
      const acquired = await lock.acquire({ keys: [{ shop: "bench.myshopify.com", resource: key }], purpose: "turn", leaseMs: LEASE_MS, waitLimitMs: WAIT_MS_MAX });
      if (acquired.kind !== "acquired") throw new Error(`not acquired: ${acquired.kind}`);
      return () => acquired.hold.release();
    },
    sentCount,
    async close() {
      await lock.settled();
      await connections.close();
    },
  };
}

async function openProtocol(url: string): Promise<Side> {
  const connections = connectRedis({ url, clock: systemClock, onError: () => undefined });
  await connections.connected();
  const sentCount = countSent(connections.commands);
  const store = new RedisLockStore(connections, redisKeys("bench"));
  await store.ready();
  return {
    async acquire(key) {
      const claim = { shop: "bench.myshopify.com", resources: [key], owner: store.newOwner() };
      await store.attempt({ ...claim, purpose: "turn", leaseMs: LEASE_MS, queue: false });
      return () => store.letGo(claim);
    },
    sentCount,
    close: () => connections.close(),
  };
}

const waiters: { readonly [Name in Exclude<SideName, "ours" | "bare" | "protocol">]: (client: Redis, retryMs: number) => Side["acquire"] } = {
  redlock(client, retryMs) {
    const redlock = new Redlock([client], { driftFactor: 0.01, retryCount: -1, retryDelay: retryMs, retryJitter: 1, automaticExtensionThreshold: 500 });
    // Every attempt that finds the key taken is an event.
    redlock.on("error", () => undefined);
    return async (key) => {
      const held = await redlock.acquire([key], LEASE_MS);
      return () => held.release();
    };
  },
  "redlock-universal"(client, retryMs) {
    const adapter = new IoredisAdapter(client);
    return async (key) => {
      const lock = createLock({ adapter, key, ttl: LEASE_MS, retryAttempts: Math.ceil(WAIT_MS_MAX / retryMs), retryDelay: retryMs });
      const handle = await lock.acquire();
      return () => lock.release(handle);
    };
  },
  "redis-semaphore"(client, retryMs) {
    return async (key) => {
      const mutex = new Mutex(client, key, { lockTimeout: LEASE_MS, acquireTimeout: WAIT_MS_MAX, retryInterval: retryMs });
      await mutex.acquire();
      return () => mutex.release();
    };
  },
};

/** Without waiting, renewal, listing, fencing or a name of its own for each holder. */
async function openSetAndDelete(url: string): Promise<Side> {
  const client = new Redis(url);
  client.defineCommand("deleteIfEqual", { numberOfKeys: 1, lua: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0` });
  const sentCount = countSent(client);
  await client.ping();
  return {
    async acquire(key) {
      await client.set(key, "holder", "PX", LEASE_MS, "NX");
      return () => client.deleteIfEqual(key, "holder");
    },
    sentCount,
    close: async () => client.disconnect(),
  };
}

/** One token in a list, for which each contender waits blocked on a connection of its own. If its holder dies it is gone for ever. */
async function openToken(url: string, contenders: number): Promise<Side> {
  const client = new Redis(url);
  const blocked = Array.from({ length: contenders }, () => new Redis(url));
  const counts = [client, ...blocked].map(countSent);
  await Promise.all([client, ...blocked].map((each) => each.ping()));
  // The one of an earlier round lies there still.
  await client.del("token:item");
  await client.lpush("token:item", "token");
  const idle = [...blocked];
  return {
    async acquire(key) {
      const own = idle.pop();
      if (own === undefined) throw new Error("more contend than were announced");
      await own.blpop(`token:${key}`, WAIT_MS_MAX / 1_000);
      idle.push(own);
      return () => client.lpush(`token:${key}`, "token");
    },
    sentCount: () => counts.reduce((sum, count) => sum + count(), 0),
    close: async () => [client, ...blocked].forEach((each) => each.disconnect()),
  };
}

declare module "ioredis" {
  // The parameter must be repeated as ioredis declares it, or the declarations do not merge.
  interface RedisCommander<Context> {
    deleteIfEqual(key: string, value: string): Promise<unknown>;
  }
}

function countSent(client: Redis): () => number {
  let count = 0;
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    count += 1;
    return send(command, stream);
  };
  return () => count;
}

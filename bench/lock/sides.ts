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

export const SIDES = ["ours", "redlock", "redlock-universal", "redis-semaphore"] as const;
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

/** @param retryMs of those that ask again and again; ours is woken. */
export async function openSide(name: SideName, url: string, retryMs: number): Promise<Side> {
  if (name === "ours") return await openOurs(url);
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

const waiters: { readonly [Name in Exclude<SideName, "ours">]: (client: Redis, retryMs: number) => Side["acquire"] } = {
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

function countSent(client: Redis): () => number {
  let count = 0;
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    count += 1;
    return send(command, stream);
  };
  return () => count;
}

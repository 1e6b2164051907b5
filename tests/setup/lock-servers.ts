// The lock servers that the lock contract is run against: each new implementation is one more entry here.
import type { Clock } from "#app/ports/clock.ts";
import type { LockKey } from "#app/ports/lock.ts";
import type { RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import type { LockStore } from "#app/adapters/redis/lock-store.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { InMemoryLockServer } from "./in-memory-lock-store.ts";
import { startOwnRedis } from "./own-redis.ts";

export interface LockServerUnderTest {
  /** For one test: an empty server whose clients live by `clock`. */
  open(clock: Clock): Promise<OpenLockServer>;
  stop(): Promise<void>;
}

export interface OpenLockServer {
  /** A connection of its own, as another process would have. */
  connect(): Promise<LockStore>;
  /** As if the lease of one lock had ended. */
  expireLock(key: LockKey): Promise<void>;
  /** As if every waiting process had died long enough ago. */
  expireWaiters(shop: string): Promise<void>;
  /** As if the server had restarted without its data. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export const LOCK_SERVERS: { name: string; start: () => Promise<LockServerUnderTest> }[] = [
  { name: "the in-memory fake", start: startInMemory },
  { name: "one Redis", start: startOneRedis },
];

async function startInMemory(): Promise<LockServerUnderTest> {
  return {
    async open(clock) {
      const server = new InMemoryLockServer(clock);
      return {
        connect: async () => server.connect(),
        expireLock: async ({ shop, resource }) => server.expireLock(shop, resource),
        expireWaiters: async () => server.expireWaiters(),
        flush: async () => server.flush(),
        close: async () => undefined,
      };
    },
    stop: async () => undefined,
  };
}

async function startOneRedis(): Promise<LockServerUnderTest> {
  const redis = await startOwnRedis();
  const { commands: control } = await redis.connect();
  const keys = redisKeys("lock-contract");
  return {
    async open() {
      const opened: RedisConnections[] = [];
      await control.flushall();
      return {
        async connect() {
          const connections = await redis.connect();
          opened.push(connections);
          return new RedisLockStore(connections, keys);
        },
        expireLock: async ({ shop, resource }) => void (await control.del(keys.lock(shop, resource))),
        async expireWaiters(shop) {
          // The waiters keep their places in the queues; only the time until which they count as alive is over.
          const waiters = keys.lockWaiters(shop);
          for (const owner of await control.zrange(waiters, 0, "-1")) await control.zadd(waiters, 1, owner);
        },
        flush: async () => void (await control.flushall()),
        close: async () => void (await Promise.all(opened.map((connections) => connections.close()))),
      };
    },
    stop: () => redis.close(),
  };
}

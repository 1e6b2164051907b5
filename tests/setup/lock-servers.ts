// The lock servers that the lock contract is run against: each new implementation is one more entry here.
import type { Redis } from "ioredis";
import type { Clock } from "#app/ports/clock.ts";
import type { LockKey } from "#app/ports/lock.ts";
import type { RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import type { LockStore } from "#app/adapters/redis/lock-store.ts";
import { RedisLockMember } from "#app/adapters/redis/lock-member.ts";
import { QuorumLockStore } from "#app/adapters/redis/quorum-lock-store.ts";
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
  /** As if the server had restarted without its data, or somebody had sent FLUSHALL. */
  flush(): Promise<void>;
  /** Remembers what the server knows now; the answer puts it back, as a promoted replica would that had not received the writes since. */
  replicate(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export const LOCK_SERVERS: { name: string; start: () => Promise<LockServerUnderTest> }[] = [
  { name: "the in-memory fake", start: startInMemory },
  { name: "one Redis", start: () => startRedisServers(1) },
  { name: "a quorum of three Redis servers", start: () => startRedisServers(3) },
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
        replicate: async () => {
          const promote = server.replicate();
          return async () => promote();
        },
        close: async () => undefined,
      };
    },
    stop: async () => undefined,
  };
}

/** One server keeps the locks alone; of several a majority does. */
async function startRedisServers(count: 1 | 3): Promise<LockServerUnderTest> {
  const servers = await Promise.all(Array.from({ length: count }, startOwnRedis));
  const controls = await Promise.all(servers.map(async (server) => (await server.connect()).commands));
  const keys = redisKeys("lock-contract");
  const onEach = async (act: (control: Redis) => Promise<unknown>): Promise<void> => void (await Promise.all(controls.map(act)));
  return {
    async open(clock) {
      const opened: RedisConnections[] = [];
      await onEach((control) => control.flushall());
      return {
        async connect() {
          const connections = await Promise.all(servers.map((server) => server.connect()));
          opened.push(...connections);
          const [only] = connections;
          if (connections.length === 1 && only !== undefined) return new RedisLockStore(only, keys);
          return new QuorumLockStore((processId) => connections.map((each) => new RedisLockMember(each, keys, processId)), clock);
        },
        expireLock: ({ shop, resource }) => onEach((control) => control.del(keys.lock(shop, resource))),
        // The waiters keep their places in the queues; only the time until which they count as alive is over.
        expireWaiters: (shop) => onEach((control) => expireMembers(control, keys.lockWaiters(shop))),
        flush: () => onEach((control) => control.flushall()),
        async replicate() {
          const promotions = await Promise.all(controls.map(replicateServer));
          return async () => void (await Promise.all(promotions.map((promote) => promote())));
        },
        close: async () => void (await Promise.all(opened.map((connections) => connections.close()))),
      };
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

async function expireMembers(control: Redis, sortedSet: string): Promise<void> {
  for (const member of await control.zrange(sortedSet, 0, "-1")) await control.zadd(sortedSet, 1, member);
}

/** Copies every key as replication would; the answer makes the copy the server's data. */
export async function replicateServer(control: Redis): Promise<() => Promise<void>> {
  const copies = await Promise.all(
    (await control.keys("*")).map(async (key) => ({ key, value: await control.dumpBuffer(key), leftMs: Math.max(0, await control.pttl(key)) })),
  );
  return async () => {
    await control.flushall();
    for (const { key, value, leftMs } of copies) if (value !== null) await control.restore(key, leftMs, value);
  };
}

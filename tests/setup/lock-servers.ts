// The lock servers that the lock contract is run against: each new implementation is one more entry here.
import type { Redis } from "ioredis";
import type { Clock } from "#app/ports/clock.ts";
import type { LockKey } from "#app/ports/lock.ts";
import type { RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys, type RedisKeys } from "#app/adapters/redis/keys.ts";
import type { LockStore } from "#app/adapters/redis/lock-store.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { InMemoryLockServer } from "./in-memory-lock-store.ts";
import { startLockQuorum } from "./lock-quorum.ts";
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

interface LockServerKind {
  readonly name: string;
  readonly start: () => Promise<LockServerUnderTest>;
}

/** Those that hand a lock which is let go to the first waiter. */
export const HANDING_OVER: readonly LockServerKind[] = [
  { name: "the in-memory fake", start: startInMemory },
  { name: "one Redis", start: startOneRedis },
];

export const LOCK_SERVERS: readonly LockServerKind[] = [
  ...HANDING_OVER,
  { name: "a quorum of three Redis servers", start: startThreeRedis },
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

async function startOneRedis(): Promise<LockServerUnderTest> {
  const server = await startOwnRedis();
  const { commands: control } = await server.connect();
  const keys = redisKeys("lock-contract");
  return {
    async open() {
      const opened: RedisConnections[] = [];
      await control.flushall();
      return {
        async connect() {
          const connections = await server.connect();
          opened.push(connections);
          return new RedisLockStore(connections, keys);
        },
        ...meddling([control], keys),
        close: async () => void (await Promise.all(opened.map((connections) => connections.close()))),
      };
    },
    stop: () => server.close(),
  };
}

/** What happens, happens to all three: that one alone does no harm is shown by the tests of the quorum. */
async function startThreeRedis(): Promise<LockServerUnderTest> {
  const quorum = await startLockQuorum(3, "lock-contract");
  return {
    async open(clock) {
      await quorum.clear();
      return {
        connect: async () => (await quorum.openProcess(clock)).store,
        ...meddling(quorum.controls, quorum.keys),
        close: () => quorum.clear(),
      };
    },
    stop: () => quorum.stop(),
  };
}

function meddling(controls: readonly Redis[], keys: RedisKeys): Pick<OpenLockServer, "expireLock" | "expireWaiters" | "flush" | "replicate"> {
  const onEach = async (act: (control: Redis) => Promise<unknown>): Promise<void> => void (await Promise.all(controls.map(act)));
  return {
    expireLock: ({ shop, resource }) => onEach((control) => control.del(keys.lock(shop, resource))),
    // The waiters keep their places in the queues; only the time until which they count as alive is over.
    expireWaiters: (shop) => onEach((control) => expireMembers(control, keys.lockWaiters(shop))),
    flush: () => onEach((control) => control.flushall()),
    async replicate() {
      const promotions = await Promise.all(controls.map(replicateServer));
      return async () => void (await Promise.all(promotions.map((promote) => promote())));
    },
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
    // At one moment: what still travels to this server comes before it or after it.
    const promotion = control.multi().flushall();
    for (const { key, value, leftMs } of copies) if (value !== null) promotion.restore(key, leftMs, value);
    for (const [error] of (await promotion.exec()) ?? []) if (error) throw error;
  };
}

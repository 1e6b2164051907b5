// A Redis for a test: a database number of its own on the shared server, or a private server to stop and start.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { findFreePort } from "#dev/services/free-port.ts";
import { startRedis } from "#dev/services/redis.ts";
import type { RedisServer } from "#dev/services/redis.ts";

export type TestRedis = {
  /** Carries the database number. Publish/subscribe ignores numbers: channels must carry the key prefix or a unique name. */
  url: string;
  /** Unique, for code that takes a key prefix. */
  keyPrefix: string;
  flush(): Promise<void>;
  /** Empties the database and gives it back. */
  close(): Promise<void>;
};

const counterKey = "holdfast-test:next-database";

/** Database 0 holds only the counter that hands out the others, in turn. */
export async function createTestRedis(): Promise<TestRedis> {
  const shared = new URL(inject("redisUrl"));
  const redis = new Redis(shared.href, { lazyConnect: true, maxRetriesPerRequest: 3 });
  await redis.connect();
  const [, count] = (await redis.config("GET", "databases")) as [string, string];
  const database = 1 + ((await redis.incr(counterKey)) % (Number(count) - 1));
  await redis.select(database);
  await redis.flushdb();
  const url = new URL(shared);
  url.pathname = `/${database}`;
  return {
    url: url.href,
    keyPrefix: `t-${randomBytes(4).toString("hex")}`,
    flush: async () => void (await redis.flushdb()),
    async close() {
      await redis.flushdb();
      await redis.quit();
    },
  };
}

export type PrivateRedis = {
  url: string;
  /** Ends the server as a crash would: nothing is saved. */
  stop(): Promise<void>;
  /** Starts it again at the same address, empty. */
  start(): Promise<void>;
  close(): Promise<void>;
};

export async function startPrivateRedis(): Promise<PrivateRedis> {
  const port = await findFreePort();
  const folder = join(tmpdir(), `holdfast-redis-${randomBytes(6).toString("hex")}`);
  let server: RedisServer | undefined;
  const stop = async () => {
    await server?.stop();
    server = undefined;
  };
  const start = async () => {
    server ??= await startRedis({ folder, port });
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    stop,
    start,
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

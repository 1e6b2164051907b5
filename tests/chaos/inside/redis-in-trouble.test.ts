// Goal: whatever befalls Redis, webhooks are accepted, nothing is written to Shopify twice, and afterwards all is done without a
// restart of any process. Method: a Redis of the test's own, real turns through BullMQ, a sale that goes on while Redis is emptied,
// gone, full, unable to save, set back to an older state, or plays tricks with the queue.
import { rm } from "node:fs/promises";

import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import type { Composition } from "#app/composition.server.ts";
import { NO_OPTIONS } from "../../../cli/command.ts";
import { doctor } from "../../../cli/doctor.ts";
import { WatchedLockStore } from "#tests/setup/watched-lock-store.ts";
import { createSweep } from "../../../worker/sweeper.ts";
import { openTroubledHouse, type TroubledHouse, type TroubledShop } from "./troubled-house.ts";

let troubled: TroubledHouse;
let shop: TroubledShop;
let redis: Redis;
beforeAll(async () => {
  troubled = await openTroubledHouse();
  redis = new Redis(troubled.redis.url, { maxRetriesPerRequest: null });
  // Redis is taken away from this connection too.
  redis.on("error", () => undefined);
  await troubled.startWorker();
}, 120_000);
beforeEach(async () => {
  shop = await troubled.openShop();
});
afterAll(async () => {
  redis.disconnect();
  await troubled.close();
});

const count = async (sql: string) => (await troubled.postgres.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, [shop.installId]))[0]?.count ?? 0;
const callCount = () => count("attempts WHERE install_id = $1");
const storedCount = () => count("deliveries WHERE install_id = $1");
const refusedCount = () => troubled.answers()["503"] ?? 0;

async function sellUnderWay(units: number): Promise<void> {
  const before = await callCount();
  troubled.sell(shop, units);
  await troubled.until("calls are made", async () => (await callCount()) > before);
}

/** A sale while Redis cannot be used: all of it is accepted. */
async function sellWithoutRedis(units: number): Promise<void> {
  const [stored, refused] = [await storedCount(), refusedCount()];
  troubled.sell(shop, units);
  await troubled.until("every order's webhook is stored", async () => (await storedCount()) >= stored + units);
  expect(refusedCount()).toBe(refused);
}

describe("Redis", () => {
  it("emptied five times in the middle of a sale", async () => {
    for (let round = 0; round < 5; round += 1) {
      await sellUnderWay(20);
      troubled.sell(shop, 5);
      await redis.flushall();
    }
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it("restarted empty in the middle of a sale", async () => {
    await sellUnderWay(20);
    await troubled.redis.stop();
    await troubled.redis.start();
    await sellUnderWay(20);
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it("gone: webhooks are accepted, nothing new is sent, and all is done when it is back", async () => {
    await sellUnderWay(10);
    await troubled.redis.stop();
    await sellWithoutRedis(20);
    const calls = await callCount();
    // Turns taken by hand: not even a worker that is woken writes without lock and budget.
    await troubled.house.turn(shop.shop);
    await troubled.house.turn(shop.shop);
    expect(await callCount()).toBe(calls);
    await troubled.redis.start();
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it.each([
    ["full (OOM)", async () => void (await redis.config("SET", "maxmemory", "1")), async () => void (await redis.config("SET", "maxmemory", "0"))],
    [
      "unable to save (MISCONF)",
      async () => {
        // Its folder is gone: it cannot save where it stands.
        const [, folder] = (await redis.config("GET", "dir")) as [string, string];
        await rm(folder, { recursive: true });
        await redis.config("SET", "save", "3600 1");
        await redis.bgsave().catch(() => undefined);
        await troubled.until("it refuses writes", () => redis.set("trouble", 1).then(() => false, (error: Error) => error.message.startsWith("MISCONF")));
      },
      async () => void (await redis.config("SET", "save", "")),
    ],
  ])("%s: webhooks are accepted, and all is done when it is mended", async (_trouble, begin, end) => {
    await sellUnderWay(20);
    await begin();
    await sellWithoutRedis(20);
    await end();
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it("set back to an older state, as by a failover that lost the last writes", async () => {
    await sellUnderWay(20);
    const older = await dump();
    await sellUnderWay(20);
    troubled.sell(shop, 10);
    await restore(older);
    await sellUnderWay(10);
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });
});

type Dump = readonly { key: string; value: Buffer; ttlMs: number }[];

/** All keys as they are at one moment: a replica may be late, but it does not mix moments. Key by key, a job may be missing whose name is still taken. */
const DUMP_ALL = `
local dumped = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  dumped[#dumped + 1] = { key, redis.call('DUMP', key), math.max(0, redis.call('PTTL', key)) }
end
return dumped`;

async function dump(): Promise<Dump> {
  const dumped = (await redis.callBuffer("EVAL", DUMP_ALL, 0)) as readonly (readonly [Buffer, Buffer, number])[];
  return dumped.map(([key, value, ttlMs]) => ({ key: key.toString(), value, ttlMs }));
}

async function restore(older: Dump): Promise<void> {
  const all = redis.multi().flushall();
  for (const { key, value, ttlMs } of older) all.restore(key, ttlMs, value);
  await all.exec();
}

describe("the doctor", () => {
  it.each([
    ["noeviction", true],
    ["allkeys-lru", false],
  ])("says whether Redis may throw away what it is given to keep: %s", async (policy, ok) => {
    await redis.config("SET", "maxmemory-policy", policy);
    const { value } = await doctor.run({ composed: troubled.house.composed, options: NO_OPTIONS });
    const findings = (value as { findings: { name: string; ok: boolean; detail: string }[] }).findings;
    expect(findings.find(({ name }) => name === "Redis")).toMatchObject({ ok, detail: expect.stringContaining(policy) as string });
    await redis.config("SET", "maxmemory-policy", "noeviction");
  });
});

describe("a lock", () => {
  it("is kept and let go while Redis is full: the work under it goes on", async () => {
    const connections = await troubled.redis.connect();
    const store = new WatchedLockStore(new RedisLockStore(connections, redisKeys("full")));
    const lock = new LeasedLock({ store, clock: systemClock });
    const ask = (resource: string) => lock.tryAcquireFree({ keys: [{ shop: shop.shop, resource }], purpose: "turn", leaseMs: 300 });
    const acquired = await ask("a");
    expect(acquired.kind).toBe("acquired");
    const hold = acquired.kind === "acquired" ? acquired.hold : null;
    await redis.config("SET", "maxmemory", "1");
    try {
      // Each at a third of the lease: it would have lapsed several times.
      const lost = new Promise((resolve) => hold?.signal.addEventListener("abort", resolve));
      for (let renewals = 0; renewals < 12; renewals += 1) await Promise.race([store.next("renew"), lost]);
      expect(hold?.signal.aborted).toBe(false);
      expect(await hold?.release()).toBe("released");
    } finally {
      await redis.config("SET", "maxmemory", "0");
    }
    expect((await ask("a")).kind).toBe("acquired");
  });
});

describe("the queue", () => {
  it("that gives a running turn to a second worker: two turns of one shop at once, each unit moved once", async () => {
    const other = await troubled.anotherProcess();
    const second = await troubled.startWorker(other);
    for (let round = 0; round < 3; round += 1) {
      const held = troubled.holdNextTurn(shop);
      troubled.sell(shop, 8);
      await held.begun;
      // BullMQ's sign of life of the job vanishes: the second look for stalled jobs gives it away while its turn goes on.
      const locks = await redis.keys("*:turns:*:lock");
      if (locks.length > 0) await redis.del(...locks);
      await troubled.until("the turn is taken a second time", () => troubled.overlapMax(shop) > 1);
      troubled.sell(shop, 8);
      held.release();
      expect(await troubled.differencesAtRest(shop)).toEqual([]);
      troubled.forgetOverlap(shop);
    }
    await second.stop();
  });

  it("that loses every wake: the sweeper finds the work", async () => {
    await redis.flushall();
    const { turnQueue } = troubled.house.composed;
    await sellWithoutRedis(5);
    await redis.flushall();
    expect((await turnQueue.depth()).waiting).toBeLessThanOrEqual(1);
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it("swept by two sweepers at once: each shop waits for one turn", async () => {
    const composed: Composition = troubled.house.composed;
    const [first, second] = [createSweep(composed), createSweep(composed)];
    await sellUnderWay(6);
    for (let round = 0; round < 20; round += 1) await Promise.all([first(), second()]);
    expect((await composed.turnQueue.depth()).waiting).toBeLessThanOrEqual(1);
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });
});

// What the lock contract cannot say of every server: how the lock lives through what happens to a real Redis and its connections.
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import type { Hold, LockAcquisition } from "#app/ports/lock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { startOwnRedis, type OwnRedis } from "#tests/setup/own-redis.ts";
import { WatchedLockStore } from "#tests/setup/watched-lock-store.ts";

const SHOP = "one.myshopify.com";
const LEASE_MS = 9_000;
const keys = redisKeys("lock-on-redis");

let redis: OwnRedis;
let clock: FakeClock;

beforeAll(async () => {
  redis = await startOwnRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  clock = new FakeClock();
  await (await redis.connect()).commands.flushall();
});

async function openProcess() {
  const connections = await redis.connect();
  const store = new WatchedLockStore(new RedisLockStore(connections, keys));
  const lock = new LeasedLock({ store, clock });
  await lock.ready();
  return { lock, store, ...connections };
}

const request = (...resources: string[]) => ({
  keys: resources.map((resource) => ({ shop: SHOP, resource })),
  purpose: "turn" as const,
  leaseMs: LEASE_MS,
  waitLimitMs: 60_000,
});

describe("the lock on Redis", () => {
  it("is lost when Redis restarts empty, and can be had again at once", async () => {
    const process = await openProcess();
    const hold = held(await process.lock.acquire(request("a")));
    await redis.stop();
    expect(await process.lock.acquire(request("b"))).toMatchObject({ kind: "unavailable" });
    await redis.start();
    await process.connected();
    expect(await process.lock.acquire(request("a"))).toMatchObject({ kind: "acquired" });
    const renewed = process.store.next("renew");
    await clock.advance(LEASE_MS / 3);
    await renewed;
    expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken" } });
  });

  it("survives a Redis that is silent for less than the lease", async () => {
    const { lock, store } = await openProcess();
    const hold = held(await lock.acquire(request("a")));
    const paused = await redis.pause();
    const renewed = store.next("renew");
    await clock.advance(LEASE_MS / 3);
    await clock.advance(LEASE_MS / 3);
    paused.resume();
    await renewed;
    expect(hold.signal.aborted).toBe(false);
    expect(await hold.release()).toBe("released");
  });

  it("is unavailable while Redis is silent, and keeps nothing that Redis does afterwards", async () => {
    const { lock } = await openProcess();
    const paused = await redis.pause();
    const acquisition = lock.acquire(request("a"));
    await clock.advance(2_000);
    expect(await acquisition).toMatchObject({ kind: "unavailable" });
    paused.resume();
    await lock.settled();
    expect(await lock.listLocks(SHOP)).toEqual({ held: [], waitingCount: 0 });
  });

  it("does not need its scripts to be remembered", async () => {
    const { lock, commands } = await openProcess();
    const hold = held(await lock.acquire(request("a")));
    await commands.script("FLUSH");
    expect(await hold.release()).toBe("released");
  });

  it("hears wakes again after its subscription was cut", async () => {
    const [holder, waiter] = [await openProcess(), await openProcess()];
    const hold = held(await holder.lock.acquire(request("a")));
    const queued = waiter.store.next("attempt");
    const acquisition = waiter.lock.acquire(request("a"));
    await queued;
    const back = once(waiter.subscriber, "ready");
    await holder.commands.call("CLIENT", "KILL", "TYPE", "pubsub");
    await back;
    // Answered after the subscription that ioredis renews first.
    await waiter.subscriber.ping();
    await hold.release();
    expect(await acquisition).toMatchObject({ kind: "acquired" });
    expect(clock.monotonicMs()).toBe(0);
  });

  it("cuts a lease that a clock set back has made longer than it was given", async () => {
    const { lock, commands } = await openProcess();
    held(await lock.acquire(request("a")));
    await commands.pexpire(keys.lock(SHOP, "a"), 3_600_000);
    await lock.tryAcquireFree(request("a"));
    expect(await commands.pttl(keys.lock(SHOP, "a"))).toBeLessThanOrEqual(LEASE_MS);
  });

  it("forgets a dead waiter whose time to live a clock set back has made long", async () => {
    const [holder, dead, next] = [await openProcess(), await openProcess(), await openProcess()];
    const hold = held(await holder.lock.acquire(request("a")));
    dead.store.areWakesLost = true;
    const queued = dead.store.next("attempt");
    void dead.lock.acquire(request("a"));
    await queued;
    const [owner = ""] = await holder.commands.zrange(keys.lockWaiters(SHOP), 0, "-1");
    await holder.commands.zadd(keys.lockWaiters(SHOP), Date.now() + 3_600_000, owner);
    await hold.release();
    expect(await next.lock.acquire({ ...request("a"), waitLimitMs: 0 })).toMatchObject({ kind: "acquired" });
  });

  it("leaves nothing behind but a counter that expires, all of it under the shop's hash tag", async () => {
    const [first, second] = [await openProcess(), await openProcess()];
    const hold = held(await first.lock.acquire(request("a", "b")));
    const queued = second.store.next("attempt");
    const acquisition = second.lock.acquire(request("b", "c"));
    await queued;
    for (const key of await first.commands.keys("*")) expect(key).toMatch(/^lock-on-redis:\{one\.myshopify\.com\}:/);
    await hold.release();
    await held(await acquisition).release();
    expect(await first.commands.keys("*")).toEqual([keys.lockTickets(SHOP)]);
    expect(await first.commands.pttl(keys.lockTickets(SHOP))).toBeGreaterThan(0);
  });

  it("takes 250 keys at once", async () => {
    const { lock } = await openProcess();
    const hold = held(await lock.acquire(request(...Array.from({ length: 250 }, (_, index) => `item-${index}`))));
    expect(hold.keys).toHaveLength(250);
    expect(await hold.release()).toBe("released");
  });
});

function held(acquisition: LockAcquisition): Hold {
  if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${acquisition.kind}`);
  return acquisition.hold;
}

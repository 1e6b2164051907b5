// What the lock contract cannot say of every server: how the lock lives through what happens to a real Redis and its connections.
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import type { Hold, LockAcquisition } from "#app/ports/lock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { type OwnRedis, useOwnRedis } from "#tests/setup/own-redis.ts";
import { WatchedLockStore } from "#tests/setup/watched-lock-store.ts";

const SHOP = "one.myshopify.com";
const LEASE_MS = 9_000;
const keys = redisKeys("lock-on-redis");

const redis = useOwnRedis();
let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});
afterEach(() => void vi.useRealTimers());

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

/** One process holds `a`, and waits for it too. */
async function holdAndWait() {
  const process = await openProcess();
  const hold = held(await process.lock.acquire(request("a")));
  const queued = process.store.next("attempt");
  const acquisition = process.lock.acquire(request("a"));
  await queued;
  return { ...process, hold, acquisition };
}

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

  it("lets the next in the same process go on before who let go, whose next question would stand in between", async () => {
    const { hold, acquisition } = await holdAndWait();
    // It goes on after a while even if the next has not heard: that while does not pass.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const order: string[] = [];
    await Promise.all([hold.release().then((outcome) => order.push(outcome)), acquisition.then(({ kind }) => order.push(kind))]);
    expect(order).toEqual(["acquired", "released"]);
  });

  it("is let go though the message to the next in the same process is lost", async () => {
    const { hold, acquisition, subscriber } = await holdAndWait();
    subscriber.removeAllListeners("message");
    expect(await hold.release()).toBe("released");
    await clock.advance(1_000);
    expect(await acquisition).toMatchObject({ kind: "acquired" });
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

  it("tells since when a lock is held, renewed or not", async () => {
    const { lock, store, commands } = await openProcess();
    const hold = held(await lock.acquire(request("a")));
    // As if the lock had been taken four seconds ago: of its lease so much is gone.
    await commands.pexpire(keys.lock(SHOP, "a"), LEASE_MS - 4_000);
    const before = await heldForMs(lock, commands);
    expect(before).toBeGreaterThanOrEqual(4_000);
    const renewed = store.next("renew");
    await clock.advance(LEASE_MS / 3);
    await renewed;
    expect(await commands.pttl(keys.lock(SHOP, "a"))).toBeGreaterThan(LEASE_MS - 4_000);
    const after = await heldForMs(lock, commands);
    expect(after).toBeGreaterThanOrEqual(before - 1);
    expect(await hold.release()).toBe("released");
  });

  it("lists a shop's own locks among many other keys, and neither queues nor another shop's", async () => {
    const { lock, commands } = await openProcess();
    await commands.mset(...Array.from({ length: 3_000 }, (_, index) => [`other:${index}`, ""]).flat());
    held(await lock.acquire(request("b", "a")));
    held(await lock.acquire({ ...request("a"), keys: [{ shop: "two.myshopify.com", resource: "a" }] }));
    expect((await lock.listLocks(SHOP)).held.map(({ resource }) => resource)).toEqual(["a", "b"]);
  });

  it("is held by who took it in an older version, and handed to who waits in one", async () => {
    const { lock, store, commands } = await openProcess();
    // As that version's scripts leave it: the moment written down, and an index that is not kept any more.
    await commands.hset(keys.lock(SHOP, "a"), { owner: "older/1/turn/9000", purpose: "turn", since: Date.now(), lease: LEASE_MS });
    await commands.pexpire(keys.lock(SHOP, "a"), LEASE_MS);
    expect(await lock.tryAcquireFree(request("a"))).toMatchObject({ kind: "none_free" });
    expect((await lock.listLocks(SHOP)).held).toMatchObject([{ owner: "older/1/turn/9000", purpose: "turn" }]);
    await commands.del(keys.lock(SHOP, "a"));

    const hold = held(await lock.acquire(request("a")));
    await commands.zadd(keys.lockQueue(SHOP, "a"), 1, "older/2/turn/9000");
    await commands.zadd(keys.lockWaiters(SHOP), Date.now() + 3_000, "older/2/turn/9000");
    expect(await hold.release()).toBe("released");
    // What its scripts look at.
    expect(await commands.hmget(keys.lock(SHOP, "a"), "owner", "purpose")).toEqual(["older/2/turn/9000", "turn"]);
    const [since, lease] = await commands.hmget(keys.lock(SHOP, "a"), "since", "lease");
    expect(Number(since)).toBeGreaterThan(0);
    expect(Number(lease)).toBeGreaterThan(0);
    expect(store.callCount.letGo).toBe(1);
  });

  it("takes 250 keys at once", async () => {
    const { lock } = await openProcess();
    const hold = held(await lock.acquire(request(...Array.from({ length: 250 }, (_, index) => `item-${index}`))));
    expect(hold.keys).toHaveLength(250);
    expect(await hold.release()).toBe("released");
  });
});

/** By the server's clock, which told since when. */
async function heldForMs(lock: LeasedLock, commands: Awaited<ReturnType<OwnRedis["connect"]>>["commands"]): Promise<number> {
  const { held: listed } = await lock.listLocks(SHOP);
  const [seconds, micros] = await commands.time();
  return Number(seconds) * 1_000 + Number(micros) / 1_000 - (listed[0]?.heldSince.getTime() ?? Number.NaN);
}

function held(acquisition: LockAcquisition): Hold {
  if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${acquisition.kind}`);
  return acquisition.hold;
}

// What a rush promises. Goal: work gives way to notifications that are not answered in time, and neither a web process that dies, a Redis
// that is away, nor a rush without end keeps it from being done. Method: a real Redis; the worker's time is handed to it.
import { describe, expect, it } from "vitest";

import { redisKeys } from "#app/adapters/redis/keys.ts";
import { GIVE_WAY_MS_MAX, RedisRush } from "#app/adapters/redis/redis-rush.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { useOwnRedis } from "#tests/setup/own-redis.ts";

const keys = redisKeys("rush");
/** Short enough for Redis to answer within it. */
const STEP_MS = 50;
const running = new AbortController().signal;

const redis = useOwnRedis();

async function openRush(clock = systemClock) {
  const { commands } = await redis.connect();
  return { rush: new RedisRush({ commands, keys, clock }), commands };
}

/** Whether it has resolved, once all that was asked of Redis was answered. */
async function watchEnd(waiting: Promise<void>, commands: { ping(): Promise<string> }) {
  let isOver = false;
  void waiting.then(() => (isOver = true));
  return async () => {
    await commands.ping();
    await new Promise((resolve) => setImmediate(resolve));
    return isOver;
  };
}

describe("a rush", () => {
  it("holds nobody up when there is none", async () => {
    const { rush, commands } = await openRush(new FakeClock());
    await rush.giveWay(running);
    expect(await commands.exists(keys.rush)).toBe(0);
  });

  it("is over by itself when the web process that said so is gone", async () => {
    const web = await openRush();
    const worker = await openRush();
    web.rush.say();
    await web.commands.ping();
    expect(await web.commands.pttl(keys.rush)).toBeGreaterThan(0);
    await worker.rush.giveWay(running);
    expect(await web.commands.exists(keys.rush)).toBe(0);
  });

  it("is given way to until it is over", async () => {
    const clock = new FakeClock();
    const { rush, commands } = await openRush(clock);
    await commands.set(keys.rush, "1");
    const waiting = rush.giveWay(running);
    const isOver = await watchEnd(waiting, commands);
    for (let look = 0; look < 20; look += 1) {
      await clock.advance(STEP_MS);
      expect(await isOver()).toBe(false);
    }
    await commands.del(keys.rush);
    for (let look = 0; look < 3 && !(await isOver()); look += 1) await clock.advance(STEP_MS);
    await waiting;
  });

  it("is given way to for a bounded time, also in pieces, and anew after a lull", async () => {
    const clock = new FakeClock();
    const { rush, commands } = await openRush(clock);
    await commands.set(keys.rush, "1");
    const first = rush.giveWay(running);
    const isFirstOver = await watchEnd(first, commands);
    let waitedMs = 0;
    for (; !(await isFirstOver()); waitedMs += STEP_MS) await clock.advance(STEP_MS);
    expect(waitedMs).toBeGreaterThanOrEqual(GIVE_WAY_MS_MAX);
    // The next piece of work does not wait a second time for the same rush.
    await rush.giveWay(running);

    await commands.del(keys.rush);
    await rush.giveWay(running);
    await clock.advance(STEP_MS);
    await commands.set(keys.rush, "1");
    const again = await watchEnd(rush.giveWay(running), commands);
    await clock.advance(STEP_MS);
    expect(await again()).toBe(false);
    for (let look = 0; look < 200 && !(await again()); look += 1) await clock.advance(STEP_MS);
  });

  it("ends for a worker that stops", async () => {
    const clock = new FakeClock();
    const { rush, commands } = await openRush(clock);
    await commands.set(keys.rush, "1");
    const stopping = new AbortController();
    const waiting = rush.giveWay(stopping.signal);
    await commands.ping();
    stopping.abort();
    await waiting;
    expect(clock.pendingTimerCount).toBe(0);
  });

  it("is not waited for when Redis is away, and saying so never fails", async () => {
    const { rush } = await openRush();
    await redis.stop();
    try {
      rush.say();
      await expect(rush.giveWay(running)).resolves.toBeUndefined();
    } finally {
      await redis.start();
    }
  });
});

// What a waker promises. Goal: every wake is followed by a turn, no shop's turns overlap, shops take turns, and nothing of it hangs on the
// sweeper. Method: a real Redis and real BullMQ workers, each test under a prefix of its own; "no further turn comes" is shown by a wake
// of another shop, whose turn can only come after it.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BullTurnQueue } from "#app/adapters/bullmq/turn-queue.ts";
import { connectRedis, type RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys, type RedisKeys } from "#app/adapters/redis/keys.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { TurnRunner, WakerEvent } from "#app/ports/waker.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { startOwnRedis, type OwnRedis } from "#tests/setup/own-redis.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { door, TurnLog, type Again } from "#tests/setup/turn-log.ts";

const A = "a.myshopify.com";
const B = "b.myshopify.com";
const C = "c.myshopify.com";
const LAST = "last.myshopify.com";
const HOUR_MS = 3_600_000;

const no = () => "no" as const;

let redis: OwnRedis;
let keys: RedisKeys;
let events: WakerEvent[];
let queues: BullTurnQueue[];
let runners: TurnRunner[];

beforeAll(async () => {
  redis = await startOwnRedis();
});
afterAll(() => redis.close());
beforeEach(() => {
  keys = redisKeys(`t-${randomUUID()}`);
  events = [];
  queues = [];
  runners = [];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop({ timeoutMs: 1_000 })));
  await Promise.all(queues.map((queue) => queue.close()));
});

/** The waker as one more process would have it. */
async function openQueue(clock: Clock = systemClock, connections?: RedisConnections): Promise<BullTurnQueue> {
  connections ??= await redis.connect();
  const queue = new BullTurnQueue({ connections, keys, clock, onEvent: (event) => events.push(event) });
  queues.push(queue);
  return queue;
}

async function run(queue: BullTurnQueue, log: TurnLog, concurrency = 1): Promise<TurnRunner> {
  const runner = queue.runTurns(log.handler, { concurrency });
  runners.push(runner);
  await runner.ready();
  return runner;
}

/** Wakes one more shop and waits for its turn: everything woken before it had its chance. */
async function runThrough(queue: BullTurnQueue, log: TurnLog): Promise<void> {
  const before = log.count(LAST);
  await queue.wake(LAST);
  await log.until(() => log.count(LAST) > before);
}

describe("a wake", () => {
  it("is followed by a turn", async () => {
    const [queue, log] = [await openQueue(), new TurnLog()];
    await run(queue, log);
    expect(await queue.wake(A)).toEqual({ kind: "woken" });
    await log.until(() => log.count(A) === 1);
    expect(log.begun).toEqual([A]);
  });

  it("of a shop whose turn waits is folded into that turn", async () => {
    const [queue, other, log] = [await openQueue(), await openQueue(), new TurnLog()];
    for (let i = 0; i < 5; i += 1) await (i % 2 === 0 ? queue : other).wake(A);
    expect(await queue.depth()).toEqual({ waiting: 1, active: 0, delayed: 0 });
    await run(queue, log);
    await runThrough(queue, log);
    expect(log.begun).toEqual([A, LAST]);
  });

  it("during the shop's turn brings exactly one more, however many come", async () => {
    const work = door();
    const [queue, log] = [await openQueue(), new TurnLog((shop) => (shop === A ? work.passed.then(no) : "no"))];
    await run(queue, log, 4);
    await queue.wake(A);
    await log.until(() => log.count(A) === 1);
    for (let i = 0; i < 5; i += 1) await queue.wake(A);
    work.open();
    await log.until(() => log.count(A) === 2);
    await runThrough(queue, log);
    expect(log.count(A)).toBe(2);
    expect(log.overlapMax).toBe(1);
  });

  it("during a turn that fails is kept, and the failure is told and followed by a later turn", async () => {
    const work = door();
    const log: TurnLog = new TurnLog(async (shop): Promise<Again> => {
      if (shop === A && log.count(A) === 1) await work.passed.then(() => Promise.reject(new TypeError("a bug")));
      return "no";
    });
    const queue = await openQueue();
    await run(queue, log);
    await queue.wake(A);
    await log.until(() => log.count(A) === 1);
    await queue.wake(A);
    work.open();
    await log.until(() => log.count(A) === 2);
    expect(events).toContainEqual({ kind: "turn_failed", shop: A, cause: expect.any(TypeError) });
    await runThrough(queue, log);
    expect((await queue.depth()).delayed).toBe(1);
  });

  it("for many shops names each once and needs one call", async () => {
    const [queue, log] = [await openQueue(), new TurnLog()];
    const shops = Array.from({ length: 700 }, (_, index) => `shop-${index}.myshopify.com`);
    expect(await queue.wakeMany([...shops, ...shops])).toEqual({ kind: "woken" });
    expect((await queue.depth()).waiting).toBe(700);
    expect(events).toEqual([{ kind: "woken", count: 500 }, { kind: "woken", count: 200 }]);
    await run(queue, log, 8);
    await log.until(() => log.begun.length === 700);
    expect(new Set(log.begun)).toEqual(new Set(shops));
  });
});

describe("the order of turns", () => {
  it("lets shops take turns: one that wants to go on goes to the tail", async () => {
    const log: TurnLog = new TurnLog((shop) => (shop === A && log.count(A) < 4 ? "now" : "no"));
    const queue = await openQueue();
    await queue.wakeMany([A, B, C]);
    await run(queue, log);
    await log.until(() => log.count(A) === 4);
    expect(log.begun.slice(0, 4)).toEqual([A, B, C, A]);
  });

  it("lets a busy shop not hold up the others: between two of its turns everyone who waits has one", async () => {
    const busy = door();
    const log: TurnLog = new TurnLog(async (shop): Promise<Again> => {
      if (shop === A && log.count(A) === 1) await busy.passed;
      return shop === A && log.count(A) < 3 ? "now" : "no";
    });
    const queue = await openQueue();
    await queue.wake(A);
    await run(queue, log);
    await log.until(() => log.count(A) === 1);
    await queue.wake(A);
    await queue.wakeMany([B, C]);
    busy.open();
    await log.until(() => log.count(A) === 3);
    expect(log.begun.slice(0, 4)).toEqual([A, B, C, A]);
  });
});

describe("a later wake", () => {
  it("is followed by a turn when it is due", async () => {
    const [queue, log] = [await openQueue(), new TurnLog()];
    await queue.wake(A, { delayMs: 40 });
    expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 1 });
    await run(queue, log);
    await log.until(() => log.count(A) === 1);
    expect((await queue.depth()).delayed).toBe(0);
  });

  it("does not swallow an immediate one", async () => {
    const [queue, log] = [await openQueue(), new TurnLog()];
    await run(queue, log);
    await queue.wake(A, { delayMs: HOUR_MS });
    await queue.wake(A);
    await log.until(() => log.count(A) === 1);
    expect(await queue.depth()).toMatchObject({ delayed: 1 });
  });

  it("does not swallow an immediate one that came during the same turn", async () => {
    const work = door();
    const [queue, log] = [await openQueue(), new TurnLog((shop) => (shop === A ? work.passed.then(no) : "no"))];
    await run(queue, log);
    await queue.wake(A);
    await log.until(() => log.count(A) === 1);
    await queue.wake(A);
    await queue.wake(A, { delayMs: HOUR_MS });
    work.open();
    await log.until(() => log.count(A) === 2);
    expect(await queue.depth()).toMatchObject({ delayed: 1 });
  });

  it("does not swallow one that is due sooner", async () => {
    const [queue, log] = [await openQueue(), new TurnLog()];
    await run(queue, log);
    await queue.wake(A, { delayMs: HOUR_MS });
    await queue.wake(A, { delayMs: 10 });
    await log.until(() => log.count(A) === 1);
    expect(await queue.depth()).toMatchObject({ delayed: 1 });
  });

  it("is one with others for about the same time", async () => {
    const clock = new FakeClock();
    const queue = await openQueue(clock);
    for (let i = 0; i < 100; i += 1) {
      await queue.wake(A, { delayMs: 10_000 });
      await clock.advance(1);
    }
    expect((await queue.depth()).delayed).toBe(1);
    await queue.wake(B, { delayMs: 10_000 });
    expect((await queue.depth()).delayed).toBe(2);
  });

  it("may be asked for by the turn itself", async () => {
    const log: TurnLog = new TurnLog((shop) => (shop === A && log.count(A) < 3 ? { afterMs: 5 } : "no"));
    const queue = await openQueue();
    await run(queue, log);
    await queue.wake(A);
    await log.until(() => log.count(A) === 3);
    expect(log.overlapMax).toBe(1);
  });
});

describe("turns of several processes", () => {
  const seeds = [20_261_111, 20_261_112, 20_261_113, 20_261_114];

  it.each(seeds)("never overlap for one shop, and none misses what was committed before its wake (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const shops = [A, B, C];
    const committed = new Map(shops.map((shop) => [shop, 0]));
    const seen = new Map(shops.map((shop) => [shop, 0]));
    const producer = await openQueue();
    const log: TurnLog = new TurnLog(async (shop): Promise<Again> => {
      // The turn's one look for work; what is committed from here to its end must bring another turn.
      seen.set(shop, committed.get(shop) ?? 0);
      await new Promise((resolve) => setImmediate(resolve));
      if (random.chance(0.2)) throw new Error("a bug");
      return random.chance(0.2) ? "now" : "no";
    });
    for (let i = 0; i < 3; i += 1) await run(await openQueue(), log, 3);
    for (let i = 0; i < 200; i += 1) {
      const shop = random.pick(shops);
      committed.set(shop, (committed.get(shop) ?? 0) + 1);
      const wake = producer.wake(shop);
      if (random.chance(0.5)) await wake;
    }
    await log.until(() => shops.every((shop) => seen.get(shop) === committed.get(shop)));
    expect(log.overlapMax).toBe(1);
    expect(events.filter((event) => event.kind === "worker_error")).toEqual([]);
  });
});

describe("a process that stops", () => {
  it("lets its turns end and takes no new ones", async () => {
    const work = door();
    const log = new TurnLog((shop) => (shop === A ? work.passed.then(no) : "no"));
    const queue = await openQueue();
    const runner = await run(queue, log);
    await queue.wake(A);
    await log.until(() => log.count(A) === 1);
    const stopped = runner.stop({ timeoutMs: 60_000 });
    await queue.wake(B);
    work.open();
    expect(await stopped).toEqual({ kind: "drained" });
    expect(log.begun).toEqual([A]);
    expect(await queue.depth()).toEqual({ waiting: 1, active: 0, delayed: 0 });
  });

  it("aborts the turns that outlast its time, and leaves those that do not end to another process", async () => {
    const clock = new FakeClock();
    const reasons: unknown[] = [];
    const log: TurnLog = new TurnLog(async (shop, signal): Promise<Again> => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      if (shop === A) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      else await new Promise<never>(() => undefined);
      return "no";
    });
    const queue = await openQueue(clock);
    const runner = await run(queue, log, 2);
    await queue.wakeMany([A, B]);
    await log.until(() => log.begun.length === 2);
    const stopped = runner.stop({ timeoutMs: 5_000 });
    await clock.advance(5_000);
    await clock.advance(1_000);
    expect(reasons).toHaveLength(2);
    expect(await stopped).toEqual({ kind: "forced", unfinishedCount: 1 });
    expect((await queue.depth()).active).toBe(1);
  });

  it("by dying leaves its turn to be run again by another", async () => {
    const clock = new FakeClock();
    const queue = await openQueue(clock);
    const dying = new TurnLog(() => new Promise<never>(() => undefined));
    const runner = await run(queue, dying);
    await queue.wake(A);
    await dying.until(() => dying.count(A) === 1);
    const stopped = runner.stop({ timeoutMs: 0 });
    await clock.advance(0);
    await clock.advance(1_000);
    expect(await stopped).toMatchObject({ kind: "forced" });
    await queue.wake(A);
    // As after the time of BullMQ's lock and two of its checks for stalled jobs.
    const { commands } = await redis.connect();
    const [jobId = ""] = await commands.lrange(`${keys.queuePrefix}:turns:active`, 0, -1);
    await commands.del(`${keys.queuePrefix}:turns:${jobId}:lock`, `${keys.queuePrefix}:turns:stalled-check`);
    await commands.sadd(`${keys.queuePrefix}:turns:stalled`, jobId);

    const log = new TurnLog();
    await run(await openQueue(), log);
    // The turn that died, and the one that was woken while it counted as running.
    await log.until(() => log.count(A) === 2);
    expect(log.overlapMax).toBe(1);
    expect(events).toContainEqual({ kind: "turn_stalled" });
  });
});

describe("a turn that lets the next one begin", () => {
  it("runs on beside it, still counts as running, and its own wish for another is heard when it ends", async () => {
    const queue = await openQueue();
    const answer = door();
    const log = new TurnLog(async (shop, _signal, letNextBegin) => {
      if (shop !== A || log.count(A) > 1) return "no";
      letNextBegin();
      await answer.passed;
      return "now";
    });
    const runner = await run(queue, log);
    await queue.wake(A);
    await log.until(() => log.count(A) === 1);
    await queue.wake(A);
    await log.until(() => log.count(A) === 2);
    expect(log.overlapMax).toBe(2);
    const stopped = runner.stop({ timeoutMs: 60_000 });
    answer.open();
    expect(await stopped).toEqual({ kind: "drained" });
    const next = new TurnLog();
    await run(await openQueue(), next);
    await next.until(() => next.count(A) === 1);
  });
});

describe("a Redis that is away", () => {
  it("fails wakes at once and counts them; the same queue and runner go on when it is back", async () => {
    const own = await startOwnRedis();
    const connections = await own.connect();
    const queue = await openQueue(systemClock, connections);
    const log = new TurnLog();
    await run(queue, log);
    await own.stop();
    expect(await queue.wake(A)).toEqual({ kind: "unavailable" });
    expect(await queue.wake(A, { delayMs: 5 })).toEqual({ kind: "unavailable" });
    expect(await queue.wakeMany([A, B])).toEqual({ kind: "unavailable" });
    expect(events.filter((event) => event.kind === "unavailable").map((event) => event.count)).toEqual([1, 1, 2]);
    await own.start();
    await connections.connected();
    expect(await queue.wake(A)).toEqual({ kind: "woken" });
    await log.until(() => log.count(A) === 1);
    await Promise.all(runners.splice(0).map((runner) => runner.stop({ timeoutMs: 1_000 })));
    await own.close();
  });

  it("does not keep a process from starting", async () => {
    const own = await startOwnRedis();
    await own.stop();
    const connections = connectRedis({ url: own.url, clock: systemClock, onError: () => undefined });
    const queue = await openQueue(systemClock, connections);
    expect(await queue.wake(A)).toEqual({ kind: "unavailable" });
    expect(await connections.ready()).toMatchObject({ kind: "unavailable" });
    const log = new TurnLog();
    const runner = queue.runTurns(log.handler, { concurrency: 1 });
    await own.start();
    await runner.ready();
    await connections.connected();
    expect(await connections.ready()).toMatchObject({ kind: "ready", evictionPolicy: "noeviction" });
    await queue.wake(A);
    await log.until(() => log.count(A) === 1);
    expect(await runner.stop({ timeoutMs: 1_000 })).toEqual({ kind: "drained" });
    await connections.close();
    await own.close();
  });
});

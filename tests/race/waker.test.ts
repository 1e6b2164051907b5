// A commit and a wake that fall between a turn's last look for work and its end. Goal: they are not lost, with the sweeper switched off
// (there is none here). Method: a turn looks for work, then waits at a door before it ends; in that gap a test commits and wakes. First
// with BullMQ's plain deduplication, which loses the wake, then with Holdfast's queue, which keeps it. That nothing further comes is shown
// by a wake of another shop, whose turn can only come after it.
import { randomUUID } from "node:crypto";
import { Queue, Worker } from "bullmq";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BullTurnQueue } from "#app/adapters/bullmq/turn-queue.ts";
import type { RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import type { TurnHandler } from "#app/ports/waker.ts";
import { startOwnRedis, type OwnRedis } from "#tests/setup/own-redis.ts";
import { door, TurnLog, type Again } from "#tests/setup/turn-log.ts";

const SHOP = "one.myshopify.com";

let redis: OwnRedis;
beforeAll(async () => {
  redis = await startOwnRedis();
});
afterAll(() => redis.close());

interface QueueUnderTest {
  wake(shop: string): Promise<unknown>;
  run(handler: TurnHandler): Promise<void>;
  stop(): Promise<void>;
}

/** The usual recipe: one job per shop while it is queued or running. */
function plainDeduplication(connections: RedisConnections, name: string): QueueUnderTest {
  const connection = connections.openWorkerConnection();
  const queue = new Queue(name, { connection });
  let worker: Worker | undefined;
  return {
    wake: (shop) => queue.add("turn", { shop }, { deduplication: { id: shop }, removeOnComplete: true }),
    async run(handler) {
      const { signal } = new AbortController();
      worker = new Worker<{ shop: string }>(name, (job) => handler(job.data.shop, { signal }), { connection });
      await worker.waitUntilReady();
    },
    async stop() {
      await worker?.close();
      await queue.close();
    },
  };
}

function holdfastQueue(connections: RedisConnections, name: string): QueueUnderTest {
  const queue = new BullTurnQueue({ connections, keys: redisKeys(name), clock: systemClock });
  let runner: ReturnType<BullTurnQueue["runTurns"]> | undefined;
  return {
    wake: (shop) => queue.wake(shop),
    async run(handler) {
      runner = queue.runTurns(handler, { concurrency: 1 });
      await runner.ready();
    },
    async stop() {
      await runner?.stop({ timeoutMs: 1_000 });
      await queue.close();
    },
  };
}

/** Commits and wakes in the gap of the shop's first turn; answers what the shop's turns have seen when everything has come to rest. */
async function commitInTheGap(queue: QueueUnderTest): Promise<{ committed: number; seen: number; turnCount: number }> {
  let committed = 1;
  let seen = 0;
  const gap = door();
  const end = door();
  const log: TurnLog = new TurnLog(async (shop): Promise<Again> => {
    if (shop !== SHOP) return "no";
    seen = committed;
    if (log.count(SHOP) === 1) {
      gap.open();
      await end.passed;
    }
    return "no";
  });
  await queue.run(log.handler);
  await queue.wake(SHOP);
  await gap.passed;
  committed += 1;
  await queue.wake(SHOP);
  end.open();
  // Twice, because a turn kept for the shop is queued when the first ends, perhaps behind the other shop's.
  for (const other of ["second.myshopify.com", "third.myshopify.com"]) {
    await queue.wake(other);
    await log.until(() => log.count(other) === 1);
  }
  await queue.stop();
  return { committed, seen, turnCount: log.count(SHOP) };
}

describe("a commit and a wake between a turn's last look for work and its end", () => {
  it("are lost with plain deduplication: the wake is folded into the turn that no longer looks", async () => {
    const queue = plainDeduplication(await redis.connect(), `plain-${randomUUID()}`);
    expect(await commitInTheGap(queue)).toEqual({ committed: 2, seen: 1, turnCount: 1 });
  });

  it("are followed by one more turn with Holdfast's queue", async () => {
    const queue = holdfastQueue(await redis.connect(), `kept-${randomUUID()}`);
    expect(await commitInTheGap(queue)).toEqual({ committed: 2, seen: 2, turnCount: 2 });
  });
});

// The races that the lock removes. Goal: show each without the lock, then gone with it. Method: a real Redis; every actor has connections
// of its own, because one shared connection would put their commands in one order and hide the race; seeds in the titles; what must not
// hang ends by a wait limit, so that a deadlock is a readable failure.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { redisKeys, type RedisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockMember } from "#app/adapters/redis/lock-member.ts";
import { QuorumLockStore } from "#app/adapters/redis/quorum-lock-store.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import type { Hold, LockAcquisition } from "#app/ports/lock.ts";
import { startOwnRedis, type OwnRedis } from "#tests/setup/own-redis.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { WatchedLockStore } from "#tests/setup/watched-lock-store.ts";

const SHOP = "one.myshopify.com";

/** The servers that keep the locks; the stock is on the first. */
const KEEPERS = [
  { keeper: "one Redis", serverCount: 1 },
  { keeper: "a quorum of three", serverCount: 3 },
] as const;

let servers: OwnRedis[];
let prefix: string;
let keys: RedisKeys;
let children: ChildProcess[];

beforeAll(async () => {
  servers = await Promise.all([startOwnRedis(), startOwnRedis(), startOwnRedis()]);
});
afterAll(async () => void (await Promise.all(servers.map((server) => server.close()))));
beforeEach(() => {
  prefix = `t-${randomUUID()}`;
  keys = redisKeys(prefix);
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
});

async function openActor(serverCount: 1 | 3 = 1) {
  const connections = await Promise.all(servers.slice(0, serverCount).map((server) => server.connect()));
  const [first] = connections;
  if (first === undefined) throw new Error("no server was started");
  const openMembers = (processId: string) => connections.map((each) => new RedisLockMember(each, keys, processId));
  const store = new WatchedLockStore(serverCount === 1 ? new RedisLockStore(first, keys) : new QuorumLockStore(openMembers, systemClock));
  const lock = new LeasedLock({ store, clock: systemClock });
  await lock.ready();
  return { lock, store, commands: first.commands };
}
type Actor = Awaited<ReturnType<typeof openActor>>;

const request = (resources: string[], leaseMs = 10_000) => ({
  keys: resources.map((resource) => ({ shop: SHOP, resource })),
  purpose: "turn" as const,
  leaseMs,
  waitLimitMs: 10_000,
});

/** The usual handler: reads the stock, decides, writes what it calculated. Answers whether it sold. */
async function sellOne({ commands }: Actor): Promise<boolean> {
  const available = Number(await commands.get(`${prefix}:stock`));
  if (available < 1) return false;
  await commands.set(`${prefix}:stock`, available - 1);
  return true;
}

/** A lock on one item alone, as the usual recipe takes it. */
function takeNaively({ commands }: Actor, item: string): Promise<"OK" | null> {
  return commands.set(`${prefix}:naive:${item}`, "held", "PX", 60_000, "NX");
}

async function takeRepeatedly({ lock }: Actor, order: string[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (let round = 0; round < 50; round += 1) {
    const acquisition = await lock.acquire(request(order));
    outcomes.push(acquisition.kind === "acquired" ? await acquisition.hold.release() : acquisition.kind);
  }
  return outcomes;
}

describe("the last units, sold by read, calculate, write", () => {
  const STOCK = 10;
  const BUYERS_PER_ACTOR = 5;

  async function sellToEverybody(sell: (actor: Actor) => Promise<boolean>): Promise<{ soldCount: number; stockLeft: number }> {
    const actors = await Promise.all([openActor(), openActor(), openActor(), openActor()]);
    const [first] = actors;
    await first?.commands.set(`${prefix}:stock`, STOCK);
    const sold = await Promise.all(actors.flatMap((actor) => Array.from({ length: BUYERS_PER_ACTOR }, () => sell(actor))));
    return { soldCount: sold.filter(Boolean).length, stockLeft: Number(await first?.commands.get(`${prefix}:stock`)) };
  }

  it("are sold more than once without the lock, and the books do not show it", async () => {
    const { soldCount, stockLeft } = await sellToEverybody(sellOne);
    expect(soldCount).toBeGreaterThan(STOCK);
    expect(stockLeft).toBeGreaterThan(STOCK - soldCount);
  });

  it("are sold once with it", async () => {
    const result = await sellToEverybody(async (actor) => {
      const run = await held(await actor.lock.acquire(request(["item"]))).run(() => sellOne(actor));
      if (run.kind !== "completed") throw new Error("the lock was lost");
      return run.value;
    });
    expect(result).toEqual({ soldCount: STOCK, stockLeft: 0 });
  });
});

describe("two requests for two items in opposite orders", () => {
  it("block each other for good when each item is locked by itself", async () => {
    const [first, second] = [await openActor(), await openActor()];
    expect([await takeNaively(first, "a"), await takeNaively(second, "b")]).toEqual(["OK", "OK"]);
    expect([await takeNaively(first, "b"), await takeNaively(second, "a")]).toEqual([null, null]);
  });

  it("are served one after the other when both items are one request", async () => {
    const [first, second] = [await openActor(), await openActor()];
    const outcomes = await Promise.all([takeRepeatedly(first, ["a", "b"]), takeRepeatedly(second, ["b", "a"])]);
    expect(new Set(outcomes.flat())).toEqual(new Set(["released"]));
  });
});

describe.each(KEEPERS)("a process that holds a lock on $keeper", ({ serverCount }) => {
  const LEASE_MS = 1_500;

  async function startHolder(): Promise<{ child: ChildProcess; nextLine: () => Promise<string> }> {
    const script = fileURLToPath(new URL("../setup/lock-holding-process.ts", import.meta.url));
    const urls = servers.slice(0, serverCount).map(({ url }) => url);
    const child = spawn(process.execPath, [script, urls.join(","), prefix, SHOP, "item", String(LEASE_MS)], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, nextLine: async () => String((await lines.next()).value) };
  }

  it("and is killed leaves it to the next after its lease, not before", async () => {
    const actor = await openActor(serverCount);
    const { child, nextLine } = await startHolder();
    expect(await nextLine()).toBe("held");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await actor.lock.tryAcquireFree(request(["item"]))).toMatchObject({ kind: "none_free" });
    expect(await actor.lock.acquire(request(["item"]))).toMatchObject({ kind: "acquired" });
  });

  it("and is paused beyond its lease knows of the loss when it goes on", async () => {
    const actor = await openActor(serverCount);
    const { child, nextLine } = await startHolder();
    expect(await nextLine()).toBe("held");
    child.kill("SIGSTOP");
    const hold = held(await actor.lock.acquire(request(["item"])));
    child.kill("SIGCONT");
    expect(await nextLine()).toBe("lost");
    expect(await hold.release()).toBe("released");
  });
});

describe.each(KEEPERS)("many actors with random requests to $keeper, some of which die holding their locks", ({ serverCount }) => {
  const seeds = [20_261_121, 20_261_122];
  const RESOURCES = ["a", "b", "c", "d", "e"];

  it.each(seeds)("never hold a key twice, and everybody alive is served (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const holders = new Map<string, Hold[]>();
    const outcomes: string[] = [];

    /** What counts itself as holder of the same key at this moment. */
    const use = (hold: Hold): void => {
      for (const { resource } of hold.keys) {
        const others = (holders.get(resource) ?? []).filter((other) => !other.signal.aborted);
        if (others.length > 0) outcomes.push("held twice");
        holders.set(resource, [...others, hold]);
      }
    };
    const leave = (hold: Hold): void => {
      for (const { resource } of hold.keys) holders.set(resource, (holders.get(resource) ?? []).filter((other) => other !== hold));
    };

    const play = async (roundCount: number): Promise<void> => {
      let actor = await openActor(serverCount);
      for (let round = 0; round < roundCount; round += 1) {
        const wanted = RESOURCES.filter(() => random.chance(0.4));
        const named = wanted.length > 0 ? wanted : [random.pick(RESOURCES)];
        const isForFree = random.chance(0.3);
        const acquisition = await (isForFree ? actor.lock.tryAcquireFree(request(named, 300)) : actor.lock.acquire(request(named, 300)));
        if (acquisition.kind !== "acquired") {
          outcomes.push(acquisition.kind);
          continue;
        }
        use(acquisition.hold);
        for (let step = random.between(0, 3); step > 0; step -= 1) await eventLoopTurn();
        if (random.chance(0.1)) {
          // The process dies: no renewal, no release, and the next round is played by another.
          actor.store.failNext("renew", Number.MAX_SAFE_INTEGER);
          actor.store.failNext("letGo", Number.MAX_SAFE_INTEGER);
          actor = await openActor(serverCount);
          continue;
        }
        leave(acquisition.hold);
        outcomes.push(await acquisition.hold.release());
      }
    };
    await Promise.all(Array.from({ length: 8 }, () => play(8)));

    // A hold may be lost when the machine is too busy to renew it in time; what matters is that its holder knows.
    expect(outcomes.filter((outcome) => !["released", "none_free", "lost"].includes(outcome))).toEqual([]);
    expect(outcomes).toContain("released");
    const everything = held(await (await openActor(serverCount)).lock.acquire(request(RESOURCES)));
    expect(await everything.release()).toBe("released");
  });
});

/** One turn of the event loop in which others may act. */
function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function held(acquisition: LockAcquisition): Hold {
  if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${acquisition.kind}`);
  return acquisition.hold;
}

// Contenders for locks that several servers keep. Goal: show how a majority vote livelocks and blocks when every server has an order of
// its own, then that one order on all of them lets everybody through. Method: real Redis servers behind a network in which each request
// and each answer moves when the test says so: by a written plan, or drawn from a seed that stands in the title. The clock stands still,
// so that whoever is served was woken; what is stuck has nothing left that could move, and fails at once.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import type { Hold, LockAcquisition } from "#app/ports/lock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { startLockQuorum, type LockQuorum } from "#tests/setup/lock-quorum.ts";
import { seededRandom, type SeededRandom } from "#tests/setup/seeded-random.ts";
import { SteppedNetwork } from "#tests/setup/stepped-members.ts";

const SHOP = "one.myshopify.com";
const SERVERS = [0, 1, 2];
const CONTENDERS = [0, 1, 2];

let quorum: LockQuorum;
beforeAll(async () => {
  quorum = await startLockQuorum(SERVERS.length);
});
afterEach(() => quorum.clear());
afterAll(() => quorum.stop());

const request = (...resources: string[]) => ({
  keys: resources.map((resource) => ({ shop: SHOP, resource })),
  purpose: "turn" as const,
  leaseMs: 60_000,
  waitLimitMs: 600_000,
});

/** Each contender reaches another server first, and the others in turn. */
const staggered = CONTENDERS.flatMap((_, step) => CONTENDERS.map((contender) => ({ contender, server: (contender + step) % SERVERS.length })));

describe("three contenders, each granted by another one of three servers", () => {
  it("that give back what they got and try again livelock: after 200 rounds nobody was ever served", async () => {
    let servedCount = 0;
    for (let round = 0; round < 200; round += 1) {
      const granted = await Promise.all(
        staggered.map(({ contender, server }) => quorum.controls[server]?.set("naive", `contender ${contender}`, "PX", 60_000, "NX")),
      );
      const byContender = CONTENDERS.map((contender) => staggered.filter((step, index) => step.contender === contender && granted[index] === "OK").length);
      servedCount += byContender.filter((count) => count >= 2).length;
      await Promise.all(quorum.controls.map((control) => control.del("naive")));
    }
    expect(servedCount).toBe(0);
  });

  it("that queue by each server's own tickets stand first in one queue each, and block each other for good", async () => {
    const clock = new FakeClock();
    const processes = await Promise.all(CONTENDERS.map(() => quorum.openProcess(clock)));
    const stores = processes.map(({ connections }, index) => connections.map((each) => new RedisLockStore(each, quorum.keys, `process-${index}`)));
    const ask = async ({ contender, server }: { contender: number; server: number }) => {
      const claim = { shop: SHOP, resources: ["a"], owner: `process-${contender}/1`, purpose: "turn" as const, leaseMs: 60_000, queue: true };
      return (await stores[contender]?.[server]?.attempt(claim))?.granted === true;
    };
    for (let round = 0; round < 10; round += 1) {
      const grants: { contender: number; server: number }[] = [];
      for (const step of staggered) if (await ask(step)) grants.push(step);
      expect(grants).toEqual(CONTENDERS.map((contender) => ({ contender, server: contender })));
    }
  });

  it("are all served, one after the other, without a tick of the clock", async () => {
    const race = await openRace(CONTENDERS.length);
    const served: number[] = [];
    for (const contender of CONTENDERS) race.start(contender, ["a"], () => served.push(contender));
    await settle();
    // The first question of each, asked as above: nobody has a majority.
    for (const { contender, server } of staggered) await race.network.exchange(contender, server);
    expect(served).toEqual([]);
    await race.finish((movable) => movable[0]);
    expect(served.toSorted()).toEqual(CONTENDERS);
  });
});

describe("contenders whose requests and answers cross at random", () => {
  const seeds = Array.from({ length: 25 }, (_, index) => 20_261_121 + index);

  it.each(seeds)("are all served, never two at a time, in the order of those that began to wait before the others came (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const race = await openRace(3 + random.between(0, 1));
    const wants = (): string[] => {
      const wanted = ["a", "b", "c"].filter(() => random.chance(0.6));
      return wanted.length > 0 ? wanted : ["b"];
    };
    // Arrivals are drawn like any other event: some come while others wait, vote or hold.
    const arrivals = race.contenders.flatMap((contender) => Array.from({ length: 2 }, () => ({ contender, wanted: wants() })));
    await race.finish((movable) => (movable.length === 0 ? undefined : random.pick(movable)), { arrivals, random });
    expect(race.servedCount()).toBe(arrivals.length);
    expect(race.heldTwice).toEqual([]);
    expect(race.overtaken()).toEqual([]);
    expect(race.clock.monotonicMs()).toBe(0);
  });
});

interface Visit {
  readonly wanted: readonly string[];
  readonly begunAt: number;
  /** When its place in the queues was known to a majority. */
  queuedAt: number | null;
  servedAt: number | null;
}

type Parcel = ReturnType<SteppedNetwork["movable"]>[number];

/** Processes that contend for locks over a network at a standstill. Events are numbered in the order in which they happen. */
async function openRace(contenderCount: number) {
  const clock = new FakeClock();
  const contenders = Array.from({ length: contenderCount }, (_, index) => index);
  const network: SteppedNetwork = new SteppedNetwork(async (server) => {
    // Answered after every wake that the server has sent to that process.
    for (const { connections } of processes) await connections[server]?.subscriber.ping();
  });
  const processes = await Promise.all(contenders.map((contender) => quorum.openProcess(clock, (member, server) => network.between(contender, server, member))));
  let eventCount = 0;
  const visits: Visit[] = [];
  const present = new Map<number, Visit>();
  const holders = new Map<string, Hold>();
  const heldTwice: string[] = [];
  const leaving: Promise<void>[] = [];

  const locks = processes.map(({ store }, contender) => {
    const attempt: typeof store.attempt = async (claim) => {
      const answer = await store.attempt(claim);
      const visit = present.get(contender);
      if (!answer.granted && visit !== undefined) visit.queuedAt ??= ++eventCount;
      return answer;
    };
    const watched = { attempt, attemptFree: store.attemptFree.bind(store), renew: store.renew.bind(store), letGo: store.letGo.bind(store) };
    const rest = { newOwner: () => store.newOwner(), onWake: store.onWake.bind(store), list: store.list.bind(store), ready: () => store.ready() };
    return new LeasedLock({ store: { ...watched, ...rest }, clock });
  });
  await Promise.all(locks.map((lock) => lock.ready()));

  const serve = async (hold: Hold): Promise<void> => {
    for (const { resource } of hold.keys) {
      if (holders.has(resource)) heldTwice.push(resource);
      holders.set(resource, hold);
    }
    await settle();
    for (const { resource } of hold.keys) holders.delete(resource);
    await hold.release();
  };
  const start = (contender: number, wanted: string[], onServed: () => void = () => undefined): void => {
    const visit: Visit = { wanted, begunAt: ++eventCount, queuedAt: null, servedAt: null };
    visits.push(visit);
    present.set(contender, visit);
    const served = locks[contender]?.acquire(request(...wanted)).then(async (acquisition) => {
      visit.servedAt = ++eventCount;
      onServed();
      await serve(held(acquisition));
      present.delete(contender);
    });
    if (served) leaving.push(served);
  };

  return {
    clock,
    contenders,
    network,
    heldTwice,
    start,
    servedCount: () => visits.filter(({ servedAt }) => servedAt !== null).length,
    /** Who was queued before another came, shares a key with it, and was served after it. */
    overtaken: () =>
      visits.filter((first) =>
        visits.some((second) => first.queuedAt !== null && first.queuedAt < second.begunAt && shareKey(first, second) && (first.servedAt ?? 0) > (second.servedAt ?? 0)),
      ),
    /** Moves what `choose` picks until nobody waits any more; throws when nothing can move before. */
    async finish(choose: (movable: Parcel[]) => Parcel | undefined, late: { arrivals: { contender: number; wanted: string[] }[]; random: SeededRandom } | null = null) {
      const arrivals = [...(late?.arrivals ?? [])];
      for (let moveCount = 0; moveCount < 20_000; moveCount += 1) {
        const next = arrivals.find(({ contender }) => !present.has(contender));
        const movable = network.movable();
        if (next !== undefined && (movable.length === 0 || late?.random.chance(0.1))) {
          arrivals.splice(arrivals.indexOf(next), 1);
          start(next.contender, next.wanted);
          await settle();
          continue;
        }
        const parcel = choose(movable);
        if (parcel === undefined) {
          // Whoever was served may be about to leave.
          await settle();
          if (network.movable().length > 0) continue;
          if (present.size > 0) throw new Error(`${present.size} contenders are stuck: nothing can move, and nobody wakes them`);
          return void (await Promise.all(leaving));
        }
        await network.move(parcel);
      }
      throw new Error("20,000 moves did not serve everybody");
    },
  };
}

function shareKey(first: Visit, second: Visit): boolean {
  return first.wanted.some((resource) => second.wanted.includes(resource));
}

function held(acquisition: LockAcquisition): Hold {
  if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${JSON.stringify(acquisition)}`);
  return acquisition.hold;
}

/** One turn of the event loop: what an answer leads to has been sent after it. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

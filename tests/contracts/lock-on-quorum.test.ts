// What the lock contract cannot say of every server: how a quorum lives through what happens to some of its servers. Goal: whatever a
// minority does changes nothing and slows nothing; without a majority nobody is let in, and whoever is in learns of it in time. Method:
// real Redis servers that are stopped, paused, emptied and set back; the clients' clock stands still unless the test moves it, so that
// what is answered was not waited for.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockMember } from "#app/adapters/redis/lock-member.ts";
import type { FreeLockAcquisition, Hold, LockAcquisition } from "#app/ports/lock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { startLockQuorum, type LockQuorum } from "#tests/setup/lock-quorum.ts";
import { replicateServer } from "#tests/setup/lock-servers.ts";
import { WatchedLockStore } from "#tests/setup/watched-lock-store.ts";

const SHOP = "one.myshopify.com";
const LEASE_MS = 9_000;
/** How long a member is waited for; `member-poll.ts` has the reason. */
const MEMBER_TIMEOUT_MS = 500;

let quorum: LockQuorum;
let clock: FakeClock;
let pauses: { resume(): void }[] = [];

beforeEach(() => {
  clock = new FakeClock();
});

const request = (...resources: string[]) => ({
  keys: resources.map((resource) => ({ shop: SHOP, resource })),
  purpose: "turn" as const,
  leaseMs: LEASE_MS,
  waitLimitMs: 60_000,
});

async function openProcess() {
  const { store, connections } = await quorum.openProcess(clock);
  const watched = new WatchedLockStore(store);
  const lock = new LeasedLock({ store: watched, clock });
  await Promise.all(connections.map((each) => each.subscriber.ping()));
  return { lock, store: watched, connections };
}
type Process = Awaited<ReturnType<typeof openProcess>>;

const server = (index: number) => quorum.servers[index] ?? unknownServer(index);
const control = (index: number) => quorum.controls[index] ?? unknownServer(index);
const ownerAt = (index: number, resource: string) => control(index).hget(quorum.keys.lock(SHOP, resource), "owner");

/** As an owner whom no process of the test knows, on some servers alone. */
async function takeAt(indexes: number[], resource: string): Promise<void> {
  for (const index of indexes) {
    const lock = quorum.keys.lock(SHOP, resource);
    await control(index).hset(lock, { owner: "stranger/1", purpose: "turn", since: 0, lease: 60_000 });
    await control(index).pexpire(lock, 60_000);
  }
}

/** What every test leaves behind is undone: a server that stays silent could not be emptied. */
async function clear(): Promise<void> {
  for (const paused of pauses) paused.resume();
  pauses = [];
  await quorum.clear();
}

/** Lets the servers answer what this process asked them: one connection's commands are answered in their order. */
async function answered({ connections }: Process, ...indexes: number[]): Promise<void> {
  for (const index of indexes) await connections[index]?.commands.ping();
}

/** Silent until resumed, by the end of the test at the latest. */
async function pause(index: number): Promise<{ resume(): void }> {
  const paused = await server(index).pause();
  pauses.push(paused);
  return paused;
}

/** Waits for what is done in the background, however often it must be tried again. */
async function settled(lock: LeasedLock): Promise<void> {
  const progress = { isDone: false };
  const done = lock.settled().then(() => (progress.isDone = true));
  while (!progress.isDone) await clock.advance(MEMBER_TIMEOUT_MS);
  await done;
}

async function startWaiting(process: Process, ...resources: string[]) {
  const queued = process.store.next("attempt");
  const acquisition = process.lock.acquire(request(...resources));
  await queued;
  return { acquisition };
}

/** Everything a process does with locks, with another one in its way. */
async function takeWaitRenewRelease(first: Process, second: Process): Promise<string[]> {
  const hold = held(await first.lock.acquire(request("a", "b")));
  expect(await second.lock.tryAcquireFree(request("a", "c"))).toMatchObject({ kind: "acquired", busy: [{ resource: "a" }] });
  const { acquisition } = await startWaiting(second, "b");
  expect(clock.monotonicMs()).toBe(0);
  const renewed = first.store.next("renew");
  await clock.advance(LEASE_MS / 3);
  await renewed;
  expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
  const releasedAtMs = clock.monotonicMs();
  const outcomes = [await hold.release(), await held(await acquisition).release()];
  expect(clock.monotonicMs()).toBe(releasedAtMs);
  return outcomes;
}

describe("the lock on a quorum of three servers", () => {
  beforeAll(async () => {
    quorum = await startLockQuorum(3);
  });
  afterEach(clear);
  afterAll(() => quorum.stop());

  describe("with one server away", () => {
    it.each([0, 1, 2])("works as with all, and waits for nothing, when it is server %i that is down", async (index) => {
      const [first, second] = [await openProcess(), await openProcess()];
      await server(index).stop();
      try {
        expect(await takeWaitRenewRelease(first, second)).toEqual(["released", "released"]);
      } finally {
        await quorum.restart(index);
      }
    });

    it.each([0, 1, 2])("works as with all, and waits for nothing, when it is server %i that is silent", async (index) => {
      const processBefore = await openProcess();
      const paused = await pause(index);
      const hold = held(await processBefore.lock.acquire(request("a")));
      expect(await hold.release()).toBe("released");
      expect(clock.monotonicMs()).toBe(0);
      paused.resume();
      // The silent one does what it was told in the order in which it was told: nothing is left there.
      await answered(processBefore, index);
      expect(await ownerAt(index, "a")).toBeNull();
    });

    it("waits once for a silent server whose answer matters, and then no more until it answers again", async () => {
      const process = await openProcess();
      const { lock } = process;
      await takeAt([0], "a");
      const paused = await pause(2);
      const undecided = lock.tryAcquireFree(request("a"));
      await answered(process, 0, 1);
      await clock.advance(MEMBER_TIMEOUT_MS);
      expect(await undecided).toMatchObject({ kind: "none_free" });
      const askedAtMs = clock.monotonicMs();
      expect(await lock.tryAcquireFree(request("a"))).toMatchObject({ kind: "none_free" });
      expect(clock.monotonicMs()).toBe(askedAtMs);
      paused.resume();
      // Its late answers make it count again.
      await answered(process, 2);
      expect(await lock.tryAcquireFree(request("a"))).toMatchObject({ kind: "acquired" });
    });

    it("knows the holder again at the first renewal after it came back", async () => {
      const process = await openProcess();
      await server(0).stop();
      const hold = held(await process.lock.acquire(request("a")));
      await quorum.restart(0);
      const renewed = process.store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      await answered(process, 0);
      expect(await ownerAt(0, "a")).toBe(hold.owner);
    });
  });

  describe("with one server that forgets", () => {
    it("holds on, also when one after the other forgets with a renewal between", async () => {
      const [holder, other] = [await openProcess(), await openProcess()];
      const hold = held(await holder.lock.acquire(request("a", "b")));
      for (const index of [0, 1, 2]) {
        await control(index).flushall();
        expect(await other.lock.tryAcquireFree(request("a"))).toMatchObject({ kind: "none_free" });
        const renewed = holder.store.next("renew");
        await clock.advance(LEASE_MS / 3);
        await renewed;
        await answered(holder, index);
        expect(await ownerAt(index, "b")).toBe(hold.owner);
      }
      expect(hold.signal.aborted).toBe(false);
      expect(await hold.release()).toBe("released");
    });

    it("holds on when one fails over and loses its last writes", async () => {
      const [former, process] = [await openProcess(), await openProcess()];
      const formerHold = held(await former.lock.acquire(request("a")));
      const failOver = await replicateServer(control(1));
      await formerHold.release();
      const hold = held(await process.lock.acquire(request("a")));
      await failOver();
      expect(await ownerAt(1, "a")).toBe(formerHold.owner);
      const renewed = process.store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.aborted).toBe(false);
      expect(await hold.release()).toBe("released");
    });

    it("keeps the order of those who waited before", async () => {
      const [holder, first, second] = [await openProcess(), await openProcess(), await openProcess()];
      const hold = held(await holder.lock.acquire(request("a")));
      const served: string[] = [];
      const serve = async (name: string, acquisition: Promise<LockAcquisition>) => {
        const turn = held(await acquisition);
        served.push(name);
        await turn.release();
      };
      const early = serve("early", (await startWaiting(first, "a")).acquisition);
      await control(0).flushall();
      const late = serve("late", (await startWaiting(second, "a")).acquisition);
      await hold.release();
      await Promise.all([early, late]);
      expect(served).toEqual(["early", "late"]);
    });

    it("does not take a renewal for certain that only a minority remembers: the rest is asked again, and what was retaken is given back", async () => {
      const process = await openProcess();
      const hold = held(await process.lock.acquire(request("a")));
      await control(1).flushall();
      const paused = await pause(2);
      const unheard = process.store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await answered(process, 0, 1);
      await clock.advance(MEMBER_TIMEOUT_MS);
      await unheard;
      expect(hold.signal.aborted).toBe(false);
      expect(hold.remainingMs()).toBeLessThan(LEASE_MS * 0.65);
      await answered(process, 1);
      expect(await ownerAt(1, "a")).toBeNull();
      paused.resume();
      await answered(process, 2);
      const renewed = process.store.next("renew");
      await clock.advance(LEASE_MS / 9);
      await renewed;
      expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
    });
  });

  describe("without a majority", () => {
    it("is unavailable at once when two are down, and what is held is lost when its lease ends, not later", async () => {
      const process = await openProcess();
      const hold = held(await process.lock.acquire(request("a")));
      await Promise.all([server(0).stop(), server(1).stop()]);
      try {
        expect(await process.lock.acquire(request("b"))).toMatchObject({ kind: "unavailable" });
        expect(await process.lock.tryAcquireFree(request("b"))).toMatchObject({ kind: "unavailable" });
        await expect(process.lock.listLocks(SHOP)).rejects.toThrow("only 1 of 3");
        expect(clock.monotonicMs()).toBe(0);
        await clock.advance(LEASE_MS / 2);
        expect(hold.signal.aborted).toBe(false);
        await clock.advance(LEASE_MS / 2);
        expect(hold.signal.reason).toMatchObject({ loss: { kind: "lapsed" } });
      } finally {
        await server(0).start();
        await quorum.restart(1);
      }
      await settled(process.lock);
      expect(await process.lock.acquire(request("b"))).toMatchObject({ kind: "acquired" });
    });

    it("is unavailable when two are silent, and nothing is kept of what they do afterwards", async () => {
      const process = await openProcess();
      const paused = [await pause(0), await pause(1)];
      const [acquisition, free] = [process.lock.acquire(request("a")), process.lock.tryAcquireFree(request("b"))];
      await clock.advance(MEMBER_TIMEOUT_MS);
      expect([await acquisition, await free]).toMatchObject([{ kind: "unavailable" }, { kind: "unavailable" }]);
      for (const each of paused) each.resume();
      await answered(process, 0, 1, 2);
      await settled(process.lock);
      for (const index of [0, 1, 2]) expect([await ownerAt(index, "a"), await ownerAt(index, "b")]).toEqual([null, null]);
      expect(await process.lock.listLocks(SHOP)).toEqual({ held: [], waitingCount: 0 });
    });

    it("is lost when two forget, and says so at the next renewal", async () => {
      const process = await openProcess();
      const hold = held(await process.lock.acquire(request("a", "b")));
      await Promise.all([control(0).flushall(), control(2).flushall()]);
      const renewed = process.store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken", keys: [{ resource: "a" }, { resource: "b" }] } });
      await answered(process, 0, 1, 2);
      // What it retook in vain is free again without a release.
      expect([await ownerAt(0, "a"), await ownerAt(2, "a")]).toEqual([null, null]);
    });
  });

  describe("a vote", () => {
    it("of one server against is outvoted, for all keys and for those that are free", async () => {
      const { lock } = await openProcess();
      await takeAt([0], "a");
      await takeAt([1], "b");
      // One refuses each key: all of both are granted by one server only, each alone by two.
      expect(await lock.acquire({ ...request("a"), waitLimitMs: 0 })).toMatchObject({ kind: "acquired" });
      expect(await lock.tryAcquireFree(request("b", "c"))).toMatchObject({ kind: "acquired", busy: [] });
    });

    it("counts only if it grants all keys of the request", async () => {
      const { lock } = await openProcess();
      await takeAt([0], "a");
      await takeAt([1], "b");
      expect(await lock.acquire({ ...request("a", "b"), waitLimitMs: 0 })).toMatchObject({ kind: "timeout" });
    });

    it("of a minority is handed back at once, and the place in the queue is kept", async () => {
      const [waiter, next] = [await openProcess(), await openProcess()];
      await takeAt([0, 1], "a");
      await startWaiting(waiter, "a");
      await answered(waiter, 2);
      expect(await ownerAt(2, "a")).toBeNull();
      const [first] = await control(2).zrange(quorum.keys.lockQueue(SHOP, "a"), 0, "0");
      await startWaiting(next, "a");
      expect(await control(2).zrange(quorum.keys.lockQueue(SHOP, "a"), 0, "0")).toEqual([first]);
      expect(await waiter.lock.listLocks(SHOP)).toMatchObject({ held: [{ resource: "a", owner: "stranger/1", waitingCount: 2 }], waitingCount: 2 });
    });

    it("that is handed back late does not take back what was granted since", async () => {
      const { connections } = await openProcess();
      const member = new RedisLockMember(connections[0] ?? unknownServer(0), quorum.keys, "process");
      const claim = { shop: SHOP, resources: ["a"], owner: "process/1", purpose: "turn" as const, leaseMs: LEASE_MS };
      for (const number of [1, 2]) expect(await member.vote(claim, { number, ticket: 7 })).toMatchObject({ granted: true });
      await member.handBack(claim, { number: 1, ticket: 7 });
      expect(await ownerAt(0, "a")).toBe("process/1");
      await member.handBack(claim, { number: 2, ticket: 7 });
      expect(await ownerAt(0, "a")).toBeNull();
      expect(await control(0).zscore(quorum.keys.lockQueue(SHOP, "a"), "process/1")).toBe("7");
    });
  });
});

describe("the lock on a quorum of five servers", () => {
  beforeAll(async () => {
    quorum = await startLockQuorum(5);
  });
  afterEach(clear);
  afterAll(() => quorum.stop());

  it("works with two down, one of them silent, and is unavailable with a third", async () => {
    const process = await openProcess();
    const paused = await pause(3);
    await server(1).stop();
    const hold = held(await process.lock.acquire(request("a", "b")));
    expect(await process.lock.tryAcquireFree(request("b"))).toMatchObject({ kind: "none_free" });
    expect(clock.monotonicMs()).toBe(0);
    expect(await hold.release()).toBe("released");
    await server(0).stop();
    const acquisition = process.lock.acquire(request("a"));
    await clock.advance(MEMBER_TIMEOUT_MS);
    expect(await acquisition).toMatchObject({ kind: "unavailable" });
    paused.resume();
    await settled(process.lock);
    await server(0).start();
    await quorum.restart(1);
  });
});

function unknownServer(index: number): never {
  throw new RangeError(`there is no server ${index}`);
}

function held(acquisition: LockAcquisition | FreeLockAcquisition): Hold {
  if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${JSON.stringify(acquisition)}`);
  return acquisition.hold;
}

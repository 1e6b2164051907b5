// What every lock must do, whatever server keeps it. Goal: each sentence of the lock's contract is one test. Method: several locks, each
// with its own connection as in a process of its own, share one server; the clients' clock stands still until the test moves it, so a
// wait that ends without moving it was ended by a wake; the store between lock and server makes answers fail, wait or get lost.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import {
  LockLostError,
  type FreeLockAcquisition,
  type Hold,
  type Lock,
  type LockAcquisition,
  type LockEvent,
  type LockKey,
} from "#app/ports/lock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { LOCK_SERVERS, type LockServerUnderTest, type OpenLockServer } from "#tests/setup/lock-servers.ts";
import { WatchedLockStore } from "#tests/setup/watched-lock-store.ts";

const SHOP = "one.myshopify.com";
const LEASE_MS = 9_000;
const WAIT_LIMIT_MS = 60_000;

const key = (resource: string, shop = SHOP): LockKey => ({ shop, resource });
const keys = (...resources: string[]): LockKey[] => resources.map((resource) => key(resource));

const request = (resources: string[], more: Partial<{ leaseMs: number; waitLimitMs: number; signal: AbortSignal }> = {}) => ({
  keys: keys(...resources),
  purpose: "turn" as const,
  leaseMs: LEASE_MS,
  waitLimitMs: WAIT_LIMIT_MS,
  ...more,
});

/** Begins an acquisition and resolves when it has taken its place in the queue. */
async function startWaiting(process: { lock: Lock; store: WatchedLockStore }, ...args: Parameters<typeof request>) {
  const queued = process.store.next("attempt");
  const acquisition = process.lock.acquire(request(...args));
  await queued;
  return { acquisition };
}

/** Takes and releases the same keys again and again, named in the given order. */
async function takeRepeatedly(lock: Lock, order: string[]): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const hold = held(await lock.acquire(request(order)));
    expect(await hold.release()).toBe("released");
  }
}

describe.each(LOCK_SERVERS)("the lock contract, kept by $name", ({ start }) => {
  let clock: FakeClock;
  let server: LockServerUnderTest;
  let open: OpenLockServer;

  beforeAll(async () => {
    server = await start();
  });
  beforeEach(async () => {
    clock = new FakeClock();
    open = await server.open(clock);
  });
  afterEach(() => open.close());
  afterAll(() => server.stop());

  /** What a caller is told whose answer comes after the two seconds that an attempt is given, and what is held once it came. */
  async function giveUpThenAnswer(
    lock: Lock & LeasedLock,
    answer: { reached: Promise<unknown>; deliver(): void },
    acquisition: Promise<LockAcquisition | FreeLockAcquisition>,
  ) {
    await answer.reached;
    await clock.advance(2_000);
    const { kind: told } = await acquisition;
    answer.deliver();
    await lock.settled();
    return { told, held: (await lock.listLocks(SHOP)).held };
  }

  async function openProcess(): Promise<{ lock: Lock & LeasedLock; store: WatchedLockStore; events: LockEvent[] }> {
    const events: LockEvent[] = [];
    const store = new WatchedLockStore(await open.connect());
    const lock = new LeasedLock({ store, clock, onEvent: (event) => events.push(event) });
    await lock.ready();
    return { lock, store, events };
  }

  describe("exclusion", () => {
    it("gives a key to one owner at a time", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      held(await first.lock.acquire(request(["a"])));
      expect(await second.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "timeout" });
    });

    it("gives a key again after it was released", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      const hold = held(await first.lock.acquire(request(["a"])));
      expect(await hold.release()).toBe("released");
      expect(await second.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "acquired" });
    });

    it("gives a key again after the lease of a holder that died", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      held(await first.lock.acquire(request(["a"])));
      await open.expireLock(key("a"));
      expect(await second.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "acquired" });
    });

    it("keeps the same resource of two shops apart", async () => {
      const { lock } = await openProcess();
      held(await lock.acquire(request(["a"])));
      expect(await lock.acquire({ ...request([]), keys: [key("a", "two.myshopify.com")], waitLimitMs: 0 })).toMatchObject({ kind: "acquired" });
    });

    it("lets a former owner release nothing of the present one", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      const stale = held(await first.lock.acquire(request(["a"])));
      await open.expireLock(key("a"));
      const present = held(await second.lock.acquire(request(["a"])));
      expect(await stale.release()).toBe("lost");
      expect((await first.lock.listLocks(SHOP)).held.map((lock) => lock.owner)).toEqual([present.owner]);
      expect(await present.release()).toBe("released");
    });

    it("lets a former owner renew nothing of the present one, and tells it so", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      const stale = held(await first.lock.acquire(request(["a"])));
      await open.expireLock(key("a"));
      held(await second.lock.acquire(request(["a"])));
      const renewed = first.store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      expect(stale.signal.reason).toBeInstanceOf(LockLostError);
      expect(stale.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("a") } });
    });
  });

  describe("a request for several keys", () => {
    it("gets all of them or none", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      const hold = held(await first.lock.acquire(request(["b"])));
      const { acquisition } = await startWaiting(second, ["a", "b", "c"]);
      expect((await first.lock.listLocks(SHOP)).held.map((lock) => lock.resource)).toEqual(["b"]);
      await hold.release();
      expect(held(await acquisition).keys).toEqual(keys("a", "b", "c"));
      expect((await first.lock.listLocks(SHOP)).held.map((lock) => lock.resource).sort()).toEqual(["a", "b", "c"]);
    });

    it("may name a key twice, and names them in any order without its array being changed", async () => {
      const { lock } = await openProcess();
      const named = keys("c", "a", "c", "b");
      const hold = held(await lock.acquire({ ...request([]), keys: named }));
      expect(hold.keys).toEqual(keys("a", "b", "c"));
      expect(named).toEqual(keys("c", "a", "c", "b"));
      expect(await hold.release()).toBe("released");
    });

    it("does not deadlock with one that names the same keys in the opposite order", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      await Promise.all([takeRepeatedly(first.lock, ["a", "b"]), takeRepeatedly(second.lock, ["b", "a"])]);
      expect(await first.lock.listLocks(SHOP)).toEqual({ held: [], waitingCount: 0 });
    });

    it("is refused as a bug when it names none, too many, or keys of two shops", async () => {
      const { lock } = await openProcess();
      await expect(lock.acquire(request([]))).rejects.toThrow("at least one key");
      await expect(lock.acquire(request(Array.from({ length: 251 }, (_, i) => `k${i}`)))).rejects.toThrow("at most 250");
      await expect(lock.tryAcquireFree({ ...request([]), keys: [key("a"), key("a", "two")] })).rejects.toThrow("one shop");
    });
  });

  describe("a request for what is free", () => {
    it("gets those keys that are free now and names the others", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      held(await first.lock.acquire(request(["b"])));
      const acquisition = await second.lock.tryAcquireFree(request(["c", "b", "a", "a"]));
      expect(acquisition).toMatchObject({ kind: "acquired", busy: keys("b") });
      expect(held(acquisition).keys).toEqual(keys("a", "c"));
      expect(await held(acquisition).release()).toBe("released");
    });

    it("says so when none is free", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      held(await first.lock.acquire(request(["a", "b"])));
      expect(await second.lock.tryAcquireFree(request(["a", "b"]))).toEqual({ kind: "none_free", busy: keys("a", "b") });
    });

    it("does not take a free key that somebody waits for", async () => {
      const [holder, waiter, trier] = [await openProcess(), await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      await startWaiting(waiter, ["a", "b"]);
      expect(await trier.lock.tryAcquireFree(request(["b", "c"]))).toMatchObject({ kind: "acquired", busy: keys("b") });
    });
  });

  describe("waiting", () => {
    it("serves waiters in the order in which they came, each woken at once without a tick of the clock", async () => {
      const holder = await openProcess();
      const hold = held(await holder.lock.acquire(request(["a"])));
      const served: number[] = [];
      const serve = async (index: number, acquisition: Promise<LockAcquisition>) => {
        const turn = held(await acquisition);
        served.push(index);
        await turn.release();
      };
      const done: Promise<void>[] = [];
      for (const index of [0, 1, 2, 3, 4]) {
        const { acquisition } = await startWaiting(await openProcess(), ["a"]);
        done.push(serve(index, acquisition));
      }
      await hold.release();
      await Promise.all(done);
      expect(served).toEqual([0, 1, 2, 3, 4]);
      expect(clock.monotonicMs()).toBe(0);
    });

    it("does not ask the server while it waits", async () => {
      const [holder, waiter] = [await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      await startWaiting(waiter, ["a"]);
      await clock.advance(999);
      expect(waiter.store.callCount.attempt).toBe(1);
    });

    it("asks again after a second in case the wake was lost", async () => {
      const [holder, waiter] = [await openProcess(), await openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.areWakesLost = true;
      await hold.release();
      await clock.advance(1_000);
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("lets nobody pass a waiter: not a newcomer, not one that asks only for what is free", async () => {
      const [holder, waiter, newcomer] = [await openProcess(), await openProcess(), await openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.areWakesLost = true;
      await hold.release();
      // The key is free, but it is the waiter's turn, who does not know it yet.
      expect(await newcomer.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "timeout" });
      expect(await newcomer.lock.tryAcquireFree(request(["a"]))).toMatchObject({ kind: "none_free" });
      await clock.advance(1_000);
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("does not starve a request for many keys under traffic on single keys", async () => {
      const [left, right, many] = [await openProcess(), await openProcess(), await openProcess()];
      let leftHold = held(await left.lock.acquire(request(["a"])));
      let rightHold = held(await right.lock.acquire(request(["b"])));
      const { acquisition } = await startWaiting(many, ["a", "b"]);
      // Traffic on each key overlaps, so that there is never a moment in which both are free, unless the newer requests wait.
      const nextLeft = await startWaiting(left, ["a"]);
      await leftHold.release();
      const nextRight = await startWaiting(right, ["b"]);
      await rightHold.release();
      const hold = held(await acquisition);
      await hold.release();
      leftHold = held(await nextLeft.acquisition);
      rightHold = held(await nextRight.acquisition);
      expect([await leftHold.release(), await rightHold.release()]).toEqual(["released", "released"]);
    });

    it("serves requests that overlap in a ring in the order in which they came, without a tick of the clock", async () => {
      const holder = await openProcess();
      const hold = held(await holder.lock.acquire(request(["a", "b", "c"])));
      const served: string[] = [];
      const done: Promise<void>[] = [];
      for (const wanted of [["a", "b"], ["b", "c"], ["c", "a"], ["a"]]) {
        const { acquisition } = await startWaiting(await openProcess(), wanted);
        done.push(
          acquisition.then(async (answer) => {
            served.push(wanted.join("+"));
            await held(answer).release();
          }),
        );
      }
      await hold.release();
      await Promise.all(done);
      expect(served).toEqual(["a+b", "b+c", "c+a", "a"]);
      expect(clock.monotonicMs()).toBe(0);
    });

    it("forgets a waiter whose process died", async () => {
      const [holder, dying, next] = [await openProcess(), await openProcess(), await openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      dying.store.areWakesLost = true;
      await startWaiting(dying, ["a"]);
      await open.expireWaiters(SHOP);
      const { acquisition } = await startWaiting(next, ["a"]);
      await hold.release();
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("gives a waiter that was wrongly thought dead its turn later", async () => {
      const [holder, slow] = [await openProcess(), await openProcess()];
      const hold = held(await holder.lock.acquire(request(["a", "b"])));
      const { acquisition } = await startWaiting(slow, ["a", "b"]);
      await open.expireWaiters(SHOP);
      const again = slow.store.next("attempt");
      await clock.advance(1_000);
      await again;
      await hold.release();
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("keeps waiting through a server that restarts empty, and is served", async () => {
      const [holder, waiter] = [await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      await open.flush();
      await clock.advance(1_000);
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("ends at its limit, and those behind are served at once", async () => {
      const [holder, impatient, next] = [await openProcess(), await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const first = await startWaiting(impatient, ["a", "b"], { waitLimitMs: 500 });
      const second = await startWaiting(next, ["b"]);
      await clock.advance(500);
      expect(await first.acquisition).toEqual({ kind: "timeout", waitedMs: 500 });
      held(await second.acquisition);
      await impatient.lock.settled();
      expect((await holder.lock.listLocks(SHOP)).waitingCount).toBe(0);
    });

    it("ends at its limit whatever the wall clock does meanwhile", async () => {
      const [holder, impatient] = [await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(impatient, ["a"], { waitLimitMs: 500 });
      clock.jumpWall(86_400_000);
      await clock.advance(499);
      clock.jumpWall(-2 * 86_400_000);
      expect(impatient.store.callCount.letGo).toBe(0);
      await clock.advance(1);
      expect(await acquisition).toEqual({ kind: "timeout", waitedMs: 500 });
    });

    it("ends at its limit without a trace, also behind another waiter", async () => {
      const [holder, waiter, impatient] = [await openProcess(), await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      await startWaiting(waiter, ["a"]);
      const { acquisition } = await startWaiting(impatient, ["a"], { waitLimitMs: 500 });
      await clock.advance(500);
      expect(await acquisition).toMatchObject({ kind: "timeout" });
      await impatient.lock.settled();
      expect(await holder.lock.listLocks(SHOP)).toMatchObject({ held: [{ resource: "a", waitingCount: 1 }], waitingCount: 1 });
    });

    it("ends when its caller's signal aborts", async () => {
      const [holder, waiter] = [await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const caller = new AbortController();
      const { acquisition } = await startWaiting(waiter, ["a"], { signal: caller.signal });
      caller.abort();
      expect(await acquisition).toMatchObject({ kind: "timeout" });
      await waiter.lock.settled();
      expect((await holder.lock.listLocks(SHOP)).waitingCount).toBe(0);
    });

    it("with a limit of 0 asks once and leaves no place in the queue", async () => {
      const [holder, waiter] = [await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      expect(await waiter.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toEqual({ kind: "timeout", waitedMs: 0 });
      expect(waiter.store.callCount).toMatchObject({ attempt: 1, letGo: 0 });
      expect((await holder.lock.listLocks(SHOP)).waitingCount).toBe(0);
    });
  });

  describe("the lease", () => {
    it("does not depend on how long the request may wait", async () => {
      const { lock } = await openProcess();
      const hold = held(await lock.acquire(request(["a"], { waitLimitMs: 1 })));
      expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
      expect((await lock.listLocks(SHOP)).held[0]?.leaseLeftMs).toBeGreaterThan(0.5 * LEASE_MS);
    });

    it("is counted from before the acquisition was sent", async () => {
      const { lock, store } = await openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"]));
      await answer.reached;
      await clock.advance(1_500);
      answer.deliver();
      expect(held(await acquisition).remainingMs()).toBeLessThanOrEqual(LEASE_MS - 1_500);
    });

    it("is renewed at each third while the lock is held, and not after", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      for (let third = 1; third <= 6; third += 1) {
        const renewed = store.next("renew");
        await clock.advance(LEASE_MS / 3);
        await renewed;
        expect(store.callCount.renew).toBe(third);
      }
      expect(hold.signal.aborted).toBe(false);
      expect(await hold.release()).toBe("released");
      await clock.advance(10 * LEASE_MS);
      expect(store.callCount.renew).toBe(6);
      expect(clock.pendingTimerCount).toBe(0);
      expect(hold.signal.aborted).toBe(false);
    });

    it("survives a renewal that fails once", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("renew");
      await clock.advance(LEASE_MS / 3);
      const renewed = store.next("renew");
      await clock.advance(LEASE_MS / 9);
      await renewed;
      expect(store.callCount.renew).toBe(2);
      expect(hold.signal.aborted).toBe(false);
      expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
      expect(await hold.release()).toBe("released");
    });

    it("is lost, with its reason, when no renewal succeeds before it ends", async () => {
      const { lock, store, events } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("renew", 1_000);
      await clock.advance(LEASE_MS - 1_000);
      expect(hold.signal.aborted).toBe(false);
      await clock.advance(1_000);
      expect(hold.signal.reason).toMatchObject({ name: "LockLostError", loss: { kind: "lapsed" } });
      expect(hold.remainingMs()).toBe(0);
      expect(events.at(-1)).toMatchObject({ kind: "lost", purpose: "turn" });
      expect(clock.pendingTimerCount).toBe(0);
    });

    it("is lost when a renewal is never answered", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const answer = store.holdBackNext("renew");
      await clock.advance(LEASE_MS / 3);
      await answer.reached;
      await clock.advance(LEASE_MS);
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "lapsed" } });
      answer.deliver();
      expect(await hold.release()).toBe("lost");
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is not brought back by a renewal that is answered after the release", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const answer = store.holdBackNext("renew");
      await clock.advance(LEASE_MS / 3);
      await answer.reached;
      expect(await hold.release()).toBe("released");
      answer.deliver();
      await clock.advance(LEASE_MS);
      expect(clock.pendingTimerCount).toBe(0);
      expect(store.callCount.renew).toBe(1);
    });

    it("is noticed to have ended by the first look after the process was paused", async () => {
      const { lock } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      clock.jump(LEASE_MS);
      expect(hold.signal.aborted).toBe(true);
    });

    it("is not shortened by a pause that was shorter than it", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      clock.jump(LEASE_MS / 2);
      const renewed = store.next("renew");
      await clock.advance(0);
      await renewed;
      expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
    });
  });

  describe("loss", () => {
    it("is noticed at the next renewal after the server restarted empty", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a", "b"])));
      await open.flush();
      const renewed = store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("a", "b") } });
    });

    it("of one key is loss of the hold, and its other keys are freed by release", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a", "b"])));
      await open.expireLock(key("b"));
      const renewed = store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("b") } });
      expect(await hold.release()).toBe("lost");
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is noticed at the next renewal after a failover that lost the acquisition, though another got the key meanwhile", async () => {
      const [first, second] = [await openProcess(), await openProcess()];
      const failOver = await open.replicate();
      const hold = held(await first.lock.acquire(request(["a"])));
      await failOver();
      const present = held(await second.lock.acquire(request(["a"], { waitLimitMs: 0 })));
      const renewed = first.store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("a") } });
      expect(await hold.release()).toBe("lost");
      expect(await present.release()).toBe("released");
    });

    it("is noticed by the present holder after a failover that brought a former one back, who cannot renew what it released", async () => {
      const [former, present, next] = [await openProcess(), await openProcess(), await openProcess()];
      const formerHold = held(await former.lock.acquire(request(["a"])));
      const failOver = await open.replicate();
      await formerHold.release();
      const hold = held(await present.lock.acquire(request(["a"])));
      await failOver();
      const renewed = present.store.next("renew");
      await clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken" } });
      expect(former.store.callCount.renew).toBe(0);
      await open.expireLock(key("a"));
      expect(await next.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "acquired" });
    });

    it("does not follow from a failover that lost nothing but renewals", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const failOver = await open.replicate();
      for (const _ of ["before", "after"]) {
        const renewed = store.next("renew");
        await clock.advance(LEASE_MS / 3);
        await renewed;
        await failOver();
      }
      expect(hold.signal.aborted).toBe(false);
      expect(await hold.release()).toBe("released");
    });

    it("does not follow from a wall clock that jumps, on or back, by whatever", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      for (const jumpMs of [86_400_000, -2 * 86_400_000, 3 * LEASE_MS]) {
        clock.jumpWall(jumpMs);
        const renewed = store.next("renew");
        await clock.advance(LEASE_MS / 3);
        await renewed;
        expect(hold.signal.aborted).toBe(false);
        expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
      }
      expect(store.callCount.renew).toBe(3);
      expect(await hold.release()).toBe("released");
    });

    it("is reported by release even when nobody noticed it before", async () => {
      const { lock, events } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      await open.flush();
      expect(await hold.release()).toBe("lost");
      expect(hold.signal.aborted).toBe(true);
      expect(events.map((event) => event.kind)).toEqual(["acquired", "lost"]);
    });
  });

  describe("an acquisition that comes too late", () => {
    it("is handed back when the wait has ended before its answer", async () => {
      const { lock, store } = await openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"], { waitLimitMs: 300 }));
      await answer.reached;
      await clock.advance(300);
      expect(await acquisition).toEqual({ kind: "timeout", waitedMs: 300 });
      answer.deliver();
      await lock.settled();
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is handed back when its attempt reaches the server only after the wait has ended", async () => {
      const { lock, store } = await openProcess();
      const attempt = store.holdBackNext("attempt", "request");
      const acquisition = lock.acquire(request(["a"], { waitLimitMs: 300 }));
      await attempt.reached;
      await clock.advance(300);
      expect(await acquisition).toEqual({ kind: "timeout", waitedMs: 300 });
      attempt.deliver();
      await lock.settled();
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is handed back when the only attempt was given up", async () => {
      const { lock, store } = await openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"], { waitLimitMs: 0 }));
      expect(await giveUpThenAnswer(lock, answer, acquisition)).toEqual({ told: "unavailable", held: [] });
    });

    it("is handed back when a request for what is free was given up", async () => {
      const { lock, store } = await openProcess();
      const answer = store.holdBackNext("attemptFree");
      const acquisition = lock.tryAcquireFree(request(["a"]));
      expect(await giveUpThenAnswer(lock, answer, acquisition)).toEqual({ told: "unavailable", held: [] });
    });

    it("is asked for again when its lease has ended before its answer", async () => {
      const { lock, store } = await openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"], { leaseMs: 1_000 }));
      await answer.reached;
      await clock.advance(1_000);
      await open.expireLock(key("a"));
      answer.deliver();
      await clock.advance(1);
      const hold = held(await acquisition);
      expect(store.callCount.attempt).toBe(2);
      expect(hold.remainingMs()).toBeGreaterThan(900);
      expect(await hold.release()).toBe("released");
    });
  });

  describe("a server that cannot be reached", () => {
    it("is told to the caller at once", async () => {
      const { lock, store } = await openProcess();
      store.failNext("attempt");
      expect(await lock.acquire(request(["a"]))).toMatchObject({ kind: "unavailable", cause: expect.any(Error) });
      store.failNext("attemptFree");
      expect(await lock.tryAcquireFree(request(["a"]))).toMatchObject({ kind: "unavailable", cause: expect.any(Error) });
      await lock.settled();
    });

    it("is told after two seconds when it does not answer", async () => {
      const { lock, store } = await openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"]));
      expect(await giveUpThenAnswer(lock, answer, acquisition)).toEqual({ told: "unavailable", held: [] });
    });

    it("for a moment does not cost a waiter its place", async () => {
      const [holder, waiter] = [await openProcess(), await openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.failNext("attempt", 2);
      for (let second = 0; second < 2; second += 1) {
        const failed = waiter.store.next("attempt");
        await clock.advance(1_000);
        await failed;
      }
      await hold.release();
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("for long ends the wait", async () => {
      const [holder, waiter] = [await openProcess(), await openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.failNext("attempt", 3);
      for (let second = 0; second < 3; second += 1) {
        const failed = waiter.store.next("attempt");
        await clock.advance(1_000);
        await failed;
      }
      expect(await acquisition).toMatchObject({ kind: "unavailable" });
      await waiter.lock.settled();
    });

    it("when the lock is released leaves it to be freed in the background", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("letGo", 2);
      expect(await hold.release()).toBe("lost");
      const freed = store.next("letGo");
      await clock.advance(500);
      await freed;
      await lock.settled();
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });
  });

  describe("running work under a hold", () => {
    it("answers with what the work answered and releases", async () => {
      const { lock } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      expect(await hold.run(async () => 42)).toEqual({ kind: "completed", value: 42 });
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("releases and throws on what the work throws", async () => {
      const { lock } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      await expect(hold.run(() => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("calls it lost when the lease was lost, even if the work finished anyway", async () => {
      const { lock } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const run = hold.run(async () => {
        await open.flush();
        return "finished";
      });
      expect(await run).toMatchObject({ kind: "lost", loss: { kind: "taken" }, value: "finished" });
    });

    it("calls it lost, not failed, when the work gave up because its signal aborted", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("renew", 1_000);
      const run = hold.run((signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
      await clock.advance(LEASE_MS);
      expect(await run).toEqual({ kind: "lost", loss: { kind: "lapsed" } });
    });

    it("releases once, however often it is asked to", async () => {
      const { lock, store } = await openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      expect(await Promise.all([hold.release(), hold.release()])).toEqual(["released", "released"]);
      expect(store.callCount.letGo).toBe(1);
    });
  });

  it("lists who holds what since when, and how many wait", async () => {
    const [first, second] = [await openProcess(), await openProcess()];
    const hold = held(await first.lock.acquire({ ...request(["a", "b"]), purpose: "reservation" }));
    await startWaiting(second, ["b", "c"]);
    const listing = await second.lock.listLocks(SHOP);
    expect(listing.waitingCount).toBe(1);
    expect(listing.held.toSorted((a, b) => a.resource.localeCompare(b.resource))).toEqual([
      expect.objectContaining({ resource: "a", owner: hold.owner, purpose: "reservation", waitingCount: 0 }),
      expect.objectContaining({ resource: "b", owner: hold.owner, purpose: "reservation", waitingCount: 1 }),
    ]);
    expect(listing.held[0]?.heldSince).toBeInstanceOf(Date);
    expect(await second.lock.listLocks("two.myshopify.com")).toEqual({ held: [], waitingCount: 0 });
  });

  it("tells its observer how long was waited and held", async () => {
    const [first, second] = [await openProcess(), await openProcess()];
    const hold = held(await first.lock.acquire(request(["a"])));
    const { acquisition } = await startWaiting(second, ["a"]);
    await clock.advance(700);
    await hold.release();
    expect(first.events).toEqual([
      { kind: "acquired", purpose: "turn", waitMs: 0 },
      { kind: "released", purpose: "turn", holdMs: 700 },
    ]);
    expect(held(await acquisition).waitedMs).toBe(700);
    expect(second.events).toEqual([{ kind: "acquired", purpose: "turn", waitMs: 700 }]);
  });
});

/** The hold of an acquisition that must have succeeded. */
function held(acquisition: LockAcquisition | FreeLockAcquisition): Hold {
  if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${JSON.stringify(acquisition)}`);
  return acquisition.hold;
}

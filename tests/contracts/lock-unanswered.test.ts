// Locks whose server answers late or not at all. Goal: each sentence of the lock's contract is one test. Method: lock-fixture.ts.
import { describe, expect, it } from "vitest";

import type { FreeLockAcquisition, LockAcquisition } from "#app/ports/lock.ts";
import { held, key, lockContract, request, SHOP, startWaiting, type LockProcess, type LockStage } from "./lock-fixture.ts";

/** What a caller is told whose answer comes after the two seconds that an attempt is given, and what is held once it came. */
async function giveUpThenAnswer(
  stage: LockStage,
  lock: LockProcess["lock"],
  answer: { reached: Promise<unknown>; deliver(): void },
  acquisition: Promise<LockAcquisition | FreeLockAcquisition>,
) {
  await answer.reached;
  await stage.clock.advance(2_000);
  const { kind: told } = await acquisition;
  answer.deliver();
  await lock.settled();
  return { told, held: (await lock.listLocks(SHOP)).held };
}

lockContract((stage) => {
  describe("an acquisition that comes too late", () => {
    it("is handed back when the wait has ended before its answer", async () => {
      const { lock, store } = await stage.openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"], { waitLimitMs: 300 }));
      await answer.reached;
      await stage.clock.advance(300);
      expect(await acquisition).toEqual({ kind: "timeout", waitedMs: 300 });
      answer.deliver();
      await lock.settled();
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is handed back when its attempt reaches the server only after the wait has ended", async () => {
      const { lock, store } = await stage.openProcess();
      const attempt = store.holdBackNext("attempt", "request");
      const acquisition = lock.acquire(request(["a"], { waitLimitMs: 300 }));
      await attempt.reached;
      await stage.clock.advance(300);
      expect(await acquisition).toEqual({ kind: "timeout", waitedMs: 300 });
      attempt.deliver();
      await lock.settled();
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is handed back when the only attempt was given up", async () => {
      const { lock, store } = await stage.openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"], { waitLimitMs: 0 }));
      expect(await giveUpThenAnswer(stage, lock, answer, acquisition)).toEqual({ told: "unavailable", held: [] });
    });

    it("is handed back when a request for what is free was given up", async () => {
      const { lock, store } = await stage.openProcess();
      const answer = store.holdBackNext("attemptFree");
      const acquisition = lock.tryAcquireFree(request(["a"]));
      expect(await giveUpThenAnswer(stage, lock, answer, acquisition)).toEqual({ told: "unavailable", held: [] });
    });

    it("is asked for again when its lease has ended before its answer", async () => {
      const { lock, store } = await stage.openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"], { leaseMs: 1_000 }));
      await answer.reached;
      await stage.clock.advance(1_000);
      await stage.open.expireLock(key("a"));
      answer.deliver();
      await stage.clock.advance(1);
      const hold = held(await acquisition);
      expect(store.callCount.attempt).toBe(2);
      expect(hold.remainingMs()).toBeGreaterThan(900);
      expect(await hold.release()).toBe("released");
    });
  });

  describe("a server that cannot be reached", () => {
    it("is told to the caller at once", async () => {
      const { lock, store } = await stage.openProcess();
      store.failNext("attempt");
      expect(await lock.acquire(request(["a"]))).toMatchObject({ kind: "unavailable", cause: expect.any(Error) });
      store.failNext("attemptFree");
      expect(await lock.tryAcquireFree(request(["a"]))).toMatchObject({ kind: "unavailable", cause: expect.any(Error) });
      await lock.settled();
    });

    it("is told after two seconds when it does not answer", async () => {
      const { lock, store } = await stage.openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"]));
      expect(await giveUpThenAnswer(stage, lock, answer, acquisition)).toEqual({ told: "unavailable", held: [] });
    });

    it("for a moment does not cost a waiter its place", async () => {
      const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.failNext("attempt", 2);
      for (let second = 0; second < 2; second += 1) {
        const failed = waiter.store.next("attempt");
        await stage.clock.advance(1_000);
        await failed;
      }
      await hold.release();
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("for long ends the wait", async () => {
      const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.failNext("attempt", 3);
      for (let second = 0; second < 3; second += 1) {
        const failed = waiter.store.next("attempt");
        await stage.clock.advance(1_000);
        await failed;
      }
      expect(await acquisition).toMatchObject({ kind: "unavailable" });
      await waiter.lock.settled();
    });

    it("when the lock is released leaves it to be freed in the background", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("letGo", 2);
      expect(await hold.release()).toBe("lost");
      const freed = store.next("letGo");
      await stage.clock.advance(500);
      await freed;
      await lock.settled();
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });
  });
});

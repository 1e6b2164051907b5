// Waiting for a lock, whatever server keeps it: in order, woken, without polling, to an end. Goal: each sentence of the lock's contract is one
// test. Method: lock-fixture.ts.
import { describe, expect, it } from "vitest";

import type { LockAcquisition } from "#app/ports/lock.ts";
import { held, lockContract, request, SHOP, startWaiting } from "./lock-fixture.ts";

lockContract((stage) => {
  describe("waiting", () => {
    it("serves waiters in the order in which they came, each woken at once without a tick of the clock", async () => {
      const holder = await stage.openProcess();
      const hold = held(await holder.lock.acquire(request(["a"])));
      const served: number[] = [];
      const serve = async (index: number, acquisition: Promise<LockAcquisition>) => {
        const turn = held(await acquisition);
        served.push(index);
        await turn.release();
      };
      const done: Promise<void>[] = [];
      for (const index of [0, 1, 2, 3, 4]) {
        const { acquisition } = await startWaiting(await stage.openProcess(), ["a"]);
        done.push(serve(index, acquisition));
      }
      await hold.release();
      await Promise.all(done);
      expect(served).toEqual([0, 1, 2, 3, 4]);
      expect(stage.clock.monotonicMs()).toBe(0);
    });

    it("does not ask the server while it waits", async () => {
      const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      await startWaiting(waiter, ["a"]);
      await stage.clock.advance(999);
      expect(waiter.store.callCount.attempt).toBe(1);
    });

    it("asks again after a second in case the wake was lost", async () => {
      const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.areWakesLost = true;
      await hold.release();
      await stage.clock.advance(1_000);
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("lets nobody pass a waiter: not a newcomer, not one that asks only for what is free", async () => {
      const [holder, waiter, newcomer] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      waiter.store.areWakesLost = true;
      await hold.release();
      // The key is free, but it is the waiter's turn, who does not know it yet.
      expect(await newcomer.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "timeout" });
      expect(await newcomer.lock.tryAcquireFree(request(["a"]))).toMatchObject({ kind: "none_free" });
      await stage.clock.advance(1_000);
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("does not starve a request for many keys under traffic on single keys", async () => {
      const [left, right, many] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
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
      const holder = await stage.openProcess();
      const hold = held(await holder.lock.acquire(request(["a", "b", "c"])));
      const served: string[] = [];
      const done: Promise<void>[] = [];
      for (const wanted of [["a", "b"], ["b", "c"], ["c", "a"], ["a"]]) {
        const { acquisition } = await startWaiting(await stage.openProcess(), wanted);
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
      expect(stage.clock.monotonicMs()).toBe(0);
    });

    it("forgets a waiter whose process died", async () => {
      const [holder, dying, next] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      dying.store.areWakesLost = true;
      await startWaiting(dying, ["a"]);
      await stage.open.expireWaiters(SHOP);
      const { acquisition } = await startWaiting(next, ["a"]);
      await hold.release();
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("gives a waiter that was wrongly thought dead its turn later", async () => {
      const [holder, slow] = [await stage.openProcess(), await stage.openProcess()];
      const hold = held(await holder.lock.acquire(request(["a", "b"])));
      const { acquisition } = await startWaiting(slow, ["a", "b"]);
      await stage.open.expireWaiters(SHOP);
      const again = slow.store.next("attempt");
      await stage.clock.advance(1_000);
      await again;
      await hold.release();
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("keeps waiting through a server that restarts empty, and is served", async () => {
      const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(waiter, ["a"]);
      await stage.open.flush();
      await stage.clock.advance(1_000);
      expect(await acquisition).toMatchObject({ kind: "acquired" });
    });

    it("ends at its limit, and those behind are served at once", async () => {
      const [holder, impatient, next] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const first = await startWaiting(impatient, ["a", "b"], { waitLimitMs: 500 });
      const second = await startWaiting(next, ["b"]);
      await stage.clock.advance(500);
      expect(await first.acquisition).toEqual({ kind: "timeout", waitedMs: 500 });
      held(await second.acquisition);
      await impatient.lock.settled();
      expect((await holder.lock.listLocks(SHOP)).waitingCount).toBe(0);
    });

    it("ends at its limit whatever the wall clock does meanwhile", async () => {
      const [holder, impatient] = [await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const { acquisition } = await startWaiting(impatient, ["a"], { waitLimitMs: 500 });
      stage.clock.jumpWall(86_400_000);
      await stage.clock.advance(499);
      stage.clock.jumpWall(-2 * 86_400_000);
      expect(impatient.store.callCount.letGo).toBe(0);
      await stage.clock.advance(1);
      expect(await acquisition).toEqual({ kind: "timeout", waitedMs: 500 });
    });

    it("ends at its limit without a trace, also behind another waiter", async () => {
      const [holder, waiter, impatient] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      await startWaiting(waiter, ["a"]);
      const { acquisition } = await startWaiting(impatient, ["a"], { waitLimitMs: 500 });
      await stage.clock.advance(500);
      expect(await acquisition).toMatchObject({ kind: "timeout" });
      await impatient.lock.settled();
      expect(await holder.lock.listLocks(SHOP)).toMatchObject({ held: [{ resource: "a", waitingCount: 1 }], waitingCount: 1 });
    });

    it("ends when its caller's signal aborts", async () => {
      const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      const caller = new AbortController();
      const { acquisition } = await startWaiting(waiter, ["a"], { signal: caller.signal });
      caller.abort();
      expect(await acquisition).toMatchObject({ kind: "timeout" });
      await waiter.lock.settled();
      expect((await holder.lock.listLocks(SHOP)).waitingCount).toBe(0);
    });

    it("with a limit of 0 asks once and leaves no place in the queue", async () => {
      const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      expect(await waiter.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toEqual({ kind: "timeout", waitedMs: 0 });
      expect(waiter.store.callCount).toMatchObject({ attempt: 1, letGo: 0 });
      expect((await holder.lock.listLocks(SHOP)).waitingCount).toBe(0);
    });
  });
});

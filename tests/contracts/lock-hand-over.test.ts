// A lock that is let go is handed to the first who waits for it alone. Goal: what was handed over is never believed to be held longer than the
// server keeps it, and a message or a waiter that is gone costs no more than before. Method: lock-fixture.ts; the message is lost, late or another's.
import { describe, expect, it } from "vitest";
import { WAITER_TTL_MS } from "#app/adapters/redis/lock-store.ts";
import { HANDING_OVER } from "#tests/setup/lock-servers.ts";
import { held, key, LEASE_MS, lockContract, request, SHOP, startWaiting, type LockStage } from "./lock-fixture.ts";

/** Somebody holds `a`, and somebody waits for it. */
async function holdAndWait(stage: LockStage, more: Parameters<typeof request>[1] = {}) {
  const [holder, waiter] = [await stage.openProcess(), await stage.openProcess()];
  const hold = held(await holder.lock.acquire(request(["a"])));
  return { holder, waiter, hold, ...(await startWaiting(waiter, ["a"], more)) };
}

lockContract((stage) => {
  describe("a hand-over", () => {
    it("gives the waiter the lock without its asking again", async () => {
      const { waiter, hold, acquisition } = await holdAndWait(stage);
      await hold.release();
      const own = held(await acquisition);
      expect(waiter.store.callCount.attempt).toBe(1);
      expect((await waiter.lock.listLocks(SHOP)).held).toMatchObject([{ owner: own.owner, purpose: "turn" }]);
      expect(await own.release()).toBe("released");
    });

    it("is counted from before the waiter last asked, for it does not know when it was handed the lock", async () => {
      const { hold, acquisition } = await holdAndWait(stage);
      await stage.clock.advance(900);
      await hold.release();
      const own = held(await acquisition);
      expect(own.remainingMs()).toBeLessThanOrEqual(WAITER_TTL_MS - 900);
      expect(own.remainingMs()).toBeGreaterThan(WAITER_TTL_MS / 2);
    });

    it("is short until the waiter renews it to the whole lease, which it does at once", async () => {
      const { waiter, hold, acquisition } = await holdAndWait(stage);
      await hold.release();
      const own = held(await acquisition);
      expect((await waiter.lock.listLocks(SHOP)).held[0]?.leaseLeftMs).toBeLessThanOrEqual(WAITER_TTL_MS);
      const renewed = waiter.store.next("renew");
      await stage.clock.advance(0);
      await renewed;
      expect((await waiter.lock.listLocks(SHOP)).held[0]?.leaseLeftMs).toBeGreaterThan(WAITER_TTL_MS);
      expect(own.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
    });

    it("is renewed again and again within its own short time when the first renewals fail", async () => {
      const { waiter, hold, acquisition } = await holdAndWait(stage, { leaseMs: 20 * WAITER_TTL_MS });
      await hold.release();
      const own = held(await acquisition);
      waiter.store.failNext("renew", 2);
      for (const delayMs of [0, WAITER_TTL_MS / 9, WAITER_TTL_MS / 9]) {
        const renewed = waiter.store.next("renew");
        await stage.clock.advance(delayMs + 1);
        await renewed;
      }
      expect(own.remainingMs()).toBeGreaterThan(2 * WAITER_TTL_MS);
    });

    it("is lost when no renewal succeeds before it ends, however long the lease was to be", async () => {
      const { waiter, hold, acquisition } = await holdAndWait(stage);
      await hold.release();
      const own = held(await acquisition);
      waiter.store.failNext("renew", 1_000);
      await stage.clock.advance(WAITER_TTL_MS);
      expect(own.signal.reason).toMatchObject({ loss: { kind: "lapsed" } });
    });

    it("of which half may have passed is not relied on: the waiter asks again, and begins the lease anew", async () => {
      const { waiter, hold, acquisition } = await holdAndWait(stage, { leaseMs: 1_000 });
      await stage.clock.advance(600);
      await hold.release();
      expect(held(await acquisition).remainingMs()).toBeGreaterThan(900);
      expect(waiter.store.callCount.attempt).toBe(2);
    });

    it("whose message is lost is found at the next attempt", async () => {
      const { waiter, hold, acquisition } = await holdAndWait(stage);
      waiter.store.areWakesLost = true;
      await hold.release();
      await stage.clock.advance(1_000);
      expect(held(await acquisition).remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
    });

    it("to a waiter that died blocks the lock no longer than its place in the queue did", async () => {
      const { holder, waiter, hold } = await holdAndWait(stage);
      waiter.store.areWakesLost = true;
      await hold.release();
      expect((await holder.lock.listLocks(SHOP)).held[0]?.leaseLeftMs).toBeLessThanOrEqual(WAITER_TTL_MS);
      await stage.open.expireLock(key("a"));
      expect(await holder.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "acquired" });
    });

    it("to a waiter that gave up before it heard goes on to the next", async () => {
      const { waiter, hold, acquisition } = await holdAndWait(stage, { waitLimitMs: 500 });
      const next = await startWaiting(await stage.openProcess(), ["a"]);
      waiter.store.areWakesLost = true;
      await hold.release();
      await stage.clock.advance(500);
      expect(await acquisition).toMatchObject({ kind: "timeout" });
      held(await next.acquisition);
    });

    it("of another stay in the queue, heard late, is not taken for one: whoever holds the lock now stays its only holder", async () => {
      const { holder, waiter, hold, acquisition } = await holdAndWait(stage);
      const asked = waiter.store.next("attempt");
      waiter.store.wake(1);
      await asked;
      expect(waiter.store.callCount.attempt).toBe(2);
      expect((await holder.lock.listLocks(SHOP)).held.map(({ owner }) => owner)).toEqual([hold.owner]);
      expect(waiter.events).toEqual([]);
      await hold.release();
      held(await acquisition);
    });

    it("is not made to who waits for more: nobody holds one thing while it waits for another", async () => {
      const [holder, other, many] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
      const hold = held(await holder.lock.acquire(request(["a"])));
      const otherHold = held(await other.lock.acquire(request(["b"])));
      const { acquisition } = await startWaiting(many, ["a", "b"]);
      await hold.release();
      expect((await holder.lock.listLocks(SHOP)).held.map(({ resource }) => resource)).toEqual(["b"]);
      await otherHold.release();
      expect(held(await acquisition).keys).toHaveLength(2);
    });
  });
}, HANDING_OVER);

// The lease of a lock and its loss, whatever server keeps it. Goal: each sentence of the lock's contract is one test. Method: lock-fixture.ts.
import { describe, expect, it } from "vitest";

import { held, key, keys, LEASE_MS, lockContract, request, SHOP } from "./lock-fixture.ts";

lockContract((stage) => {
  describe("the lease", () => {
    it("does not depend on how long the request may wait", async () => {
      const { lock } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"], { waitLimitMs: 1 })));
      expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
      expect((await lock.listLocks(SHOP)).held[0]?.leaseLeftMs).toBeGreaterThan(0.5 * LEASE_MS);
    });

    it("is counted from before the acquisition was sent", async () => {
      const { lock, store } = await stage.openProcess();
      const answer = store.holdBackNext("attempt");
      const acquisition = lock.acquire(request(["a"]));
      await answer.reached;
      await stage.clock.advance(1_500);
      answer.deliver();
      expect(held(await acquisition).remainingMs()).toBeLessThanOrEqual(LEASE_MS - 1_500);
    });

    it("is renewed at each third while the lock is held, and not after", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      for (let third = 1; third <= 6; third += 1) {
        const renewed = store.next("renew");
        await stage.clock.advance(LEASE_MS / 3);
        await renewed;
        expect(store.callCount.renew).toBe(third);
      }
      expect(hold.signal.aborted).toBe(false);
      expect(await hold.release()).toBe("released");
      await stage.clock.advance(10 * LEASE_MS);
      expect(store.callCount.renew).toBe(6);
      expect(stage.clock.pendingTimerCount).toBe(0);
      expect(hold.signal.aborted).toBe(false);
    });

    it("survives a renewal that fails once", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("renew");
      await stage.clock.advance(LEASE_MS / 3);
      const renewed = store.next("renew");
      await stage.clock.advance(LEASE_MS / 9);
      await renewed;
      expect(store.callCount.renew).toBe(2);
      expect(hold.signal.aborted).toBe(false);
      expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
      expect(await hold.release()).toBe("released");
    });

    it("is lost, with its reason, when no renewal succeeds before it ends", async () => {
      const { lock, store, events } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("renew", 1_000);
      await stage.clock.advance(LEASE_MS - 1_000);
      expect(hold.signal.aborted).toBe(false);
      await stage.clock.advance(1_000);
      expect(hold.signal.reason).toMatchObject({ name: "LockLostError", loss: { kind: "lapsed" } });
      expect(hold.remainingMs()).toBe(0);
      expect(events.at(-1)).toMatchObject({ kind: "lost", purpose: "turn" });
      expect(stage.clock.pendingTimerCount).toBe(0);
    });

    it("is lost when a renewal is never answered", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const answer = store.holdBackNext("renew");
      await stage.clock.advance(LEASE_MS / 3);
      await answer.reached;
      await stage.clock.advance(LEASE_MS);
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "lapsed" } });
      answer.deliver();
      expect(await hold.release()).toBe("lost");
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is not brought back by a renewal that is answered after the release", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const answer = store.holdBackNext("renew");
      await stage.clock.advance(LEASE_MS / 3);
      await answer.reached;
      expect(await hold.release()).toBe("released");
      answer.deliver();
      await stage.clock.advance(LEASE_MS);
      expect(stage.clock.pendingTimerCount).toBe(0);
      expect(store.callCount.renew).toBe(1);
    });

    it("is noticed to have ended by the first look after the process was paused", async () => {
      const { lock } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      stage.clock.jump(LEASE_MS);
      expect(hold.signal.aborted).toBe(true);
    });

    it("is not shortened by a pause that was shorter than it", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      stage.clock.jump(LEASE_MS / 2);
      const renewed = store.next("renew");
      await stage.clock.advance(0);
      await renewed;
      expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
    });
  });

  describe("loss", () => {
    it("is noticed at the next renewal after the server restarted empty", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a", "b"])));
      await stage.open.flush();
      const renewed = store.next("renew");
      await stage.clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("a", "b") } });
    });

    it("of one key is loss of the hold, and its other keys are freed by release", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a", "b"])));
      await stage.open.expireLock(key("b"));
      const renewed = store.next("renew");
      await stage.clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("b") } });
      expect(await hold.release()).toBe("lost");
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("is noticed at the next renewal after a failover that lost the acquisition, though another got the key meanwhile", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      const failOver = await stage.open.replicate();
      const hold = held(await first.lock.acquire(request(["a"])));
      await failOver();
      const present = held(await second.lock.acquire(request(["a"], { waitLimitMs: 0 })));
      const renewed = first.store.next("renew");
      await stage.clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("a") } });
      expect(await hold.release()).toBe("lost");
      expect(await present.release()).toBe("released");
    });

    it("is noticed by the present holder after a failover that brought a former one back, who cannot renew what it released", async () => {
      const [former, present, next] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
      const formerHold = held(await former.lock.acquire(request(["a"])));
      const failOver = await stage.open.replicate();
      await formerHold.release();
      const hold = held(await present.lock.acquire(request(["a"])));
      await failOver();
      const renewed = present.store.next("renew");
      await stage.clock.advance(LEASE_MS / 3);
      await renewed;
      expect(hold.signal.reason).toMatchObject({ loss: { kind: "taken" } });
      expect(former.store.callCount.renew).toBe(0);
      await stage.open.expireLock(key("a"));
      expect(await next.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "acquired" });
    });

    it("does not follow from a failover that lost nothing but renewals", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const failOver = await stage.open.replicate();
      for (const _ of ["before", "after"]) {
        const renewed = store.next("renew");
        await stage.clock.advance(LEASE_MS / 3);
        await renewed;
        await failOver();
      }
      expect(hold.signal.aborted).toBe(false);
      expect(await hold.release()).toBe("released");
    });

    it("does not follow from a wall clock that jumps, on or back, by whatever", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      for (const jumpMs of [86_400_000, -2 * 86_400_000, 3 * LEASE_MS]) {
        stage.clock.jumpWall(jumpMs);
        const renewed = store.next("renew");
        await stage.clock.advance(LEASE_MS / 3);
        await renewed;
        expect(hold.signal.aborted).toBe(false);
        expect(hold.remainingMs()).toBeGreaterThan(0.95 * LEASE_MS);
      }
      expect(store.callCount.renew).toBe(3);
      expect(await hold.release()).toBe("released");
    });

    it("is reported by release even when nobody noticed it before", async () => {
      const { lock, events } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      await stage.open.flush();
      expect(await hold.release()).toBe("lost");
      expect(hold.signal.aborted).toBe(true);
      expect(events.map((event) => event.kind)).toEqual(["acquired", "lost"]);
    });
  });
});

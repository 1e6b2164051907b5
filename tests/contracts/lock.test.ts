// What every lock must do, whatever server keeps it: who gets keys, what runs under a hold, what observers are told. Goal: each sentence of the
// lock's contract is one test. Method: lock-fixture.ts. Waiting, leases and servers that fail have files of their own beside this one.
import { describe, expect, it } from "vitest";

import { LockLostError, type Lock } from "#app/ports/lock.ts";
import { held, key, keys, LEASE_MS, lockContract, request, SHOP, startWaiting } from "./lock-fixture.ts";

/** Takes and releases the same keys again and again, named in the given order. */
async function takeRepeatedly(lock: Lock, order: string[]): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const hold = held(await lock.acquire(request(order)));
    expect(await hold.release()).toBe("released");
  }
}

lockContract((stage) => {
  describe("exclusion", () => {
    it("gives a key to one owner at a time", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      held(await first.lock.acquire(request(["a"])));
      expect(await second.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "timeout" });
    });

    it("gives a key again after it was released", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      const hold = held(await first.lock.acquire(request(["a"])));
      expect(await hold.release()).toBe("released");
      expect(await second.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "acquired" });
    });

    it("gives a key again after the lease of a holder that died", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      held(await first.lock.acquire(request(["a"])));
      await stage.open.expireLock(key("a"));
      expect(await second.lock.acquire(request(["a"], { waitLimitMs: 0 }))).toMatchObject({ kind: "acquired" });
    });

    it("keeps the same resource of two shops apart", async () => {
      const { lock } = await stage.openProcess();
      held(await lock.acquire(request(["a"])));
      expect(await lock.acquire({ ...request([]), keys: [key("a", "two.myshopify.com")], waitLimitMs: 0 })).toMatchObject({ kind: "acquired" });
    });

    it("lets a former owner release nothing of the present one", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      const stale = held(await first.lock.acquire(request(["a"])));
      await stage.open.expireLock(key("a"));
      const present = held(await second.lock.acquire(request(["a"])));
      expect(await stale.release()).toBe("lost");
      expect((await first.lock.listLocks(SHOP)).held.map((lock) => lock.owner)).toEqual([present.owner]);
      expect(await present.release()).toBe("released");
    });

    it("lets a former owner renew nothing of the present one, and tells it so", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      const stale = held(await first.lock.acquire(request(["a"])));
      await stage.open.expireLock(key("a"));
      held(await second.lock.acquire(request(["a"])));
      const renewed = first.store.next("renew");
      await stage.clock.advance(LEASE_MS / 3);
      await renewed;
      expect(stale.signal.reason).toBeInstanceOf(LockLostError);
      expect(stale.signal.reason).toMatchObject({ loss: { kind: "taken", keys: keys("a") } });
    });
  });

  describe("a request for several keys", () => {
    it("gets all of them or none", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      const hold = held(await first.lock.acquire(request(["b"])));
      const { acquisition } = await startWaiting(second, ["a", "b", "c"]);
      expect((await first.lock.listLocks(SHOP)).held.map((lock) => lock.resource)).toEqual(["b"]);
      await hold.release();
      expect(held(await acquisition).keys).toEqual(keys("a", "b", "c"));
      expect((await first.lock.listLocks(SHOP)).held.map((lock) => lock.resource).sort()).toEqual(["a", "b", "c"]);
    });

    it("may name a key twice, and names them in any order without its array being changed", async () => {
      const { lock } = await stage.openProcess();
      const named = keys("c", "a", "c", "b");
      const hold = held(await lock.acquire({ ...request([]), keys: named }));
      expect(hold.keys).toEqual(keys("a", "b", "c"));
      expect(named).toEqual(keys("c", "a", "c", "b"));
      expect(await hold.release()).toBe("released");
    });

    it("does not deadlock with one that names the same keys in the opposite order", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      await Promise.all([takeRepeatedly(first.lock, ["a", "b"]), takeRepeatedly(second.lock, ["b", "a"])]);
      expect(await first.lock.listLocks(SHOP)).toEqual({ held: [], waitingCount: 0 });
    });

    it("is refused as a bug when it names none, too many, or keys of two shops", async () => {
      const { lock } = await stage.openProcess();
      await expect(lock.acquire(request([]))).rejects.toThrow("at least one key");
      await expect(lock.acquire(request(Array.from({ length: 251 }, (_, i) => `k${i}`)))).rejects.toThrow("at most 250");
      await expect(lock.tryAcquireFree({ ...request([]), keys: [key("a"), key("a", "two")] })).rejects.toThrow("one shop");
    });
  });

  describe("a request for what is free", () => {
    it("gets those keys that are free now and names the others", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      held(await first.lock.acquire(request(["b"])));
      const acquisition = await second.lock.tryAcquireFree(request(["c", "b", "a", "a"]));
      expect(acquisition).toMatchObject({ kind: "acquired", busy: keys("b") });
      expect(held(acquisition).keys).toEqual(keys("a", "c"));
      expect(await held(acquisition).release()).toBe("released");
    });

    it("says so when none is free", async () => {
      const [first, second] = [await stage.openProcess(), await stage.openProcess()];
      held(await first.lock.acquire(request(["a", "b"])));
      expect(await second.lock.tryAcquireFree(request(["a", "b"]))).toEqual({ kind: "none_free", busy: keys("a", "b") });
    });

    it("does not take a free key that somebody waits for", async () => {
      const [holder, waiter, trier] = [await stage.openProcess(), await stage.openProcess(), await stage.openProcess()];
      held(await holder.lock.acquire(request(["a"])));
      await startWaiting(waiter, ["a", "b"]);
      expect(await trier.lock.tryAcquireFree(request(["b", "c"]))).toMatchObject({ kind: "acquired", busy: keys("b") });
    });
  });

  describe("running work under a hold", () => {
    it("answers with what the work answered and releases", async () => {
      const { lock } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      expect(await hold.run(async () => 42)).toEqual({ kind: "completed", value: 42 });
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("releases and throws on what the work throws", async () => {
      const { lock } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      await expect(hold.run(() => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
      expect((await lock.listLocks(SHOP)).held).toEqual([]);
    });

    it("calls it lost when the lease was lost, even if the work finished anyway", async () => {
      const { lock } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      const run = hold.run(async () => {
        await stage.open.flush();
        return "finished";
      });
      expect(await run).toMatchObject({ kind: "lost", loss: { kind: "taken" }, value: "finished" });
    });

    it("calls it lost, not failed, when the work gave up because its signal aborted", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      store.failNext("renew", 1_000);
      const run = hold.run((signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
      await stage.clock.advance(LEASE_MS);
      expect(await run).toEqual({ kind: "lost", loss: { kind: "lapsed" } });
    });

    it("releases once, however often it is asked to", async () => {
      const { lock, store } = await stage.openProcess();
      const hold = held(await lock.acquire(request(["a"])));
      expect(await Promise.all([hold.release(), hold.release()])).toEqual(["released", "released"]);
      expect(store.callCount.letGo).toBe(1);
    });
  });

  it("lists who holds what since when, and how many wait", async () => {
    const [first, second] = [await stage.openProcess(), await stage.openProcess()];
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
    const [first, second] = [await stage.openProcess(), await stage.openProcess()];
    const hold = held(await first.lock.acquire(request(["a"])));
    const { acquisition } = await startWaiting(second, ["a"]);
    await stage.clock.advance(700);
    await hold.release();
    expect(first.events).toEqual([
      { kind: "acquired", purpose: "turn", waitMs: 0 },
      { kind: "released", purpose: "turn", holdMs: 700 },
    ]);
    expect(held(await acquisition).waitedMs).toBe(700);
    expect(second.events).toEqual([{ kind: "acquired", purpose: "turn", waitMs: 700 }]);
  });
});

// What the tests of the lock's contract share. Several locks, each with its own connection as in a process of its own, share one server; the
// clients' clock stands still until the test moves it, so a wait that ends without moving it was ended by a wake; the store between lock and
// server makes answers fail, wait or get lost.
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";

import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import type { FreeLockAcquisition, Hold, Lock, LockAcquisition, LockEvent, LockKey } from "#app/ports/lock.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { LOCK_SERVERS, type LockServerUnderTest, type OpenLockServer } from "#tests/setup/lock-servers.ts";
import { WatchedLockStore } from "#tests/setup/watched-lock-store.ts";

export const SHOP = "one.myshopify.com";
export const LEASE_MS = 9_000;
const WAIT_LIMIT_MS = 60_000;

export const key = (resource: string, shop = SHOP): LockKey => ({ shop, resource });
export const keys = (...resources: string[]): LockKey[] => resources.map((resource) => key(resource));

export const request = (resources: string[], more: Partial<{ leaseMs: number; waitLimitMs: number; signal: AbortSignal }> = {}) => ({
  keys: keys(...resources),
  purpose: "turn" as const,
  leaseMs: LEASE_MS,
  waitLimitMs: WAIT_LIMIT_MS,
  ...more,
});

export interface LockProcess {
  readonly lock: Lock & LeasedLock;
  readonly store: WatchedLockStore;
  readonly events: LockEvent[];
}

/** Of the test that runs. */
export interface LockStage {
  readonly clock: FakeClock;
  readonly open: OpenLockServer;
  openProcess(): Promise<LockProcess>;
}

/** The same tests for every kind of server that keeps the lock; each test has an empty one. */
export function lockContract(tests: (stage: LockStage) => void, servers = LOCK_SERVERS): void {
  describe.each(servers)("the lock contract, kept by $name", ({ start }) => {
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

    tests({
      get clock() {
        return clock;
      },
      get open() {
        return open;
      },
      async openProcess() {
        const events: LockEvent[] = [];
        const store = new WatchedLockStore(await open.connect());
        const lock = new LeasedLock({ store, clock, onEvent: (event) => events.push(event) });
        await lock.ready();
        return { lock, store, events };
      },
    });
  });
}

/** Begins an acquisition and resolves when it has taken its place in the queue. */
export async function startWaiting(process: { lock: Lock; store: WatchedLockStore }, ...args: Parameters<typeof request>) {
  const queued = process.store.next("attempt");
  const acquisition = process.lock.acquire(request(...args));
  await queued;
  return { acquisition };
}

/** The hold of an acquisition that must have succeeded. */
export function held(acquisition: LockAcquisition | FreeLockAcquisition): Hold {
  if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${JSON.stringify(acquisition)}`);
  return acquisition.hold;
}

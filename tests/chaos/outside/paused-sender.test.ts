// Goal: a worker that stood still between its claim and its request does not send when it wakes: by then the call is another's to send, or
// its key is used up. The pause is a clock that jumps while the token is awaited; what is in flight at once is counted at Shopify's side.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { TIMINGS } from "#app/ports/timings.ts";
import type { AdjustRequest, SendContext } from "#app/ports/shopify-inventory.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { openStore } from "./store-under-test.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** The first worker waits for its token until `wake`; everything it asks the clock afterwards is this much later. */
function pausedWorker(options: { guarded: boolean }) {
  const { inventory } = house.composed.shopify;
  const asleep = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  // Starts at the real time, which the lock's own clock keeps; only this worker's pause is made up.
  const clock = new FakeClock(new Date());
  const adjustQuantities = async (context: SendContext, request: AdjustRequest) => {
    asleep.resolve();
    await goOn.promise;
    return inventory.adjustQuantities(options.guarded ? context : { shop: context.shop, traceId: context.traceId }, request);
  };
  return {
    ports: { clock, shopifyInventory: { ...inventory, adjustQuantities } },
    asleep: asleep.promise,
    wake: (pausedMs: number) => {
      clock.jump(pausedMs);
      goOn.resolve();
    },
  };
}

async function resumedWhilePaused(guarded: boolean) {
  const store = await openStore(house);
  store.buy();
  await house.delivered();
  const worker = pausedWorker({ guarded });
  const first = house.turn(store.shop.shop, worker.ports);
  await worker.asleep;
  // Its lock lapses, its call falls due and another worker takes it over; Shopify is slow to answer that one.
  await house.composed.redis.commands.flushdb();
  await house.composed.database.execute(`UPDATE mutations SET resend_at = now() WHERE install_id = $1`, store.shop.installId);
  const { inventory } = house.composed.shopify;
  const sent = Promise.withResolvers<void>();
  const answering = Promise.withResolvers<void>();
  house.simulator.control.setLatency({ graphqlMs: 400 });
  const second = house.turn(store.shop.shop, {
    shopifyInventory: { ...inventory, adjustQuantities: (context, request) => (sent.resolve(), inventory.adjustQuantities(context, request).finally(() => answering.resolve())) },
  });
  await sent.promise;
  worker.wake(TIMINGS.resumeAfterMs);
  await Promise.all([first, second, answering.promise]);
  house.simulator.control.setLatency({ graphqlMs: 0 });
  const { maxInFlightPerItem, maxUnderWayPerKey } = house.simulator.control.requests({ shop: store.shop.shop, limit: 1_000 });
  await store.settle();
  return { store, maxInFlightPerItem, maxUnderWayPerKey };
}

describe("a worker that was paused between its claim and its request", () => {
  it("puts a second request for the item in flight when it sends all the same", async () => {
    const { store, maxInFlightPerItem, maxUnderWayPerKey } = await resumedWhilePaused(false);
    expect(maxInFlightPerItem).toBe(2);
    expect(maxUnderWayPerKey).toBe(2);
    // Shopify's own key still keeps it from counting twice.
    expect(store.moved()).toBe(-1);
  });

  it("sends nothing: the call had become another's", async () => {
    const { store, maxInFlightPerItem, maxUnderWayPerKey } = await resumedWhilePaused(true);
    expect(maxInFlightPerItem).toBe(1);
    expect(maxUnderWayPerKey).toBe(1);
    expect(await store.attempts()).toEqual(["not_sent", "applied"]);
    await store.endsWell();
  });

  it("sends when the pause was short and the lock is still its own", async () => {
    const store = await openStore(house);
    store.buy();
    await house.delivered();
    const worker = pausedWorker({ guarded: true });
    const turn = house.turn(store.shop.shop, worker.ports);
    await worker.asleep;
    worker.wake((TIMINGS.resumeAfterMs - TIMINGS.callTimeoutMs) / 2);
    await turn;
    expect(await store.attempts()).toEqual(["applied"]);
    await store.endsWell();
  });

  it("sends nothing when it lost its lock, however short the pause", async () => {
    const store = await openStore(house);
    store.buy();
    await house.delivered();
    const { lock } = house.composed.turnPorts;
    const lapsed = {
      ...lock,
      tryAcquireFree: async (...parameters: Parameters<typeof lock.tryAcquireFree>) => {
        const acquired = await lock.tryAcquireFree(...parameters);
        if (acquired.kind !== "acquired") return acquired;
        const { hold } = acquired;
        return { ...acquired, hold: { ...hold, keys: hold.keys, signal: hold.signal, waitedMs: hold.waitedMs, remainingMs: () => 0, run: hold.run.bind(hold), release: hold.release.bind(hold) } };
      },
    };
    await house.turn(store.shop.shop, { lock: { acquire: lock.acquire.bind(lock), tryAcquireFree: lapsed.tryAcquireFree } });
    expect(await store.attempts()).toEqual(["not_sent"]);
    expect(store.moved()).toBe(0);
    await store.settle();
    await store.endsWell();
  });
});

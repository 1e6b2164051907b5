// Goal: a Shopify that takes seconds for each answer holds no call back for ever. A call of unknown outcome is weighed before it is sent
// again, by several questions; without a second look at its owner, the time in which it may leave is used up by the answers, each time.
// Method: the questions are answered at once, and the process's monotonic clock is moved on by what a slow Shopify would have taken.
import { afterAll, beforeAll, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { openStore } from "./store-under-test.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

it("sends a call of unknown outcome again although weighing it took longer than a call may wait to leave", async () => {
  const store = await openStore(house);
  store.buy();
  await store.settle();
  store.fault({ kind: "after_commit" });
  store.buy();
  await store.oneTurn();
  expect(await store.states()).toEqual(["applied", "claimed"]);

  const { clock, shopifyInventory, timings } = house.composed.turnPorts;
  const answerMs = timings.resumeAfterMs - timings.callTimeoutMs;
  let sloweredMs = 0;
  const slow =
    <Parameters extends unknown[], Result>(ask: (...parameters: Parameters) => Promise<Result>) =>
    (...parameters: Parameters) => {
      sloweredMs += answerMs;
      return ask(...parameters);
    };
  await store.settle({
    clock: { now: () => clock.now(), monotonicMs: () => clock.monotonicMs() + sloweredMs, setTimer: (ms, run) => clock.setTimer(ms, run) },
    shopifyInventory: { ...shopifyInventory, readLevels: slow(shopifyInventory.readLevels), bindKey: slow(shopifyInventory.bindKey) },
  });
  expect(sloweredMs).toBeGreaterThan(answerMs);
  expect(store.moved()).toBe(-2);
  await store.endsWell();
});

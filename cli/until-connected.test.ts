import { expect, it } from "vitest";

import { FakeClock } from "#tests/setup/fake-clock.ts";
import { untilConnected } from "./until-connected.ts";

function waiting(connected: Promise<void>) {
  const clock = new FakeClock();
  let isOver = false;
  const end = untilConnected({ redis: { connected: () => connected }, clock }).then(() => (isOver = true));
  return { clock, end, isOver: () => isOver };
}

it("a command begins when Redis is there", async () => {
  const connected = Promise.withResolvers<void>();
  const { clock, end, isOver } = waiting(connected.promise);
  await clock.advance(1_900);
  expect(isOver()).toBe(false);
  connected.resolve();
  await end;
  expect(clock.pendingTimerCount).toBe(0);
});

it("a command begins without Redis when none comes", async () => {
  const { clock, isOver } = waiting(new Promise(() => undefined));
  await clock.advance(2_000);
  expect(isOver()).toBe(true);
});

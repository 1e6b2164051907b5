import { expect, it } from "vitest";

import { FakeClock } from "#tests/setup/fake-clock.ts";
import { createRushWatch } from "./rush-watch.server.ts";

async function said(webhooks: number, busy: number): Promise<{ count: number; clock: FakeClock }> {
  const clock = new FakeClock();
  let count = 0;
  const watch = createRushWatch({ say: () => (count += 1) }, clock, () => busy);
  for (let webhook = 0; webhook < webhooks; webhook += 1) watch.noteWebhook();
  await clock.advance(1_000);
  return { count, clock };
}

it("says so when webhooks come and the thread has no rest", async () => {
  expect((await said(10, 1)).count).toBe(1);
});

it("says nothing while the thread has time left, however many webhooks come", async () => {
  expect((await said(10_000, 0.89)).count).toBe(0);
});

it("says nothing of a thread that is busy with a page", async () => {
  expect((await said(9, 1)).count).toBe(0);
});

it("counts each moment by itself, and looks at nothing when nothing comes", async () => {
  const clock = new FakeClock();
  let count = 0;
  const watch = createRushWatch({ say: () => (count += 1) }, clock, () => 1);
  for (let moment = 0; moment < 20; moment += 1) {
    watch.noteWebhook();
    await clock.advance(100);
  }
  expect(count).toBe(0);
  expect(clock.pendingTimerCount).toBe(0);
});

/** @param moments how busy the thread is in each, with webhooks all the time; `null`: none comes, for as long as a rush is remembered. */
async function saidThrough(moments: readonly (number | null)[]): Promise<number[]> {
  const clock = new FakeClock();
  let busy = 0;
  let count = 0;
  const watch = createRushWatch({ say: () => (count += 1) }, clock, () => busy);
  const counts: number[] = [];
  for (const moment of moments) {
    busy = moment ?? 0;
    if (moment !== null) for (let webhook = 0; webhook < 10; webhook += 1) watch.noteWebhook();
    await clock.advance(moment === null ? 250 : 50);
    counts.push(count);
  }
  return counts;
}

it("a rush goes on while webhooks come and work that came back would take the rest the thread has", async () => {
  expect(await saidThrough([0.7, 1, 0.7, 0.6])).toEqual([0, 1, 2, 3]);
});

it("a rush is over when the thread has had rest for a while, or no webhook came", async () => {
  expect(await saidThrough([1, 0.59, 0.59, 0.59, 0.59, 0.59, 0.7, 0.9])).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
  expect(await saidThrough([1, null, 0.7, 0.9])).toEqual([1, 1, 1, 2]);
});

it("measures how busy this process is", async () => {
  const clock = new FakeClock();
  let count = 0;
  const watch = createRushWatch({ say: () => (count += 1) }, clock);
  for (let webhook = 0; webhook < 10; webhook += 1) watch.noteWebhook();
  await new Promise((resolve) => setImmediate(resolve));
  const untilMs = performance.now() + 20;
  while (performance.now() < untilMs) Math.sqrt(untilMs);
  await clock.advance(1_000);
  expect(count).toBe(1);
});

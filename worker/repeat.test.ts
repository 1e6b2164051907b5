// Goal: a step is repeated after its pause, and one that processes share is run by the one whose look it is; the others ask again after their pause.
import { describe, expect, it } from "vitest";

import type { SharedLooks } from "#app/ports/shared-looks.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { repeat } from "./repeat.ts";

const EVERY_MS = 1_000;

function start({ step, among }: { step?: () => Promise<number | void>; among?: SharedLooks } = {}) {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const logger: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (fields) => errors.push(fields), child: () => logger };
  const ranAtMs: number[] = [];
  const service = repeat({
    clock,
    logger,
    name: "orders",
    everyMs: EVERY_MS,
    step: () => {
      ranAtMs.push(clock.monotonicMs());
      return step?.() ?? Promise.resolve();
    },
    ...(among === undefined ? {} : { among }),
  });
  return { clock, errors, ranAtMs, service };
}

/** As Redis keeps them, by a clock of the test's. */
function looksBy(clockOf: () => FakeClock): SharedLooks {
  let untilMs = Number.NEGATIVE_INFINITY;
  return {
    async areMine(_name, periodMs) {
      const nowMs = clockOf().monotonicMs();
      if (nowMs < untilMs) return false;
      untilMs = nowMs + periodMs;
      return true;
    },
  };
}

describe("a repeated step", () => {
  it("runs at once, then after each pause, or after the pause it asks for", async () => {
    const pauses = [undefined, 100];
    const { clock, ranAtMs } = start({ step: () => Promise.resolve(pauses.shift()) });
    await clock.advance(2_100);
    expect(ranAtMs).toEqual([0, 1_000, 1_100, 2_100]);
  });

  it("that fails is reported and runs again", async () => {
    const { clock, errors, ranAtMs } = start({ step: () => Promise.reject(new Error("broken")) });
    await clock.advance(1_000);
    expect([ranAtMs.length, errors.length]).toEqual([2, 2]);
  });

  it("runs no more once it was stopped, and its stop waits for the step under way", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { clock, ranAtMs, service } = start({ step: () => promise });
    let isStopped = false;
    const stopping = service.stop().then(() => (isStopped = true));
    await clock.advance(5_000);
    expect(isStopped).toBe(false);
    resolve();
    await stopping;
    await clock.advance(5_000);
    expect([ranAtMs.length, clock.pendingTimerCount]).toEqual([1, 0]);
  });
});

describe("a step that processes share", () => {
  it("is not run by a process whose look it is not, which asks again after a pause", async () => {
    const asked: number[] = [];
    const { clock, ranAtMs } = start({
      among: {
        areMine(_name, periodMs) {
          asked.push(periodMs);
          return Promise.resolve(asked.length === 3);
        },
      },
    });
    await clock.advance(2 * EVERY_MS * 1.15);
    expect(ranAtMs).toHaveLength(1);
    expect(asked.length).toBeGreaterThanOrEqual(3);
  });

  it("is run by a process that is alone every time it asks: the period is over before the shortest pause", async () => {
    let clock = new FakeClock();
    const asked: boolean[] = [];
    const looks = looksBy(() => clock);
    const started = start({
      among: {
        async areMine(name, periodMs) {
          const mine = await looks.areMine(name, periodMs);
          asked.push(mine);
          return mine;
        },
      },
    });
    clock = started.clock;
    await clock.advance(200 * EVERY_MS);
    expect(asked.length).toBeGreaterThan(170);
    expect(asked).not.toContain(false);
    expect(started.ranAtMs).toHaveLength(asked.length);
  });
});

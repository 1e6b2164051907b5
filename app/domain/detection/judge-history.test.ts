// Judging against a stock whose truth is known: what happened to it, and which writes were overwrites, is written down as it happens.
import { describe, expect, it } from "vitest";

import { seededRandom } from "#tests/setup/seeded-random.ts";
import { judgeHistory } from "./judge-history.ts";
import type { Effect, HistoryInput, Observation } from "./stock-history.ts";

const T0 = Date.parse("2026-11-20T10:00:00Z");
const at = (seconds: number) => T0 + seconds * 1_000;

function observation(id: string, seconds: number, available: number, eventId: string | null = null): Observation {
  return { id, atMs: at(seconds), available, seenBy: "notification", eventId };
}

function effect(id: string, seconds: number, delta: number, more: Partial<Effect> = {}): Effect {
  return { id, kind: "order", atMs: at(Math.floor(seconds)), delta, eventId: null, after: null, orderId: id, expected: true, ...more };
}

function verdicts(input: HistoryInput): string[] {
  return judgeHistory(input).attributions.map(({ verdict }) => verdict);
}

describe("a change of stock", () => {
  it("is the order's that shares its event", () => {
    const input = { observations: [observation("1", 0, 10), observation("2", 5.2, 8, "e1"), observation("3", 5.3, 7, "e2")], effects: [effect("a", 5, -2, { eventId: "e1" }), effect("b", 5, -1, { eventId: "e2" })] };
    expect(judgeHistory(input).attributions.map(({ parts }) => parts.map(({ effectId, how }) => `${effectId} ${how}`))).toEqual([[], ["a event"], ["b event"]]);
    expect(verdicts(input)).toEqual(["first", "shopify_order", "shopify_order"]);
  });

  it("is ours where it leaves the number that our answer named", () => {
    const ours = effect("m", 20, -3, { kind: "ours", after: 5, orderId: null });
    expect(verdicts({ observations: [observation("1", 0, 10), observation("2", 19.5, 8), observation("3", 20.4, 5)], effects: [ours, effect("a", 19, -2)] })).toEqual(["first", "shopify_order", "ours"]);
  });

  // 10 ─ order ─► 8 ─ another writer ─► 10 ─ our call ─► 8: the number that our answer named was seen twice.
  const soldTwiceFrom = (soldAt: number, calledAt: number, eventId: string | null) => ({
    observations: [observation("1", 0, 10), observation("2", soldAt, 8, eventId), observation("3", soldAt + 0.02, 10), observation("4", calledAt, 8)],
    effects: [effect("a", soldAt, -2, { eventId }), effect("m", calledAt, -2, { kind: "ours", after: 8, orderId: null })],
  });

  it("is the order's that shares its event, although our answer named the same number at the same time", () => {
    expect(verdicts(soldTwiceFrom(20.1, 20.9, "e"))).toEqual(["first", "shopify_order", "another_writer", "ours"]);
  });

  it("is ours where it lies within the second that our answer named, and not where the same number was seen a little before", () => {
    expect(verdicts(soldTwiceFrom(20.7, 21.9, null))).toEqual(["first", "shopify_order", "another_writer", "ours"]);
  });

  it("is explained by the orders between, when their own notifications never came", () => {
    expect(verdicts({ observations: [observation("1", 0, 10), observation("2", 60, 5)], effects: [effect("a", 10, -2), effect("b", 30, -3)] })).toEqual(["first", "shopify_order"]);
  });

  it("finds its place among others of the same moment by what is known of them", () => {
    const seen = [observation("4", 5, 4, "c"), observation("2", 5, 9, "a"), observation("3", 5, 7, "b"), observation("1", 0, 10), observation("9", 8, 4)];
    const effects = [effect("a", 5, -1, { eventId: "a" }), effect("b", 5, -2, { eventId: "b" }), effect("c", 5, -3, { eventId: "c" })];
    for (const turned of [seen, seen.toReversed(), [...seen.slice(2), ...seen.slice(0, 2)]]) {
      expect(verdicts({ observations: turned, effects })).toEqual(["first", "shopify_order", "shopify_order", "shopify_order", "none"]);
    }
  });

  it("is somebody else's where nothing explains it", () => {
    const { attributions } = judgeHistory({ observations: [observation("1", 0, 10), observation("2", 60, 45)], effects: [effect("a", 10, -2)] });
    expect(attributions.at(-1)).toMatchObject({ verdict: "another_writer", foreign: 37 });
  });

  it("cannot be told where an order lies between that may have bypassed stock", () => {
    const maybe = effect("a", 30, -2, { expected: false });
    expect(verdicts({ observations: [observation("1", 0, 10), observation("2", 60, 7)], effects: [maybe] })).toEqual(["first", "unknown"]);
  });

  it.each([
    ["1", "2", "3"],
    ["1", "3", "2"],
    ["2", "1", "3"],
    ["2", "3", "1"],
    ["3", "1", "2"],
    ["3", "2", "1"],
  ])("is the order's where a thing was stocked, told of again and sold within one millisecond, in whatever order that is heard of (%s, %s, %s)", (stocked, again, sold) => {
    const seen = [observation(stocked, 5, 1), observation(again, 5, 1), observation(sold, 5, -2, "e")];
    expect(verdicts({ observations: seen, effects: [effect("a", 5, -3, { eventId: "e" })] })).toEqual(["first", "none", "shopify_order"]);
  });

  it("is the order's after all when the amount is exactly that of an order that may have bypassed stock, in the same moment", () => {
    expect(verdicts({ observations: [observation("1", 0, 10), observation("2", 30.4, 8)], effects: [effect("a", 30, -2, { expected: false })] })).toEqual(["first", "shopify_order"]);
  });

  it("waits for its notification where it lies after everything that was seen", () => {
    expect(judgeHistory({ observations: [observation("1", 0, 10), observation("2", 5, 10)], effects: [effect("a", 6, -2)] }).attributions.at(-1)).toMatchObject({ verdict: "none", foreign: 0, parts: [] });
  });
});

describe("an overwrite", () => {
  const orders = [effect("a", 10, -1, { eventId: "a" }), effect("b", 20, -2, { eventId: "b" })];
  const sold = [observation("1", 0, 10), observation("2", 10.1, 9, "a"), observation("3", 20.1, 7, "b")];

  it("puts an older number back over orders, and says over which", () => {
    const { overwrites } = judgeHistory({ observations: [...sold, observation("4", 25, 10)], effects: orders });
    expect(overwrites).toEqual([{ observationId: "4", atMs: at(25), valueBefore: 7, valueWritten: 10, sameAsMs: at(10), unitsAtRisk: 3, unseen: ["a", "b"], confidence: "certain" }]);
  });

  it("may have seen some of the orders", () => {
    expect(judgeHistory({ observations: [...sold, observation("4", 25, 9)], effects: orders }).overwrites).toMatchObject([{ valueWritten: 9, unitsAtRisk: 2, unseen: ["b"], confidence: "likely" }]);
  });

  it("is found although its own notification never came", () => {
    const input = { observations: [...sold, observation("5", 30.1, 9, "c")], effects: [...orders, effect("c", 30, -1, { eventId: "c" })] };
    expect(judgeHistory(input).overwrites).toMatchObject([{ valueBefore: 7, valueWritten: 10, unitsAtRisk: 3, unseen: ["a", "b"] }]);
  });

  it("is found where the order it did not see was never told of, so that the number seems not to have changed", () => {
    const input = { observations: [observation("1", 0, 10), observation("2", 25, 10)], effects: [effect("a", 10, -1)] };
    expect(judgeHistory(input).overwrites).toMatchObject([{ valueBefore: 9, valueWritten: 10, unitsAtRisk: 1, unseen: ["a"] }]);
  });

  it.each([
    ["a count: the number was never there", [...sold, observation("4", 25, 40)]],
    ["a number that was there before another foreign write", [observation("0", -50, 10), observation("1", 0, 30), ...sold.slice(1).map((seen) => ({ ...seen, available: seen.available + 20 })), observation("4", 25, 10)]],
    ["a number of more than an hour ago", [{ ...observation("0", 0, 12), atMs: at(-3_700) }, observation("1", -3_650, 10), ...sold.slice(1), observation("4", 25, 12)]],
    ["coming back without an order between", [observation("1", 0, 10), observation("2", 5, 7), observation("3", 6, 10)]],
  ])("is not %s", (_, observations) => {
    expect(judgeHistory({ observations, effects: orders }).overwrites).toEqual([]);
  });

  it("is not a reservation that lapsed", () => {
    const input = { observations: [observation("1", 0, 10), observation("2", 3, 9), observation("3", 10.1, 8, "a"), observation("4", 25, 9)], effects: [effect("a", 10, -1, { eventId: "a" })] };
    expect(judgeHistory(input).overwrites).toHaveLength(1);
    expect(judgeHistory({ ...input, reservationsMs: [at(25)] }).overwrites).toEqual([]);
  });
});

interface World {
  readonly input: HistoryInput;
  /** Moments of the writes that were overwrites. */
  readonly overwritesMs: readonly number[];
}

const SALE_SECONDS = 1_800;

/** Half an hour: orders, changes of ours, cancellations, deliveries, counts, and a second writer that sets what it read some seconds before, every 30 s. */
function playSale(seed: number, { loss, sharedEvents }: { loss: number; sharedEvents: boolean }): World {
  const random = seededRandom(seed);
  let [available, next, read] = [400, 0, { value: 400, orders: 0 }];
  let ordersSince = 0;
  const [observations, effects, overwritesMs]: [Observation[], Effect[], number[]] = [[observation("0", 0, available)], [], []];
  const moved = (seconds: number, delta: number, eventId: string | null) => {
    available += delta;
    next += 1;
    if (!random.chance(loss)) observations.push({ ...observation(String(next), seconds, available), eventId: eventId ?? `other-${next}` });
  };
  const acts: { seconds: number; act: (seconds: number) => void }[] = [];
  const every = (min: number, max: number, act: (seconds: number) => void) => {
    for (let seconds = random.between(min, max); seconds < SALE_SECONDS; seconds += random.between(min * 10, max * 10) / 10) acts.push({ seconds: seconds + random.fraction() / 2, act });
  };
  every(1, 5, (seconds) => {
    const units = random.between(1, 3);
    ordersSince += 1;
    const event = `order-${next}`;
    effects.push(effect(`order-${next}`, seconds, -units, { eventId: event }));
    moved(seconds + 0.05, -units, sharedEvents ? event : null);
  });
  every(8, 15, (seconds) => {
    const units = random.between(1, 6);
    ordersSince += 1;
    effects.push(effect(`ours-${next}`, seconds, -units, { kind: "ours", after: available - units }));
    moved(seconds, -units, null);
  });
  every(50, 90, (seconds) => {
    const event = `restock-${next}`;
    effects.push(effect(event, seconds, 1, { kind: "restock", eventId: event }));
    moved(seconds, 1, sharedEvents ? event : null);
  });
  every(250, 600, (seconds) => moved(seconds, random.between(20, 90), null));
  every(400, 900, (seconds) => moved(seconds, random.between(5, 50) - Math.round(available / 3), null));
  for (let seconds = 30; seconds < SALE_SECONDS; seconds += 30) {
    const lag = random.between(20, 120) / 10;
    acts.push({ seconds: seconds - lag, act: () => void ([read, ordersSince] = [{ value: available, orders: 0 }, 0]) });
    acts.push({
      seconds,
      act: (now) => {
        if (read.value === available) return;
        if (ordersSince > 0 && read.value > available) overwritesMs.push(at(now));
        moved(now, read.value - available, null);
      },
    });
  }
  for (const { seconds, act } of acts.toSorted((a, b) => a.seconds - b.seconds)) act(seconds);
  return { input: { observations, effects }, overwritesMs };
}

/** A write whose notification was lost is found at the next one. */
const SAME_WRITE_MS = 12_000;

describe("overwrites in a sale", () => {
  it.each([
    { loss: 0, sharedEvents: true },
    { loss: 0, sharedEvents: false },
    { loss: 0.03, sharedEvents: true },
    { loss: 0.03, sharedEvents: false },
  ])("are found with precision and recall, $loss of the notifications lost, event ids shared: $sharedEvents", (how) => {
    let [found, right, all, caught] = [0, 0, 0, 0];
    for (let seed = 1; seed <= 60; seed += 1) {
      const { input, overwritesMs } = playSale(seed, how);
      const { overwrites } = judgeHistory(input);
      const near = (a: number, b: number) => a - b >= 0 && a - b < SAME_WRITE_MS;
      found += overwrites.length;
      all += overwritesMs.length;
      right += overwrites.filter(({ atMs }) => overwritesMs.some((ms) => near(atMs, ms))).length;
      caught += overwritesMs.filter((ms) => overwrites.some(({ atMs }) => near(atMs, ms))).length;
    }
    expect(right / found, `${right} of ${found} that were found are right`).toBeGreaterThanOrEqual(0.98);
    expect(caught / all, `${caught} of ${all} are found`).toBeGreaterThanOrEqual(0.95);
  });

  it("are judged the same in whatever order the evidence came", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { input } = playSale(seed, { loss: 0.05, sharedEvents: true });
      const random = seededRandom(seed);
      const shuffle = <Of>(values: readonly Of[]) => values.map((value) => ({ value, key: random.fraction() })).toSorted((a, b) => a.key - b.key).map(({ value }) => value);
      expect(judgeHistory({ observations: shuffle(input.observations), effects: shuffle(input.effects) }), `seed ${seed}`).toEqual(judgeHistory(input));
    }
  });
});

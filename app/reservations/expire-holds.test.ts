// How expiry paces itself: batches until nothing is due, then the next hold's own moment, within limits.
import { describe, expect, it } from "vitest";

import { EXPIRY_LIMITS, expireHolds } from "./expire-holds.server.ts";

const { batchMax, batchesMax, gatherMs, lookEveryMs } = EXPIRY_LIMITS;

function book(batches: number[], nextMs: number | null) {
  const counted: number[] = [];
  return {
    counted,
    ports: {
      book: { expireDue: () => Promise.resolve({ expiredCount: batches.shift() ?? 0, units: 0 }), nextExpiryInMs: () => Promise.resolve(nextMs) },
      metrics: { reservation: (_outcome: string, count = 1) => void counted.push(count) },
    },
  };
}

describe("a round of expiry", () => {
  it("goes on as long as batches are full, and counts what it ended", async () => {
    const { ports, counted } = book([batchMax, batchMax, 3], null);
    expect(await expireHolds(ports, new AbortController().signal)).toEqual({ expiredCount: 2 * batchMax + 3, dueInMs: lookEveryMs });
    expect(counted).toEqual([batchMax, batchMax, 3]);
  });

  it.each([
    ["at the next one's moment", 400, 400],
    ["after a moment, when others lapse at the same time", 0, gatherMs],
    ["within a second, when the next one is far", 60_000, lookEveryMs],
  ])("looks again %s", async (_when, nextMs, dueInMs) => {
    expect(await expireHolds(book([], nextMs).ports, new AbortController().signal)).toEqual({ expiredCount: 0, dueInMs });
  });

  it("lets others have their turn when there is no end of it, and goes on at once", async () => {
    const { ports } = book(Array.from({ length: batchesMax + 1 }, () => batchMax), null);
    expect(await expireHolds(ports, new AbortController().signal)).toEqual({ expiredCount: batchesMax * batchMax, dueInMs: 0 });
  });

  it("stops between batches when the worker stops", async () => {
    const { ports } = book([batchMax], null);
    expect(await expireHolds(ports, AbortSignal.abort())).toEqual({ expiredCount: 0, dueInMs: 0 });
  });
});

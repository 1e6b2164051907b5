import { describe, expect, it } from "vitest";

import { addHistograms, bucketOf, BUCKET_COUNT, countOf, EMPTY_HISTOGRAM, type Histogram, quantileMs, WAIT_BOUNDS_MS } from "./contention.ts";

const histogramOf = (...waitsMs: number[]): Histogram => waitsMs.reduce<Histogram>((sum, waitMs) => sum.map((count, index) => count + (index === bucketOf(waitMs) ? 1 : 0)), EMPTY_HISTOGRAM);

describe("a wait", () => {
  it("is counted in the bucket whose bound it does not exceed, and above the last bound in one of its own", () => {
    expect(WAIT_BOUNDS_MS.map(bucketOf)).toEqual(WAIT_BOUNDS_MS.map((_, index) => index));
    expect([bucketOf(0), bucketOf(50.1), bucketOf(300_001)]).toEqual([0, 1, BUCKET_COUNT - 1]);
  });
});

describe("the median and its like", () => {
  it("are told of a histogram to within the bucket in which they lie", () => {
    const waits = Array.from({ length: 200 }, (_, index) => ((index * 7919) % 9_973) + 1);
    const sorted = waits.toSorted((a, b) => a - b);
    for (const part of [0.1, 0.5, 0.9, 0.95, 1]) {
      const told = quantileMs(histogramOf(...waits), part, Math.max(...waits)) ?? Number.NaN;
      const longest = sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
      expect(bucketOf(Math.ceil(told)), `of ${part}: told ${told}, is ${longest}`).toBe(bucketOf(longest));
    }
  });

  it("never exceed the longest wait, not even where the last bucket has no end", () => {
    expect(quantileMs(histogramOf(120), 0.95, 120)).toBeLessThanOrEqual(120);
    expect(quantileMs(histogramOf(900_000), 1, 900_000)).toBe(900_000);
  });

  it("are not told where nothing waited", () => expect(quantileMs(EMPTY_HISTOGRAM, 0.5, 0)).toBeNull());

  it("of two hours together are those of the sum", () => {
    const both = addHistograms(histogramOf(40, 700), histogramOf(90_000));
    expect(countOf(both)).toBe(3);
    expect(both).toEqual(histogramOf(40, 700, 90_000));
  });
});

// Rows of performance scenarios: what reaches its mark, and how several runs become one.
import { describe, expect, it } from "vitest";

import { makeRow, median, medianRows, ratioAtLeast, valueAtMost } from "./row.ts";

const rate = (value: number, baseline: number) => makeRow({ scenario: "accept", row: "rate", value, unit: "/s", baseline: { name: "usual", value: baseline }, mark: ratioAtLeast(12) });

describe("a row", () => {
  it("reaches a mark of its ratio by value and baseline together", () => {
    expect(rate(5_000, 400)).toMatchObject({ ratio: 12.5, reached: true });
    expect(rate(5_000, 500)).toMatchObject({ ratio: 10, reached: false });
  });

  it("reaches a mark of its value whatever its baseline", () => {
    expect(makeRow({ scenario: "burst", row: "p99", value: 249, unit: "ms", mark: valueAtMost(250) }).reached).toBe(true);
    expect(makeRow({ scenario: "burst", row: "p99", value: 251, unit: "ms", mark: valueAtMost(250) }).reached).toBe(false);
  });

  it("reaches nothing when nothing was measured", () => {
    expect(rate(Number.NaN, 400).reached).toBe(false);
    expect(rate(5_000, Number.NaN).reached).toBe(false);
  });

  it("without a mark is told and held to nothing", () => {
    expect(makeRow({ scenario: "accept", row: "bare", value: 1, unit: "/s" })).toMatchObject({ mark: null, reached: true });
  });
});

describe("several runs", () => {
  it("are judged by the median of the ratios that were measured within one run each", () => {
    // The medians of value and baseline by themselves would say 5,000 / 400.
    const rows = medianRows([[rate(5_000, 500)], [rate(3_900, 390)], [rate(6_000, 400)]]);
    expect(rows).toMatchObject([{ value: 5_000, baseline: { value: 400 }, ratio: 10, reached: false }]);
  });

  it("keep rows of different scenarios apart, in the order in which they came", () => {
    const other = makeRow({ scenario: "burst", row: "rate", value: 1, unit: "/s" });
    expect(medianRows([[rate(1, 1), other], [rate(1, 1)]]).map(({ scenario }) => scenario)).toEqual(["accept", "burst"]);
  });

  it("of an even number lie between the two in the middle", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

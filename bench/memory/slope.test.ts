// The slope that the rise of memory is judged by.
import { describe, expect, it } from "vitest";

import { slope } from "./slope.ts";

describe("a slope", () => {
  it("is that of a line through all points", () => {
    expect(slope([[0, 1], [1, 3], [2, 5]])).toBeCloseTo(2);
  });

  it("of a sawtooth that always comes down again is small", () => {
    const points = Array.from({ length: 1_000 }, (_, index) => [index, 100 + (index % 10)] as const);
    expect(Math.abs(slope(points))).toBeLessThan(0.001);
  });

  it("of points at one place is no number, and so reaches no mark", () => {
    expect(slope([[1, 1], [1, 2]])).toBeNaN();
  });
});

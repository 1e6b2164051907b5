import { describe, expect, it } from "vitest";

import { orderWithinMoments, STOCK_POINTS_MAX, thinPoints, type StockPoint } from "./stock-over-time.server.ts";

const point = (index: number, available: number): StockPoint => ({ id: BigInt(index), at: new Date(index * 1_000), available, delta: null, seenBy: "notification", verdict: null, foreignDelta: null });

describe("thinning a picture's points", () => {
  it("leaves few points as they are", () => {
    const few = Array.from({ length: STOCK_POINTS_MAX }, (_, index) => point(index, index));
    expect(thinPoints(few)).toBe(few);
  });

  it("keeps the deepest dip, the highest peak, the end and what was asked for, in order, within its bound", () => {
    const many = Array.from({ length: 2_000 }, (_, index) => point(index, 100 + (index % 7)));
    many[701] = point(701, -40);
    many[1_203] = point(1_203, 900);
    const thin = thinPoints(many, new Set([33n]));
    const ids = thin.map(({ id }) => id);
    expect(thin.length).toBeLessThanOrEqual(STOCK_POINTS_MAX + 1);
    expect(ids).toEqual(ids.toSorted((a, b) => Number(a - b)));
    for (const id of [33n, 701n, 1_203n, 1_999n]) expect(ids).toContain(id);
  });
});

describe("numbers of one second", () => {
  it("follow one another as detection found them to, in whatever order they came", () => {
    const came = [point(1, 5), ...([[2, -3, -2], [3, 1, -4], [4, -1, -2]] as const).map(([index, available, delta]) => ({ ...point(index, available), at: new Date(9_000), delta }))];
    expect(orderWithinMoments(came).map(({ available }) => available)).toEqual([5, 1, -1, -3]);
  });

  it("stay as they came where nothing is known of them", () => {
    const came = [point(1, 5), { ...point(2, 3), at: new Date(1_000) }, { ...point(3, 9), at: new Date(1_000) }];
    expect(orderWithinMoments(came).map(({ available }) => available)).toEqual([5, 3, 9]);
  });
});

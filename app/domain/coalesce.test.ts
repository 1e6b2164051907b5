// Goal: summing changes into entries and sharing an entry's answer out again loses no unit.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { coalesce, ENTRY_UNITS_MAX, shareOut } from "./coalesce.ts";

const change = (id: number, delta: number, inventoryItemId = "1", locationId = "1") => ({ id: BigInt(id), inventoryItemId, locationId, delta });

describe("coalescing", () => {
  it("makes one entry per item and location, oldest first, and keeps every change in one of them", () => {
    const entries = coalesce([change(3, -1, "2"), change(1, -1), change(2, 2), change(4, -5, "1", "9")]);
    expect(entries.map(({ inventoryItemId, locationId, delta }) => [inventoryItemId, locationId, delta])).toEqual([
      ["1", "1", 1],
      ["2", "1", -1],
      ["1", "9", -5],
    ]);
  });

  it("leaves for a later call what would lift an entry over Shopify's limit", () => {
    const [entry] = coalesce([change(1, -ENTRY_UNITS_MAX + 1), change(2, -1), change(3, -1)]);
    expect(entry?.delta).toBe(-ENTRY_UNITS_MAX);
    expect(entry?.changes.map(({ id }) => id)).toEqual([1n, 2n]);
  });
});

describe("sharing an answer out", () => {
  it("walks from before the entry to after it, without a gap", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 20 }), fc.integer({ min: -100, max: 100 }), (deltas, after) => {
        const shared = shareOut(deltas.map((delta, index) => change(index, delta)), after);
        expect(shared.at(-1)?.after).toBe(after);
        for (const [index, { change: one, before, after: next }] of shared.entries()) {
          expect((next ?? 0) - (before ?? 0)).toBe(one.delta);
          expect(before).toBe(index === 0 ? before : shared[index - 1]?.after);
        }
      }),
    );
  });

  it("says nothing where Shopify said nothing", () => {
    expect(shareOut([change(1, -1)], null)).toMatchObject([{ before: null, after: null }]);
  });
});

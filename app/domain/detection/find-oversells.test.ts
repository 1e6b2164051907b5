import { describe, expect, it } from "vitest";

import { seededRandom } from "#tests/setup/seeded-random.ts";
import { findOversells, type LocationStock } from "./find-oversells.ts";

const stock = (locationId: string, available: number | null, more: Partial<LocationStock> = {}): LocationStock => ({ locationId, available, ships: true, pending: 0, hidden: 0, ...more });
const kinds = (stocks: readonly LocationStock[]) => findOversells(stocks).map(({ locationId, kind, depth, short }) => `${locationId} ${kind} ${depth}/${short}`);

describe("an item", () => {
  it("that has enough is not oversold", () => {
    expect(findOversells([stock("a", 0), stock("b", 5), stock("c", null)])).toEqual([]);
  });

  it("is oversold by what no location can cover", () => {
    expect(kinds([stock("a", -3), stock("b", 1)])).toEqual(["a oversold 3/2"]);
  });

  it("has stock to move where another location covers it, and says which", () => {
    expect(findOversells([stock("a", -3), stock("b", 1), stock("c", 4)])).toEqual([{ locationId: "a", kind: "move_stock", depth: 3, short: 0, movable: [{ locationId: "c", available: 3 }] }]);
  });

  it("gets nothing from a location that does not ship", () => {
    expect(kinds([stock("a", -2), stock("b", 9, { ships: false })])).toEqual(["a oversold 2/2"]);
  });

  it("is promised what Holdfast has still to take", () => {
    expect(kinds([stock("a", 2, { pending: -5 })])).toEqual(["a oversold 3/3"]);
  });

  it("lacks nothing that preorders took, and has nothing of them to give", () => {
    expect(kinds([stock("a", -3, { preordered: 3 })])).toEqual([]);
    expect(kinds([stock("a", -3, { preordered: 1 }), stock("b", 1)])).toEqual(["a oversold 2/1"]);
    expect(kinds([stock("a", -3, { preordered: 9 }), stock("b", -1)])).toEqual(["b oversold 1/1"]);
    expect(kinds([stock("a", 2, { hidden: 6, preordered: 3 })])).toEqual(["a likely_oversold 1/1"]);
  });

  it("is likely oversold where only a foreign number says otherwise", () => {
    expect(kinds([stock("a", 4, { hidden: 6 })])).toEqual(["a likely_oversold 2/2"]);
    expect(kinds([stock("a", -1, { hidden: 6 })])).toEqual(["a oversold 7/7"]);
  });

  it("never gives a unit away twice, and finds every missing one", () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = seededRandom(seed);
      const stocks = Array.from({ length: random.between(1, 6) }, (_, index) =>
        stock(String(index), random.chance(0.1) ? null : random.between(-8, 8), { ships: random.chance(0.8), pending: random.between(-3, 1), hidden: random.chance(0.3) ? random.between(0, 5) : 0 }));
      const effective = new Map(stocks.map((of) => [of.locationId, of.available === null ? 0 : of.available + of.pending - of.hidden]));
      const found = findOversells(stocks);
      const given = Map.groupBy(found.flatMap(({ movable }) => movable), ({ locationId }) => locationId);
      for (const [giver, parts] of given) {
        expect(parts.reduce((sum, { available }) => sum + available, 0), `seed ${seed}`).toBeLessThanOrEqual(effective.get(giver) ?? 0);
        expect(stocks.find(({ locationId }) => locationId === giver)?.ships, `seed ${seed}`).toBe(true);
      }
      const lacking = [...effective.values()].filter((units) => units < 0).reduce((sum, units) => sum - units, 0);
      const spare = stocks.filter(({ ships }) => ships).reduce((sum, { locationId }) => sum + Math.max(0, effective.get(locationId) ?? 0), 0);
      expect(found.reduce((sum, { depth }) => sum + depth, 0), `seed ${seed}`).toBe(lacking);
      expect(found.reduce((sum, { short }) => sum + short, 0), `seed ${seed}`).toBe(Math.max(0, lacking - spare));
    }
  });
});

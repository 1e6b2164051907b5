// What was prevented: only what can be measured in this shop, each with its evidence.
import { describe, expect, it } from "vitest";

import { type PreventedInput, preventedLines } from "./prevented-view.ts";

const NONE = { overwrites: 0, doubledCalls: 0, refusedHolds: 0, refusedUnits: 0 };
const lines = (input: Partial<PreventedInput> = {}) =>
  preventedLines({
    today: { orderDuplicatesStopped: 2, lostAnswers: 0 },
    week: { orderDuplicatesStopped: 9, lostAnswers: 0 },
    found: { today: NONE, week: { ...NONE, overwrites: 3 } },
    missed: { todayCount: 1, count: 4 },
    holdsUsed: false,
    mode: "observe",
    ...input,
  });
const kinds = (input?: Partial<PreventedInput>) => lines(input).map(({ kind }) => kind);

describe("preventedLines", () => {
  it("leaves out what cannot happen in this shop", () => {
    expect(kinds()).toEqual(["duplicates", "missed", "overwrites"]);
    expect(kinds({ holdsUsed: true })).toContain("holds");
    expect(kinds({ mode: "enforce" })).toEqual(["duplicates", "missed", "answers", "overwrites", "doubled"]);
    // It protected until a moment ago.
    expect(kinds({ week: { orderDuplicatesStopped: 0, lostAnswers: 1 } })).toContain("answers");
  });

  it("counts today and the week, zero included", () => {
    expect(lines().map(({ today, week }) => [today, week])).toEqual([[2, 9], [1, 4], [0, 3]]);
  });

  it("opens each number into its evidence", () => {
    expect(lines({ mode: "enforce", holdsUsed: true }).every(({ url }) => url.startsWith("/app/"))).toBe(true);
  });
});

// The words for one item's comparison.
import { describe, expect, it } from "vitest";

import { comparisonWords } from "./compare-view.ts";

describe("the comparison of one item", () => {
  it("says that the numbers are the same, and at how many locations", () => {
    expect(comparisonWords({ kind: "compared", placeCount: 1, differences: [], unsettled: [] })).toEqual({ tone: "success", title: "Shopify and Holdfast have the same number.", sentences: ["1 location was compared just now."] });
    expect(comparisonWords({ kind: "compared", placeCount: 3, differences: [], unsettled: [] }).sentences).toEqual(["3 locations were compared just now."]);
  });

  it("shows both numbers of each location that differs, and which has to be asked again", () => {
    const words = comparisonWords({ kind: "compared", placeCount: 3, differences: [{ location: "Main", shopify: 9, known: 7 }], unsettled: ["Shop"] });
    expect(words).toMatchObject({ tone: "warning", title: "The numbers differ at 1 location." });
    expect(words.sentences.slice(0, 2)).toEqual(["Main: Shopify 9, known 7.", "Shop: something is on its way there; ask again in a minute."]);
  });

  it("calls moving stock neither right nor wrong", () => {
    expect(comparisonWords({ kind: "compared", placeCount: 1, differences: [], unsettled: ["Main"] }).tone).toBe("info");
  });

  it("says when to ask again while Shopify cannot be asked", () => {
    expect(comparisonWords({ kind: "later", afterMs: 2_000 }).title).toBe("Shopify cannot be asked just now. Try again in 2 seconds.");
  });
});

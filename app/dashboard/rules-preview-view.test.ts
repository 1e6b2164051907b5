// A preview of rules, in sentences.
import { describe, expect, it } from "vitest";

import { EMPTY_PREVIEW } from "#app/domain/preview-rules.ts";

import { exampleText, previewSentences } from "./rules-preview-view.ts";

const said = (preview: Partial<typeof EMPTY_PREVIEW>, orderCount = 412, cut = false) => previewSentences({ preview: { ...EMPTY_PREVIEW, ...preview }, orderCount, cut });

describe("the preview of rules", () => {
  it("says how many orders the rules would have changed, and how that differs from the rules in force", () => {
    expect(said({ touchedCount: 38, unitsTaken: 51, touchedBefore: 12, differentCount: 26 })).toEqual([
      "Of the 412 orders of the last 24 hours, these rules would have changed stock for 38, taking 51 units.",
      "The rules in force come to 12; for 26 orders the two differ.",
    ]);
    expect(said({ touchedCount: 1, unitsTaken: 1, touchedBefore: 1 }, 1)).toEqual([
      "Of the one order of the last 24 hours, these rules would have changed stock for 1, taking 1 unit.",
      "The rules in force come to the same.",
    ]);
  });

  it("says that older orders were left out, that some would only be watched, and what needs review", () => {
    const sentences = said({ touchedCount: 9, unitsTaken: 9, watchedCount: 1, questionCount: 2 }, 2_000, true);
    expect(sentences[0]).toContain("the newest 2,000 orders");
    expect(sentences.slice(2)).toEqual(["1 order of them would only be watched: its source has not been seen to leave stock alone often enough, or is paused.", "2 lines would need review."]);
  });

  it("says so when there was nothing to try them on", () => {
    expect(said({}, 0)).toEqual(["There was no order in the last 24 hours to try these rules on."]);
  });

  it("shows what an order would take, beside what it takes by the rules in force", () => {
    const items = [{ name: "Candle - Default Title", delta: -2 }, { name: "Mug", delta: -1 }];
    expect(exampleText({ items, savedItems: [], questionCount: 0, watchedBecause: null })).toBe("−2 Candle, −1 Mug; by the rules in force nothing");
    expect(exampleText({ items, savedItems: null, questionCount: 0, watchedBecause: "source_unconfirmed" })).toBe("−2 Candle, −1 Mug, only watched");
    expect(exampleText({ items: [], savedItems: items, questionCount: 1, watchedBecause: null })).toContain("needs review; by");
  });
});

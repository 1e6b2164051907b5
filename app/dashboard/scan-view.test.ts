import { describe, expect, it } from "vitest";

import { lastCheckSummary, lastCheckText, scanProgress, uncheckedText } from "./scan-view.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const finishedAt = new Date(NOW - 12 * 60_000);
const running = { kind: "stock", state: "reading", checkedCount: 4_210, totalCount: 4_380, lineCount: 8_760, linesRead: 8_420, toConfirmCount: 0 } as const;

describe("the last check", () => {
  it("says how many of how many were checked, and when", () => {
    expect(lastCheckText({ checkedCount: 4_210, totalCount: 4_380, finishedAt }, NOW)).toBe("4,210 of 4,380 items were checked 12 minutes ago");
    expect(lastCheckText({ checkedCount: 4_380, totalCount: 4_380, finishedAt }, NOW)).toBe("All 4,380 items were checked 12 minutes ago");
    expect(lastCheckText({ checkedCount: 1, totalCount: 1, finishedAt }, NOW)).toBe("The only item was checked 12 minutes ago");
    expect(lastCheckText({ checkedCount: 0, totalCount: 0, finishedAt }, NOW)).toBe("There were no items to be checked 12 minutes ago");
  });

  it("says why some were not", () => {
    expect(uncheckedText({ checkedCount: 5, totalCount: 5 })).toBeNull();
    expect(uncheckedText({ checkedCount: 4, totalCount: 5 })).toBe("1 item sold so fast that its number never held still; it is looked at again next time.");
    expect(uncheckedText({ checkedCount: 1, totalCount: 5 })).toContain("4 items sold so fast that their numbers");
  });

  it("sums up what it took and found", () => {
    expect(lastCheckSummary({ startedAt: new Date(NOW - 12 * 60_000 - 41_000), finishedAt, mismatchCount: 2 })).toBe("It took 41 seconds; 2 numbers differed.");
    expect(lastCheckSummary({ startedAt: finishedAt, finishedAt, mismatchCount: 0 })).toBe("It took 1 second; nothing differed.");
  });
});

describe("a check under way", () => {
  it("says how far it is by what is known of its length", () => {
    expect(scanProgress({ ...running, state: "starting" })).toEqual({ percent: 0, text: "Asking Shopify for the list of all stock." });
    expect(scanProgress({ ...running, state: "running", lineCount: 3_000 })).toEqual({ percent: null, text: "Shopify is writing the list of all stock: 3,000 lines so far." });
    expect(scanProgress(running)).toEqual({ percent: 96, text: "4,210 of 4,380 items checked." });
    expect(scanProgress({ ...running, totalCount: null })).toEqual({ percent: 96, text: "4,210 items checked so far." });
  });

  it("says that what differs is looked at once more, and that orders are read when they are", () => {
    expect(scanProgress({ ...running, state: "confirming", toConfirmCount: 1 }).text).toContain("1 number differs and is read once more");
    expect(scanProgress({ ...running, state: "confirming" }).text).toBe("4,210 items checked; finishing.");
    expect(scanProgress({ ...running, kind: "orders" })).toMatchObject({ percent: null, text: expect.stringContaining("orders") });
  });
});

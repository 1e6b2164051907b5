import { describe, expect, it } from "vitest";

import { overwriteStory, overwrittenUrl, readOverwriteView, writerAdvice, writerRhythmMs } from "./overwrite-view.ts";

const MINUTE = 60_000;
const at = (minutes: number) => new Date(Date.UTC(2026, 10, 21, 12) + minutes * MINUTE);

describe("the rhythm of a writer", () => {
  it("is seen through lateness, double writes and beats at which nothing had changed", () => {
    const writes = [0, 15.2, 30, 30.1, 60.4, 75].map(at);
    expect(writerRhythmMs(writes)).toBeGreaterThan(14.5 * MINUTE);
    expect(writerRhythmMs(writes)).toBeLessThan(15.5 * MINUTE);
    expect(writerRhythmMs(writes.toReversed())).toBe(writerRhythmMs(writes));
  });

  it("is none where people work, and none in too few writes", () => {
    expect(writerRhythmMs([0, 3, 47, 52, 190].map(at))).toBeNull();
    expect(writerRhythmMs([0, 15, 30].map(at))).toBeNull();
    expect(writerRhythmMs([])).toBeNull();
  });
});

describe("the advice on a writer", () => {
  it("names the interval, and that a whole list was written", () => {
    const [timer, list, ...none] = writerAdvice({ timesLastDay: 12, rhythmMs: 15.2 * MINUTE, othersAtOnce: 37 });
    expect(timer).toContain("about every 15 minutes");
    expect(list).toContain("37 other items were overwritten in the same minute");
    expect(none).toEqual([]);
  });

  it("thinks of a person where neither is seen", () => {
    expect(writerAdvice({ timesLastDay: 1, rhythmMs: null, othersAtOnce: 0 })).toEqual([expect.stringContaining("A person does this")]);
    expect(writerAdvice({ timesLastDay: 3, rhythmMs: null, othersAtOnce: 0 })).toEqual([expect.stringContaining("at no steady interval")]);
  });
});

describe("an overwrite", () => {
  it("is told with the earlier moment, what was taken, and what is on sale again", () => {
    const story = overwriteStory({ at: at(31), sameAsAt: at(2), valueBefore: 97, valueWritten: 100, unitsAtRisk: 3 }, "UTC");
    expect(story).toEqual([
      "Until 21 Nov 2026, 12:02:00 the number was 100.",
      "Then 3 units were taken, and 97 were left.",
      expect.stringContaining("At 21 Nov 2026, 12:31:00 another app or a person wrote 100 again."),
      "3 units that are sold are on sale again.",
    ]);
  });

  it("has an address for each view, and takes what it does not know for what is open", () => {
    expect(overwrittenUrl("open")).toBe("/app/overwritten");
    expect(overwrittenUrl("all", { item: "7", older: "abc" })).toBe("/app/overwritten?show=all&item=7&older=abc");
    expect([readOverwriteView("repaired"), readOverwriteView("nonsense"), readOverwriteView(null)]).toEqual(["repaired", "open", "open"]);
  });
});

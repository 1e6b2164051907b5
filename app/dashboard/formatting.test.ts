// Numbers and times as merchants read them.
import { describe, expect, it } from "vitest";

import { formatCount, formatDelta, formatDuration, formatElapsed, formatExact, formatHour, formatQuantity, formatRecent, formatRelative, plural } from "./formatting.ts";

describe("numbers", () => {
  it.each([[0, "0"], [999, "999"], [1000, "1,000"], [1234567, "1,234,567"]])("groups %d as %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it("gives signs to changes and to stock below zero", () => {
    expect([formatDelta(3), formatDelta(-1200), formatQuantity(-2), formatQuantity(7), formatQuantity(null)]).toEqual(["+3", "−1,200", "−2", "7", "not known"]);
  });

  it("counts one and many", () => {
    expect([plural(1, "change"), plural(0, "change"), plural(2, "entry", "entries")]).toEqual(["1 change", "0 changes", "2 entries"]);
  });
});

describe("times", () => {
  const at = Date.parse("2026-11-21T14:05:09Z");
  it.each([[59_999, "just now"], [60_000, "1 minute ago"], [3_599_999, "59 minutes ago"], [7_200_000, "2 hours ago"], [172_800_000, "2 days ago"], [-5_000, "just now"]])(
    "says %d ms later: %s",
    (laterMs, text) => {
      expect(formatRelative(at, at + laterMs)).toBe(text);
    },
  );

  it("shows the shop's clock", () => {
    expect(formatExact(new Date(at), "America/New_York")).toBe("21 Nov 2026, 09:05:09");
    expect(formatExact(new Date("2026-11-21T00:00:00Z"), "UTC")).toBe("21 Nov 2026, 00:00:00");
    expect(formatHour(new Date(at), "Asia/Tokyo")).toBe("21 Nov, 23:05");
  });

  it("adds the clock to what is less than an hour old, so that two orders of a rush can be told apart", () => {
    const say = (laterMs: number) => formatRecent(new Date(at), at + laterMs, "America/New_York");
    expect([say(0), say(3_599_999), say(3_600_000)]).toEqual(["just now, 09:05:09", "59 minutes ago, 09:05:09", "1 hour ago"]);
  });

  it("measures short and long spans", () => {
    expect([formatElapsed(240), formatElapsed(3_100), formatElapsed(125_000), formatDuration(45_000), formatDuration(-5)]).toEqual(["240 ms", "3.1 s", "2 minutes", "45 seconds", "0 seconds"]);
  });
});

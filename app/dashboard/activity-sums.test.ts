// Sums of quarters of an hour: today, the chart's hours, and the trend against the day before.
import { describe, expect, it } from "vitest";

import { stepsOfActivity, sumActivity, sumByNow, trendText } from "./activity-sums.ts";
import type { QuarterOfActivity } from "./queries/home-activity.server.ts";

const quarter = (at: string, numbers: Partial<QuarterOfActivity>): QuarterOfActivity => ({
  startedAt: new Date(`2026-11-21T${at}:00Z`),
  orderNotifications: 0,
  stockNotifications: 0,
  duplicates: 0,
  orderDuplicates: 0,
  applied: 0,
  shown: 0,
  lostAnswers: 0,
  lockWaits: 0,
  lockWaitMsMax: 0,
  ...numbers,
});
const at = (time: string) => new Date(`2026-11-21T${time}:00Z`);

describe("sumActivity", () => {
  it("adds up what lies between two moments, and takes the longest wait", () => {
    const quarters = [quarter("09:45", { applied: 9 }), quarter("10:00", { applied: 2, lockWaits: 1, lockWaitMsMax: 40 }), quarter("10:15", { applied: 3, lockWaitMsMax: 30 }), quarter("10:30", { applied: 5 })];
    expect(sumActivity(quarters, at("10:00"), at("10:30"))).toMatchObject({ changesApplied: 5, lockWaits: 1, lockWaitMsMax: 40 });
    expect(sumActivity(quarters, at("10:00")).changesApplied).toBe(10);
    expect(sumActivity([], at("10:00"))).toMatchObject({ changesApplied: 0, lockWaitMsMax: 0 });
  });
});

describe("stepsOfActivity", () => {
  it("puts quarters into the shop's hours, also where those begin at half past", () => {
    const quarters = [quarter("09:15", { applied: 1 }), quarter("09:30", { applied: 2 }), quarter("10:15", { applied: 4, duplicates: 1 }), quarter("10:30", { shown: 8 })];
    expect(stepsOfActivity(quarters, at("09:30"), 60 * 60_000, 2).map(({ applied, shown, duplicatesStopped }) => [applied, shown, duplicatesStopped])).toEqual([[6, 0, 1], [0, 8, 0]]);
  });
});

describe("sumByNow", () => {
  it("takes as much of the last quarter as has passed of it", () => {
    const quarters = [quarter("10:00", { applied: 10 }), quarter("10:15", { applied: 9 }), quarter("10:30", { applied: 100 })];
    expect(sumByNow(quarters, "applied", at("10:00"), at("10:20"))).toBe(13);
  });
});

describe("trendText", () => {
  it("says more, less or the same in a few words", () => {
    expect(trendText(112, 100)).toBe("12 % more than yesterday by now");
    expect(trendText(88, 100)).toBe("12 % less than yesterday by now");
    expect(trendText(100, 100)).toBe("as many as yesterday by now");
    expect(trendText(1_001, 1_000)).toBe("as many as yesterday by now");
    expect(trendText(900, 100)).toBe("9 times yesterday's by now");
  });

  it("makes no percentage of little, and nothing of a day that Holdfast did not see", () => {
    expect(trendText(6, 3)).toBe("3 yesterday by now");
    expect(trendText(6, 0)).toBe("0 yesterday by now");
    expect(trendText(0, 0)).toBeNull();
    expect(trendText(6, null)).toBeNull();
  });
});

// What Home says first.
import { describe, expect, it } from "vitest";

import { describeHomeState, LAG_PROBLEM_MS, oldestWaiting, type HomeStateInput } from "./home-state.ts";
import type { HomeNumbers } from "./queries/home-numbers.server.ts";

const NOW_MS = Date.parse("2026-11-21T14:00:00Z");
const QUIET: HomeNumbers = {
  orderNotifications: 4,
  stockNotifications: 3,
  duplicatesStopped: 1,
  changesApplied: 2,
  changesShown: 0,
  waiting: 0,
  parked: 0,
  lockWaits: 0,
  lockWaitMsMax: 0,
  oldestNotificationAt: null,
  oldestChangeAt: null,
  lastNotificationAt: new Date(NOW_MS - 1_000),
  pausedSources: [],
};

const titleOf = (numbers: Partial<HomeNumbers>, rest: Partial<HomeStateInput> = {}) =>
  describeHomeState({ numbers: { ...QUIET, ...numbers }, holdsWaiting: 0, mode: "enforce", mayWrite: true, nowMs: NOW_MS, ...rest }).title;

describe("describeHomeState", () => {
  it("says that there are no known problems when there are none", () => {
    expect(titleOf({})).toBe("No known problems");
  });

  it("asks for a decision on holds whose order nobody saw, after what needs review", () => {
    expect(titleOf({}, { holdsWaiting: 1 })).toBe("1 hold needs your decision");
    expect(titleOf({ parked: 2 }, { holdsWaiting: 3 })).toBe("2 changes need your review");
  });

  it("waits for the first order in a new install", () => {
    expect(titleOf({ lastNotificationAt: null }, { mode: "observe" })).toBe("Ready, waiting for the first order");
  });

  it("names the problem that has to be dealt with first", () => {
    const all: Partial<HomeNumbers> = { pausedSources: ["name:shelf"], parked: 2, oldestNotificationAt: new Date(NOW_MS - 2 * LAG_PROBLEM_MS) };
    expect(titleOf(all, { mayWrite: false })).toBe("Holdfast may not change stock");
    expect(titleOf(all)).toBe("An order source was paused");
    expect(titleOf({ ...all, pausedSources: [] })).toBe("2 changes need your review");
    expect(titleOf({ ...all, pausedSources: [], parked: 0 })).toBe("Work has been waiting for 2 minutes");
  });

  it("speaks of one change as of one", () => {
    expect(titleOf({ parked: 1 })).toBe("1 change needs your review");
  });

  it("does not call work in progress a problem", () => {
    expect(titleOf({ oldestNotificationAt: new Date(NOW_MS - LAG_PROBLEM_MS) })).toBe("No known problems");
  });

  it("does not call changes late that wait because Holdfast only watches", () => {
    const waiting = { oldestChangeAt: new Date(NOW_MS - 10 * LAG_PROBLEM_MS) };
    expect(titleOf(waiting, { mode: "observe" })).toBe("No known problems");
    expect(titleOf(waiting, { mode: "enforce" })).toBe("Work has been waiting for 10 minutes");
  });

  it("does not ask a merchant who only watches for the write permission", () => {
    expect(titleOf({}, { mode: "observe", mayWrite: false })).toBe("No known problems");
  });
});

describe("oldestWaiting", () => {
  const ago = (ms: number) => new Date(NOW_MS - ms);

  it("is the older of a notification and a change, and nothing when nothing waits", () => {
    expect(oldestWaiting(QUIET, "enforce", NOW_MS)).toBeNull();
    expect(oldestWaiting({ ...QUIET, oldestNotificationAt: ago(2_000), oldestChangeAt: ago(5_000) }, "enforce", NOW_MS)).toEqual({ what: "change", ageMs: 5_000 });
    expect(oldestWaiting({ ...QUIET, oldestNotificationAt: ago(9_000), oldestChangeAt: ago(5_000) }, "enforce", NOW_MS)).toEqual({ what: "notification", ageMs: 9_000 });
  });

  it("does not count changes while Holdfast only watches, nor an age below zero", () => {
    expect(oldestWaiting({ ...QUIET, oldestChangeAt: ago(5_000) }, "observe", NOW_MS)).toBeNull();
    expect(oldestWaiting({ ...QUIET, oldestChangeAt: ago(-5_000) }, "enforce", NOW_MS)).toEqual({ what: "change", ageMs: 0 });
  });
});

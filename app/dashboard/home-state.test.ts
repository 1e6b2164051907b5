// What Home says first, what it says besides, and what "no known problems" rests on.
import { describe, expect, it } from "vitest";

import { describeHomeState, LAG_PROBLEM_MS, oldestWaiting, proofText, shortTitle, type HomeStateInput } from "./home-state.ts";
import type { StandingNumbers } from "./queries/home-numbers.server.ts";
import type { HomeProblems, OpenOversell } from "./queries/home-problems.server.ts";
import type { FinishedScan } from "./queries/scan-standing.server.ts";

const NOW_MS = Date.parse("2026-11-21T14:00:00Z");
const QUIET: StandingNumbers = {
  waiting: 0,
  notificationsWaiting: 0,
  parked: 0,
  oldestNotificationAt: null,
  oldestChangeAt: null,
  lastNotificationAt: new Date(NOW_MS - 1_000),
  pausedSources: [],
};
const NOTHING: HomeProblems = { oversells: 0, oversell: null, stockToMove: 0, overwritten: 0, mismatches: 0, mismatchesToCorrect: 0, parkedPushes: 0, failedAlerts: 0 };
const SHORT: OpenOversell = {
  id: 7n,
  title: "Blue mug - Default Title",
  sku: "MUG",
  inventoryItemId: "51",
  locationName: "Main",
  short: 2,
  shortOrders: [{ orderId: "1001", name: "#1044", units: 2 }],
};
const HOLDS = { waitingForPerson: 0, refundsRequired: 0 };

interface Given {
  readonly numbers?: Partial<StandingNumbers>;
  readonly problems?: Partial<HomeProblems>;
  readonly holds?: Partial<HomeStateInput["holds"]>;
  readonly rest?: Partial<HomeStateInput>;
}

const stateOf = ({ numbers, problems, holds, rest }: Given = {}) =>
  describeHomeState({
    numbers: { ...QUIET, ...numbers },
    problems: { ...NOTHING, ...problems },
    holds: { ...HOLDS, ...holds },
    mode: "enforce",
    mayWrite: true,
    mayNotHold: false,
    work: { kind: "working" },
    scan: { last: null, running: null },
    nowMs: NOW_MS,
    ...rest,
  });
const titleOf = (given: Given = {}) => stateOf(given).title;

describe("describeHomeState", () => {
  it("says that there are no known problems when there are none, and nothing besides", () => {
    expect(stateOf()).toMatchObject({ title: "No known problems", tone: "success", also: [] });
  });

  it("names the order that is short of stock, and leads straight to it", () => {
    expect(stateOf({ problems: { oversells: 1, oversell: SHORT } })).toMatchObject({
      tone: "critical",
      title: "Order #1044 is short of 2 × Blue mug",
      action: { url: "/app/oversells/7" },
    });
  });

  it("leads to the list when several items are oversold, and still names one", () => {
    const state = stateOf({ problems: { oversells: 3, oversell: SHORT } });
    expect(state).toMatchObject({ title: "Orders are short of stock: 3 items were oversold", action: { url: "/app/oversells" } });
    expect(state.text).toContain("order #1044 is short of 2 × Blue mug");
  });

  it("puts buyers and their money first, then what stops the work, then what waits for a decision", () => {
    const everything: Given = {
      numbers: { pausedSources: ["name:shelf"], parked: 2, oldestNotificationAt: new Date(NOW_MS - 2 * LAG_PROBLEM_MS) },
      problems: { oversells: 1, oversell: SHORT, stockToMove: 1, overwritten: 3, mismatches: 4, mismatchesToCorrect: 1, parkedPushes: 1, failedAlerts: 1 },
      holds: { waitingForPerson: 3, refundsRequired: 1 },
      rest: { mayWrite: false, mayNotHold: true, work: { kind: "unanswered", forMs: 16 * 60_000 } },
    };
    const { title, also } = stateOf(everything);
    expect([title, ...also.map(({ text }) => text)]).toEqual([
      "Order #1044 is short of 2 × Blue mug",
      "1 refund to make sure of",
      "The permission to change inventory is missing",
      "Order source paused: shelf",
      "Shopify has not answered for 16 minutes",
      "3 holds need your decision",
      "2 changes need your review",
      "Stock was overwritten 3 times",
      "4 stock numbers do not match",
      "Your stock system did not take 1 change",
      "The permission to hold fulfilment is missing",
      "1 item is at the wrong location",
      "1 alert could not be delivered",
      "Work has been waiting for 2 minutes",
    ]);
  });

  it("says each problem by itself when it is the only one, with a way to what is to be done", () => {
    const alone: readonly (readonly [Given, string])[] = [
      [{ rest: { mayWrite: false } }, "Holdfast may not change stock"],
      [{ numbers: { pausedSources: ["name:shelf"] } }, "An order source was paused"],
      [{ holds: { refundsRequired: 2 } }, "2 payments came too late this week"],
      [{ holds: { waitingForPerson: 1 } }, "1 hold needs your decision"],
      [{ numbers: { parked: 1 } }, "1 change needs your review"],
      [{ problems: { overwritten: 1 } }, "Stock was overwritten once"],
      [{ problems: { mismatches: 1 } }, "1 stock number does not match"],
      [{ rest: { work: { kind: "stopped", forMs: 700_000 } } }, "Holdfast's background worker has not been seen for 11 minutes"],
    ];
    for (const [given, title] of alone) {
      const state = stateOf(given);
      expect(state.title).toBe(title);
      expect(state.action).toBeDefined();
      expect(state.also).toEqual([]);
    }
  });

  it("asks for the missing permission in place", () => {
    expect(stateOf({ rest: { mayWrite: false } }).action).toEqual({ label: "Grant the permission", permission: "write_inventory" });
  });

  it("waits for the first order in a new install", () => {
    expect(titleOf({ numbers: { lastNotificationAt: null }, rest: { mode: "observe" } })).toBe("Ready, waiting for the first order");
  });

  it("does not call work in progress a problem, nor waiting twice when the worker stands still", () => {
    expect(titleOf({ numbers: { oldestNotificationAt: new Date(NOW_MS - LAG_PROBLEM_MS) } })).toBe("No known problems");
    const late = { numbers: { oldestNotificationAt: new Date(NOW_MS - 10 * LAG_PROBLEM_MS) } };
    expect(titleOf(late)).toBe("Work has been waiting for 10 minutes");
    expect(stateOf({ ...late, rest: { work: { kind: "stopped", forMs: 700_000 } } }).also).toEqual([]);
  });

  it("does not call changes late that wait because Holdfast only watches, nor asks who only watches for the write permission", () => {
    const numbers = { oldestChangeAt: new Date(NOW_MS - 10 * LAG_PROBLEM_MS) };
    expect(titleOf({ numbers, rest: { mode: "observe", mayWrite: false } })).toBe("No known problems");
    expect(titleOf({ numbers })).toBe("Work has been waiting for 10 minutes");
  });
});

describe("shortTitle", () => {
  it("names up to two orders, and counts the others", () => {
    const order = (name: string, units = 1) => ({ orderId: "1", name, units });
    const title = (...shortOrders: OpenOversell["shortOrders"]) => shortTitle({ ...SHORT, shortOrders });
    expect(title(order("#1"), order("#2", 3))).toBe("Orders #1 and #2 are short of 4 × Blue mug");
    expect(title(order("#1"), order("#2"), order("#3"), order("#4"))).toBe("Orders #1, #2 and 2 more are short of 4 × Blue mug");
    expect(title()).toBe("2 × Blue mug too many were sold");
  });
});

describe("proofText", () => {
  const last: FinishedScan = { id: 1n, startedAt: new Date(NOW_MS), finishedAt: new Date(NOW_MS - 12 * 60_000), reason: "scheduled", requestedBy: "holdfast", totalCount: 4_380, checkedCount: 4_210, mismatchCount: 0 };

  it("says how much was checked, and when", () => {
    expect(proofText({ last, running: null }, NOW_MS)).toBe("4,210 of 4,380 stock numbers were checked against Shopify 12 minutes ago.");
    expect(proofText({ last: { ...last, checkedCount: 4_380 }, running: null }, NOW_MS)).toBe("All 4,380 stock numbers were checked against Shopify 12 minutes ago.");
    expect(proofText({ last: { ...last, totalCount: 0, checkedCount: 0 }, running: null }, NOW_MS)).toBeNull();
    expect(proofText({ last: null, running: null }, NOW_MS)).toBeNull();
  });

  it("stands behind no known problems", () => {
    expect(stateOf({ rest: { scan: { last, running: null } } }).text).toContain("4,210 of 4,380");
  });
});

describe("oldestWaiting", () => {
  const ago = (ms: number) => new Date(NOW_MS - ms);

  it("is the older of a notification and a change, and nothing when nothing waits", () => {
    expect(oldestWaiting(QUIET, "enforce", NOW_MS)).toBeNull();
    expect(oldestWaiting({ ...QUIET, oldestNotificationAt: ago(2_000), oldestChangeAt: ago(5_000) }, "enforce", NOW_MS)).toEqual({ what: "change", ageMs: 5_000 });
    expect(oldestWaiting({ ...QUIET, oldestNotificationAt: ago(2_000), oldestChangeAt: ago(5_000) }, "observe", NOW_MS)).toEqual({ what: "notification", ageMs: 2_000 });
  });

  it("counts a moment ahead of this clock as now", () => {
    expect(oldestWaiting({ ...QUIET, oldestNotificationAt: ago(-400) }, "enforce", NOW_MS)?.ageMs).toBe(0);
  });
});

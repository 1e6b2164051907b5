// How the connection fares, in words: good, slow, not working, or not known yet.
import { describe, expect, it } from "vitest";

import { describeHealth, judgeWork, type HealthInput, UNANSWERED_MS, WORKER_MISSING_MS } from "./connection-health.ts";
import type { ConnectionFacts } from "./queries/connection-health.server.ts";

const NOW_MS = Date.parse("2026-11-21T14:00:00Z");
const ago = (ms: number) => new Date(NOW_MS - ms);
const MINUTE_MS = 60_000;
const LONG_AGO = ago(90 * 24 * 60 * MINUTE_MS);

const FACTS: ConnectionFacts = {
  latenessMsP50: 300,
  latenessMsP95: 1_200,
  latenessCount: 500,
  roundAt: ago(3 * MINUTE_MS),
  roundDueAt: ago(-2 * MINUTE_MS),
  roundBegun: true,
  roundHalfDone: false,
  answerAt: ago(3 * MINUTE_MS),
};

const health = (input: Partial<HealthInput> = {}) =>
  describeHealth({
    facts: FACTS,
    numbers: { waiting: 0, notificationsWaiting: 0, parked: 0, oldestNotificationAt: null, oldestChangeAt: null, lastNotificationAt: ago(1_000), pausedSources: [] },
    budget: { kind: "known", available: 1_840, maximum: 2_000, restoreRate: 100, closedForMs: 0 },
    scan: { last: { id: 1n, startedAt: ago(0), finishedAt: ago(12 * MINUTE_MS), reason: "scheduled", requestedBy: "holdfast", totalCount: 4_380, checkedCount: 4_210, mismatchCount: 0 }, running: null, failedAt: null },
    work: { kind: "working" },
    mode: "enforce",
    oldestWaitingMs: null,
    lockWaits: 0,
    lockWaitMsMax: 0,
    nowMs: NOW_MS,
    ...input,
  });
const lineOf = (name: string, input: Partial<HealthInput> = {}) => health(input).find((line) => line.name.startsWith(name));

describe("judgeWork", () => {
  const judge = (facts: Partial<ConnectionFacts>, installedAt = LONG_AGO) => judgeWork({ ...FACTS, ...facts }, installedAt, NOW_MS);

  it("is at work while its rounds come and Shopify answers", () => {
    expect(judge({})).toEqual({ kind: "working" });
  });

  it("has stopped when a round is long overdue and nothing was answered meanwhile", () => {
    const overdue = { roundDueAt: ago(WORKER_MISSING_MS + 1), roundAt: ago(20 * MINUTE_MS), answerAt: ago(20 * MINUTE_MS) };
    expect(judge(overdue)).toEqual({ kind: "stopped", forMs: WORKER_MISSING_MS + 1 });
    // With very many shops a turn comes late; what it applied a moment ago says that it works.
    expect(judge({ ...overdue, answerAt: ago(1_000) })).toEqual({ kind: "working" });
  });

  it("has never come to a shop that was installed long ago, and is awaited in a new one", () => {
    const never = { roundBegun: false, roundAt: null, roundDueAt: null, answerAt: null };
    expect(judge(never, ago(WORKER_MISSING_MS + 5))).toEqual({ kind: "stopped", forMs: WORKER_MISSING_MS + 5 });
    expect(judge(never, ago(5_000))).toEqual({ kind: "starting" });
  });

  it("goes unanswered when its rounds come to nothing, but not while it is half through a long one", () => {
    const silent = { roundDueAt: ago(-MINUTE_MS), roundAt: ago(UNANSWERED_MS + 7), answerAt: ago(UNANSWERED_MS + 7) };
    expect(judge(silent)).toEqual({ kind: "unanswered", forMs: UNANSWERED_MS + 7 });
    expect(judge({ ...silent, roundHalfDone: true })).toEqual({ kind: "working" });
  });
});

describe("describeHealth", () => {
  it("calls everything good in a shop in which all is well, with the numbers", () => {
    expect(health().map(({ verdict }) => verdict)).toEqual(["good", "good", "good", "good", "good", "good"]);
    expect(lineOf("Notifications")?.text).toBe("Half take 300 ms or less to come, 95 % 1.2 s or less; the last one came just now");
    expect(lineOf("What Shopify")?.text).toBe("1,840 of 2,000 points left, 100 come back each second");
    expect(lineOf("Comparison")?.text).toBe("4,210 of 4,380 stock numbers checked 12 minutes ago");
  });

  it("makes no percentiles of a few notifications, and says when there were none", () => {
    expect(lineOf("Notifications", { facts: { ...FACTS, latenessCount: 3, latenessMsP95: 900 } })?.text).toMatch(/^The slowest of the last 3 notifications took 900 ms/);
    expect(lineOf("Notifications", { facts: { ...FACTS, latenessCount: 0, latenessMsP50: null, latenessMsP95: null } })).toMatchObject({ verdict: "unknown" });
  });

  it("tells late notifications and a growing backlog from good ones", () => {
    expect(lineOf("Notifications", { facts: { ...FACTS, latenessMsP95: 30_000 } })?.verdict).toBe("slow");
    const numbers = { waiting: 2, notificationsWaiting: 1, parked: 0, oldestNotificationAt: null, oldestChangeAt: null, lastNotificationAt: null, pausedSources: [] };
    expect(lineOf("Waiting", { numbers, oldestWaitingMs: 4_000 })).toMatchObject({ verdict: "good", text: "1 notification and 2 changes; the oldest has waited 4.0 s" });
    expect(lineOf("Waiting", { numbers, oldestWaitingMs: 90_000 })?.verdict).toBe("slow");
    expect(lineOf("Waiting", { numbers, oldestWaitingMs: 600_000 })?.verdict).toBe("bad");
    expect(lineOf("Waiting", { numbers, oldestWaitingMs: null, mode: "observe" })?.text).toBe("Nothing waits");
  });

  it("tells a budget that is nearly spent, closed, unmeasured or out of reach", () => {
    const known = { kind: "known", available: 150, maximum: 2_000, restoreRate: 100, closedForMs: 0 } as const;
    expect(lineOf("What Shopify", { budget: known })?.verdict).toBe("slow");
    expect(lineOf("What Shopify", { budget: { ...known, closedForMs: 3_000 } })?.text).toMatch(/^Shopify asked to slow down for 3\.0 s; 150 of/);
    expect(lineOf("What Shopify", { budget: { kind: "unmeasured" } })?.verdict).toBe("unknown");
    expect(lineOf("What Shopify", { budget: { kind: "unavailable" } })?.verdict).toBe("bad");
  });

  it("tells a comparison that is old, failed or has not happened yet", () => {
    const running = { id: 2n, kind: "stock", state: "reading", startedAt: ago(0), reason: "day_one", requestedBy: "holdfast", checkedCount: 1_200, totalCount: null, lineCount: 0, linesRead: 0, toConfirmCount: 0 } as const;
    expect(lineOf("Comparison", { scan: { last: null, running, failedAt: null } })).toMatchObject({ verdict: "unknown", text: "The first one is under way: 1,200 stock numbers checked" });
    expect(lineOf("Comparison", { scan: { last: null, running: null, failedAt: ago(MINUTE_MS) } })?.verdict).toBe("slow");
    expect(lineOf("Comparison", { scan: { last: null, running: null, failedAt: null } })?.verdict).toBe("unknown");
  });
});

import { describe, expect, it } from "vitest";

import { explainOversell, type OversellEvidence } from "./explain-oversell.ts";

const HOUR_MS = 3_600_000;
const order = (units: number, committedMs: number, more: Partial<OversellEvidence["orders"][number]> = {}) => ({ units, committedMs, heardMs: committedMs + 500, component: false, short: false, ...more });
const why = (evidence: Partial<OversellEvidence>) => explainOversell({ depth: 2, putBack: 0, takenAway: 0, unknownChanges: 0, orders: [], ...evidence });

describe("why a stock was oversold", () => {
  it("is a foreign write that put back at least the missing units", () => {
    expect(why({ putBack: 2 })).toEqual({ cause: "foreign_write", confidence: "certain" });
    expect(why({ takenAway: 3 })).toEqual({ cause: "foreign_write", confidence: "certain" });
    expect(why({ putBack: 1, orders: [order(2, 10, { short: true })] })).toEqual({ cause: "foreign_write", confidence: "likely" });
  });

  it("is a sale that was heard of after the one that is short now", () => {
    const late = order(2, 1_000, { heardMs: HOUR_MS });
    expect(why({ orders: [late, order(2, 60_000, { short: true })] })).toEqual({ cause: "late_notification", confidence: "certain" });
    expect(why({ depth: 3, orders: [late, order(3, 60_000, { short: true })] })).toEqual({ cause: "late_notification", confidence: "likely" });
  });

  it("is a bundle that took the same units as other orders", () => {
    expect(why({ orders: [order(2, 10, { component: true }), order(1, 20, { short: true })] })).toEqual({ cause: "bundle", confidence: "certain" });
  });

  it("is the orders themselves where nothing else happened, and likely so where something cannot be told", () => {
    const orders = [order(1, 10), order(2, 20, { short: true })];
    expect(why({ orders })).toEqual({ cause: "two_sales", confidence: "certain" });
    expect(why({ orders, unknownChanges: 1 })).toEqual({ cause: "two_sales", confidence: "likely" });
  });

  it("is unknown where no known order is short of it", () => {
    expect(why({ orders: [order(1, 10)] })).toEqual({ cause: "unknown", confidence: "unknown" });
  });
});

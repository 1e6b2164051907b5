import { describe, expect, it } from "vitest";

import { ASSUMED_WRITE_MS, type IncidentOrder, judgePrevention } from "./shadow-prevention.ts";

const order = (orderId: string, kind: IncidentOrder["kind"], atMs: number, units = 1, heardMs: number | null = atMs): IncidentOrder => ({ orderId, kind, units, committedMs: atMs, heardMs });
const MINUTE = 60_000;

describe("an oversell while Holdfast watched", () => {
  it("would not have happened when the checkout sold units that a watched sale had taken before", () => {
    // One unit, sold on the outside channel at 0 and by the checkout a minute later.
    expect(judgePrevention({ depth: 1, hidden: 0, orders: [order("1", "watched", 0), order("2", "checked", MINUTE)] })).toEqual({ verdict: "prevented", unitsPrevented: 1, refusedOrderIds: ["2"] });
  });

  it("would have happened all the same when both sales bypass Shopify: nobody asks the stock before them", () => {
    expect(judgePrevention({ depth: 1, hidden: 0, orders: [order("1", "watched", 0), order("2", "watched", MINUTE)] })).toMatchObject({ verdict: "not_prevented", unitsPrevented: 0 });
  });

  it("would have happened when the watched sale came last", () => {
    expect(judgePrevention({ depth: 1, hidden: 0, orders: [order("1", "checked", 0), order("2", "watched", MINUTE)] }).verdict).toBe("not_prevented");
  });

  it("would have happened when Holdfast heard of the sale too late to write it before the checkout sold", () => {
    const orders = (heardMs: number | null) => [order("1", "watched", 0, 1, heardMs), order("2", "checked", MINUTE)];
    expect(judgePrevention({ depth: 1, hidden: 0, orders: orders(MINUTE - ASSUMED_WRITE_MS + 1) }).verdict).toBe("not_prevented");
    expect(judgePrevention({ depth: 1, hidden: 0, orders: orders(null) }).verdict).toBe("not_prevented");
    expect(judgePrevention({ depth: 1, hidden: 0, orders: orders(MINUTE - ASSUMED_WRITE_MS) }).verdict).toBe("prevented");
  });

  it("is prevented in part when later sales bypass the checkout", () => {
    const orders = [order("1", "watched", 0, 2), order("2", "checked", MINUTE), order("3", "watched", 2 * MINUTE)];
    expect(judgePrevention({ depth: 2, hidden: 0, orders })).toEqual({ verdict: "partly_prevented", unitsPrevented: 1, refusedOrderIds: ["2"] });
  });

  it("counts no unit that a foreign number hides: what Holdfast had written would have been overwritten, too", () => {
    expect(judgePrevention({ depth: 1, hidden: 1, orders: [order("1", "watched", 0), order("2", "checked", MINUTE)] }).verdict).toBe("not_prevented");
  });

  it("is not claimed when no watched sale was among its orders: Shopify's own number said the same", () => {
    expect(judgePrevention({ depth: 1, hidden: 0, orders: [order("1", "checked", 0), order("2", "checked", MINUTE)] }).verdict).toBe("not_prevented");
  });

  it("never counts more units than watched sales took, and none that were served before stock ran out", () => {
    const orders = [order("1", "checked", 0, 5), order("2", "watched", MINUTE, 1), order("3", "checked", 2 * MINUTE, 3)];
    expect(judgePrevention({ depth: 2, hidden: 0, orders })).toMatchObject({ unitsPrevented: 1, refusedOrderIds: ["3"] });
  });

  it("cannot be judged without its orders", () => {
    expect(judgePrevention({ depth: 1, hidden: 0, orders: [] }).verdict).toBe("unknown");
  });
});

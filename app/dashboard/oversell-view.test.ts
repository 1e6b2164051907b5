import { describe, expect, it } from "vitest";

import {
  causeSentence,
  foldedCount,
  holdStanding,
  type OrderLineHere,
  ordersOf,
  oversellHeading,
  oversellsUrl,
  readOversellSearch,
  readOversellView,
  shortSentence,
  spanOf,
  withoutPutBack,
} from "./oversell-view.ts";

const figures = { kind: "oversold", depth: 3, short: 3, item: "Blue mug", location: "Main warehouse" };

describe("the address of the list", () => {
  it("names what is not the usual, and reads it back", () => {
    expect(oversellsUrl("open")).toBe("/app/oversells");
    expect(oversellsUrl("done", { search: "blue mug", older: "abc" })).toBe("/app/oversells?show=done&search=blue+mug&older=abc");
    expect(oversellsUrl("all", { search: null })).toBe("/app/oversells?show=all");
    expect(["done", "apart", null, "nonsense"].map((text) => readOversellView(text))).toEqual(["done", "apart", "open", "open"]);
  });

  it.each([
    ["  #1044 ", "#1044"],
    ["   ", null],
    [null, null],
    ["a\u0000b", null],
    ["\ud800", null],
    ["x".repeat(500), "x".repeat(100)],
  ])("takes %j for a search of %j", (text, search) => {
    expect(readOversellSearch(text)).toBe(search);
  });
});

describe("the heading", () => {
  it.each([
    [{}, "3 units of Blue mug too many were sold"],
    [{ short: 1 }, "1 unit of Blue mug too many was sold"],
    [{ kind: "likely_oversold" }, "Probably 3 units of Blue mug too many were sold"],
    [{ kind: "move_stock", short: 0 }, "3 units of Blue mug are missing at Main warehouse"],
  ])("says it in plain words: %o", (over, text) => {
    expect(oversellHeading({ ...figures, ...over })).toBe(text);
  });
});

describe("who goes without", () => {
  const order = (name: string) => ({ orderId: "1", name });
  it.each([
    [{ shortOrders: [order("#1")], shortOrderCount: 1 }, "#1 is short of stock."],
    [{ shortOrders: [order("#1"), order("#2")], shortOrderCount: 2 }, "#1 and #2 are short of stock."],
    [{ shortOrders: [order("#1"), order("#2"), order("#3")], shortOrderCount: 9 }, "#1, #2, #3 and 6 more are short of stock."],
    [{ state: "closed", shortOrders: [{ orderId: "77", name: null }], shortOrderCount: 1 }, "Order 77 was short of stock."],
    [{ kind: "move_stock" }, "Other locations have them, so no order has to go short."],
    [{}, "No order that Holdfast knows is short: what took the units is not known."],
  ])("is named: %o", (over, text) => {
    expect(shortSentence({ kind: "oversold", state: "open", shortOrders: [], shortOrderCount: 0, ...over })).toBe(text);
  });
});

describe("the orders of an incident", () => {
  const line = (over: Partial<OrderLineHere>): OrderLineHere => ({ orderId: "1", name: "#1", lineId: "11", committedAt: "2026-11-21T10:00:00Z", units: 1, unitsShort: 0, paid: true, verdict: "served", exempt: null, ...over });

  it("are one entry each however many lines want the item", () => {
    const orders = ordersOf([line({ units: 2 }), line({ orderId: "2", name: "#2" }), line({ lineId: "12", units: 3, unitsShort: 1, verdict: "short", paid: false })]);
    expect(orders.map(({ orderId, units, unitsShort, paid, verdict }) => ({ orderId, units, unitsShort, paid, verdict }))).toEqual([
      { orderId: "1", units: 5, unitsShort: 1, paid: false, verdict: "short" },
      { orderId: "2", units: 1, unitsShort: 0, paid: true, verdict: "served" },
    ]);
  });

  it("that cannot be short say why", () => {
    expect(ordersOf([line({ verdict: "exempt", exempt: "pos" })])[0]).toMatchObject({ verdict: "exempt", exempt: "pos" });
    expect(ordersOf([line({ verdict: "exempt", exempt: "pos" }), line({ lineId: "12" })])[0]).toMatchObject({ verdict: "served", exempt: null });
  });

  it("long before the first that is short are folded away, and not when that saves nothing", () => {
    const served = (count: number) => Array.from({ length: count }, () => ({ verdict: "served" as const }));
    expect(foldedCount([...served(40), { verdict: "short" }])).toBe(35);
    expect(foldedCount([...served(7), { verdict: "short" }])).toBe(0);
    expect(foldedCount([{ verdict: "short" }, ...served(40)])).toBe(0);
    expect(foldedCount(served(40))).toBe(35);
  });
});

describe("the hold of an order", () => {
  it.each([
    [[], "none"],
    [["failed", "held"], "held"],
    [["release_asked"], "held"],
    [["released", "asked"], "asked"],
    [["released", "failed"], "failed"],
    [["released"], "released"],
  ])("of which %j is known stands as %s", (states, standing) => {
    expect(holdStanding(states.map((state) => ({ state })))).toBe(standing);
  });
});

describe("the cause", () => {
  it("is told in its numbers where there are any", () => {
    const evidence = { depth: 3, putBack: 0, takenAway: 0, orderCount: 4 };
    expect(causeSentence({ ...evidence, cause: "foreign_write", putBack: 3, takenAway: 1 })).toBe("Within the hour before, it put 3 units back on sale that orders had taken and took 1 unit away.");
    expect(causeSentence({ ...evidence, cause: "two_sales" })).toBe("4 order lines wanted these units, and nobody else changed the stock.");
    expect(causeSentence({ ...evidence, cause: "unknown" })).toBeNull();
  });
});

describe("the span of the picture", () => {
  const at = (text: string) => new Date(`2026-11-21T${text}Z`);
  it("begins before the first sale that is short and ends now, or after it was over", () => {
    const open = { openedAt: at("12:00:00"), closedAt: null, soldAt: [at("11:59:00"), at("11:50:00")] };
    expect(spanOf(open, at("12:10:00"))).toEqual({ from: at("11:46:00"), until: at("12:10:00") });
    expect(spanOf({ ...open, closedAt: at("12:05:00") }, at("23:00:00"))).toEqual({ from: at("11:47:00"), until: at("12:08:00") });
  });

  it("does not reach back further than a day and its lead for an order that waited long", () => {
    const { from } = spanOf({ openedAt: at("12:00:00"), closedAt: null, soldAt: [new Date("2026-10-01T00:00:00Z")] }, at("12:10:00"));
    expect(from).toEqual(new Date("2026-11-20T11:00:00Z"));
  });
});

describe("what there really is", () => {
  it("is less by what overwrites put back, from then on", () => {
    const at = (second: number) => new Date(second * 1_000);
    const points = [{ at: at(1), available: 2 }, { at: at(2), available: 5 }, { at: at(3), available: null }, { at: at(4), available: 4 }];
    expect(withoutPutBack(points, [{ at: at(2), units: 3 }]).map(({ value }) => value)).toEqual([2, 2, null, 1]);
  });
});

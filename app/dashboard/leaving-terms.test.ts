import { describe, expect, it } from "vitest";

import { heldOrdersText, isReadyToLeave, keptAsideText, releasedOutcome } from "./leaving-terms.ts";

describe("what is still kept aside", () => {
  it("is said in units, and who is owed some of them", () => {
    expect(keptAsideText({ granted: 0, held: 0, settling: 0 })).toBe("Shopify keeps no units aside for Holdfast.");
    expect(keptAsideText({ granted: 1, held: 1, settling: 0 })).toBe("Shopify keeps 1 unit out of sale for your own checkout. Without Holdfast nobody puts it back on sale.");
    expect(keptAsideText({ granted: 2, held: 5, settling: 3 })).toMatch(/^Shopify keeps 5 units out of sale.*3 units of them are paid for and wait for an order/);
  });
});

describe("what is still on hold", () => {
  it("is named up to a number, and then counted", () => {
    const order = (name: string) => ({ orderId: name, name, oversellId: "1" });
    expect(heldOrdersText({ heldOrders: [], heldOrderCount: 0 })).toBe("No order is on hold because of Holdfast.");
    expect(heldOrdersText({ heldOrders: [order("#1"), order("#2")], heldOrderCount: 9 })).toMatch(/^9 orders are on hold in Shopify: #1, #2 and 7 more\./);
  });
});

describe("a shop", () => {
  const nothing = { granted: 0, held: 0, settling: 0 };
  it.each([
    [{ holds: nothing, heldOrderCount: 0 }, true],
    [{ holds: nothing, heldOrderCount: 1 }, false],
    [{ holds: { ...nothing, held: 1 }, heldOrderCount: 0 }, false],
    [{ holds: { ...nothing, granted: 1 }, heldOrderCount: 0 }, false],
  ])("with %j is ready to be left: %s", (page, ready) => {
    expect(isReadyToLeave(page)).toBe(ready);
  });
});

describe("what became of releasing the orders", () => {
  it("says how many, why the rest was not begun, and that there are more", () => {
    expect(releasedOutcome({ kind: "orders_released", released: 2, stopped: null, more: false })).toEqual({ tone: "success", title: "2 orders released" });
    expect(releasedOutcome({ kind: "orders_released", released: 0, stopped: null, more: false })).toMatchObject({ title: "Nothing was on hold any more" });
    expect(releasedOutcome({ kind: "orders_released", released: 20, stopped: null, more: true })).toMatchObject({ text: "There are more: release again." });
    expect(releasedOutcome({ kind: "orders_released", released: 1, stopped: { kind: "not_allowed" }, more: true })).toMatchObject({ tone: "critical", title: "1 order released, then it stopped. Nothing was done: your Shopify account may not do this" });
  });
});

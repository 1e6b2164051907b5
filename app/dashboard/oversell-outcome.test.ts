import { describe, expect, it } from "vitest";

import { outcomeOf } from "./oversell-outcome.ts";

const order = { orderId: "1046", name: "#1046" };

describe("what became of an act on an oversell", () => {
  it.each([
    [{ act: "hold", order }, { kind: "done", fulfilmentOrderIds: ["1"] }, "success", "The fulfilment of #1046 is on hold"],
    [{ act: "release", order }, { kind: "done", fulfilmentOrderIds: ["1"] }, "success", "#1046 may be shipped again"],
    [{ act: "release", order }, { kind: "done", fulfilmentOrderIds: [] }, "info", "Nothing of #1046 is held by Holdfast any more"],
    [{ act: "handled" }, { kind: "done" }, "success", "Marked as handled"],
    [{ act: "reopen" }, { kind: "done" }, "success", "It is among the open ones again"],
    [{ act: "hold", order }, { kind: "not_found" }, "info", "Nothing was done: #1046 is not short here any more"],
    [{ act: "handled" }, { kind: "not_found" }, "critical", "Nothing was done: there is no such oversell in this shop"],
    [{ act: "hold", order }, { kind: "not_allowed" }, "critical", "Nothing was done: your Shopify account may not do this"],
    [{ act: "hold", order }, { kind: "scope_missing" }, "warning", "Nothing was done: Holdfast may not hold fulfilment in this shop yet"],
    [{ act: "hold", order }, { kind: "nothing_to_hold" }, "info", "There is nothing to hold"],
  ] as const)("is told in words: %o, %o", (asked, answer, tone, title) => {
    expect(outcomeOf(asked, answer)).toMatchObject({ tone, title });
  });

  it("says when to try again, and Shopify's reason", () => {
    expect(outcomeOf({ act: "hold", order }, { kind: "later", afterMs: 4_000 }).text).toBe("Nothing is lost, and doing it again is safe. Try again in 4.0 s.");
    expect(outcomeOf({ act: "hold", order }, { kind: "later", afterMs: null }).text).toBe("Nothing is lost, and doing it again is safe. Try again in a moment.");
    expect(outcomeOf({ act: "hold", order }, { kind: "rejected", code: "SOME_NEW_CODE" }).text).toBe("Shopify's reason: some new code.");
  });
});

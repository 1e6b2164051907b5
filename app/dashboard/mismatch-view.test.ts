import { describe, expect, it } from "vitest";

import { differenceText, mismatchesUrl, numbersText, proposalText, readEvidence, readMismatchView } from "./mismatch-view.ts";

describe("the evidence of a mismatch", () => {
  it("names what is known, and leads to its order", () => {
    const evidence = readEvidence({
      expected: -2,
      foreign: 1,
      lastChangedAt: "2026-11-21T12:00:00.999Z",
      effects: [
        { effectKey: "order:1001:31:51", delta: -2, orderName: "#1001" },
        { effectKey: "ours:0199-ab:51@61", delta: -1, orderName: null },
        { effectKey: "something-new", delta: 4, orderName: null },
      ],
    });
    expect(evidence).toMatchObject({ expected: -2, foreign: 1, lastChangedAt: new Date("2026-11-21T12:00:00.999Z"), call: null, itemGone: false });
    expect(evidence.effects.map(({ what, delta, orderId, orderName }) => [what, delta, orderId, orderName])).toEqual([
      ["Order", -2, "1001", "#1001"],
      ["Change by Holdfast", -1, null, null],
      ["Known change", 4, null, null],
    ]);
  });

  it("shows the call that counted twice, with the numbers before and after it", () => {
    const call = { mutationId: "0199-ab", delta: -1, firstSentAt: "2026-11-21T12:00:00.000Z", lastSentAt: "2026-11-21T12:00:30.000Z" };
    expect(readEvidence({ ...call, before: 10, beforeAt: "2026-11-21T11:00:00.000Z", after: 8, afterAt: "2026-11-21T12:01:00.000Z" }).call).toEqual({
      mutationId: "0199-ab",
      delta: -1,
      firstSentAt: new Date("2026-11-21T12:00:00.000Z"),
      lastSentAt: new Date("2026-11-21T12:00:30.000Z"),
      before: { available: 10, at: new Date("2026-11-21T11:00:00.000Z") },
      after: { available: 8, at: new Date("2026-11-21T12:01:00.000Z") },
    });
    expect(readEvidence(call).call).toMatchObject({ before: null, after: null });
  });

  it("leaves out what is not there or is of another shape", () => {
    expect(readEvidence({ effects: "none", mutationId: 7, lastChangedAt: "soon", expected: "many" })).toEqual({ effects: [], expected: null, foreign: null, lastChangedAt: null, call: null, itemGone: false });
    expect(readEvidence({ effects: [null, 1, { delta: 1 }, { effectKey: "order:1", delta: "2" }], itemGone: true })).toMatchObject({ effects: [], itemGone: true });
  });
});

describe("a mismatch in words", () => {
  it("says both numbers and how far they are apart", () => {
    expect([numbersText({ shopify: 9, known: 7 }), differenceText({ shopify: 9, known: 7, difference: 2 })]).toEqual(["Shopify 9, known 7", "2 more than known"]);
    expect(differenceText({ shopify: -1, known: 7, difference: -8 })).toBe("8 fewer than known");
    expect([numbersText({ shopify: null, known: 4 }), differenceText({ shopify: null, known: 4, difference: -4 })]).toEqual(["Shopify none, known 4", "not stocked there any more"]);
    expect([proposalText(null), proposalText(-2)]).toEqual(["nothing proposed", "proposed: −2"]);
  });

  it("has an address for each view, and takes what it does not know for what is open", () => {
    expect([mismatchesUrl("open"), mismatchesUrl("gone", { newer: "x" })]).toEqual(["/app/mismatches", "/app/mismatches?show=gone&newer=x"]);
    expect([readMismatchView("explained"), readMismatchView("?")]).toEqual(["explained", "open"]);
  });
});

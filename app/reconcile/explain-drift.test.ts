import { describe, expect, it } from "vitest";

import type { CallHistory, CallInDoubt, KnownEffect } from "#app/ports/stock-scan.ts";
import { explainCall, explainDifference } from "./explain-drift.ts";

const T = Date.parse("2026-11-01T12:00:00Z");
const at = (seconds: number) => new Date(T + seconds * 1_000);
const effect = (delta: number, seconds: number, certain = true): KnownEffect => ({ effectKey: `e${seconds}`, delta, at: at(seconds), orderName: null, certain });
const call: CallInDoubt = { inventoryItemId: "1", locationId: "2", mutationId: "m", delta: -2, doubt: "may_be_doubled", firstSentAt: at(100), lastSentAt: at(110) };
const facts = { shopify: 7, known: 10, knownAt: at(0), shopifyAt: at(60), effects: [], calls: [], travelLimitMs: 600_000 };
const history = (before: number, after: number, effects: readonly KnownEffect[] = []): CallHistory => ({ before: { available: before, at: at(0) }, after: { available: after, at: at(200) }, effects, recounted: false });

describe("a difference", () => {
  it("is a missed notification when known effects add up to it, those on the boundary counted or not", () => {
    expect(explainDifference({ ...facts, effects: [effect(-1, 20), effect(-2, 59)] })).toMatchObject({ kind: "missed_notification", proposal: null });
    expect(explainDifference({ ...facts, effects: [effect(-3, 20), effect(-2, 1)] })).toMatchObject({ kind: "missed_notification" });
  });

  it("may be explained by an order that perhaps took stock, and is not the ledger's debt then", () => {
    expect(explainDifference({ ...facts, effects: [effect(-3, 20, false), effect(-1, 30, false)] })).toMatchObject({ kind: "missed_notification", proposal: null });
    expect(explainDifference({ ...facts, effects: [effect(-2, 20, false)] })).toMatchObject({ kind: "another_writer", evidence: { expected: 0, foreign: -3 } });
    expect(explainDifference({ ...facts, shopify: 8, shopifyAt: at(120), calls: [call], effects: [effect(-2, 90, false)] })).toMatchObject({ kind: "missed_notification", proposal: null });
  });

  it("is another writer's when effects leave a rest, and unknown when the number is older than what was known", () => {
    expect(explainDifference({ ...facts, effects: [effect(-1, 20)] })).toMatchObject({ kind: "another_writer", evidence: { foreign: -2 }, proposal: null });
    expect(explainDifference({ ...facts, shopifyAt: at(-60) })).toMatchObject({ kind: "unknown", proposal: null });
  });

  it("is a doubled call only if it is that call's amount, in the time in which it could arrive, and nothing else explains it", () => {
    const doubled = { ...facts, shopify: 8, shopifyAt: at(120), calls: [call] };
    expect(explainDifference(doubled)).toMatchObject({ kind: "doubled", proposal: { delta: 2, because: "doubled" } });
    expect(explainDifference({ ...doubled, shopify: 7 })).toMatchObject({ kind: "another_writer", proposal: null });
    expect(explainDifference({ ...doubled, shopifyAt: at(110 + 601) })).toMatchObject({ kind: "another_writer", proposal: null });
    expect(explainDifference({ ...doubled, effects: [effect(-2, 90)] })).toMatchObject({ kind: "missed_notification" });
  });
});

describe("a call in doubt", () => {
  it("counted twice when the history adds up in no other way", () => {
    expect(explainCall(call, history(10, 6), null)).toMatchObject({ kind: "doubled", proposal: { delta: 2 } });
    expect(explainCall(call, history(10, 8), null)).toBeNull();
    expect(explainCall(call, history(10, 5, [effect(-1, 50)]), null)).toMatchObject({ kind: "doubled" });
    // A foreign write in between: nothing is certain.
    expect(explainCall(call, history(10, 5), null)).toBeNull();
    // An order on the boundary might be the second one.
    expect(explainCall(call, history(10, 6, [effect(-2, 199)]), null)).toBeNull();
    // An order whose place is not known might be it as well.
    expect(explainCall(call, history(10, 6, [effect(-2, 150, false)]), null)).toBeNull();
    expect(explainCall(call, { ...history(10, 6), recounted: true }, null)).toBeNull();
  });

  it("is owed when the number has not changed since before it was sent, or the history adds up without it", () => {
    const absent: CallInDoubt = { ...call, doubt: "may_be_absent" };
    expect(explainCall(absent, { before: null, after: null, effects: [], recounted: false }, at(90))).toMatchObject({ kind: "owed", proposal: { delta: -2, because: "owed" } });
    expect(explainCall(absent, { before: null, after: null, effects: [], recounted: false }, at(99))).toBeNull();
    expect(explainCall(absent, history(10, 10), at(150))).toMatchObject({ kind: "owed" });
    expect(explainCall(absent, history(10, 8), at(150))).toBeNull();
  });
});

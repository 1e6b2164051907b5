// Hand-made truth logs: whatever goes wrong in them, the verdict must say so, in units and at the right place.
import { describe, expect, it } from "vitest";
import { expectedEffects } from "./effects.ts";
import type { EffectRules, RecordedLine, RecordedOrder } from "./effects.ts";
import { judge } from "./judge.ts";
import type { LedgerChange, TruthEntry } from "./judge.ts";
import { reachVerdict } from "./verdict.ts";

const rules: EffectRules = {
  deductSources: ["my-channel"],
  bundles: [{ variantId: "V-set", components: [{ inventoryItemId: "candle", quantity: 2 }, { inventoryItemId: "box", quantity: 1 }] }],
};

function line(changes: Partial<RecordedLine> = {}): RecordedLine {
  return { lineItemId: "L1", variantId: "V-candle", inventoryItemId: "candle", locationId: "here", quantity: 1, refunds: [], ...changes };
}

function order(changes: Partial<RecordedOrder> = {}): RecordedOrder {
  return { orderId: "O1", sourceName: "my-channel", bypassed: true, cancelled: null, lines: [line()], ...changes };
}

function units(...orders: RecordedOrder[]): Record<string, number> {
  return Object.fromEntries([...expectedEffects(orders, rules).values()].map((effect) => [`${effect.inventoryItemId}@${effect.locationId}`, effect.units]));
}

describe("expected effects", () => {
  it("take what a bypassed order of an enforced source bought", () => {
    expect(units(order({ lines: [line({ quantity: 3 })] }))).toEqual({ "candle@here": -3 });
  });

  it("leave native orders and sources nobody named alone", () => {
    expect(units(order({ bypassed: false, sourceName: "web" }), order({ sourceName: "other" }))).toEqual({});
    expect(units(order({ sourceName: "other", lines: [line({ variantId: "V-set", inventoryItemId: "set" })] }))).toEqual({});
  });

  it.each([true, false])("take a bundle's components and never its own item (bypassed: %s)", (bypassed) => {
    const bought = order({ bypassed, sourceName: bypassed ? "my-channel" : "web", lines: [line({ variantId: "V-set", inventoryItemId: "set", quantity: 3 })] });
    expect(units(bought)).toEqual({ "candle@here": -6, "box@here": -3 });
  });

  it("give back what was refunded with restocking, and only that", () => {
    const refunds: RecordedLine["refunds"] = [{ units: 1, restockType: "return" }, { units: 1, restockType: "cancel" }, { units: 1, restockType: "no_restock" }];
    expect(units(order({ lines: [line({ quantity: 5, refunds })] }))).toEqual({ "candle@here": -3 });
  });

  it("give back everything a cancelled order took but what was written off", () => {
    const refunds: RecordedLine["refunds"] = [{ units: 1, restockType: "no_restock" }, { units: 1, restockType: "return" }];
    expect(units(order({ cancelled: { restock: true }, lines: [line({ quantity: 4, refunds })] }))).toEqual({ "candle@here": -1 });
    expect(units(order({ cancelled: { restock: true } }))).toEqual({});
    expect(units(order({ cancelled: { restock: false }, lines: [line({ quantity: 4, refunds })] }))).toEqual({ "candle@here": -3 });
  });
});

let seq = 0;

function written(delta: number, changes: Partial<TruthEntry> & { key?: string } = {}): TruthEntry {
  seq += 1;
  const { key = "K1", ...rest } = changes;
  return { seq, at: "2026-11-21T00:00:00Z", inventoryItemId: "candle", locationId: "here", name: "available", delta, after: 100, cause: { kind: "app", idempotencyKey: key }, ...rest };
}

function booked(delta: number, changes: Partial<LedgerChange> = {}): LedgerChange {
  return { orderId: "O1", lineId: "L1", inventoryItemId: "candle", locationId: "here", delta, state: "applied", mutationKey: "K1", ...changes };
}

const expected = expectedEffects([order()], rules);

describe("the judge", () => {
  it("finds nothing wrong where every effect happened once", () => {
    expect(judge(expected, [written(-1)], [booked(-1)])).toMatchObject({ lost: 0, doublyApplied: 0, oversoldUnits: 0, ledgerEqualsTruth: true, mutations: 1, entries: 1, findings: [] });
  });

  it("counts a unit that was never taken as lost", () => {
    expect(judge(expected, [], [])).toMatchObject({ lost: 1, doublyApplied: 0, ledgerEqualsTruth: true });
  });

  it("counts a unit that the ledger claims and Shopify never saw as lost", () => {
    expect(judge(expected, [], [booked(-1)])).toMatchObject({ lost: 1, doublyApplied: 0, ledgerEqualsTruth: false });
  });

  it("counts a unit taken under two keys as doubly applied", () => {
    const twice = judge(expected, [written(-1), written(-1, { key: "K2" })], [booked(-1), booked(-1, { mutationKey: "K2" })]);
    expect(twice).toMatchObject({ lost: 0, doublyApplied: 1, ledgerEqualsTruth: true, mutations: 2 });
  });

  it("counts a key that took effect twice as doubly applied, though the ledger knows of one", () => {
    expect(judge(expected, [written(-1), written(-1)], [booked(-1)])).toMatchObject({ lost: 0, doublyApplied: 1, ledgerEqualsTruth: false });
  });

  it("counts a write that no order explains, in either direction", () => {
    expect(judge(expected, [written(-1), written(-5, { key: "K9" })], [booked(-1)])).toMatchObject({ doublyApplied: 5, ledgerEqualsTruth: false });
    expect(judge(expected, [written(-1), written(5, { key: "K9" })], [booked(-1)])).toMatchObject({ lost: 5, ledgerEqualsTruth: false });
  });

  it("counts a unit taken at the wrong location on both sides", () => {
    expect(judge(expected, [written(-1, { locationId: "there" })], [booked(-1, { locationId: "there" })])).toMatchObject({ lost: 1, doublyApplied: 1, ledgerEqualsTruth: true });
  });

  it("counts a unit taken from the wrong item on both sides", () => {
    expect(judge(expected, [written(-1, { inventoryItemId: "box" })], [booked(-1, { inventoryItemId: "box" })])).toMatchObject({ lost: 1, doublyApplied: 1 });
  });

  it("does not let one order's excess hide another's loss", () => {
    const both = expectedEffects([order(), order({ orderId: "O2", lines: [line({ lineItemId: "L2" })] })], rules);
    expect(judge(both, [written(-2)], [booked(-2)])).toMatchObject({ lost: 1, doublyApplied: 1, ledgerEqualsTruth: true });
  });

  it("counts a restock that nobody was owed as lost", () => {
    expect(judge(expected, [written(-1), written(1, { key: "K2" })], [booked(-1), booked(1, { mutationKey: "K2" })])).toMatchObject({ lost: 1 });
  });

  it("accepts coalesced changes, and changes that cancel each other out without a call", () => {
    const both = expectedEffects([order(), order({ orderId: "O2", lines: [line({ lineItemId: "L2" })] })], rules);
    const ledger = [booked(-1), booked(-1, { orderId: "O2", lineId: "L2" }), booked(-1, { orderId: "O3", mutationKey: null }), booked(1, { orderId: "O3", mutationKey: null })];
    expect(judge(both, [written(-2)], ledger)).toMatchObject({ lost: 0, doublyApplied: 0, ledgerEqualsTruth: true, entries: 1 });
  });

  it("ignores what Shopify and other writers did", () => {
    const others = [written(-7, { cause: { kind: "order" } }), written(50, { cause: { kind: "writer" } }), written(1, { name: "committed" })];
    expect(judge(expected, [written(-1), ...others], [booked(-1)])).toMatchObject({ lost: 0, doublyApplied: 0, ledgerEqualsTruth: true });
  });

  it("counts units below zero only as far as the app took too much", () => {
    expect(judge(expected, [written(-4, { after: -3 })], [booked(-4)])).toMatchObject({ doublyApplied: 3, oversoldUnits: 3 });
    expect(judge(expected, [written(-1, { after: -3 })], [booked(-1)])).toMatchObject({ doublyApplied: 0, oversoldUnits: 0 });
  });
});

describe("the verdict", () => {
  const none = { lateSends: 0, outOfOrderSends: 0, cancelsBeforeCreates: 0 };
  const clean = {
    scenario: "smoke", seed: 1, naive: false, orders: 1, plannedOrders: 1, deliveries: 2, duplicates: 2, ledger: [booked(-1)],
    judgement: judge(expected, [written(-1)], [booked(-1)]), parkedExpected: 0, unfinishedNotifications: 0, drainSeconds: 3, drainLimitSeconds: 60,
    mischief: { lateSends: 1, outOfOrderSends: 1, cancelsBeforeCreates: 1 }, mischiefWanted: none,
  };

  it("is ok when everything holds", () => {
    expect(reachVerdict(clean)).toMatchObject({ ok: true, faults: [], changes: 1, entriesPerMutation: 1, pending: 0 });
  });

  it.each([
    ["an order is missing", { plannedOrders: 2 }],
    ["a unit is lost", { judgement: judge(expected, [], []) }],
    ["a change is parked that was not meant to be", { ledger: [booked(-1, { state: "parked" })] }],
    ["a change waits", { ledger: [booked(-1, { state: "waiting" })] }],
    ["a notification was not worked on", { unfinishedNotifications: 1 }],
    ["the work was never finished", { drainSeconds: null }],
    ["draining took too long", { drainSeconds: 61 }],
    ["a webhook came only once", { duplicates: 1 }],
    ["the mischief did not happen", { mischiefWanted: { ...none, cancelsBeforeCreates: 2 } }],
  ])("is not ok when %s", (_what, change) => {
    const verdict = reachVerdict({ ...clean, ...change });
    expect(verdict.ok).toBe(false);
    expect(verdict.faults.length).toBeGreaterThan(0);
  });
});

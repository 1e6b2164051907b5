// From the facts of an item to its incidents: which open, who is short there, and why one is over.
import { describe, expect, it } from "vitest";

import type { ItemFacts, OpenOrderUnits, OpenOversell, OversellLocation } from "#app/ports/stock-watch.ts";
import { decideOversells } from "./decide-oversells.ts";

const T0 = Date.parse("2026-11-20T10:00:00Z");
const minutes = (count: number) => new Date(T0 + count * 60_000);

const location = (change: Partial<OversellLocation> = {}): OversellLocation => ({ locationId: "P1", name: null, available: 0, ships: true, pending: 0, hidden: 0, seenBy: "notification", putBack: 0, takenAway: 0, unknownChanges: 0, countedAt: null, ...change });

const order = (orderId: string, units: number, change: Partial<OpenOrderUnits> = {}): OpenOrderUnits => ({ orderId, name: `#${orderId}`, lineId: `L${orderId}`, locationId: "P1", units, committedMs: T0 + Number(orderId), heardMs: T0 + Number(orderId), paid: true, component: false, exempt: null, variantId: "V1", preorder: null, toAsk: null, ...change });

const open = (change: Partial<OpenOversell> = {}): OpenOversell => ({ id: 1n, locationId: "P1", kind: "oversold", depth: 1, short: 1, movable: [], orders: [], openedAt: minutes(0), ...change });

const item = (change: Partial<ItemFacts> = {}): ItemFacts => ({ locations: [location()], orders: [], handedOver: [], tracked: true, policy: "deny", open: [], ...change });

const decide = (facts: Partial<ItemFacts>, options: Partial<Parameters<typeof decideOversells>[1]> = {}) => decideOversells(item(facts), { policy: "latest_first", ignoreContinuePolicy: true, ...options });

const shortOf = (facts: Partial<ItemFacts>, options: Partial<Parameters<typeof decideOversells>[1]> = {}) =>
  decide(facts, options).report.map((report) => report.orders.filter(({ unitsShort }) => unitsShort > 0).map(({ orderId, unitsShort }) => [orderId, unitsShort]));

describe("an oversell", () => {
  it("leaves the latest orders short, in part where that suffices", () => {
    expect(shortOf({ locations: [location({ available: -3 })], orders: [order("1", 2), order("2", 2), order("3", 2)] })).toEqual([[["2", 1], ["3", 2]]]);
  });

  it("leaves the unpaid short first where the merchant says so", () => {
    const facts = { locations: [location({ available: -3 })], orders: [order("1", 2, { paid: false }), order("2", 2), order("3", 2)] };
    expect(shortOf(facts, { policy: "unpaid_first" })).toEqual([[["1", 2], ["3", 1]]]);
    expect(decide(facts, { policy: "unpaid_first" }).report).toMatchObject([{ policy: "unpaid_first" }]);
  });

  it("leaves a unit short only once, however many locations lack it", () => {
    expect(shortOf({ locations: [location({ available: -2 }), location({ locationId: "P2", available: -2 })], orders: [order("1", 3), order("2", 3)] })).toEqual([[["2", 2]], [["1", 1], ["2", 1]]]);
  });

  it("is a late notification's where a till that was offline had handed the units over before", () => {
    const facts = { locations: [location({ available: -2 })], orders: [order("1", 2)] };
    const sale = { units: 2, committedMs: T0 - 1_800_000, heardMs: T0 + 1_800_000 };
    expect(decide({ ...facts, handedOver: [sale] }).report).toMatchObject([{ cause: "late_notification", confidence: "certain", short: 2 }]);
    expect(decide({ ...facts, handedOver: [{ ...sale, heardMs: T0 - 1_799_000 }] }).report).toMatchObject([{ cause: "two_sales" }]);
  });

  it("says how much nobody known is short of", () => {
    expect(decide({ locations: [location({ available: -3 })], orders: [order("1", 1), order("2", 5, { exempt: "pos" })] }).report).toMatchObject([{ depth: 3, evidence: { uncovered: 2, orderCount: 2 } }]);
  });

  it("is none of what is not tracked or may go on selling, unless the merchant says otherwise", () => {
    const below = { locations: [location({ available: -2 })] };
    expect(decide({ ...below, tracked: false }).report).toEqual([]);
    expect(decide({ ...below, policy: "continue" }).report).toEqual([]);
    expect(decide({ ...below, policy: "continue" }, { ignoreContinuePolicy: false }).report).toHaveLength(1);
    expect(decide({ ...below, tracked: false, open: [open()] }).close).toMatchObject([{ locationId: "P1" }]);
  });

  it("is none of what preorders took when they were sold, wherever that was, and never leaves them short", () => {
    const preorder = (orderId: string, units: number, change: Partial<OpenOrderUnits> = {}) => order(orderId, units, { exempt: "preorder", preorder: "on_sale", ...change });
    const below = { locations: [location({ available: -3 })] };
    expect(shortOf({ ...below, orders: [order("1", 1), order("2", 3)] })).toEqual([[["2", 3]]]);
    expect(shortOf({ ...below, orders: [order("1", 1), preorder("2", 3)] })).toEqual([]);
    expect(shortOf({ ...below, orders: [preorder("1", 2), order("2", 3)] })).toEqual([[["2", 1]]]);
    expect(shortOf({ ...below, orders: [order("1", 5), preorder("2", 2, { locationId: null })] })).toEqual([[["1", 1]]]);
    expect(shortOf({ locations: [location({ available: -1 }), location({ locationId: "P2", available: -4 })], orders: [order("1", 5), preorder("2", 4, { locationId: null })] })).toEqual([[["1", 1]]]);
    expect(shortOf({ ...below, orders: [order("1", 5), preorder("2", 3, { preorder: "on_fulfilment" })] })).toEqual([[["1", 3]]]);
  });

  it("keeps the orders that are short, and of the others the latest", () => {
    const many = Array.from({ length: 300 }, (_, index) => order(String(index + 1), 1, { paid: index > 0 }));
    const [report] = decide({ locations: [location({ available: -1 })], orders: many }, { policy: "unpaid_first" }).report;
    expect(report?.orders).toHaveLength(201);
    expect(report?.orders[0]).toMatchObject({ orderId: "1", unitsShort: 1 });
  });
});

describe("an incident that is over", () => {
  const reasonOf = (facts: Partial<ItemFacts>, change: Partial<OpenOversell> = {}) => decide({ ...facts, open: [open(change)] }).close.map(({ reason }) => reason);
  const was = { orders: [{ orderId: "1", name: null, lineId: "L1", committedAt: "", units: 3, unitsShort: 1, paid: true, verdict: "short" as const, exempt: null }] };

  it("is recounted where somebody wrote a number since, or moved where a giver's was written, too", () => {
    expect(reasonOf({ locations: [location({ countedAt: minutes(1) })] })).toEqual(["recounted"]);
    const locations = [location({ countedAt: minutes(1) }), location({ locationId: "P2", available: 3, countedAt: minutes(1) })];
    expect(reasonOf({ locations }, { movable: [{ locationId: "P2", available: 5 }] })).toEqual(["moved"]);
    expect(reasonOf({ locations })).toEqual(["recounted"]);
  });

  it("is over because orders went, or because stock came back", () => {
    expect(reasonOf({ orders: [order("1", 1)] }, was)).toEqual(["orders_gone"]);
    expect(reasonOf({ orders: [order("1", 3)] }, was)).toEqual(["stock_returned"]);
    expect(reasonOf({ locations: [location({ countedAt: minutes(-1) })], orders: [order("1", 3)] }, was)).toEqual(["stock_returned"]);
  });

  it("stays while something is missing", () => {
    expect(reasonOf({ locations: [location({ available: -1 })] })).toEqual([]);
  });
});

// Goal: the cheap look decides rightly which orders are worth a read; nothing that bears on stock stays unseen for sharing its second.
import { describe, expect, it } from "vitest";

import { type ListedOrder, looksMissed, missedKind } from "./missed-order.ts";
import { EMPTY_ORDER, observe, type OrderVersion } from "./order-state.ts";

const line = { id: "5", variantId: "6", sku: null, title: null, quantity: 3, currentQuantity: 2, giftCard: false, tracked: true, groupId: null };
const version = (over: Partial<OrderVersion> = {}): OrderVersion => ({
  id: "1",
  name: "#1",
  sourceName: "my-channel",
  appId: null,
  test: false,
  createdAt: "2026-11-01T10:00:00Z",
  updatedAt: "2026-11-01T05:00:09-05:00",
  cancelledAt: null,
  financialStatus: "pending",
  locationId: null,
  lines: [line],
  refunds: [],
  ...over,
});
const known = (over: Partial<OrderVersion> = {}) => observe(EMPTY_ORDER, { kind: "version", version: version(over), triggeredAt: null, eventId: null });
const listed = (over: Partial<ListedOrder> = {}): ListedOrder => ({
  orderId: "1",
  updatedAt: "2026-11-01T10:00:09Z",
  cancelledAt: null,
  financialStatus: "pending",
  currentUnits: 2,
  orderedUnits: 3,
  ...over,
});

describe("an order in Shopify's list", () => {
  it.each<[string, ListedOrder]>([
    ["was updated later", listed({ updatedAt: "2026-11-01T10:00:10Z" })],
    ["was cancelled in the same second", listed({ cancelledAt: "2026-11-01T10:00:09Z" })],
    ["was paid in the same second", listed({ financialStatus: "paid" })],
    ["lost units in the same second", listed({ currentUnits: 1 })],
    ["had one unit exchanged for another in the same second", listed({ orderedUnits: 4 })],
  ])("is worth a read when it %s", (_name, order) => {
    expect(looksMissed(known(), order)).toBe(true);
  });

  it.each<[string, ListedOrder]>([
    ["agrees in everything that can be compared", listed()],
    ["is shown older than notifications told, because the search runs behind", listed({ updatedAt: "2026-11-01T10:00:00Z", currentUnits: 3 })],
    ["counts no edits among the units ordered", listed({ orderedUnits: 1 })],
  ])("is not worth a read when it %s", (_name, order) => {
    expect(looksMissed(known(), order)).toBe(false);
  });

  it("is not worth one when a question about it is open: the answer is a read", () => {
    const edited = observe(known(), { kind: "edited", triggeredAt: "2026-11-01T10:00:09.5Z", eventId: "e" });
    expect(looksMissed(edited, listed({ updatedAt: "2026-11-01T10:00:10Z" }))).toBe(false);
  });

  it("is worth one when nobody has heard of it, and not when a refund came before it: then it is asked for anyway", () => {
    expect(looksMissed(EMPTY_ORDER, listed())).toBe(true);
    expect(looksMissed(observe(EMPTY_ORDER, { kind: "refund", refund: { id: "9", lines: [] } }), listed())).toBe(false);
  });

  it("leaves gift cards out of the sum, as Shopify does", () => {
    expect(looksMissed(known({ lines: [line, { ...line, id: "7", giftCard: true }] }), listed())).toBe(false);
  });
});

describe("what a read has told", () => {
  it("is an order never heard of, a change of what bears on stock, or no news", () => {
    expect(missedKind(EMPTY_ORDER, known())).toBe("unseen");
    expect(missedKind(known(), known({ cancelledAt: "2026-11-01T10:00:09Z" }))).toBe("changed");
    expect(missedKind(known(), known({ name: "renamed", updatedAt: "2026-11-02T10:00:00Z" }))).toBeNull();
  });
});

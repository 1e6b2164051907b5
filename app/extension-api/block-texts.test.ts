import { describe, expect, it } from "vitest";

import type { ChangeRow } from "#app/dashboard/queries/list-changes.server.ts";

import { blockTone, effectText, toBlockChange, toBlockHold, toBlockOversell } from "./block-texts.ts";

const AT = new Date("2026-11-21T14:00:00Z");
const CHANGE: ChangeRow = {
  id: 17n, effectKey: "e", cause: "order", orderId: "5", orderName: "#1044", lineId: "1", variantId: "2", sku: "MUG", title: "Mug - Blue", inventoryItemId: "3", locationId: "4",
  locationName: "Shop", quantityName: "available", delta: -2, state: "applied", reason: null, outcomeUnknown: false, settingsVersion: 1, sourceKey: null, mutationId: null, mutationKey: null,
  adjustmentGroupId: null, webhookId: null, traceId: "t", acceptedAt: null, createdAt: AT, finishedAt: AT, before: 12, after: 10,
};

describe("a change in a block", () => {
  it("is told with its cause, its order and the level before and after", () => {
    expect(toBlockChange(CHANGE, AT.getTime() + 14 * 60_000)).toEqual({
      id: "17", delta: "−2", cause: "Order placed", order: "#1044", location: "Shop", state: "Applied", tone: "success", levels: "12 → 10", when: "14 minutes ago", page: "/app/history/17",
    });
  });

  it("says nothing of levels that nobody knows, and names an order by its id until its name is known", () => {
    expect(toBlockChange({ ...CHANGE, orderName: null, before: null, after: null, state: "waiting" }, AT.getTime())).toMatchObject({ order: "Order 5", levels: null, tone: "warning" });
  });

  it("of units that were put aside says so", () => {
    expect(toBlockChange({ ...CHANGE, orderId: null, orderName: null, cause: "reservation", quantityName: "hold", delta: 3 }, AT.getTime())).toMatchObject({ delta: "−3", cause: "Put aside for checkouts", order: null });
  });
});

describe("an oversell in a block", () => {
  it("says what is missing, and who goes short", () => {
    const row = {
      id: 9n, kind: "oversold", state: "open", inventoryItemId: "3", sku: "MUG", title: "Mug", locationId: "4", locationName: "Shop", depth: 2, short: 2, openedAt: AT, closedAt: null, closeReason: null, handled: false,
      shortOrders: [{ orderId: "5", name: "#1044" }], shortOrderCount: 1,
    };
    expect(toBlockOversell(row)).toMatchObject({ id: "9", heading: "2 units of Mug too many were sold", text: "#1044 is short of stock.", page: "/app/oversells/9" });
  });
});

describe("a hold in a block", () => {
  it("says when it ends, and nothing of an end that has come", () => {
    const hold = { id: "h", heading: "2 × Mug", state: "active", settlement: null, refundRequired: false, expiresAt: new Date(AT.getTime() + 240_000) } as const;
    expect(toBlockHold(hold, AT.getTime())).toMatchObject({ state: "On hold", when: "ends in 4 minutes", page: "/app/holds/h" });
    expect(toBlockHold({ ...hold, state: "released" }, AT.getTime()).when).toBeNull();
  });
});

describe("what an order did", () => {
  it.each([
    [{ taken: 0, givenBack: 0 }, "no stock changed"],
    [{ taken: 2, givenBack: 0 }, "2 units taken"],
    [{ taken: 2, givenBack: 1 }, "2 units taken, 1 unit given back"],
  ])("of %j is %s", (line, text) => {
    expect(effectText(line)).toBe(text);
  });
});

describe("a tone", () => {
  it("is one that the admin's components know", () => {
    expect([blockTone(undefined), blockTone("attention"), blockTone("critical")]).toEqual(["neutral", "warning", "critical"]);
  });
});

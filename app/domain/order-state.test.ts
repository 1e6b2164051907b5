// Goal: whatever Shopify sends about an order, in whatever order and how often, ends in the same state.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { EMPTY_ORDER, mergeRead, needsRead, observe, type OrderObservation, type OrderState, type OrderVersion } from "./order-state.ts";

const version = (over: Partial<OrderVersion> = {}): OrderVersion => ({
  id: "1",
  name: "#1",
  sourceName: "my-channel",
  appId: null,
  test: false,
  createdAt: "2026-11-01T10:00:00.000Z",
  updatedAt: "2026-11-01T10:00:00.000Z",
  cancelledAt: null,
  financialStatus: "pending",
  locationId: null,
  lines: [],
  refunds: [],
  ...over,
});
const seen = (over: Partial<OrderVersion>, triggeredAt: string | null = null): OrderObservation => ({ kind: "version", version: version(over), triggeredAt, eventId: null });
const apply = (observations: readonly OrderObservation[]): OrderState => observations.reduce(observe, EMPTY_ORDER);

describe("the state of an order", () => {
  it("is the newest version, in whichever order versions arrive", () => {
    const old = seen({ updatedAt: "2026-11-01T10:00:00Z", name: "old" });
    const recent = seen({ updatedAt: "2026-11-01T10:00:05Z", name: "new" });
    expect(apply([old, recent]).version?.name).toBe("new");
    expect(apply([recent, old]).version?.name).toBe("new");
  });

  it("is the later triggered version when two carry the same second", () => {
    const first = seen({ name: "first" }, "2026-11-01T10:00:00.100000Z");
    const second = seen({ name: "second" }, "2026-11-01T10:00:00.100001Z");
    expect(apply([second, first]).version?.name).toBe("second");
    expect(apply([first, second]).version?.name).toBe("second");
    expect(needsRead(apply([first, second]))).toBe(false);
  });

  it("must be read from Shopify when two contents cannot be put in order", () => {
    const line = { id: "5", variantId: "6", sku: null, title: null, quantity: 1, currentQuantity: 1, giftCard: false, tracked: true, groupId: null };
    const state = apply([seen({ lines: [line] }), seen({ lines: [{ ...line, quantity: 2, currentQuantity: 2 }] })]);
    expect(needsRead(state)).toBe(true);
  });

  it("needs no reading for what differs in nothing that bears on stock: a name, or the form in which a read says the same", () => {
    const webhook = seen({ name: "a", financialStatus: "partially_refunded", createdAt: "2026-11-01T05:00:00-05:00" });
    const read = seen({ name: "b", financialStatus: "paid" });
    expect(needsRead(apply([webhook, read]))).toBe(false);
  });

  it("needs no reading for a copy of what is known", () => {
    expect(needsRead(apply([seen({}), seen({}), seen({})]))).toBe(false);
  });

  it("keeps a cancellation and a payment that an older version does not have", () => {
    const cancelled = seen({ updatedAt: "2026-11-01T10:01:00Z", cancelledAt: "2026-11-01T10:01:00Z", financialStatus: "refunded" });
    const created = seen({});
    const state = apply([cancelled, created]);
    expect(state.cancelledAt).not.toBeNull();
    expect(state.paid).toBe(true);
  });

  it("counts a refund once, whether it comes by itself or within the order", () => {
    const refund = { id: "9", lines: [{ id: "91", lineId: "5", quantity: 1, restockType: "return" as const }] };
    const state = apply([{ kind: "refund", refund }, seen({ refunds: [refund] }), { kind: "refund", refund }]);
    expect(state.refunds).toEqual([refund]);
  });

  it("asks for a read when a refund of an unknown order comes first", () => {
    expect(needsRead(apply([{ kind: "refund", refund: { id: "9", lines: [] } }]))).toBe(true);
  });

  const edited = (eventId: string | null, triggeredAt = "2026-11-01T10:00:05.900000Z"): OrderObservation => ({ kind: "edited", triggeredAt, eventId });

  it("is read after an edit, and a read that began before a later edit does not answer that one", () => {
    const once = apply([seen({}), edited("e1")]);
    expect(needsRead(once)).toBe(true);
    const readUpTo = once.questionCount;
    const twice = observe(once, edited("e2"));
    expect(needsRead(mergeRead(twice, version({}), readUpTo))).toBe(true);
    expect(needsRead(mergeRead(twice, version({}), twice.questionCount))).toBe(false);
  });

  it("needs no read after an edit whose own merchant action brings the order, before or after the notice", () => {
    const updated: OrderObservation = { kind: "version", version: version({ updatedAt: "2026-11-01T10:00:05Z" }), triggeredAt: null, eventId: "e1" };
    expect(needsRead(apply([seen({}), edited("e1"), updated]))).toBe(false);
    expect(needsRead(apply([seen({}), updated, edited("e1")]))).toBe(false);
  });

  it("needs no read after an edit when a version of a later second is known, but does for one of the same second", () => {
    expect(needsRead(apply([edited("e1"), seen({ updatedAt: "2026-11-01T10:00:06Z" })]))).toBe(false);
    expect(needsRead(apply([edited("e1"), seen({ updatedAt: "2026-11-01T10:00:05Z" })]))).toBe(true);
  });

  it("does not go back to an older version by a read that was slow", () => {
    const state = apply([seen({ updatedAt: "2026-11-01T10:02:00Z", name: "new" })]);
    expect(mergeRead(state, version({ name: "slow" }), 0).version?.name).toBe("new");
  });

  it("is the same for every order of arrival and every number of copies", () => {
    const observations: OrderObservation[] = [
      seen({ name: "1" }, "2026-11-01T10:00:00.000001Z"),
      seen({ name: "2", updatedAt: "2026-11-01T10:00:01Z" }, "2026-11-01T10:00:01.000001Z"),
      seen({ name: "3", updatedAt: "2026-11-01T10:00:01Z", financialStatus: "paid" }, "2026-11-01T10:00:01.000002Z"),
      seen({ name: "4", updatedAt: "2026-11-01T10:00:09Z", cancelledAt: "2026-11-01T10:00:09Z" }, "2026-11-01T10:00:09.000001Z"),
      { kind: "refund", refund: { id: "7", lines: [] } },
      { kind: "refund", refund: { id: "8", lines: [] } },
    ];
    const settled = (state: OrderState) => ({ ...state, questions: [], questionCount: 0 });
    const expected = settled(apply(observations));
    fc.assert(
      fc.property(fc.shuffledSubarray([...observations, ...observations], { minLength: 12, maxLength: 12 }), (arrival) => {
        expect(settled(apply(arrival))).toEqual(expected);
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { createSmallWorld, findContradictions, orderOf } from "../testing/small-world.ts";
import type { SmallWorld } from "../testing/small-world.ts";
import { armLapses, completeDraft, createDraft, deleteDraft } from "./draft-orders.ts";
import { gid } from "./ids.ts";
import { placeOrder } from "./place-order.ts";
import { restoreSnapshot, takeSnapshot } from "./world.ts";

const HOUR_MS = 3_600_000;

function setStage() {
  const small = createSmallWorld();
  const mug = small.variant("MUG", { 0: 10 });
  const names = () => (["available", "reserved", "committed", "on_hand"] as const).map((name) => small.stock(mug.itemId, name));
  const draft = (quantity: number, reserveForMs?: number) => createDraft(small.world, small.shop, { lines: [{ variantId: mug.variantId, quantity }], reserveForMs });
  return { small, mug, names, draft };
}

function levelsTold(small: SmallWorld): unknown[] {
  return small.told.filter(({ topic }) => topic === "inventory_levels/update").map(({ payload }) => payload["available"]);
}

describe("a draft order", () => {
  it("sets units aside until its time has passed, and tells of the level both times", () => {
    const { small, names, draft } = setStage();
    const made = draft(3, HOUR_MS);
    expect(names()).toEqual([7, 3, 0, 10]);
    small.world.clock.advance(HOUR_MS - 1);
    expect(names()).toEqual([7, 3, 0, 10]);
    small.world.clock.advance(2);
    expect(names()).toEqual([10, 0, 0, 10]);
    expect(levelsTold(small)).toEqual([7, 10]);
    expect(small.shop.truth.slice(1).map(({ name, delta, cause }) => [name, delta, cause])).toEqual([
      ["available", -3, { kind: "draft_order", draftOrderId: gid("DraftOrder", made.id) }],
      ["reserved", 3, { kind: "draft_order", draftOrderId: gid("DraftOrder", made.id) }],
      ["reserved", -3, { kind: "draft_order", draftOrderId: gid("DraftOrder", made.id) }],
      ["available", 3, { kind: "draft_order", draftOrderId: gid("DraftOrder", made.id) }],
    ]);
    expect(made.status).toBe("open");
  });

  it("completed turns reserved into committed without touching available, though nothing else is left to sell", () => {
    const { small, mug, names, draft } = setStage();
    const made = draft(3, HOUR_MS);
    placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 7 }));
    small.told.length = 0;
    const order = completeDraft(small.world, small.shop, made, true);
    expect(order).toMatchObject({ sourceName: "shopify_draft_order" });
    expect(names()).toEqual([0, 0, 10, 10]);
    expect(levelsTold(small)).toEqual([]);
    expect(small.told.map(({ topic }) => topic)).toContain("orders/create");
    small.world.clock.advance(2 * HOUR_MS);
    expect(names()).toEqual([0, 0, 10, 10]);
    expect(findContradictions(small.shop)).toEqual([]);
    expect(() => deleteDraft(small.world, small.shop, made)).toThrow(/completed/);
  });

  it("gives back when it is deleted, and takes its chance like any buyer once the reservation lapsed", () => {
    const { small, mug, names, draft } = setStage();
    deleteDraft(small.world, small.shop, draft(2, HOUR_MS));
    expect(names()).toEqual([10, 0, 0, 10]);
    const lapsed = draft(4, HOUR_MS);
    small.world.clock.advance(HOUR_MS);
    placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 8 }));
    expect(completeDraft(small.world, small.shop, lapsed, true)).toMatchObject({ refused: "out_of_stock" });
    expect(lapsed.status).toBe("open");
    expect(findContradictions(small.shop)).toEqual([]);
  });

  it("without a reservation moves nothing, and cannot reserve what is not there", () => {
    const { names, draft } = setStage();
    draft(3);
    expect(names()).toEqual([10, 0, 0, 10]);
    expect(() => draft(11, HOUR_MS)).toThrow(/not enough/);
    expect(names()).toEqual([10, 0, 0, 10]);
  });

  it("lapses once in a world that was put back, however many timers there are", () => {
    const { small, names, draft } = setStage();
    draft(3, HOUR_MS);
    const snapshot = takeSnapshot(small.world);
    restoreSnapshot(small.world, snapshot);
    armLapses(small.world);
    const shop = small.world.state.shops.get(small.shop.domain);
    small.world.clock.advance(2 * HOUR_MS);
    expect(shop?.truth.filter(({ name }) => name === "reserved").map(({ delta }) => delta)).toEqual([3, -3]);
    expect(names()).toEqual([7, 3, 0, 10]);
  });
});

describe("a till that was offline", () => {
  it("reports a sale of the past that is never refused, handed over at once, whose stock moves when it is synced", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 2 });
    const soldAt = new Date(small.world.clock.nowMs()).toISOString();
    placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 2 }));
    small.world.clock.advance(HOUR_MS);
    const now = placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 1 }, { channel: "pos" }));
    expect(now).toMatchObject({ refused: "out_of_stock" });
    small.told.length = 0;
    const synced = placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 1 }, { channel: "pos", processedAt: soldAt, pickedUp: true }));
    expect(synced).toMatchObject({ sourceName: "pos" });
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed"), small.stock(mug.itemId, "on_hand")]).toEqual([-1, 2, 1]);
    expect(small.told.map(({ topic }) => topic)).toEqual(expect.arrayContaining(["orders/create", "orders/fulfilled", "inventory_levels/update"]));
    expect(small.told[0]?.payload).toMatchObject({ processed_at: "2026-01-01T00:00:00+00:00", created_at: "2026-01-01T01:00:00+00:00", fulfillment_status: "fulfilled", line_items: [{ fulfillable_quantity: 0 }] });
    expect(findContradictions(small.shop)).toEqual([]);
  });
});

describe("the events of one action", () => {
  it.each([
    [true, 1],
    [false, 3],
  ])("with shared level events %s are %i", (levelEventsShared, events) => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const cup = small.variant("CUP", { 0: 10 });
    small.world.assumptions.levelEventsShared = levelEventsShared;
    placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 1, [cup.variantId]: 1 }));
    expect(new Set(small.told.map(({ eventId }) => eventId)).size).toBe(events);
    expect(new Set(small.told.filter(({ topic }) => !topic.startsWith("inventory_levels/")).map(({ eventId }) => eventId)).size).toBe(1);
  });
});

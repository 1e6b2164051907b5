import { describe, expect, it } from "vitest";
import { createSmallWorld, findContradictions, orderOf } from "../testing/small-world.ts";
import type { SmallWorld } from "../testing/small-world.ts";
import { cancelOrder, editOrder, fulfilOrder, moveOrder, payOrder, refundOrder } from "./change-order.ts";
import { fulfilmentOrdersOf } from "./fulfilment-orders.ts";
import { gid } from "./ids.ts";
import { placeOrder } from "./place-order.ts";
import type { OrderInput } from "./place-order.ts";
import type { Order } from "./state.ts";

function place(small: SmallWorld, input: OrderInput): Order {
  const placed = placeOrder(small.world, small.shop, input);
  if ("refused" in placed) throw new Error("The order was refused.");
  return placed;
}

function lineId(order: Order, index = 0): string {
  return order.lines[index]?.id ?? "";
}

describe("placing an order", () => {
  it.each(["web", "pos", "draft", "subscription"] as const)("on %s takes units from available into committed, on-hand stays", (channel) => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    place(small, orderOf({ [mug.variantId]: 3 }, { channel }));
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed"), small.stock(mug.itemId, "on_hand")]).toEqual([7, 3, 10]);
    expect(findContradictions(small.shop)).toEqual([]);
  });

  it("through the API bypasses stock unless the caller decides otherwise", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 2 });
    const order = place(small, orderOf({ [mug.variantId]: 3 }, { channel: "api", sourceName: "my-channel" }));
    expect(order).toMatchObject({ sourceName: "my-channel", locationId: null });
    expect(small.stock(mug.itemId)).toBe(2);
    place(small, orderOf({ [mug.variantId]: 3 }, { channel: "api", inventoryBehaviour: "DECREMENT_IGNORING_POLICY" }));
    expect(small.stock(mug.itemId)).toBe(-1);
    const obeying = placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 1 }, { channel: "api", inventoryBehaviour: "DECREMENT_OBEYING_POLICY" }));
    expect(obeying).toMatchObject({ refused: "out_of_stock" });
  });

  it("is refused whole when one line is short of a DENY variant, and nothing moves", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const cup = small.variant("CUP", { 0: 1 });
    const refused = placeOrder(small.world, small.shop, orderOf({ [mug.variantId]: 1, [cup.variantId]: 2 }));
    expect(refused).toEqual({ refused: "out_of_stock", shortages: [{ variantId: gid("ProductVariant", cup.variantId), locationId: gid("Location", small.locationIds[0] ?? ""), requested: 2, available: 1 }] });
    expect([small.stock(mug.itemId), small.stock(cup.itemId), small.shop.orders.size, small.told.length]).toEqual([10, 1, 0, 0]);
  });

  it("counts two lines of the same variant together", () => {
    const small = createSmallWorld(1);
    const mug = small.variant("MUG", { 0: 3 });
    const line = { variantId: mug.variantId, quantity: 2, properties: [] };
    expect(placeOrder(small.world, small.shop, orderOf({}, { lines: [line, line] }))).toMatchObject({ refused: "out_of_stock" });
  });

  it("lets a CONTINUE variant go negative and leaves an untracked one alone", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 1 }, { inventoryPolicy: "CONTINUE" });
    const card = small.variant("CARD", {}, { tracked: false });
    place(small, orderOf({ [mug.variantId]: 3, [card.variantId]: 5 }));
    expect([small.stock(mug.itemId), small.stock(card.itemId)]).toEqual([-2, 0]);
  });

  it("sends each line to a location that has enough, else to one that stocks it, else to the first", () => {
    const small = createSmallWorld(3);
    const mug = small.variant("MUG", { 1: 1, 2: 5 }, { inventoryPolicy: "CONTINUE" });
    const cup = small.variant("CUP", { 1: 0 }, { inventoryPolicy: "CONTINUE" });
    const card = small.variant("CARD", {}, { tracked: false });
    const order = place(small, orderOf({ [mug.variantId]: 3, [cup.variantId]: 1, [card.variantId]: 1 }));
    expect(order.lines.map((line) => small.locationIds.indexOf(line.locationId))).toEqual([2, 1, 0]);
    expect(fulfilmentOrdersOf(small.shop, order)).toHaveLength(3);
    expect(small.told.filter(({ topic }) => topic === "fulfillment_orders/order_routing_complete")).toHaveLength(3);
  });

  it("sells a native bundle as its grouped components and takes their stock", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const set = small.variant("SET", {}, { requiresComponents: true, components: [{ variantId: mug.variantId, quantity: 2 }] });
    const order = place(small, orderOf({ [set.variantId]: 3 }));
    expect(order.lines).toMatchObject([{ variantId: mug.variantId, quantity: 6, group: { variantId: set.variantId, quantity: 3 } }]);
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed")]).toEqual([4, 6]);
  });

  it("tells create, paid, routing and stock under one event id, with ids as numbers and the buyer in the body", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const order = place(small, orderOf({ [mug.variantId]: 1 }));
    expect(small.told.map(({ topic }) => topic)).toEqual(["orders/create", "orders/paid", "inventory_levels/update", "fulfillment_orders/order_routing_complete"]);
    expect(new Set(small.told.map(({ eventId }) => eventId)).size).toBe(1);
    const body = JSON.stringify(small.told[0]?.payload);
    expect(body).toContain(`"id":${order.id},"admin_graphql_api_id":"${gid("Order", order.id)}"`);
    expect(JSON.parse(body)).toMatchObject({ source_name: "web", financial_status: "paid", location_id: null, line_items: [{ quantity: 1, current_quantity: 1, fulfillable_quantity: 1, variant_inventory_management: "shopify" }], customer: { first_name: "Bob" } });
    expect(JSON.parse(JSON.stringify(small.told[2]?.payload))).toMatchObject({ available: 9 });
  });
});

describe("changing an order", () => {
  it("pays once", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const order = place(small, orderOf({ [mug.variantId]: 1 }, { paid: false }));
    small.told.length = 0;
    payOrder(small.world, small.shop, order);
    expect(small.told.map(({ topic }) => topic)).toEqual(["orders/paid", "orders/updated"]);
    expect(() => payOrder(small.world, small.shop, order)).toThrow(/paid/);
  });

  it("edits a line from 1 to 3 and back to 2: quantity stays at what was ever ordered, current follows", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const order = place(small, orderOf({ [mug.variantId]: 1 }));
    editOrder(small.world, small.shop, order, { setQuantities: [{ lineItemId: lineId(order), quantity: 3, restock: true }], add: [] });
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed")]).toEqual([7, 3]);
    small.told.length = 0;
    editOrder(small.world, small.shop, order, { setQuantities: [{ lineItemId: lineId(order), quantity: 2, restock: true }], add: [] });
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed")]).toEqual([8, 2]);
    expect(small.told.map(({ topic }) => topic)).toEqual(["inventory_levels/update", "refunds/create", "orders/edited", "orders/updated"]);
    const edited = JSON.parse(JSON.stringify(small.told[2]?.payload)) as { order_edit: { line_items: { removals: { delta: number }[] } } };
    expect(edited.order_edit.line_items.removals).toMatchObject([{ delta: -1 }]);
    expect(JSON.parse(JSON.stringify(small.told[3]?.payload))).toMatchObject({ line_items: [{ quantity: 3, current_quantity: 2, fulfillable_quantity: 2 }], refunds: [{ refund_line_items: [{ quantity: 1, restock_type: "cancel" }] }] });
    expect(findContradictions(small.shop)).toEqual([]);
  });

  it("adds a line that takes stock in a native order and none in a bypassed one", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const cup = small.variant("CUP", { 0: 10 });
    const native = place(small, orderOf({ [mug.variantId]: 1 }));
    const bypassed = place(small, orderOf({ [mug.variantId]: 1 }, { channel: "api" }));
    for (const order of [native, bypassed]) editOrder(small.world, small.shop, order, { setQuantities: [], add: [{ variantId: cup.variantId, quantity: 2 }] });
    expect([small.stock(cup.itemId), small.stock(cup.itemId, "committed")]).toEqual([8, 2]);
  });

  it.each([
    [true, 10],
    [false, 7],
  ])("cancels a native order, restocking %s: available ends at %i and nothing is committed", (restock, available) => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const order = place(small, orderOf({ [mug.variantId]: 3 }));
    cancelOrder(small.world, small.shop, order, restock);
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed"), small.stock(mug.itemId, "on_hand")]).toEqual([available, 0, available]);
    expect(fulfilmentOrdersOf(small.shop, order).map(({ status }) => status)).toEqual(["cancelled"]);
    expect(() => cancelOrder(small.world, small.shop, order, restock)).toThrow(/cancelled/);
  });

  it("leaves stock alone when a bypassed order is cancelled or refunded, or restocks it when that is assumed", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const input = orderOf({ [mug.variantId]: 3 }, { channel: "api" });
    cancelOrder(small.world, small.shop, place(small, input), true);
    expect(small.stock(mug.itemId)).toBe(10);
    small.world.assumptions.shopifyRestocksBypassed = true;
    cancelOrder(small.world, small.shop, place(small, input), true);
    const refunded = place(small, input);
    refundOrder(small.world, small.shop, refunded, { lines: [{ lineItemId: lineId(refunded), quantity: 2, restockType: "cancel" }] });
    expect(small.stock(mug.itemId)).toBe(15);
  });

  it("refunds before the cancellation and restocks each unit once", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const order = place(small, orderOf({ [mug.variantId]: 3 }));
    refundOrder(small.world, small.shop, order, { lines: [{ lineItemId: lineId(order), quantity: 2, restockType: "cancel" }] });
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed")]).toEqual([9, 1]);
    cancelOrder(small.world, small.shop, order, true);
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed")]).toEqual([10, 0]);
    expect(() => refundOrder(small.world, small.shop, order, { lines: [{ lineItemId: lineId(order), quantity: 1, restockType: "cancel" }] })).toThrow(/left to refund/);
  });

  it("lowers committed and on-hand when units are sent, and brings returned ones back to the named location", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const order = place(small, orderOf({ [mug.variantId]: 3 }));
    fulfilOrder(small.world, small.shop, order, [{ lineItemId: lineId(order), quantity: 2 }]);
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed"), small.stock(mug.itemId, "on_hand")]).toEqual([7, 1, 8]);
    expect(fulfilmentOrdersOf(small.shop, order).map(({ status }) => status)).toEqual(["in_progress"]);
    refundOrder(small.world, small.shop, order, { lines: [{ lineItemId: lineId(order), quantity: 2, restockType: "return" }], locationId: small.locationIds[1] ?? "" });
    expect([small.stock(mug.itemId, "available", 1), small.stock(mug.itemId, "committed")]).toEqual([2, 1]);
    expect(findContradictions(small.shop)).toEqual([]);
  });

  it("gives nothing back for a refund without restock", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const order = place(small, orderOf({ [mug.variantId]: 3 }));
    refundOrder(small.world, small.shop, order, { lines: [{ lineItemId: lineId(order), quantity: 1, restockType: "no_restock" }] });
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed"), small.stock(mug.itemId, "on_hand")]).toEqual([7, 2, 9]);
    expect(order.refunds[0]?.lines[0]).toMatchObject({ restockType: "no_restock", locationId: null });
  });

  it("moves an unsent fulfilment order itself, and the rest of a partly sent one into a new one", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10, 1: 10 });
    const whole = place(small, orderOf({ [mug.variantId]: 3 }));
    moveOrder(small.world, small.shop, whole, small.locationIds[1] ?? "");
    expect([small.stock(mug.itemId), small.stock(mug.itemId, "committed"), small.stock(mug.itemId, "available", 1), small.stock(mug.itemId, "committed", 1)]).toEqual([10, 0, 7, 3]);
    expect(whole.fulfilmentOrderIds).toHaveLength(1);
    const partly = place(small, orderOf({ [mug.variantId]: 3 }));
    fulfilOrder(small.world, small.shop, partly, [{ lineItemId: lineId(partly), quantity: 1 }]);
    small.told.length = 0;
    moveOrder(small.world, small.shop, partly, small.locationIds[1] ?? "");
    expect(fulfilmentOrdersOf(small.shop, partly).map(({ status, lines }) => [status, lines[0]?.remaining])).toEqual([["closed", 0], ["open", 2]]);
    expect(small.told[0]).toMatchObject({ topic: "fulfillment_orders/moved", payload: { destination_location_id: gid("Location", small.locationIds[1] ?? "") } });
    expect(findContradictions(small.shop)).toEqual([]);
  });

  it("lowers on-hand for the fulfilment of a bypassed order only when that is assumed", () => {
    const small = createSmallWorld();
    const mug = small.variant("MUG", { 0: 10 });
    const input = orderOf({ [mug.variantId]: 2 }, { channel: "api" });
    fulfilOrder(small.world, small.shop, place(small, input), undefined);
    expect(small.stock(mug.itemId, "on_hand")).toBe(10);
    small.world.assumptions.fulfilBypassedLowersOnHand = true;
    fulfilOrder(small.world, small.shop, place(small, input), undefined);
    expect(small.stock(mug.itemId, "on_hand")).toBe(8);
  });
});

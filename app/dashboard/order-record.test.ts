// The stock record of an order.
import { describe, expect, it } from "vitest";

import { recordText, tellOrder } from "./order-record.ts";
import type { OrderReceipt } from "./queries/order-receipt.server.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 14, 0, second));

type Change = OrderReceipt["changes"][number];

const attempt = (number: number, outcome: string) => ({ mutationId: "m-1", number, sentAt: at(2), finishedAt: at(3), outcome, detail: null });

const CHANGE: Change = {
  id: 7n, effectKey: "order/1/line/2", cause: "order", orderId: "1", orderName: "#1001", lineId: "2", variantId: "3", sku: "MUG", title: "Mug - Default Title",
  inventoryItemId: "4", locationId: "5", locationName: "Shelf", quantityName: "available", delta: -2, state: "applied", reason: null, outcomeUnknown: false, settingsVersion: 3,
  sourceKey: "name:shelf", mutationId: "m-1", mutationKey: "k-1", adjustmentGroupId: "gid://shopify/InventoryAdjustmentGroup/9", webhookId: "w-1", traceId: "t-1",
  acceptedAt: at(0), createdAt: at(1), finishedAt: at(4), before: 5, after: 3, attempts: [attempt(1, "throttled"), attempt(2, "applied")],
};
const DELIVERY: OrderReceipt["deliveries"][number] = {
  id: 1n, webhookId: "w-1", eventId: null, topic: "orders/create", orderId: "1", orderName: "#1001", triggeredAt: at(0), receivedAt: at(0), duplicates: 2, state: "processed",
  reason: null, processedAt: at(1), traceId: "t-1", contentKind: "order", replayedAt: null,
};
const receipt = (changes: readonly Change[], more: Partial<OrderReceipt> = {}): OrderReceipt => ({ orderId: "1", order: null, deliveries: [DELIVERY], changes, doubled: [], truncated: false, ...more });
const REFUND: Change = { ...CHANGE, id: 8n, effectKey: "order/1/line/2/1", cause: "refund", delta: 1, before: 3, after: 4, mutationId: "m-2", mutationKey: "k-2", attempts: [{ ...attempt(1, "applied"), mutationId: "m-2" }] };

describe("an order's stock record", () => {
  it("adds up what each line took and gave back, of what took effect only", () => {
    const record = tellOrder(receipt([CHANGE, REFUND, { ...REFUND, id: 9n, state: "waiting", delta: 1 }]));
    expect(record.lines).toHaveLength(1);
    expect(record.lines[0]).toMatchObject({ item: "Mug", sku: "MUG", location: "Shelf", taken: 2, givenBack: 1 });
    expect(record.lines[0]?.entries.map((entry) => [entry.delta, entry.cause, entry.key, entry.shopifyReference])).toEqual([
      [-2, "Order placed", "k-1", "gid://shopify/InventoryAdjustmentGroup/9"],
      [1, "Refund", "k-2", "gid://shopify/InventoryAdjustmentGroup/9"],
      [1, "Refund", "k-2", "gid://shopify/InventoryAdjustmentGroup/9"],
    ]);
    expect(record.verdict.title).toBe("Holdfast is working on this order");
  });

  it("says that it counted once, and why that is so", () => {
    const { verdict, proof } = tellOrder(receipt([CHANGE]));
    expect(verdict).toEqual({ tone: "success", title: "This order's stock counted exactly once", text: "2 units taken. Each change counted once." });
    expect(proof[0]).toBe("Shopify sent 3 notifications about it: 1 different one, and 2 repetitions that were stopped.");
    expect(proof[2]).toContain("1 call to Shopify for what was applied, in 2 tries");
  });

  it.each([
    ["a person has to decide", [CHANGE, { ...CHANGE, id: 9n, state: "parked" }], "1 change of this order needs review"],
    ["it was only watched", [{ ...CHANGE, state: "shadow" }], "Watched: no stock was changed"],
    ["all of it was given back", [CHANGE, { ...REFUND, delta: 2 }], "Everything this order took was given back"],
    ["nothing was decided", [], "This order changes no stock by your rules"],
    ["what was decided was withdrawn", [{ ...CHANGE, state: "cancelled" }], "No stock was changed for this order"],
  ])("says when %s", (_, changes, title) => {
    expect(tellOrder(receipt(changes)).verdict.title).toBe(title);
  });

  it("does not claim that it counted once when a call probably took effect twice", () => {
    const { verdict, proof } = tellOrder(receipt([CHANGE], { doubled: [{ mutationId: "m-1", inventoryItemId: "4", locationId: "5" }] }));
    expect(verdict).toMatchObject({ tone: "warning", title: "A call for this order probably counted twice" });
    expect(verdict.text).not.toContain("counted once");
    expect(proof.at(-1)).toContain("1 change went in a call whose key Shopify did not recognise");
  });

  it("claims no notification that it does not know any more", () => {
    expect(tellOrder(receipt([CHANGE], { deliveries: [] })).proof[0]).toContain("have been removed");
  });

  it("can be copied as text, with every key and reference", () => {
    const text = recordText(tellOrder(receipt([CHANGE])), { title: "Order #1001", timeZone: "Europe/Berlin" });
    expect(text).toContain("Mug (MUG), Shelf: taken 2, given back 0");
    expect(text).toContain("  −2 Order placed; Applied; 5 → 3; 21 Nov 2026, 15:00:04; key k-1; gid://shopify/InventoryAdjustmentGroup/9; change 7");
  });
});

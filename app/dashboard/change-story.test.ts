// The way of one change, told in steps.
import { describe, expect, it } from "vitest";

import { changeHeading, tellChange } from "./change-story.ts";
import type { ChangeDetail } from "./queries/change-detail.server.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 14, 0, second));

const APPLIED: ChangeDetail = {
  change: {
    id: 7n, effectKey: "order/1/line/2", cause: "order", orderId: "1", orderName: "#1001", lineId: "2", variantId: "3", sku: "SKU", title: "Mug",
    inventoryItemId: "4", locationId: "5", locationName: "Shelf", quantityName: "available", delta: -2, state: "applied", reason: null,
    outcomeUnknown: false, settingsVersion: 3, sourceKey: "name:shelf", mutationId: "m-1", mutationKey: "k-1", adjustmentGroupId: "gid://shopify/InventoryAdjustmentGroup/9", webhookId: "w-1", traceId: "t-1",
    acceptedAt: at(0), createdAt: at(1), finishedAt: at(4), before: 5, after: 3,
  },
  order: { name: "#1001", sourceName: "shelf", appId: null, orderedAt: at(0), mode: "enforce", modeReason: "protected", settingsVersion: 3, state: "settled", stateReason: null, firstSeenAt: at(0), derivedAt: at(1) },
  delivery: { id: 1n, webhookId: "w-1", eventId: null, topic: "orders/create", orderId: "1", orderName: "#1001", triggeredAt: at(0), receivedAt: at(0), duplicates: 2, state: "processed", reason: null, processedAt: at(1), traceId: "t-1", contentKind: "order", replayedAt: null },
  mutation: { id: "m-1", key: "k-1", state: "applied", reason: null, claimedAt: at(2), firstSentAt: at(2), finishedAt: at(4), adjustmentGroupId: "gid://shopify/InventoryAdjustmentGroup/9", entryCount: 3 },
  attempts: [
    { mutationId: "m-1", number: 1, sentAt: at(2), finishedAt: at(3), outcome: "throttled", detail: null },
    { mutationId: "m-1", number: 2, sentAt: at(3), finishedAt: at(4), outcome: "applied", detail: null },
  ],
  audit: [{ id: 1n, at: at(4), kind: "change_applied", actor: "holdfast", delta: -2, before: 5, after: 3, adjustmentGroupId: null, detail: null }],
};

describe("changeHeading", () => {
  it("names the change and its order, as far as they are known", () => {
    const candle = { item: "Beeswax candle", delta: -1, orderName: "#1002" };
    expect(changeHeading(candle)).toBe("−1 Beeswax candle · order #1002");
    expect(changeHeading({ ...candle, delta: 0 })).toBe("No change of Beeswax candle · order #1002");
    expect(changeHeading({ ...candle, orderName: null })).toBe("−1 Beeswax candle");
  });
});

describe("tellChange", () => {
  it("goes from the notification over every try to the audit trail", () => {
    expect(tellChange(APPLIED).map((step) => step.title)).toEqual([
      "Notification received",
      "Order #1001 read",
      "Decided: −2",
      "Key and content fixed before sending",
      "Try 1: Shopify asked to slow down",
      "Try 2: Shopify applied it",
      "Applied: 5 → 3",
      "Written to the audit trail: Stock changed in Shopify",
    ]);
  });

  it("offers the ids that support asks for to be copied", () => {
    const copyable = tellChange(APPLIED).flatMap((step) => step.facts.filter((fact) => fact.copyable === true).map((fact) => fact.name));
    expect(copyable).toEqual(expect.arrayContaining(["Webhook id", "Trace id", "Key", "Counts once under"]));
  });

  it("tells a change that was only shown without inventing a call", () => {
    const shown: ChangeDetail = { ...APPLIED, change: { ...APPLIED.change, state: "shadow", mutationId: null, finishedAt: null }, mutation: null, attempts: [], audit: [] };
    expect(tellChange(shown).map((step) => step.key)).toEqual(["notification", "order", "decision", "result"]);
  });

  it("says why a line could not be assigned, and that an open outcome is not repeated", () => {
    const parked: ChangeDetail = { ...APPLIED, change: { ...APPLIED.change, state: "parked", reason: "no_location", inventoryItemId: null, locationId: null, delta: 0, outcomeUnknown: true }, mutation: null, attempts: [], audit: [] };
    const steps = tellChange(parked);
    expect(steps.find((step) => step.key === "decision")?.title).toBe("No stock could be assigned");
    expect(steps.find((step) => step.key === "result")?.text).toContain("not repeated by itself");
  });

  it("says in plain words why Shopify refused it, and gives Shopify's code to look up", () => {
    const refused = (reason: string) => tellChange({ ...APPLIED, change: { ...APPLIED.change, state: "parked", reason } }).find((step) => step.key === "result");
    expect(refused("refused:INVALID_INVENTORY_ITEM")?.text).toContain("Shopify has no such item any more.");
    expect(refused("refused:INVALID_INVENTORY_ITEM")?.facts).toContainEqual({ name: "Shopify's code", value: "INVALID_INVENTORY_ITEM", copyable: true });
    expect(refused("refused:SOMETHING_NEW")?.text).toContain("Shopify refused it: Something new.");
    expect(refused("refused:unknown")?.facts.map((fact) => fact.name)).not.toContain("Shopify's code");
  });

  it("still tells what is known after the notification's record was removed", () => {
    expect(tellChange({ ...APPLIED, delivery: null, order: null })[0]).toMatchObject({ key: "notification", at: at(0) });
  });
});

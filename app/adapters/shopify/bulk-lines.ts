// Lines of a bulk operation's file, read into what they say; what this version does not understand fails the file, not a guess.
import { z } from "zod";

import type { ScannedLevel, ScannedOrder, ScannedVariant } from "#app/ports/bulk-operations.ts";

import { anyGid, gidOf } from "./gid-schema.ts";

const levelLine = z.object({
  item: z.object({ id: gidOf("InventoryItem") }),
  location: z.object({ id: gidOf("Location") }),
  quantities: z.array(z.object({ name: z.string(), quantity: z.int(), updatedAt: z.string().nullable() })),
});
const variantLine = z.object({
  id: gidOf("ProductVariant"),
  sku: z.string().nullable(),
  displayName: z.string(),
  inventoryPolicy: z.enum(["DENY", "CONTINUE"]),
  requiresComponents: z.boolean(),
  product: z.object({ title: z.string() }).nullable(),
  inventoryItem: z.object({ id: gidOf("InventoryItem"), tracked: z.boolean() }),
});
const orderLine = z.object({
  id: gidOf("Order"),
  name: z.string(),
  sourceName: z.string().nullable(),
  test: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  processedAt: z.string(),
  cancelledAt: z.string().nullable(),
  displayFinancialStatus: z.string().nullable(),
  displayFulfillmentStatus: z.string().nullable(),
  app: z.object({ id: anyGid }).nullable(),
  retailLocation: z.object({ id: gidOf("Location") }).nullable(),
});
const lineItemLine = z.object({
  id: gidOf("LineItem"),
  sku: z.string().nullable(),
  title: z.string(),
  quantity: z.int(),
  currentQuantity: z.int(),
  unfulfilledQuantity: z.int(),
  isGiftCard: z.boolean(),
  variant: z.object({ id: gidOf("ProductVariant"), inventoryItem: z.object({ tracked: z.boolean() }) }).nullable(),
  lineItemGroup: z.object({ id: anyGid }).nullable(),
});

export type StockLine = { readonly kind: "level"; readonly level: ScannedLevel } | { readonly kind: "variant"; readonly variant: ScannedVariant } | { readonly kind: "item" };

export function readStockLine(text: string): StockLine {
  const line = jsonObject(text);
  if ("quantities" in line) {
    const { item, location, quantities } = levelLine.parse(line);
    const available = quantities.find(({ name }) => name === "available");
    if (!available) throw new Error("a level without `available`");
    return { kind: "level", level: { inventoryItemId: item.id, locationId: location.id, available: available.quantity, at: endOfSecond(available.updatedAt) } };
  }
  if (!("inventoryPolicy" in line)) return { kind: "item" };
  const { id, sku, displayName, inventoryPolicy, requiresComponents, product, inventoryItem } = variantLine.parse(line);
  return {
    kind: "variant",
    variant: {
      variantId: id,
      inventoryItemId: inventoryItem.id,
      sku: sku === "" ? null : sku,
      title: displayName,
      productTitle: product?.title ?? null,
      tracked: inventoryItem.tracked,
      policy: inventoryPolicy,
      requiresComponents,
    },
  };
}

export type OrderFileLine = { readonly kind: "order"; readonly order: z.output<typeof orderLine> } | { readonly kind: "line"; readonly line: z.output<typeof lineItemLine> };

export function readOrderLine(text: string): OrderFileLine {
  const line = jsonObject(text);
  return "unfulfilledQuantity" in line ? { kind: "line", line: lineItemLine.parse(line) } : { kind: "order", order: orderLine.parse(line) };
}

/** An order with the lines that followed it. Its refunds are not read: what they took off is in each line's current quantity. */
export function toScannedOrder(order: z.output<typeof orderLine>, lines: readonly z.output<typeof lineItemLine>[]): ScannedOrder {
  const { app, retailLocation, displayFinancialStatus, displayFulfillmentStatus, ...version } = order;
  return {
    version: {
      ...version,
      appId: app?.id ?? null,
      financialStatus: displayFinancialStatus?.toLowerCase() ?? null,
      fulfillmentStatus: displayFulfillmentStatus?.toLowerCase() ?? null,
      locationId: retailLocation?.id ?? null,
      lines: lines.map((line) => ({
        id: line.id,
        variantId: line.variant?.id ?? null,
        sku: line.sku === "" ? null : line.sku,
        title: line.title,
        quantity: line.quantity,
        currentQuantity: line.currentQuantity,
        fulfillableQuantity: line.unfulfilledQuantity,
        giftCard: line.isGiftCard,
        tracked: line.variant?.inventoryItem.tracked ?? null,
        groupId: line.lineItemGroup?.id ?? null,
      })),
      refunds: [],
    },
    unfulfilledUnits: lines.reduce((sum, line) => sum + line.unfulfilledQuantity, 0),
  };
}

/** Shopify's times have whole seconds: a quantity that last changed in this second held at its end. */
export function endOfSecond(time: string | null): Date | null {
  return time === null ? null : new Date(Math.floor(Date.parse(time) / 1_000) * 1_000 + 999);
}

function jsonObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error("a line that is no object");
  return { ...value };
}

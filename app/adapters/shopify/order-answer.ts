// What Shopify says of an order and of its lines, however they were read: the fields every read asks for, and the words a projected webhook has for them.
import { z } from "zod";

import { anyGid, gidOf } from "./gid-schema.ts";

/** An order without its lines and refunds. */
export const orderHeadSchema = z.object({
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

export const orderLineSchema = z.object({
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

export function toOrderHead(order: z.output<typeof orderHeadSchema>) {
  return {
    id: order.id,
    name: order.name,
    sourceName: order.sourceName,
    appId: order.app?.id ?? null,
    test: order.test,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    processedAt: order.processedAt,
    cancelledAt: order.cancelledAt,
    // GraphQL shouts what REST says in lower case.
    financialStatus: order.displayFinancialStatus?.toLowerCase() ?? null,
    fulfillmentStatus: order.displayFulfillmentStatus?.toLowerCase() ?? null,
    locationId: order.retailLocation?.id ?? null,
  };
}

export function toOrderLine(line: z.output<typeof orderLineSchema>) {
  return {
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
  };
}

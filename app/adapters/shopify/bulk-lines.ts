// Lines of a bulk operation's file, read into what they say; what this version does not understand fails the file, not a guess.
import { z } from "zod";

import { endOfSecond } from "#app/domain/end-of-second.ts";
import type { ScannedLevel, ScannedOrder, ScannedVariant } from "#app/ports/bulk-operations.ts";

import { gidOf } from "./gid-schema.ts";
import { orderHeadSchema, orderLineSchema, toOrderHead, toOrderLine } from "./order-answer.ts";
import { variantSchema } from "./read-variants.server.ts";

const levelLine = z.object({
  item: z.object({ id: gidOf("InventoryItem") }),
  location: z.object({ id: gidOf("Location") }),
  quantities: z.array(z.object({ name: z.string(), quantity: z.int(), updatedAt: z.string().nullable() })),
});
const variantLine = variantSchema.extend({ product: z.object({ title: z.string() }).nullable() });

export type StockLine = { readonly kind: "level"; readonly level: ScannedLevel } | { readonly kind: "variant"; readonly variant: ScannedVariant } | { readonly kind: "item" };

export function readStockLine(text: string): StockLine {
  const line = jsonObject(text);
  if ("quantities" in line) {
    const { item, location, quantities } = levelLine.parse(line);
    const available = quantities.find(({ name }) => name === "available");
    if (!available) throw new Error("a level without `available`");
    return { kind: "level", level: { inventoryItemId: item.id, locationId: location.id, available: available.quantity, at: available.updatedAt === null ? null : endOfSecond(available.updatedAt) } };
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

export type OrderFileLine = { readonly kind: "order"; readonly order: z.output<typeof orderHeadSchema> } | { readonly kind: "line"; readonly line: z.output<typeof orderLineSchema> };

export function readOrderLine(text: string): OrderFileLine {
  const line = jsonObject(text);
  return "unfulfilledQuantity" in line ? { kind: "line", line: orderLineSchema.parse(line) } : { kind: "order", order: orderHeadSchema.parse(line) };
}

/** An order with the lines that followed it. Its refunds are not read: what they took off is in each line's current quantity. */
export function toScannedOrder(order: z.output<typeof orderHeadSchema>, lines: readonly z.output<typeof orderLineSchema>[]): ScannedOrder {
  return {
    version: { ...toOrderHead(order), lines: lines.map(toOrderLine), refunds: [] },
    unfulfilledUnits: lines.reduce((sum, line) => sum + line.unfulfilledQuantity, 0),
  };
}

function jsonObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error("a line that is no object");
  return { ...value };
}

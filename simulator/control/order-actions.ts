// Control actions of buyers and staff on orders.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { orderPayload } from "../webhooks/order-payloads.ts";
import { cancelOrder, editOrder, fulfilOrder, moveOrder, payOrder, refundOrder } from "../world/change-order.ts";
import { gid } from "../world/ids.ts";
import { currentQuantity } from "../world/order-lines.ts";
import { placeOrder } from "../world/place-order.ts";
import type { Refusal } from "../world/place-order.ts";
import type { Order } from "../world/state.ts";
import { findShop, lookUp } from "../world/world.ts";
import * as inputs from "./inputs.ts";

export interface PlacedOrder {
  orderId: string;
  name: string;
  lines: { lineItemId: string; variantId: string; quantity: number; inventoryItemId: string; locationId: string; groupVariantId: string | null }[];
}

export function orderActions(engine: Engine) {
  const { world } = engine;
  const find = (domain: string, orderId: string) => {
    const shop = findShop(world, domain);
    return { shop, order: lookUp(shop.orders, "Order", orderId) };
  };
  const place = (domain: string, input: z.output<typeof inputs.orderInput>): PlacedOrder | Refusal => {
    const { attributes = [], note = null } = input;
    const placed = placeOrder(world, findShop(world, domain), { ...input, notes: { attributes, note } });
    return "refused" in placed ? placed : describeOrder(placed);
  };
  return {
    placeOrder: (domain: string, input: z.input<typeof inputs.orderInput>) => place(domain, inputs.read(inputs.orderInput, input)),
    /** Answers in the order of the orders given; a refused one does not stop the rest. */
    placeOrders(domain: string, input: z.input<typeof inputs.bulkOrdersInput>) {
      return { items: inputs.read(inputs.bulkOrdersInput, input).orders.map((order) => place(domain, order)) };
    },
    payOrder(domain: string, orderId: string) {
      const { shop, order } = find(domain, orderId);
      payOrder(world, shop, order);
      return describeOrder(order);
    },
    editOrder(domain: string, orderId: string, input: z.input<typeof inputs.editInput>) {
      const { shop, order } = find(domain, orderId);
      editOrder(world, shop, order, inputs.read(inputs.editInput, input));
      return describeOrder(order);
    },
    cancelOrder(domain: string, orderId: string, input: z.input<typeof inputs.cancelInput> = {}) {
      const { shop, order } = find(domain, orderId);
      cancelOrder(world, shop, order, inputs.read(inputs.cancelInput, input).restock);
      return describeOrder(order);
    },
    refundOrder(domain: string, orderId: string, input: z.input<typeof inputs.refundInput>) {
      const { shop, order } = find(domain, orderId);
      const refund = refundOrder(world, shop, order, inputs.read(inputs.refundInput, input));
      return { ...describeOrder(order), refundId: gid("Refund", refund.id) };
    },
    fulfillOrder(domain: string, orderId: string, input: z.input<typeof inputs.fulfilInput> = {}) {
      const { shop, order } = find(domain, orderId);
      fulfilOrder(world, shop, order, inputs.read(inputs.fulfilInput, input).lines);
      return describeOrder(order);
    },
    moveOrder(domain: string, orderId: string, input: z.input<typeof inputs.moveInput>) {
      const { shop, order } = find(domain, orderId);
      const moved = moveOrder(world, shop, order, inputs.read(inputs.moveInput, input).locationId);
      return { ...describeOrder(order), moved: moved.map(({ id }) => gid("FulfillmentOrder", id)) };
    },
    orders: (domain: string) => [...findShop(world, domain).orders.values()].map(describeOrder),
    /** The REST payload as webhooks carry it; its ids print as numbers of any size. */
    order(domain: string, orderId: string): Record<string, unknown> {
      const { shop, order } = find(domain, orderId);
      return orderPayload(shop, order);
    },
  };
}

/** Quantities are current ones: what is still ordered. */
export function describeOrder(order: Order): PlacedOrder {
  return {
    orderId: gid("Order", order.id),
    name: order.name,
    lines: order.lines.map((line) => ({
      lineItemId: gid("LineItem", line.id),
      variantId: gid("ProductVariant", line.variantId),
      quantity: currentQuantity(line),
      inventoryItemId: gid("InventoryItem", line.itemId),
      locationId: gid("Location", line.locationId),
      groupVariantId: line.group ? gid("ProductVariant", line.group.variantId) : null,
    })),
  };
}

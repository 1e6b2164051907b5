// Reading orders: lines, refunds and fulfilment orders with where they are assigned.
import { financialStatus, fulfilmentStatus } from "../../webhooks/order-payloads.ts";
import { fulfilmentOrdersOf } from "../../world/fulfilment-orders.ts";
import { gid } from "../../world/ids.ts";
import { isoSeconds } from "../../world/dates.ts";
import { currentQuantity, returnableQuantity, unfulfilledQuantity } from "../../world/order-lines.ts";
import type { FulfilmentHold, FulfilmentOrder, FulfilmentOrderLine, LineGroup, Order, OrderLine, Refund, RefundLine, SellingPlan, ShopState } from "../../world/state.ts";
import { connect } from "../connection.ts";
import type { PageArgs } from "../connection.ts";
import type { GraphContext, Resolvers } from "../context.ts";
import { metafieldOf } from "../metafields.ts";
import { searchList } from "../search.ts";

const order: Resolvers<Order> = {
  id: ({ id }) => gid("Order", id),
  legacyResourceId: ({ id }) => id,
  name: ({ name }) => name,
  number: ({ number }) => number,
  createdAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  processedAt: ({ processedAtMs }) => isoSeconds(processedAtMs),
  updatedAt: ({ updatedAtMs }) => isoSeconds(updatedAtMs),
  cancelledAt: ({ cancelledAtMs }) => (cancelledAtMs === null ? null : isoSeconds(cancelledAtMs)),
  cancelReason: ({ cancelledAtMs }) => (cancelledAtMs === null ? null : "OTHER"),
  closed: () => false,
  edited: ({ edited }) => edited,
  test: ({ test }) => test,
  sourceName: ({ sourceName }) => sourceName,
  sourceIdentifier: () => null,
  note: ({ notes }) => notes.note,
  tags: ({ notes }) => notes.tags,
  customAttributes: ({ notes }) => notes.attributes.map(({ name, value }) => ({ key: name, value })),
  metafield: metafieldOf,
  app: (source) => (source.appId === null ? null : { id: gid("App", source.appId), name: source.sourceName }),
  retailLocation: ({ locationId }, _args, { shop }) => (locationId === null ? null : shop.locations.get(locationId)),
  displayFinancialStatus: (source) => financialStatus(source).toUpperCase(),
  displayFulfillmentStatus: (source, _args, { shop }) => displayFulfilment(shop, source),
  subtotalLineItemsQuantity: ({ lines }) => lines.reduce((sum, line) => sum + line.quantity, 0),
  currentSubtotalLineItemsQuantity: ({ lines }) => lines.reduce((sum, line) => sum + currentQuantity(line), 0),
  lineItems: (source, args: PageArgs) => connect(source.lines, args, (line) => line.id),
  refunds: (source, args: { first?: number | null }) => (typeof args.first === "number" ? source.refunds.slice(0, args.first) : source.refunds),
  fulfillmentOrders(source, args: PageArgs & { query?: string | null }, { shop }) {
    const found = searchList(fulfilmentOrdersOf(shop, source), args.query, fulfilmentOrderFields, (each) => each.id);
    return connect(found, args, (each) => each.id);
  },
};

const lineItem: Resolvers<OrderLine> = {
  id: ({ id }) => gid("LineItem", id),
  name: ({ title, variantTitle }) => (variantTitle === "Default Title" ? title : `${title} - ${variantTitle}`),
  title: ({ title }) => title,
  variantTitle: ({ variantTitle }) => variantTitle,
  sku: ({ sku }) => sku,
  quantity: ({ quantity }) => quantity,
  currentQuantity,
  refundableQuantity: currentQuantity,
  unfulfilledQuantity,
  nonFulfillableQuantity: ({ removedUnfulfilled }) => removedUnfulfilled,
  requiresShipping: ({ requiresShipping }) => requiresShipping,
  restockable: (line) => unfulfilledQuantity(line) + returnableQuantity(line) > 0,
  isGiftCard: ({ giftCard }) => giftCard,
  customAttributes: ({ properties }) => properties.map(({ name, value }) => ({ key: name, value })),
  product: ({ productId }, _args, { shop }) => shop.products.get(productId),
  variant: ({ variantId }, _args, { shop }) => shop.variants.get(variantId),
  lineItemGroup: ({ group }) => group,
  sellingPlan: ({ sellingPlanId }, _args, { shop }) => (sellingPlanId === null ? null : (shop.sellingPlans.get(sellingPlanId) ?? null)),
};

const lineItemSellingPlan: Resolvers<SellingPlan> = { sellingPlanId: ({ id }) => gid("SellingPlan", id), name: ({ name }) => name };

const lineItemGroup: Resolvers<LineGroup> = {
  id: ({ id }) => gid("LineItemGroup", id),
  title: ({ title }) => title,
  quantity: ({ quantity }) => quantity,
  variantId: ({ variantId }) => gid("ProductVariant", variantId),
  variantSku: ({ variantSku }) => variantSku,
  productId: ({ productId }) => gid("Product", productId),
  customAttributes: () => [],
};

const refund: Resolvers<Refund> = {
  id: ({ id }) => gid("Refund", id),
  legacyResourceId: ({ id }) => id,
  createdAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  processedAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  updatedAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  note: () => null,
  refundLineItems: (source, args: PageArgs) => connect(source.lines, args, (line) => line.id),
};

const refundLineItem: Resolvers<RefundLine> = {
  id: ({ id }) => gid("RefundLineItem", id),
  quantity: ({ quantity }) => quantity,
  restockType: ({ restockType }) => restockType.toUpperCase(),
  restocked: ({ restockType }) => restockType !== "no_restock",
  location: ({ locationId }, _args, { shop }) => (locationId === null ? null : shop.locations.get(locationId)),
  lineItem: ({ lineItemId }, _args, context) => lineOf(context, lineItemId),
};

const fulfillmentOrder: Resolvers<FulfilmentOrder> = {
  id: ({ id }) => gid("FulfillmentOrder", id),
  status: ({ status }) => status.toUpperCase(),
  requestStatus: () => "UNSUBMITTED",
  createdAt: ({ createdAtMs }) => isoSeconds(createdAtMs),
  updatedAt: ({ updatedAtMs }) => isoSeconds(updatedAtMs),
  orderId: ({ orderId }) => gid("Order", orderId),
  orderName: ({ orderId }, _args, { shop }) => shop.orders.get(orderId)?.name,
  order: ({ orderId }, _args, { shop }) => shop.orders.get(orderId),
  assignedLocation: ({ locationId }, _args, { shop }) => shop.locations.get(locationId),
  fulfillmentHolds: ({ holds }) => holds,
  supportedActions: (source) => supportedActions(source).map((action) => ({ action, externalUrl: null })),
  lineItems: (source, args: PageArgs) => connect(source.lines.map((part) => ({ ...part, orderId: source.orderId })), args, (part) => part.id),
};

const assignedLocation: Resolvers<{ id: string; name: string }> = {
  name: ({ name }) => name,
  countryCode: () => "US",
  location: (source) => source,
};

const fulfillmentOrderLineItem: Resolvers<FulfilmentOrderLine & { orderId: string }> = {
  id: ({ id }) => gid("FulfillmentOrderLineItem", id),
  totalQuantity: ({ total }) => total,
  remainingQuantity: ({ remaining }) => remaining,
  lineItem: ({ lineItemId }, _args, context) => lineOf(context, lineItemId),
  inventoryItemId: ({ lineItemId }, _args, context) => gid("InventoryItem", lineOf(context, lineItemId).itemId),
  sku: ({ lineItemId }, _args, context) => lineOf(context, lineItemId).sku,
  requiresShipping: ({ lineItemId }, _args, context) => lineOf(context, lineItemId).requiresShipping,
  productTitle: ({ lineItemId }, _args, context) => lineOf(context, lineItemId).title,
  variantTitle: ({ lineItemId }, _args, context) => lineOf(context, lineItemId).variantTitle,
  variant: ({ lineItemId }, _args, context) => context.shop.variants.get(lineOf(context, lineItemId).variantId),
};

const fulfillmentHold: Resolvers<FulfilmentHold> = {
  id: ({ id }) => gid("FulfillmentHold", id),
  handle: ({ handle }) => handle,
  reason: ({ reason }) => reason,
  reasonNotes: ({ reasonNotes }) => reasonNotes,
  displayReason: ({ reason }) => reason.toLowerCase().replaceAll("_", " "),
  heldByRequestingApp: ({ appId }, _args, { app }) => appId === app.id,
  heldByApp: ({ appId }, _args, { app }) => (appId === app.id ? app : null),
};

export const orderResolvers = {
  Order: order,
  LineItem: lineItem,
  LineItemGroup: lineItemGroup,
  LineItemSellingPlan: lineItemSellingPlan,
  Refund: refund,
  RefundLineItem: refundLineItem,
  FulfillmentOrder: fulfillmentOrder,
  FulfillmentOrderAssignedLocation: assignedLocation,
  FulfillmentOrderLineItem: fulfillmentOrderLineItem,
  FulfillmentHold: fulfillmentHold,
};

export const fulfilmentOrderFields = {
  id: ({ id }: FulfilmentOrder) => id,
  status: ({ status }: FulfilmentOrder) => status,
  assigned_location_id: ({ locationId }: FulfilmentOrder) => locationId,
  updated_at: ({ updatedAtMs }: FulfilmentOrder) => updatedAtMs,
};

/** What staff may do with it next; nothing is left to do with one that is closed or cancelled. */
function supportedActions({ status }: FulfilmentOrder): string[] {
  if (status === "on_hold") return ["HOLD", "RELEASE_HOLD"];
  if (status === "open") return ["CREATE_FULFILLMENT", "HOLD", "MOVE", "REPORT_PROGRESS", "SPLIT"];
  return status === "in_progress" ? ["CREATE_FULFILLMENT", "HOLD", "MOVE", "MARK_AS_OPEN"] : [];
}

function lineOf({ shop }: GraphContext, lineItemId: string): OrderLine {
  const line = shop.lineIndex.get(lineItemId);
  if (!line) throw new Error(`Line ${lineItemId} is not indexed.`);
  return line;
}

function displayFulfilment(shop: ShopState, source: Order): string {
  if (fulfilmentOrdersOf(shop, source).some((each) => each.status === "on_hold")) return "ON_HOLD";
  const status = fulfilmentStatus(source);
  if (status === null) return "UNFULFILLED";
  return status === "partial" ? "PARTIALLY_FULFILLED" : "FULFILLED";
}

// Projects a webhook body to the allow-list before it touches disk: ids, quantities, times and states; no customer data.

import type { ProjectedPayload } from "#app/domain/delivery-payload.ts";
import { namedReservation } from "#app/domain/reservations/named-reservation.ts";
import type { OrderLine, OrderVersion, Refund, RefundLine, RestockType } from "#app/domain/order-state.ts";

export type Projection =
  | { readonly kind: "work"; readonly orderId: string | null; readonly payload: ProjectedPayload }
  /** Recorded, nothing to do. */
  | { readonly kind: "ignored"; readonly reason: string }
  /** The body is not what its topic promises; recorded with the reason, never worked on. */
  | { readonly kind: "rejected"; readonly reason: string };

/** Longer texts are cut: no name or SKU of Shopify's is longer. */
const TEXT_MAX = 255;
/** An order of Shopify's has at most 500 lines; more is not an order. */
const LINES_MAX = 1_000;

type Body = Readonly<Record<string, unknown>>;
type Projector = (body: Body, shop: string) => Projection;

const PROJECTORS: Readonly<Record<string, Projector>> = {
  "orders/create": projectOrder,
  "orders/paid": projectOrder,
  "orders/updated": projectOrder,
  "orders/cancelled": projectOrder,
  "orders/edited": projectEdit,
  "refunds/create": projectRefund,
  "returns/request": recordOnly,
  "returns/approve": recordOnly,
  "returns/process": recordOnly,
  "returns/update": recordOnly,
  "returns/cancel": recordOnly,
  "returns/close": recordOnly,
  "returns/decline": recordOnly,
  "returns/reopen": recordOnly,
  "fulfillment_orders/order_routing_complete": projectFulfilmentOrder,
  "fulfillment_orders/moved": projectFulfilmentOrder,
  "inventory_levels/connect": (body) => projectLevel(body, true),
  "inventory_levels/update": (body) => projectLevel(body, true),
  "inventory_levels/disconnect": (body) => projectLevel(body, false),
  "inventory_items/update": projectItem,
  "locations/deactivate": (body) => projectLocation(body, false),
  "app/uninstalled": projectUninstall,
  "app/scopes_update": projectScopes,
};

/** Topics Holdfast can receive; anything else is recorded as ignored. */
export const KNOWN_TOPICS: readonly string[] = Object.keys(PROJECTORS);

/** @param shop as the header names it: not signed, so what ends an install must say the same in its signed body. */
export function projectPayload(topic: string, body: unknown, shop: string): Projection {
  const project = Object.hasOwn(PROJECTORS, topic) ? PROJECTORS[topic] : undefined;
  if (!project) return { kind: "ignored", reason: "unknown_topic" };
  if (typeof body !== "object" || body === null || Array.isArray(body)) return { kind: "rejected", reason: "body_is_not_an_object" };
  return project(body as Body, shop);
}

function recordOnly(): Projection {
  return { kind: "ignored", reason: "recorded_only" };
}

function projectOrder(body: Body): Projection {
  const id = decimalId(body.id) ?? gidTail(body.admin_graphql_api_id);
  if (id === null) return { kind: "rejected", reason: "order_without_id" };
  const updatedAt = time(body.updated_at) ?? time(body.created_at);
  const createdAt = time(body.created_at) ?? updatedAt;
  if (updatedAt === null || createdAt === null) return { kind: "rejected", reason: "order_without_times" };
  const lines = array(body.line_items);
  if (lines.length > LINES_MAX) return { kind: "rejected", reason: "too_many_lines" };
  const reservationId = reservationOf(body, lines);
  const version: OrderVersion = {
    id,
    name: text(body.name),
    sourceName: text(body.source_name),
    appId: decimalId(body.app_id),
    test: body.test === true,
    createdAt,
    updatedAt,
    processedAt: time(body.processed_at),
    cancelledAt: time(body.cancelled_at),
    financialStatus: text(body.financial_status),
    fulfillmentStatus: text(body.fulfillment_status),
    locationId: decimalId(body.location_id),
    lines: lines.map(projectLine).filter((line) => line !== null),
    refunds: array(body.refunds).map(projectRefundBody).filter((refund) => refund !== null),
    ...(reservationId === null ? {} : { reservationId }),
  };
  return { kind: "work", orderId: id, payload: { kind: "order", version } };
}

/** The order's own attribute before those of its lines; every other attribute is dropped here. */
function reservationOf(body: Body, lines: readonly unknown[]): string | null {
  const ofOrder = namedReservation(attributes(body.note_attributes));
  if (ofOrder !== null) return ofOrder;
  for (const line of lines) {
    const ofLine = namedReservation(attributes(object(line).properties));
    if (ofLine !== null) return ofLine;
  }
  return null;
}

function attributes(value: unknown): { name: unknown; value: unknown }[] {
  return array(value).map((entry) => {
    const attribute = object(entry);
    return { name: attribute.name, value: attribute.value };
  });
}

function projectLine(value: unknown): OrderLine | null {
  const line = object(value);
  const id = decimalId(line.id) ?? gidTail(line.admin_graphql_api_id);
  if (id === null) return null;
  const management = line.variant_inventory_management;
  return {
    id,
    variantId: decimalId(line.variant_id),
    sku: text(line.sku),
    title: text(line.name) ?? text(line.title),
    quantity: quantity(line.quantity) ?? Number.MIN_SAFE_INTEGER,
    currentQuantity: quantity(line.current_quantity),
    fulfillableQuantity: quantity(line.fulfillable_quantity),
    giftCard: line.gift_card === true,
    tracked: management === undefined ? null : management === "shopify",
    groupId: decimalId(object(line.line_item_group).id) ?? text(object(line.line_item_group).id),
  };
}

function projectRefund(body: Body): Projection {
  const orderId = decimalId(body.order_id);
  const refund = projectRefundBody(body);
  if (orderId === null || refund === null) return { kind: "rejected", reason: "refund_without_ids" };
  return { kind: "work", orderId, payload: { kind: "refund", refund } };
}

function projectRefundBody(value: unknown): Refund | null {
  const refund = object(value);
  const id = decimalId(refund.id) ?? gidTail(refund.admin_graphql_api_id);
  if (id === null) return null;
  const lines: RefundLine[] = [];
  for (const entry of array(refund.refund_line_items)) {
    const line = object(entry);
    const lineId = decimalId(line.line_item_id);
    const entryId = decimalId(line.id);
    if (lineId === null || entryId === null) continue;
    lines.push({ id: entryId, lineId, quantity: quantity(line.quantity) ?? 0, restockType: restockType(line.restock_type) });
  }
  return { id, createdAt: time(refund.created_at), lines };
}

/** Units are given back only on Shopify's explicit word. */
function restockType(value: unknown): RestockType {
  return value === "cancel" || value === "return" || value === "legacy_restock" ? value : "no_restock";
}

function projectEdit(body: Body): Projection {
  const edit = object(body.order_edit);
  const orderId = decimalId(edit.order_id) ?? decimalId(body.order_id);
  if (orderId === null) return { kind: "rejected", reason: "edit_without_order" };
  return { kind: "work", orderId, payload: { kind: "edited" } };
}

function projectFulfilmentOrder(body: Body): Projection {
  const fulfilmentOrder = object(body.fulfillment_order ?? body.original_fulfillment_order);
  const orderId = decimalId(fulfilmentOrder.order_id) ?? decimalId(body.order_id);
  if (orderId !== null) return { kind: "work", orderId, payload: { kind: "routed" } };
  const id = gidTail(fulfilmentOrder.id) ?? decimalId(fulfilmentOrder.id);
  if (id === null) return { kind: "rejected", reason: "fulfilment_order_without_id" };
  // Without the order's id there is nothing to wake: orders that wait for a location are looked at again in time.
  return { kind: "work", orderId: null, payload: { kind: "fulfilment_order", fulfilmentOrderId: id } };
}

function projectLevel(body: Body, connected: boolean): Projection {
  const inventoryItemId = decimalId(body.inventory_item_id);
  const locationId = decimalId(body.location_id);
  if (inventoryItemId === null || locationId === null) return { kind: "rejected", reason: "level_without_ids" };
  const available = quantity(body.available);
  return {
    kind: "work",
    orderId: null,
    payload: { kind: "level", inventoryItemId, locationId, available: Number.isSafeInteger(available) ? available : null, updatedAt: time(body.updated_at), connected },
  };
}

function projectItem(body: Body): Projection {
  const inventoryItemId = decimalId(body.id) ?? gidTail(body.admin_graphql_api_id);
  if (inventoryItemId === null) return { kind: "rejected", reason: "item_without_id" };
  return {
    kind: "work",
    orderId: null,
    payload: { kind: "item", inventoryItemId, sku: text(body.sku), tracked: typeof body.tracked === "boolean" ? body.tracked : null },
  };
}

function projectLocation(body: Body, active: boolean): Projection {
  const locationId = decimalId(body.id) ?? gidTail(body.admin_graphql_api_id);
  if (locationId === null) return { kind: "rejected", reason: "location_without_id" };
  return { kind: "work", orderId: null, payload: { kind: "location", locationId, active } };
}

function projectUninstall(body: Body, shop: string): Projection {
  if (body.myshopify_domain !== shop) return { kind: "rejected", reason: "body_names_another_shop" };
  return { kind: "work", orderId: null, payload: { kind: "uninstalled" } };
}

function projectScopes(body: Body): Projection {
  const current = array(body.current).filter((scope) => typeof scope === "string");
  return { kind: "work", orderId: null, payload: { kind: "scopes", current } };
}

/** A whole number > 0 as its decimal digits; anything else is not an id. */
function decimalId(value: unknown): string | null {
  const digits = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  return typeof digits === "string" && /^[1-9]\d{0,19}$/.test(digits) ? digits : null;
}

function gidTail(value: unknown): string | null {
  if (typeof value !== "string" || !value.startsWith("gid://")) return null;
  return decimalId(value.slice(value.lastIndexOf("/") + 1).split("?")[0]);
}

/** A number as it stands: whether it is a legal quantity is decided where it is used, so that it can be parked with its reason. */
function quantity(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** PostgreSQL's text holds no NUL byte, so one in a SKU is replaced rather than failing the delivery. */
function text(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, TEXT_MAX).replaceAll("\u0000", "\uFFFD").toWellFormed() : null;
}

function time(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : new Date(parsed).toISOString();
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

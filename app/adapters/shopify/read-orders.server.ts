// Stage "enrich": reads orders as they are now, whole, when a notification could not say it (an edit, a refund of an unknown order).
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import { namedReservation } from "#app/domain/reservations/named-reservation.ts";
import type { RestockType } from "#app/domain/order-state.ts";
import type { AdminApi, AdminFailure, RequestCost } from "#app/ports/admin-api.ts";
import type { OrderSnapshot, OrderSnapshotLine, ReadContext, ReadLimits, ReadResult, RefundSnapshot, RefundSnapshotLine } from "#app/ports/shopify-orders.ts";

import { ORDER_LINES, ORDER_LINES_FIRST, ORDER_REFUNDS, ORDER_REFUNDS_FIRST, ORDER_REFUNDS_MAX, ORDERS, REFUND_LINES } from "./documents/orders.ts";
import { gidOf, nodesFound, pageInfo } from "./gid-schema.ts";
import { orderHeadSchema, orderLineSchema, toOrderHead, toOrderLine } from "./order-answer.ts";
import { addCost, assertAtMost, found, missingOf, readFurtherPages, sendRead, type ReadAnswer } from "./read-request.server.ts";

/** A connection itself, beside its nodes: Shopify's older text names 2 points, the newer one none; the dearer reading is reserved. */
const CONNECTION_COST = 2;
/** order + app + retail location + attributes; line + variant + item + product + group; refund + its lines with line and location. */
const ORDER_COST = 4 + CONNECTION_COST + ORDER_LINES_FIRST * 5 + ORDER_REFUNDS_FIRST * (1 + CONNECTION_COST + ORDER_REFUNDS_FIRST * 3);
/** Five orders stay under the 1,000 points that one query may cost. The rare further pages of long orders are not in the estimate. */
export const ordersLimits: ReadLimits = { idsMax: 5, estimateCost: (orders) => orders * ORDER_COST };

const lineSchema = orderLineSchema.extend({ requiresShipping: z.boolean(), product: z.object({ id: gidOf("Product") }).nullable() });
const linesSchema = z.object({ nodes: z.array(lineSchema), pageInfo });

const refundLineSchema = z.object({
  id: gidOf("RefundLineItem").nullable(),
  quantity: z.int(),
  restockType: z.enum(["CANCEL", "LEGACY_RESTOCK", "NO_RESTOCK", "RETURN"]),
  lineItem: z.object({ id: gidOf("LineItem") }),
  location: z.object({ id: gidOf("Location") }).nullable(),
});
const refundLinesSchema = z.object({ nodes: z.array(refundLineSchema), pageInfo });
const refundHeadSchema = z.object({ id: gidOf("Refund"), createdAt: z.string().nullable() });
const refundSchema = refundHeadSchema.extend({ refundLineItems: refundLinesSchema });

const orderSchema = orderHeadSchema.extend({
  customAttributes: z.array(z.object({ key: z.string(), value: z.string().nullable() })),
  lineItems: linesSchema,
  refunds: z.array(refundSchema),
});
const ordersSchema = nodesFound(orderSchema);
const orderLinesSchema = z.object({ order: z.object({ lineItems: linesSchema }).nullable() });
const orderRefundsSchema = z.object({ order: z.object({ refunds: z.array(refundHeadSchema) }).nullable() });
const oneRefundSchema = z.object({ refund: z.object({ refundLineItems: refundLinesSchema }).nullable() });

type RawOrder = z.output<typeof orderSchema>;
type RawLine = z.output<typeof lineSchema>;
type RawRefundLine = z.output<typeof refundLineSchema>;
type RawRefund = { id: string; createdAt: string | null; lines: readonly RawRefundLine[] };

export async function readOrders(admin: AdminApi, context: ReadContext, orderIds: readonly string[]): Promise<ReadResult<OrderSnapshot>> {
  assertAtMost(orderIds.length, ordersLimits.idsMax, "orders");
  if (orderIds.length === 0) return found([], [], null);
  const ids = [...new Set(orderIds)].map((id) => formatGid("Order", id));
  const answer = await sendRead(admin, context, { document: ORDERS, variables: { ids }, schema: ordersSchema });
  if (answer.kind !== "ok") return answer;
  const orders: OrderSnapshot[] = [];
  let cost = answer.cost;
  for (const node of answer.value.nodes) {
    const lines = await allLines(admin, context, node);
    if (lines.kind !== "ok") return lines;
    const refunds = await allRefunds(admin, context, node);
    if (refunds.kind !== "ok") return refunds;
    cost = addCost(addCost(cost, lines.cost), refunds.cost);
    orders.push(toSnapshot(node, lines.value, refunds.value));
  }
  return found(orders, missingOf(orderIds, new Set(orders.map((order) => order.id))), cost);
}

async function allLines(admin: AdminApi, context: ReadContext, order: RawOrder): Promise<ReadAnswer<RawLine[]> | AdminFailure> {
  const rest = await readFurtherPages(order.lineItems.pageInfo, async (after) => {
    const answer = await sendRead(admin, context, { document: ORDER_LINES, variables: { id: formatGid("Order", order.id), after }, schema: orderLinesSchema });
    return answer.kind === "ok" ? { ...answer, value: answer.value.order?.lineItems ?? null } : answer;
  });
  return rest.kind === "ok" ? { ...rest, value: [...order.lineItems.nodes, ...rest.value] } : rest;
}

/** A full first page may hide more; then all refunds are listed and their lines are fetched one refund at a time. */
async function allRefunds(admin: AdminApi, context: ReadContext, order: RawOrder): Promise<ReadAnswer<RawRefund[]> | AdminFailure> {
  const complete = new Map(order.refunds.filter((refund) => !refund.refundLineItems.pageInfo.hasNextPage).map((refund) => [refund.id, refund.refundLineItems.nodes]));
  let heads: readonly { id: string; createdAt: string | null }[] = order.refunds;
  let cost: RequestCost | null = null;
  if (order.refunds.length >= ORDER_REFUNDS_FIRST) {
    const answer = await sendRead(admin, context, { document: ORDER_REFUNDS, variables: { id: formatGid("Order", order.id) }, schema: orderRefundsSchema });
    if (answer.kind !== "ok") return answer;
    heads = answer.value.order?.refunds ?? [];
    if (heads.length >= ORDER_REFUNDS_MAX) return { kind: "refused", reason: "max_cost", message: `order ${order.id} has ${ORDER_REFUNDS_MAX} refunds or more` };
    cost = answer.cost;
  }
  const refunds: RawRefund[] = [];
  for (const { id, createdAt } of heads) {
    const known = complete.get(id);
    const lines = known === undefined ? await allRefundLines(admin, context, id) : ({ kind: "ok", value: known, cost: null } as const);
    if (lines.kind !== "ok") return lines;
    cost = addCost(cost, lines.cost);
    refunds.push({ id, createdAt, lines: lines.value });
  }
  return { kind: "ok", value: refunds, cost };
}

async function allRefundLines(admin: AdminApi, context: ReadContext, refundId: string): Promise<ReadAnswer<RawRefundLine[]> | AdminFailure> {
  const readPage = async (after: string | null) => {
    const answer = await sendRead(admin, context, { document: REFUND_LINES, variables: { id: formatGid("Refund", refundId), after }, schema: oneRefundSchema });
    return answer.kind === "ok" ? { ...answer, value: answer.value.refund?.refundLineItems ?? null } : answer;
  };
  const first = await readPage(null);
  if (first.kind !== "ok") return first;
  if (first.value === null) return { ...first, value: [] };
  const rest = await readFurtherPages(first.value.pageInfo, readPage);
  return rest.kind === "ok" ? { ...rest, value: [...first.value.nodes, ...rest.value], cost: addCost(first.cost, rest.cost) } : rest;
}

function toSnapshot(order: RawOrder, lines: readonly RawLine[], refunds: readonly RawRefund[]): OrderSnapshot {
  // Of the attributes nothing but this id goes on: they are the customer's.
  const reservationId = namedReservation(order.customAttributes.map(({ key, value }) => ({ name: key, value })));
  return { ...toOrderHead(order), lines: lines.map(toLine), refunds: refunds.map(toRefund), ...(reservationId === null ? {} : { reservationId }) };
}

function toLine(line: RawLine): OrderSnapshotLine {
  return { ...toOrderLine(line), productId: line.product?.id ?? null, requiresShipping: line.requiresShipping };
}

const RESTOCK_TYPES: Readonly<Record<RawRefundLine["restockType"], RestockType>> = {
  CANCEL: "cancel",
  LEGACY_RESTOCK: "legacy_restock",
  NO_RESTOCK: "no_restock",
  RETURN: "return",
};

function toRefund(refund: RawRefund): RefundSnapshot {
  return {
    id: refund.id,
    createdAt: refund.createdAt,
    lines: refund.lines.map((line, index): RefundSnapshotLine => ({
      // Shopify allows a refund line without an id; its place in the refund never changes.
      id: line.id ?? `${refund.id}-${index}`,
      lineId: line.lineItem.id,
      quantity: line.quantity,
      restockType: RESTOCK_TYPES[line.restockType],
      locationId: line.location?.id ?? null,
    })),
  };
}

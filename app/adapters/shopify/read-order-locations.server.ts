// Stage "enrich": from which location each order is fulfilled; cheap for the usual order, in detail only for a split one.
import pMap from "p-map";
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi, AdminFailure } from "#app/ports/admin-api.ts";
import type { OrderFulfilmentPlace, OrderPlaces, ReadContext, ReadLimits, ReadResult } from "#app/ports/shopify-orders.ts";

import { ORDER_PLACES, ORDER_PLACES_IN_DETAIL, PLACE_LINES } from "./documents/orders.ts";
import { gidOf, nodesFound, pageInfo } from "./gid-schema.ts";
import { addCost, assertAtMost, found, missingOf, readFurtherPages, sendRead, type ReadAnswer } from "./read-request.server.ts";

/** order + connection + two fulfilment orders with assigned location and location; what is not used is given back. */
const ORDER_COST = 1 + 2 + 2 * 3;
/** 100 orders are 900 of the 1,000 points that one query may cost. A split order costs up to 678 more, not in the estimate. */
export const orderLocationsLimits: ReadLimits = { idsMax: 100, estimateCost: (orders) => orders * ORDER_COST };

/** Orders that ship from several places are asked about one by one, so many of them together. */
const DETAILS_AT_ONCE = 5;

const headSchema = z.object({
  id: gidOf("FulfillmentOrder"),
  status: z.string(),
  assignedLocation: z.object({ location: z.object({ id: gidOf("Location") }).nullable() }),
});
const placesSchema = nodesFound(z.object({ id: gidOf("Order"), fulfillmentOrders: z.object({ nodes: z.array(headSchema) }) }));
const lineSchema = z.object({ totalQuantity: z.int(), lineItem: z.object({ id: gidOf("LineItem") }) });
const linesSchema = z.object({ nodes: z.array(lineSchema), pageInfo });
const detailedSchema = z.object({
  order: z.object({ fulfillmentOrders: z.object({ nodes: z.array(headSchema.extend({ lineItems: linesSchema })), pageInfo }) }).nullable(),
});
const moreLinesSchema = z.object({ fulfillmentOrder: z.object({ lineItems: linesSchema }).nullable() });

type Head = z.output<typeof headSchema>;
type RawPlaceLine = z.output<typeof lineSchema>;

export async function readOrderLocations(admin: AdminApi, context: ReadContext, orderIds: readonly string[]): Promise<ReadResult<OrderPlaces>> {
  assertAtMost(orderIds.length, orderLocationsLimits.idsMax, "orders");
  if (orderIds.length === 0) return found([], [], null);
  const ids = [...new Set(orderIds)].map((id) => formatGid("Order", id));
  const answer = await sendRead(admin, context, { document: ORDER_PLACES, variables: { ids }, schema: placesSchema });
  if (answer.kind !== "ok") return answer;
  const split = answer.value.nodes.filter((node) => node.fulfillmentOrders.nodes.length > 1).map((node) => node.id);
  const details = await pMap(split, async (orderId) => ({ orderId, answer: await readInDetail(admin, context, orderId) }), { concurrency: DETAILS_AT_ONCE });
  const orders: OrderPlaces[] = answer.value.nodes
    .filter((node) => node.fulfillmentOrders.nodes.length < 2)
    .map((node) => ({ orderId: node.id, fulfilmentOrders: node.fulfillmentOrders.nodes.map((head) => toPlace(head, null)) }));
  let cost = answer.cost;
  for (const { orderId, answer: detailed } of details) {
    if (detailed.kind !== "ok") return detailed;
    cost = addCost(cost, detailed.cost);
    orders.push({ orderId, fulfilmentOrders: detailed.value });
  }
  return found(orders, missingOf(orderIds, new Set(orders.map((order) => order.orderId))), cost);
}

async function readInDetail(admin: AdminApi, context: ReadContext, orderId: string): Promise<ReadAnswer<OrderFulfilmentPlace[]> | AdminFailure> {
  const readPage = async (after: string | null) => {
    const answer = await sendRead(admin, context, { document: ORDER_PLACES_IN_DETAIL, variables: { id: formatGid("Order", orderId), after }, schema: detailedSchema });
    return answer.kind === "ok" ? { ...answer, value: answer.value.order?.fulfillmentOrders ?? null } : answer;
  };
  const first = await readPage(null);
  if (first.kind !== "ok") return first;
  if (first.value === null) return { ...first, value: [] };
  const rest = await readFurtherPages(first.value.pageInfo, readPage);
  if (rest.kind !== "ok") return rest;
  let cost = addCost(first.cost, rest.cost);
  const places: OrderFulfilmentPlace[] = [];
  for (const head of [...first.value.nodes, ...rest.value]) {
    const further = await readFurtherPages(head.lineItems.pageInfo, async (after) => {
      const answer = await sendRead(admin, context, { document: PLACE_LINES, variables: { id: formatGid("FulfillmentOrder", head.id), after }, schema: moreLinesSchema });
      return answer.kind === "ok" ? { ...answer, value: answer.value.fulfillmentOrder?.lineItems ?? null } : answer;
    });
    if (further.kind !== "ok") return further;
    cost = addCost(cost, further.cost);
    places.push(toPlace(head, [...head.lineItems.nodes, ...further.value]));
  }
  return { kind: "ok", value: places, cost };
}

function toPlace(head: Head, lines: readonly RawPlaceLine[] | null): OrderFulfilmentPlace {
  return {
    fulfilmentOrderId: head.id,
    locationId: head.assignedLocation.location?.id ?? null,
    status: head.status.toLowerCase(),
    lines: lines?.map((line) => ({ lineId: line.lineItem.id, quantity: line.totalQuantity })) ?? null,
  };
}

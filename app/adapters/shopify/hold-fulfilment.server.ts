// Holds an order's fulfilment and lets it go, with the acting person's token where there is one.
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { FulfilmentHolds, HoldContext, HoldRequest, HoldResult, PlacesResult, ReleaseResult } from "#app/ports/fulfilment-holds.ts";

import { sendWithToken } from "./admin-client.server.ts";
import { HOLD_FULFILMENT, HOLDABLE_PLACES, RELEASE_HOLD } from "./documents/fulfilment-holds.ts";
import { anyGid, gidOf } from "./gid-schema.ts";
import { sendRead } from "./read-request.server.ts";
import type { ShopifyTransport } from "./shopify-transport.server.ts";

/** Order, connection, 10 fulfilment orders with location, and 40 lines of each with their line: under the 1,000 points that one query may cost. */
const PLACES_COST = 1 + 2 + 10 * (5 + 2 + 40 * 2);
/** Shopify's price of a mutation. */
const MUTATION_COST = 12;

const placeSchema = z.object({
  id: gidOf("FulfillmentOrder"),
  status: z.string(),
  assignedLocation: z.object({ location: z.object({ id: gidOf("Location") }).nullable() }),
  supportedActions: z.array(z.object({ action: z.string() })),
  fulfillmentHolds: z.array(z.object({ id: anyGid, handle: z.string().nullable(), heldByRequestingApp: z.boolean() })),
  lineItems: z.object({ nodes: z.array(z.object({ id: anyGid, remainingQuantity: z.int(), lineItem: z.object({ id: gidOf("LineItem") }) })) }),
});
const placesSchema = z.object({ order: z.object({ fulfillmentOrders: z.object({ nodes: z.array(placeSchema) }) }).nullable() });
const userErrors = z.array(z.object({ code: z.string().nullable(), message: z.string() }));
const holdSchema = z.object({ fulfillmentOrderHold: z.object({ fulfillmentHold: z.object({ id: anyGid }).nullable(), userErrors }) });
const releaseSchema = z.object({ fulfillmentOrderReleaseHold: z.object({ userErrors }) });

export function createFulfilmentHolds(adminApi: AdminApi, transport: ShopifyTransport): FulfilmentHolds {
  const adminOf = ({ accessToken }: HoldContext): AdminApi => (accessToken === null ? adminApi : { send: (request) => sendWithToken(transport, accessToken, request) });
  return {
    readPlaces: (context, orderId) => readPlaces(adminOf(context), context, orderId),
    hold: (context, request) => hold(adminOf(context), context, request),
    release: (context, request) => release(adminOf(context), context, request),
    cost: { readPlaces: PLACES_COST, hold: MUTATION_COST, release: MUTATION_COST },
  };
}

async function readPlaces(admin: AdminApi, context: HoldContext, orderId: string): Promise<PlacesResult> {
  const answer = await sendRead(admin, context, { document: HOLDABLE_PLACES, variables: { id: formatGid("Order", orderId) }, schema: placesSchema });
  if (answer.kind !== "ok") return answer;
  const places = (answer.value.order?.fulfillmentOrders.nodes ?? []).map((node) => {
    const actions = new Set(node.supportedActions.map(({ action }) => action));
    return {
      fulfilmentOrderId: node.id,
      status: node.status.toLowerCase(),
      locationId: node.assignedLocation.location?.id ?? null,
      canHold: actions.has("HOLD"),
      canSplit: actions.has("SPLIT"),
      lines: node.lineItems.nodes.map((line) => ({ id: line.id, lineId: line.lineItem.id, remaining: line.remainingQuantity })),
      holds: node.fulfillmentHolds.flatMap(({ id, handle, heldByRequestingApp }) => (heldByRequestingApp && handle ? [{ holdId: id, handle }] : [])),
    };
  });
  return { kind: "ok", places, cost: answer.cost };
}

async function hold(admin: AdminApi, context: HoldContext, { fulfilmentOrderId, handle, notes, lines }: HoldRequest): Promise<HoldResult> {
  const input = {
    reason: "INVENTORY_OUT_OF_STOCK",
    reasonNotes: notes,
    notifyMerchant: false,
    handle,
    ...(lines === null ? {} : { fulfillmentOrderLineItems: lines.map(({ id, quantity }) => ({ id: `gid://shopify/FulfillmentOrderLineItem/${id}`, quantity })) }),
  };
  const answer = await sendRead(admin, context, { document: HOLD_FULFILMENT, variables: { id: formatGid("FulfillmentOrder", fulfilmentOrderId), hold: input }, schema: holdSchema });
  if (answer.kind !== "ok") return answer.kind === "refused" && answer.reason === "invalid_query" && lines !== null ? { kind: "not_splittable", cost: null } : answer;
  const { fulfillmentHold, userErrors: errors } = answer.value.fulfillmentOrderHold;
  const codes = errors.map(({ code }) => code ?? "UNKNOWN");
  if (codes.includes("DUPLICATE_FULFILLMENT_HOLD_HANDLE")) return { kind: "held_before", cost: answer.cost };
  if (lines !== null && codes.some((code) => SPLIT_REFUSALS.has(code))) return { kind: "not_splittable", cost: answer.cost };
  const [code] = codes;
  if (code !== undefined) return { kind: "rejected", code, cost: answer.cost };
  return fulfillmentHold === null ? { kind: "unknown", stage: "sent", cause: "a hold was answered without the hold" } : { kind: "held", holdId: fulfillmentHold.id, cost: answer.cost };
}

/** Refusals that are about the part that was named; the whole can still be held. */
const SPLIT_REFUSALS: ReadonlySet<string> = new Set(["FULFILLMENT_ORDER_NOT_SPLITTABLE", "INVALID_LINE_ITEM_QUANTITY", "GREATER_THAN_ZERO", "DUPLICATED_FULFILLMENT_ORDER_LINE_ITEMS"]);

async function release(admin: AdminApi, context: HoldContext, { fulfilmentOrderId, holdId }: { readonly fulfilmentOrderId: string; readonly holdId: string }): Promise<ReleaseResult> {
  const variables = { id: formatGid("FulfillmentOrder", fulfilmentOrderId), holdIds: [`gid://shopify/FulfillmentHold/${holdId}`] };
  const answer = await sendRead(admin, context, { document: RELEASE_HOLD, variables, schema: releaseSchema });
  if (answer.kind !== "ok") return answer;
  const [error] = answer.value.fulfillmentOrderReleaseHold.userErrors;
  return error ? { kind: "rejected", code: error.code ?? "UNKNOWN", cost: answer.cost } : { kind: "released", cost: answer.cost };
}

// The mutations that are supported: inventory by its own rules, fulfilment holds, orders made by an app, and what builds a shop up and takes it down.
import { numericIdOf } from "../world/ids.ts";
import { isOpen, splitFulfilmentOrder } from "../world/fulfilment-orders.ts";
import type { FulfilmentHold, FulfilmentOrder } from "../world/state.ts";
import { beginAction, nextId } from "../world/world.ts";
import { fulfilmentOrderHeldPayload, fulfilmentOrderPayload } from "../webhooks/fulfilment-payloads.ts";
import { bulkMutations } from "./bulk/resolvers.ts";
import { receiveFlowTrigger } from "./flow-triggers.ts";
import type { GraphContext, Resolvers, RootCall } from "./context.ts";
import { createMetafieldDefinition, deleteMetafieldDefinition } from "./metafields.ts";
import { createOrder } from "./order-create.ts";
import { orderEditMutations } from "./order-edits.ts";
import { storeMutations } from "./store-mutations.ts";
import type { InventoryPayload, UserError } from "./inventory/adjustment-group.ts";
import { performOnce } from "./inventory/idempotency.ts";
import { adjustQuantities, moveQuantities, setQuantities } from "./inventory/mutations.ts";

const HOLDS_PER_ORDER_MAX = 10;

export const mutationResolvers: Resolvers<null> = {
  inventoryAdjustQuantities: inventoryMutation("InventoryAdjustQuantitiesUserErrorCode", adjustQuantities),
  inventorySetQuantities: inventoryMutation("InventorySetQuantitiesUserErrorCode", setQuantities),
  inventoryMoveQuantities: inventoryMutation("InventoryMoveQuantitiesUserErrorCode", moveQuantities),
  fulfillmentOrderHold: holdFulfilmentOrder,
  fulfillmentOrderReleaseHold: releaseHold,
  orderCreate: createOrder,
  metafieldDefinitionCreate: createMetafieldDefinition,
  metafieldDefinitionDelete: deleteMetafieldDefinition,
  flowTriggerReceive: receiveFlowTrigger,
  ...bulkMutations,
  ...storeMutations,
  ...orderEditMutations,
};

function inventoryMutation(codes: string, perform: (context: GraphContext, call: RootCall) => InventoryPayload) {
  return (_root: null, _args: never, context: GraphContext, responseKey: string): InventoryPayload => {
    const call = context.calls.get(responseKey);
    if (!call) throw new Error(`No call was prepared for ${responseKey}.`);
    return performOnce(context, call, codes, () => injectedError(context, codes) ?? perform(context, call));
  };
}

function injectedError(context: GraphContext, codes: string): InventoryPayload | null {
  const fault = context.userErrorFault;
  if (!fault) return null;
  const code = String(fault.code);
  const list = codes.startsWith("InventorySet") ? "quantities" : "changes";
  const field = fault.index === null ? null : ["input", list, String(fault.index)];
  return { inventoryAdjustmentGroup: null, userErrors: [{ code, field, message: context.admin.errorText(codes, code) }] };
}

interface HoldArgs {
  id: string;
  fulfillmentHold: { reason: string; reasonNotes?: string | null; handle?: string | null; fulfillmentOrderLineItems?: { id: string; quantity: number }[] | null };
}

function holdFulfilmentOrder(_root: null, { id, fulfillmentHold }: HoldArgs, context: GraphContext) {
  const { shop, world, app, admin } = context;
  const refuse = (code: string, field: string[]) => {
    const error: UserError = { code, field, message: admin.errorText("FulfillmentOrderHoldUserErrorCode", code) };
    return { fulfillmentHold: null, fulfillmentOrder: null, remainingFulfillmentOrder: null, userErrors: [error] };
  };
  const target = shop.fulfilmentOrders.get(numericIdOf("FulfillmentOrder", id) ?? "");
  if (!target || !isOpen(target)) return refuse("FULFILLMENT_ORDER_NOT_FOUND", ["id"]);
  const handle = fulfillmentHold.handle ?? "";
  if (target.holds.some((hold) => hold.appId === app.id && hold.handle === handle)) return refuse("DUPLICATE_FULFILLMENT_HOLD_HANDLE", ["fulfillmentHold", "handle"]);
  if (target.holds.filter((hold) => hold.appId === app.id).length >= HOLDS_PER_ORDER_MAX) return refuse("FULFILLMENT_ORDER_HOLD_LIMIT_REACHED", ["id"]);
  const wanted = fulfillmentHold.fulfillmentOrderLineItems ?? [];
  const refused = wanted.length === 0 ? null : refusedPart(target, wanted);
  if (refused) return refuse(refused, ["fulfillmentHold", "fulfillmentOrderLineItems"]);
  const hold: FulfilmentHold = { id: nextId(world, shop), handle, reason: fulfillmentHold.reason, reasonNotes: fulfillmentHold.reasonNotes ?? null, appId: app.id };
  const action = beginAction(world, shop);
  const keep = new Map(wanted.map(({ id: lineId, quantity }) => [numericIdOf("FulfillmentOrderLineItem", lineId) ?? "", quantity]));
  const remaining = wanted.length === 0 ? null : splitFulfilmentOrder(world, action, target, keep);
  target.holds.push(hold);
  target.status = "on_hold";
  target.updatedAtMs = action.atMs;
  action.tell("fulfillment_orders/placed_on_hold", () => fulfilmentOrderHeldPayload(target, remaining));
  action.finish();
  return { fulfillmentHold: hold, fulfillmentOrder: target, remainingFulfillmentOrder: remaining, userErrors: [] };
}

/** Only a part of what nobody has begun with or holds can be held alone. */
function refusedPart(target: FulfilmentOrder, wanted: readonly { id: string; quantity: number }[]): string | null {
  if (target.status !== "open") return "FULFILLMENT_ORDER_NOT_SPLITTABLE";
  if (new Set(wanted.map(({ id }) => id)).size < wanted.length) return "DUPLICATED_FULFILLMENT_ORDER_LINE_ITEMS";
  if (wanted.some(({ quantity }) => quantity <= 0)) return "GREATER_THAN_ZERO";
  const remaining = new Map(target.lines.map((line) => [line.id, line.remaining]));
  const tooMany = wanted.some(({ id, quantity }) => quantity > (remaining.get(numericIdOf("FulfillmentOrderLineItem", id) ?? "") ?? 0));
  return tooMany ? "INVALID_LINE_ITEM_QUANTITY" : null;
}

function releaseHold(_root: null, { id, holdIds }: { id: string; holdIds?: string[] | null }, { shop, world, admin }: GraphContext) {
  const target = shop.fulfilmentOrders.get(numericIdOf("FulfillmentOrder", id) ?? "");
  if (!target) {
    const code = "FULFILLMENT_ORDER_NOT_FOUND";
    return { fulfillmentOrder: null, userErrors: [{ code, field: ["id"], message: admin.errorText("FulfillmentOrderReleaseHoldUserErrorCode", code) }] };
  }
  const released = holdIds?.map((holdId) => numericIdOf("FulfillmentHold", holdId));
  target.holds = released ? target.holds.filter((hold) => !released.includes(hold.id)) : [];
  const action = beginAction(world, shop);
  target.updatedAtMs = action.atMs;
  if (target.status === "on_hold" && target.holds.length === 0) {
    target.status = target.lines.some((line) => line.remaining < line.total) ? "in_progress" : "open";
    action.tell("fulfillment_orders/hold_released", () => fulfilmentOrderPayload(target));
  }
  action.finish();
  return { fulfillmentOrder: target, userErrors: [] };
}

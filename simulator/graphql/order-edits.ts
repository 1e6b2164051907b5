// What staff and apps do to an order through the API: edit its lines, send it, cancel it, take it away.
import { RequestError } from "../http/router.ts";
import { cancelOrder, editOrder, fulfilOrder } from "../world/change-order.ts";
import { gid, numericIdOf } from "../world/ids.ts";
import { currentQuantity } from "../world/order-lines.ts";
import { rawNumber } from "../world/raw-number.ts";
import type { EditSession, Order, OrderLine, ShopState } from "../world/state.ts";
import { beginAction, nextId } from "../world/world.ts";
import { connect } from "./connection.ts";
import type { PageArgs } from "./connection.ts";
import type { GraphContext, Resolvers } from "./context.ts";

interface CalculatedLine {
  line: OrderLine;
  quantity: number;
}

function findOrder(shop: ShopState, id: string): Order | undefined {
  return shop.orders.get(numericIdOf("Order", id) ?? "");
}

/** Runs what the control API would run; what it refuses is a user error here. */
function attempt<Answer>(run: () => Answer): { answer: Answer } | { refused: string } {
  try {
    return { answer: run() };
  } catch (error) {
    if (error instanceof RequestError) return { refused: error.message };
    throw error;
  }
}

function cancel(_root: null, { orderId, restock }: { orderId: string; restock: boolean }, { world, shop, admin }: GraphContext) {
  const refuse = (code: string, message = admin.errorText("OrderCancelUserErrorCode", code)) => ({ job: null, orderCancelUserErrors: [{ code, field: ["orderId"], message }], userErrors: [{ field: ["orderId"], message }] });
  const order = findOrder(shop, orderId);
  if (!order) return refuse("NOT_FOUND");
  const tried = attempt(() => cancelOrder(world, shop, order, restock));
  if ("refused" in tried) return refuse("INVALID", tried.refused);
  return { job: { id: gid("Job", nextId(world, shop)), done: true }, orderCancelUserErrors: [], userErrors: [] };
}

/** Units that Shopify holds for it would be held for nobody: such an order has to be cancelled first. */
function remove(_root: null, { orderId }: { orderId: string }, { world, shop, admin }: GraphContext) {
  const refuse = (code: string, message = admin.errorText("OrderDeleteUserErrorCode", code)) => ({ deletedId: null, userErrors: [{ code, field: ["orderId"], message }] });
  const order = findOrder(shop, orderId);
  if (!order) return refuse("NOT_FOUND");
  if (order.lines.some(({ held }) => held > 0)) return refuse("INVALID", `${order.name} holds stock: cancel it first`);
  for (const { id } of order.lines) shop.lineIndex.delete(id);
  for (const id of order.fulfilmentOrderIds) shop.fulfilmentOrders.delete(id);
  shop.orders.delete(order.id);
  const action = beginAction(world, shop);
  action.tell("orders/delete", () => ({ id: rawNumber(order.id) }));
  action.finish();
  return { deletedId: gid("Order", order.id), userErrors: [] };
}

interface FulfillmentArgs {
  fulfillment: { lineItemsByFulfillmentOrder: { fulfillmentOrderId: string; fulfillmentOrderLineItems?: { id: string; quantity: number }[] | null }[] };
}

function unfulfilled(message: string) {
  return { fulfillment: null, userErrors: [{ field: ["fulfillment"], message }] };
}

function uncommitted(message: string) {
  return { order: null, userErrors: [{ field: ["id"], message }] };
}

/** Whole fulfilment orders, or the named units of them. */
function fulfil(_root: null, { fulfillment }: FulfillmentArgs, { world, shop }: GraphContext) {
  const wanted: { lineItemId: string; quantity: number }[] = [];
  let order: Order | undefined;
  for (const { fulfillmentOrderId, fulfillmentOrderLineItems } of fulfillment.lineItemsByFulfillmentOrder) {
    const target = shop.fulfilmentOrders.get(numericIdOf("FulfillmentOrder", fulfillmentOrderId) ?? "");
    if (!target) return unfulfilled("Fulfillment order does not exist.");
    if (order !== undefined && order.id !== target.orderId) return unfulfilled("All fulfillment orders must belong to the same order.");
    order = shop.orders.get(target.orderId);
    const named = new Map(fulfillmentOrderLineItems?.map(({ id, quantity }) => [numericIdOf("FulfillmentOrderLineItem", id) ?? "", quantity]));
    for (const part of target.lines) wanted.push({ lineItemId: part.lineItemId, quantity: fulfillmentOrderLineItems ? (named.get(part.id) ?? 0) : part.remaining });
  }
  if (!order) return unfulfilled("No fulfillment order was named.");
  const sent = order;
  const tried = attempt(() => fulfilOrder(world, shop, sent, wanted));
  if ("refused" in tried) return unfulfilled(tried.refused);
  return { fulfillment: { id: gid("Fulfillment", nextId(world, shop)), status: "SUCCESS" }, userErrors: [] };
}

function beginEdit(_root: null, { id }: { id: string }, { world, shop }: GraphContext) {
  const order = findOrder(shop, id);
  if (!order || order.cancelledAtMs !== null) return { calculatedOrder: null, userErrors: [{ field: ["id"], message: "The order cannot be edited." }] };
  const session: EditSession = { id: nextId(world, shop), orderId: order.id, setQuantities: new Map() };
  shop.editSessions.set(session.id, session);
  return { calculatedOrder: session, userErrors: [] };
}

interface SetQuantityArgs {
  id: string;
  lineItemId: string;
  quantity: number;
  restock?: boolean | null;
}

function setEditedQuantity(_root: null, { id, lineItemId, quantity, restock }: SetQuantityArgs, { shop }: GraphContext) {
  const session = shop.editSessions.get(numericIdOf("CalculatedOrder", id) ?? "");
  const line = shop.lineIndex.get(numericIdOf("CalculatedLineItem", lineItemId) ?? "");
  if (!session || !line || quantity < 0) return { calculatedOrder: null, calculatedLineItem: null, userErrors: [{ field: ["id"], message: "The line cannot be edited." }] };
  session.setQuantities.set(line.id, { quantity, restock: restock ?? false });
  return { calculatedOrder: session, calculatedLineItem: { line, quantity }, userErrors: [] };
}

function commitEdit(_root: null, { id }: { id: string }, { world, shop }: GraphContext) {
  const session = shop.editSessions.get(numericIdOf("CalculatedOrder", id) ?? "");
  const order = session && shop.orders.get(session.orderId);
  if (!session || !order) return uncommitted("The edit does not exist.");
  const setQuantities = [...session.setQuantities].map(([lineItemId, wanted]) => ({ lineItemId, ...wanted }));
  const tried = attempt(() => editOrder(world, shop, order, { setQuantities, add: [] }));
  if ("refused" in tried) return uncommitted(tried.refused);
  shop.editSessions.delete(session.id);
  return { order, userErrors: [] };
}

export const orderEditMutations: Resolvers<null> = {
  orderCancel: cancel,
  orderDelete: remove,
  fulfillmentCreate: fulfil,
  orderEditBegin: beginEdit,
  orderEditSetQuantity: setEditedQuantity,
  orderEditCommit: commitEdit,
};

const calculatedOrder: Resolvers<EditSession> = {
  id: ({ id }) => gid("CalculatedOrder", id),
  committed: () => false,
  originalOrder: ({ orderId }, _args, { shop }) => shop.orders.get(orderId),
  lineItems({ orderId, setQuantities }, args: PageArgs, { shop }) {
    const lines = (shop.orders.get(orderId)?.lines ?? []).map((line): CalculatedLine => ({ line, quantity: setQuantities.get(line.id)?.quantity ?? currentQuantity(line) }));
    return connect(lines, args, ({ line }) => line.id);
  },
};

const calculatedLineItem: Resolvers<CalculatedLine> = {
  id: ({ line }) => gid("CalculatedLineItem", line.id),
  quantity: ({ quantity }) => quantity,
  sku: ({ line }) => line.sku,
  title: ({ line }) => line.title,
  variant: ({ line }, _args, { shop }) => shop.variants.get(line.variantId) ?? null,
};

export const orderEditResolvers = { CalculatedOrder: calculatedOrder, CalculatedLineItem: calculatedLineItem };

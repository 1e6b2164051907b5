// What happens to an order after it was placed: paid, edited, cancelled, refunded, fulfilled, moved.
import { RequestError } from "../http/router.ts";
import { orderEditedPayload, orderPayload, refundPayload } from "../webhooks/order-payloads.ts";
import { addToFulfilmentOrder, cancelFulfilmentOrders, heldUnits, moveFulfilmentOrders, takeFromFulfilmentOrders } from "./fulfilment-orders.ts";
import { numericIdOf } from "./ids.ts";
import { causeOf, currentQuantity, fulfilUnits, holdUnits, removeFulfilled, removeUnfulfilled, returnableQuantity, unfulfilledQuantity } from "./order-lines.ts";
import { newLine } from "./place-order.ts";
import { routeLines } from "./route-lines.ts";
import type { FulfilmentOrder, Order, OrderLine, Refund, RefundLine, ShopState } from "./state.ts";
import { beginAction, lookUp, nextId } from "./world.ts";
import type { Action, World } from "./world.ts";

export interface EditInput {
  setQuantities: { lineItemId: string; quantity: number; restock: boolean }[];
  add: { variantId: string; quantity: number }[];
}

export interface RefundInput {
  lines: { lineItemId: string; quantity: number; restockType: RefundLine["restockType"] }[];
  locationId?: string | undefined;
}

/** What an edit did to one line; orders/edited carries the list. */
export interface LineDelta {
  lineItemId: string;
  delta: number;
}

export function payOrder(world: World, shop: ShopState, order: Order): void {
  if (order.paidAtMs !== null) throw new RequestError(409, "already_paid", `${order.name} is paid.`);
  change(world, shop, order, (action) => {
    order.paidAtMs = action.atMs;
    action.tell("orders/paid", () => orderPayload(shop, order));
  });
}

export function editOrder(world: World, shop: ShopState, order: Order, input: EditInput): void {
  const plans = input.setQuantities.map((wanted) => ({ ...wanted, line: findLine(order, wanted.lineItemId) }));
  for (const { line, quantity } of plans) {
    if (currentQuantity(line) - quantity > unfulfilledQuantity(line)) throw new RequestError(422, "already_fulfilled", "An edit removes only units that were not sent.");
  }
  const additions = input.add.map(({ variantId, quantity }) => ({ variant: lookUp(shop.variants, "ProductVariant", variantId), quantity }));
  change(world, shop, order, (action) => {
    const deltas: LineDelta[] = [];
    const removed: RefundLine[] = [];
    for (const { line, quantity, restock } of plans) {
      const delta = quantity - currentQuantity(line);
      if (delta === 0) continue;
      deltas.push({ lineItemId: line.id, delta });
      if (delta > 0) growLine(world, action, order, line, delta);
      else removed.push(shrinkLine(world, action, order, line, -delta, restock));
    }
    for (const { variant, quantity } of additions) {
      const line = addLine(world, action, order, variant.id, quantity);
      deltas.push({ lineItemId: line.id, delta: quantity });
    }
    if (removed.length > 0 && world.assumptions.editRemovalMakesRefund) addRefund(world, action, order, removed);
    order.edited = true;
    action.tell("orders/edited", () => orderEditedPayload(shop, order, deltas, action.atMs));
  });
}

function growLine(world: World, action: Action, order: Order, line: OrderLine, units: number): void {
  line.quantity += units;
  const moves = line.movesStock || (line.tracked && world.assumptions.editOfBypassedMovesStock);
  if (moves) holdUnits(world, action, line, units, causeOf("order_edit", order, line));
  addToFulfilmentOrder(world, action, order, line, units);
}

function shrinkLine(world: World, action: Action, order: Order, line: OrderLine, units: number, restock: boolean): RefundLine {
  takeFromFulfilmentOrders(action, order, line, units, "removed");
  removeUnfulfilled(world, action, line, { units, restock, locationId: null, cause: causeOf("order_edit", order, line) });
  return refundLine(world, action, line, units, restock ? "cancel" : "no_restock", line.locationId);
}

function addLine(world: World, action: Action, order: Order, variantId: string, quantity: number): OrderLine {
  const { shop } = action;
  const variant = lookUp(shop.variants, "ProductVariant", variantId);
  const native = order.channel !== "api" || order.lines.some((line) => line.movesStock) || world.assumptions.editOfBypassedMovesStock;
  const routing = routeLines(shop, [{ variant, quantity }], order.locationId);
  const behaviour = native ? "DECREMENT_IGNORING_POLICY" : "BYPASS";
  const line = newLine(world, shop, { variant, quantity, properties: [], group: null }, routing.locationIds[0] ?? "", behaviour);
  order.lines.push(line);
  if (line.movesStock) holdUnits(world, action, line, quantity, causeOf("order_edit", order, line));
  addToFulfilmentOrder(world, action, order, line, quantity);
  return line;
}

export function cancelOrder(world: World, shop: ShopState, order: Order, restock: boolean): void {
  change(world, shop, order, (action) => {
    order.cancelledAtMs = action.atMs;
    const removed: RefundLine[] = [];
    for (const line of order.lines) {
      const units = unfulfilledQuantity(line);
      if (units === 0) continue;
      removeUnfulfilled(world, action, line, { units, restock, locationId: null, cause: causeOf("cancellation", order, line) });
      removed.push(refundLine(world, action, line, units, restock ? "cancel" : "no_restock", line.locationId));
    }
    cancelFulfilmentOrders(action, order);
    if (removed.length > 0) addRefund(world, action, order, removed);
    action.tell("orders/cancelled", () => orderPayload(shop, order));
  });
}

export function refundOrder(world: World, shop: ShopState, order: Order, input: RefundInput): Refund {
  const wanted = new Map<OrderLine, number>();
  for (const { lineItemId, quantity } of input.lines) {
    const line = findLine(order, lineItemId);
    const sum = (wanted.get(line) ?? 0) + quantity;
    if (sum > currentQuantity(line)) throw new RequestError(422, "refund_exceeds_order", `Only ${currentQuantity(line)} of ${line.sku} are left to refund.`);
    wanted.set(line, sum);
  }
  const locationId = input.locationId === undefined ? null : lookUp(shop.locations, "Location", input.locationId).id;
  const action = beginAction(world, shop);
  const refundId = nextId(world, shop);
  const lines = input.lines.map(({ lineItemId, quantity, restockType }) => {
    const line = findLine(order, lineItemId);
    const restock = restockType !== "no_restock";
    const removal = { restock, locationId, cause: causeOf("refund", order, line, refundId) };
    // A return takes what was sent first; everything else takes what was not sent yet.
    const sent = restockType === "return" ? Math.min(quantity, returnableQuantity(line)) : Math.max(0, quantity - unfulfilledQuantity(line));
    const unsent = quantity - sent;
    const place = locationId ?? line.locationId;
    if (unsent > 0) {
      takeFromFulfilmentOrders(action, order, line, unsent, "removed");
      removeUnfulfilled(world, action, line, { ...removal, units: unsent });
    }
    if (sent > 0) removeFulfilled(world, action, line, { ...removal, units: sent });
    return refundLine(world, action, line, quantity, restockType, place);
  });
  const refund = addRefund(world, action, order, lines, refundId);
  order.updatedAtMs = action.atMs;
  action.tell("orders/updated", () => orderPayload(shop, order));
  action.finish();
  return refund;
}

export function fulfilOrder(world: World, shop: ShopState, order: Order, lines: { lineItemId: string; quantity: number }[] | undefined): void {
  const wanted = lines?.map(({ lineItemId, quantity }) => ({ line: findLine(order, lineItemId), quantity }))
    ?? order.lines.map((line) => ({ line, quantity: unfulfilledQuantity(line) }));
  for (const { line, quantity } of wanted) {
    if (quantity > unfulfilledQuantity(line)) throw new RequestError(422, "not_enough_unfulfilled", `Only ${unfulfilledQuantity(line)} of ${line.sku} are left to send.`);
    if (quantity > unfulfilledQuantity(line) - heldUnits(shop, order, line.id)) throw new RequestError(409, "on_hold", `${order.name} has a fulfilment order on hold.`);
  }
  change(world, shop, order, (action) => {
    for (const { line, quantity } of wanted) {
      if (quantity === 0) continue;
      takeFromFulfilmentOrders(action, order, line, quantity, "sent");
      fulfilUnits(world, action, line, quantity, causeOf("fulfilment", order, line));
    }
    const rest = order.lines.some((line) => unfulfilledQuantity(line) > 0);
    action.tell(rest ? "orders/partially_fulfilled" : "orders/fulfilled", () => orderPayload(shop, order));
  });
}

export function moveOrder(world: World, shop: ShopState, order: Order, locationId: string): FulfilmentOrder[] {
  const target = lookUp(shop.locations, "Location", locationId);
  const action = beginAction(world, shop);
  const moved = moveFulfilmentOrders(world, action, order, target.id);
  action.finish();
  return moved;
}

/** One change of an order that is not cancelled: told with orders/updated beside its own topic. */
function change(world: World, shop: ShopState, order: Order, apply: (action: Action) => void): void {
  if (order.cancelledAtMs !== null) throw new RequestError(409, "order_cancelled", `${order.name} is cancelled.`);
  const action = beginAction(world, shop);
  order.updatedAtMs = action.atMs;
  apply(action);
  action.tell("orders/updated", () => orderPayload(shop, order));
  action.finish();
}

function refundLine(world: World, action: Action, line: OrderLine, quantity: number, restockType: RefundLine["restockType"], locationId: string): RefundLine {
  return { id: nextId(world, action.shop), lineItemId: line.id, quantity, restockType, locationId: restockType === "no_restock" ? null : locationId };
}

function addRefund(world: World, action: Action, order: Order, lines: RefundLine[], id = nextId(world, action.shop)): Refund {
  const refund: Refund = { id, createdAtMs: action.atMs, lines };
  order.refunds.push(refund);
  action.tell("refunds/create", () => refundPayload(action.shop, order, refund));
  return refund;
}

function findLine(order: Order, lineItemId: string): OrderLine {
  const id = numericIdOf("LineItem", lineItemId);
  const line = order.lines.find((candidate) => candidate.id === id);
  if (!line) throw new RequestError(404, "unknown_id", `${order.name} has no line ${lineItemId}.`);
  return line;
}

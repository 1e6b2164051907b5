// Fulfilment orders: one per location an order is routed to, kept in step with every later change of its lines.
import { RequestError } from "../http/router.ts";
import { fulfilmentOrderMovedPayload, fulfilmentOrderPayload } from "../webhooks/fulfilment-payloads.ts";
import { causeOf, unfulfilledQuantity } from "./order-lines.ts";
import { changeQuantity } from "./inventory.ts";
import type { FulfilmentOrder, Order, OrderLine, ShopState } from "./state.ts";
import { nextId } from "./world.ts";
import type { Action, World } from "./world.ts";

export function fulfilmentOrdersOf(shop: ShopState, order: Order): FulfilmentOrder[] {
  return order.fulfilmentOrderIds.flatMap((id) => shop.fulfilmentOrders.get(id) ?? []);
}

export function isOpen(fulfilmentOrder: FulfilmentOrder): boolean {
  return fulfilmentOrder.status === "open" || fulfilmentOrder.status === "in_progress" || fulfilmentOrder.status === "on_hold";
}

/** Makes the fulfilment orders of new lines and says so, once for each. */
export function openFulfilmentOrders(world: World, action: Action, order: Order, lines: readonly OrderLine[]): void {
  const byLocation = new Map<string, OrderLine[]>();
  for (const line of lines) {
    const there = byLocation.get(line.locationId);
    if (there) there.push(line);
    else byLocation.set(line.locationId, [line]);
  }
  for (const [locationId, there] of byLocation) {
    const opened = newFulfilmentOrder(world, action, order, locationId);
    opened.lines = there.map((line) => ({ id: nextId(world, action.shop), lineItemId: line.id, total: line.quantity, remaining: line.quantity }));
    action.tell("fulfillment_orders/order_routing_complete", () => fulfilmentOrderPayload(opened));
  }
}

function newFulfilmentOrder(world: World, action: Action, order: Order, locationId: string): FulfilmentOrder {
  const opened: FulfilmentOrder = {
    id: nextId(world, action.shop),
    orderId: order.id,
    locationId,
    status: "open",
    createdAtMs: action.atMs,
    updatedAtMs: action.atMs,
    lines: [],
    holds: [],
  };
  action.shop.fulfilmentOrders.set(opened.id, opened);
  order.fulfilmentOrderIds.push(opened.id);
  return opened;
}

/** Units were added to a line that has been routed before: they join its open fulfilment order, or open a new one. */
export function addToFulfilmentOrder(world: World, action: Action, order: Order, line: OrderLine, units: number): void {
  const open = fulfilmentOrdersOf(action.shop, order).filter((candidate) => isOpen(candidate) && candidate.locationId === line.locationId);
  const target = open.find((candidate) => candidate.lines.some((part) => part.lineItemId === line.id)) ?? open[0];
  if (!target) {
    const opened = newFulfilmentOrder(world, action, order, line.locationId);
    opened.lines = [{ id: nextId(world, action.shop), lineItemId: line.id, total: units, remaining: units }];
    action.tell("fulfillment_orders/order_routing_complete", () => fulfilmentOrderPayload(opened));
    return;
  }
  const part = target.lines.find((candidate) => candidate.lineItemId === line.id);
  if (part) {
    part.total += units;
    part.remaining += units;
  } else {
    target.lines.push({ id: nextId(world, action.shop), lineItemId: line.id, total: units, remaining: units });
  }
  target.updatedAtMs = action.atMs;
}

/** Units left the line, sent or removed; a fulfilment order with nothing left is closed. */
export function takeFromFulfilmentOrders(action: Action, order: Order, line: OrderLine, units: number, reason: "sent" | "removed"): void {
  let left = units;
  for (const fulfilmentOrder of fulfilmentOrdersOf(action.shop, order)) {
    if (left === 0) return;
    // What is held is not sent; a removed unit is removed wherever it is.
    if (!isOpen(fulfilmentOrder) || (reason === "sent" && fulfilmentOrder.status === "on_hold")) continue;
    for (const part of fulfilmentOrder.lines) {
      if (part.lineItemId !== line.id) continue;
      const taken = Math.min(left, part.remaining);
      part.remaining -= taken;
      if (reason === "removed") part.total -= taken;
      left -= taken;
    }
    const done = fulfilmentOrder.lines.every((part) => part.remaining === 0);
    if (done) fulfilmentOrder.status = "closed";
    else if (reason === "sent" && fulfilmentOrder.status === "open") fulfilmentOrder.status = "in_progress";
    fulfilmentOrder.updatedAtMs = action.atMs;
  }
}

export function cancelFulfilmentOrders(action: Action, order: Order): void {
  for (const fulfilmentOrder of fulfilmentOrdersOf(action.shop, order)) {
    if (fulfilmentOrder.status === "closed") continue;
    fulfilmentOrder.status = "cancelled";
    fulfilmentOrder.updatedAtMs = action.atMs;
  }
}

/** Moves everything unsent to another location. One without sent lines moves itself; otherwise the rest goes into a new one. */
export function moveFulfilmentOrders(world: World, action: Action, order: Order, locationId: string): FulfilmentOrder[] {
  const moved: FulfilmentOrder[] = [];
  for (const original of fulfilmentOrdersOf(action.shop, order)) {
    if (!isOpen(original) || original.locationId === locationId) continue;
    const from = original.locationId;
    const partlySent = original.lines.some((part) => part.remaining < part.total);
    const target = partlySent ? newFulfilmentOrder(world, action, order, locationId) : original;
    if (partlySent) splitRest(world, action, original, target);
    target.locationId = locationId;
    target.updatedAtMs = action.atMs;
    moved.push(target);
    action.tell("fulfillment_orders/moved", () => fulfilmentOrderMovedPayload(original, target, from));
    for (const part of target.lines) {
      const line = order.lines.find((candidate) => candidate.id === part.lineItemId);
      if (line && part.remaining > 0) moveLine(world, action, order, line, locationId);
    }
  }
  if (moved.length === 0) throw new RequestError(409, "nothing_to_move", "No open fulfilment order lies at another location.");
  return moved;
}

/** Units of a line that a hold keeps from being sent. */
export function heldUnits(shop: ShopState, order: Order, lineItemId: string): number {
  const held = fulfilmentOrdersOf(shop, order).filter(({ status }) => status === "on_hold");
  return held.flatMap(({ lines }) => lines).reduce((sum, part) => sum + (part.lineItemId === lineItemId ? part.remaining : 0), 0);
}

/** The units that are named stay; the rest goes into a fulfilment order of its own. Null: there is no rest. `keep`: by the id of the fulfilment order's line. */
export function splitFulfilmentOrder(world: World, action: Action, original: FulfilmentOrder, keep: ReadonlyMap<string, number>): FulfilmentOrder | null {
  const order = action.shop.orders.get(original.orderId);
  const rest = original.lines.map((part) => ({ part, units: part.remaining - (keep.get(part.id) ?? 0) })).filter(({ units }) => units > 0);
  if (!order || rest.length === 0) return null;
  const remaining = newFulfilmentOrder(world, action, order, original.locationId);
  remaining.lines = rest.map(({ part, units }) => ({ id: nextId(world, action.shop), lineItemId: part.lineItemId, total: units, remaining: units }));
  for (const { part, units } of rest) {
    part.total -= units;
    part.remaining -= units;
  }
  original.lines = original.lines.filter(({ total }) => total > 0);
  original.updatedAtMs = action.atMs;
  return remaining;
}

function splitRest(world: World, action: Action, original: FulfilmentOrder, target: FulfilmentOrder): void {
  target.lines = original.lines
    .filter((part) => part.remaining > 0)
    .map((part) => ({ id: nextId(world, action.shop), lineItemId: part.lineItemId, total: part.remaining, remaining: part.remaining }));
  for (const part of original.lines) {
    part.total -= part.remaining;
    part.remaining = 0;
  }
  original.status = "closed";
  original.updatedAtMs = action.atMs;
}

/** What Shopify holds for the line follows it: free again where it lay, taken where it goes. */
function moveLine(world: World, action: Action, order: Order, line: OrderLine, locationId: string): void {
  const cause = causeOf("move", order, line);
  const units = Math.min(line.held, unfulfilledQuantity(line));
  const change = (place: string, name: "available" | "committed", delta: number) =>
    changeQuantity(world, action, { itemId: line.itemId, locationId: place, name, delta, cause });
  if (units > 0) {
    change(line.locationId, "committed", -units);
    change(line.locationId, "available", units);
    change(locationId, "available", -units);
    change(locationId, "committed", units);
  }
  line.locationId = locationId;
}

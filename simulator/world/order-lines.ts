// The arithmetic of one order line: how many units are left in each state, and what Shopify's stock does when that changes.
import { gid } from "./ids.ts";
import { changeQuantity, moveQuantity } from "./inventory.ts";
import type { Cause, Order, OrderLine } from "./state.ts";
import type { Action, World } from "./world.ts";

/** Ordered and not removed by an edit, a refund or a cancellation. */
export function currentQuantity(line: OrderLine): number {
  return line.quantity - line.removedUnfulfilled - line.removedFulfilled;
}

export function unfulfilledQuantity(line: OrderLine): number {
  return line.quantity - line.removedUnfulfilled - line.fulfilled;
}

/** Sent out and not yet refunded. */
export function returnableQuantity(line: OrderLine): number {
  return line.fulfilled - line.removedFulfilled;
}

export function causeOf(kind: Cause["kind"], order: Order, line: OrderLine, refundId?: string): Cause {
  const cause: Cause = { kind, orderId: gid("Order", order.id), lineItemId: gid("LineItem", line.id) };
  return refundId === undefined ? cause : { ...cause, refundId: gid("Refund", refundId) };
}

/** Shopify takes units for the line into committed: from available, or from what a draft order had set aside. */
export function holdUnits(world: World, action: Action, line: OrderLine, units: number, cause: Cause, from: "available" | "reserved" = "available"): void {
  line.held += units;
  moveQuantity(world, action, { itemId: line.itemId, locationId: line.locationId, from, to: "committed", delta: units, cause });
}

export interface Removal {
  units: number;
  restock: boolean;
  /** Where restocked units go; the line's own location when null. */
  locationId: string | null;
  cause: Cause;
}

/** Takes units out of the order before they were sent. Held units leave committed; restocked, they are available again. */
export function removeUnfulfilled(world: World, action: Action, line: OrderLine, removal: Removal): void {
  const { units, restock, cause } = removal;
  line.removedUnfulfilled += units;
  const released = Math.min(units, line.held);
  line.held -= released;
  changeQuantity(world, action, { itemId: line.itemId, locationId: line.locationId, name: "committed", delta: -released, cause });
  if (!restock) return;
  const bypassed = world.assumptions.shopifyRestocksBypassed && line.tracked ? units - released : 0;
  putBack(world, action, line, released + bypassed, removal);
}

/** Refunds units that were sent. Only a restocked return moves stock: the units left on-hand when they were fulfilled. */
export function removeFulfilled(world: World, action: Action, line: OrderLine, removal: Removal): void {
  line.removedFulfilled += removal.units;
  const restocks = line.movesStock || (world.assumptions.shopifyRestocksBypassed && line.tracked);
  if (removal.restock && restocks) putBack(world, action, line, removal.units, removal);
}

function putBack(world: World, action: Action, line: OrderLine, units: number, removal: Removal): void {
  if (units === 0) return;
  changeQuantity(world, action, { itemId: line.itemId, locationId: removal.locationId ?? line.locationId, name: "available", delta: units, cause: removal.cause });
}

/** Sends units out: held ones leave committed, and with it on-hand. */
export function fulfilUnits(world: World, action: Action, line: OrderLine, units: number, cause: Cause): void {
  line.fulfilled += units;
  const held = Math.min(units, line.held);
  line.held -= held;
  const bypassed = world.assumptions.fulfilBypassedLowersOnHand && line.tracked ? units - held : 0;
  if (held + bypassed === 0) return;
  changeQuantity(world, action, { itemId: line.itemId, locationId: line.locationId, name: "committed", delta: -(held + bypassed), cause });
}

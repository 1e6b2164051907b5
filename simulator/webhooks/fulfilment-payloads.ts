// The bodies of fulfilment order webhooks: little more than gids, so whoever needs the rest asks for it.
import { gid } from "../world/ids.ts";
import type { FulfilmentOrder } from "../world/state.ts";

export function fulfilmentOrderPayload(fulfilmentOrder: FulfilmentOrder): Record<string, unknown> {
  return { fulfillment_order: brief(fulfilmentOrder) };
}

/** `remaining`: where the hold was on a part, what it was not on. */
export function fulfilmentOrderHeldPayload(held: FulfilmentOrder, remaining: FulfilmentOrder | null): Record<string, unknown> {
  return { ...fulfilmentOrderPayload(held), ...(remaining === null ? {} : { remaining_fulfillment_order: brief(remaining) }) };
}

export function fulfilmentOrderMovedPayload(original: FulfilmentOrder, moved: FulfilmentOrder, fromLocationId: string): Record<string, unknown> {
  return {
    original_fulfillment_order: brief(original),
    moved_fulfillment_order: brief(moved),
    source_location: { id: gid("Location", fromLocationId) },
    destination_location_id: gid("Location", moved.locationId),
    fulfillment_order_line_items_requested: moved.lines.map((line) => ({ id: gid("FulfillmentOrderLineItem", line.id), quantity: line.remaining })),
  };
}

function brief(fulfilmentOrder: FulfilmentOrder): Record<string, unknown> {
  return { id: gid("FulfillmentOrder", fulfilmentOrder.id), status: fulfilmentOrder.status };
}

// A delivery that waits to be absorbed, as its row.

import { PAYLOAD_KINDS, type ProjectedPayload } from "#app/domain/delivery-payload.ts";
import type { OrderObservation } from "#app/domain/order-state.ts";

export interface PendingDelivery {
  id: bigint;
  webhook_id: string;
  event_id: string | null;
  trace_id: string;
  triggered_at: string | null;
  received_at: Date;
  order_id: string | null;
  payload: ProjectedPayload | null;
}

/**
 * Condition on `deliveries`: work for this version. One whose kind only a newer version knows, which runs beside this one during a deploy,
 * stays pending and wakes nobody here.
 */
export const PENDING_FOR_US = `state = 'pending' AND (payload IS NULL OR payload->>'kind' IN (${PAYLOAD_KINDS.map((kind) => `'${kind}'`).join(", ")}))`;

/** What the delivery says of its order; null when it is about something else. */
export function toObservation(delivery: Pick<PendingDelivery, "payload" | "triggered_at" | "event_id">): OrderObservation | null {
  const payload = delivery.payload;
  switch (payload?.kind) {
    case "order":
      return { kind: "version", version: payload.version, triggeredAt: delivery.triggered_at, eventId: delivery.event_id };
    case "refund":
      return { kind: "refund", refund: payload.refund };
    case "edited":
      return { kind: "edited", triggeredAt: delivery.triggered_at, eventId: delivery.event_id };
    case "routed":
      return { kind: "routed" };
    default:
      return null;
  }
}

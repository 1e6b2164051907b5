// A delivery that waits to be absorbed, as its row.

import type { ProjectedPayload } from "#app/domain/delivery-payload.ts";

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

// A notification as a row of a list; ids as text. Pure.

import type { DeliveryRow } from "./queries/list-deliveries.server.ts";

export interface DeliveryItem {
  readonly id: string;
  readonly topic: string;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly receivedAt: Date;
  readonly duplicates: number;
  readonly state: string;
  readonly reason: string | null;
  readonly webhookId: string;
}

export function toDeliveryItem(row: DeliveryRow): DeliveryItem {
  const { topic, orderId, orderName, receivedAt, duplicates, state, reason, webhookId } = row;
  return { id: String(row.id), topic, orderId, orderName, receivedAt, duplicates, state, reason, webhookId };
}

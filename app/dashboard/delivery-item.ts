// A notification as a row of a list; ids as text. Pure.

import { type ReplayFacts, type ReplayRefusal, replayRefusalOf } from "#app/domain/review.ts";

import type { DeliveryRow } from "./queries/list-deliveries.server.ts";

export interface DeliveryItem {
  readonly id: string;
  readonly topic: string;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly receivedAt: Date;
  /** When what it tells of happened; null when Shopify did not say. */
  readonly triggeredAt: Date | null;
  readonly duplicates: number;
  readonly state: string;
  readonly reason: string | null;
  readonly webhookId: string;
  /** Null: it may be worked on once more. */
  readonly replayRefusal: ReplayRefusal | null;
  readonly replayedAt: Date | null;
}

export function toDeliveryItem(row: DeliveryRow): DeliveryItem {
  const { topic, orderId, orderName, receivedAt, triggeredAt, duplicates, state, reason, webhookId, contentKind, replayedAt } = row;
  // The table's check allows these states and no others.
  const replayRefusal = replayRefusalOf({ state: state as ReplayFacts["state"], contentKind });
  return { id: String(row.id), topic, orderId, orderName, receivedAt, triggeredAt, duplicates, state, reason, webhookId, replayRefusal, replayedAt };
}

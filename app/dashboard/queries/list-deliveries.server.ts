// Read model of the notifications received: each delivery with how often Shopify sent it again.

import type { Database } from "#app/ports/database.ts";

import { keysetSql, toPage, type KeysetPage, type PageRequest } from "./keyset-page.ts";
import { SqlParameters } from "./sql-parameters.ts";
import { topicGroupSql, type TopicGroup } from "./topic-group.ts";

export interface DeliveryRow {
  readonly id: bigint;
  readonly webhookId: string;
  readonly eventId: string | null;
  readonly topic: string;
  readonly orderId: string | null;
  /** Null while the order is not known. */
  readonly orderName: string | null;
  readonly triggeredAt: Date | null;
  readonly receivedAt: Date;
  /** Times the same webhook came again and was stopped. */
  readonly duplicates: number;
  readonly state: string;
  readonly reason: string | null;
  readonly processedAt: Date | null;
  readonly traceId: string;
  /** What its stored content is; null when it has none. */
  readonly contentKind: string | null;
  /** When a person last had it worked on once more. */
  readonly replayedAt: Date | null;
}

export const DELIVERY_STATES = ["pending", "processed", "ignored", "rejected"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly receivedFrom?: Date;
  /** Only those that came more than once. */
  readonly duplicatedOnly?: boolean;
  readonly about?: TopicGroup;
  readonly orderId?: string;
}

const COLUMNS_SQL = `
  d.id, d.webhook_id AS "webhookId", d.event_id AS "eventId", d.topic, d.order_id AS "orderId", o.name AS "orderName", d.triggered_at AS "triggeredAt",
  d.received_at AS "receivedAt", d.state, d.reason, d.processed_at AS "processedAt", d.trace_id AS "traceId",
  d.payload->>'kind' AS "contentKind", d.replayed_at AS "replayedAt",
  (SELECT count(*)::int FROM delivery_duplicates x WHERE x.shop = d.shop AND x.webhook_id = d.webhook_id AND x.install_id = d.install_id) AS duplicates`;

const FROM_SQL = "FROM deliveries d LEFT JOIN orders o ON o.install_id = d.install_id AND o.order_id = d.order_id";

/** Deliveries read for one order or change. */
export const ORDER_DELIVERIES_MAX = 250;

export async function listDeliveries(
  database: Database,
  request: { readonly installId: bigint; readonly filter: DeliveryFilter; readonly page: PageRequest },
): Promise<KeysetPage<DeliveryRow>> {
  const { installId, filter, page } = request;
  const parameters = new SqlParameters();
  const conditions = [`d.install_id = ${parameters.bind(installId)}`];
  if (filter.state !== undefined) conditions.push(`d.state = ${parameters.bind(filter.state)}`);
  if (filter.receivedFrom !== undefined) conditions.push(`d.received_at >= ${parameters.bind(filter.receivedFrom)}::timestamptz`);
  if (filter.orderId !== undefined) conditions.push(`d.order_id = ${parameters.bind(filter.orderId)}`);
  if (filter.about !== undefined) conditions.push(topicGroupSql("d.topic", filter.about));
  if (filter.duplicatedOnly === true) {
    conditions.push("EXISTS (SELECT 1 FROM delivery_duplicates y WHERE y.shop = d.shop AND y.webhook_id = d.webhook_id AND y.install_id = d.install_id)");
  }
  const keyset = keysetSql(page, "d.id", page.direction === "newest" ? "" : parameters.bind(page.cursor));
  const rows = await database.query<DeliveryRow>(
    `SELECT ${COLUMNS_SQL} ${FROM_SQL} WHERE ${conditions.join(" AND ")} AND ${keyset.where}
     ORDER BY ${keyset.orderBy} LIMIT ${parameters.bind(page.limit + 1)}::int`,
    ...parameters.values,
  );
  return toPage(rows, page);
}

/** The deliveries of an order, or those with the given webhook ids, in the order they came; at most `ORDER_DELIVERIES_MAX`. */
export function readDeliveries(
  database: Database,
  by: { readonly installId: bigint } & ({ readonly orderId: string } | { readonly webhookIds: readonly string[] }),
): Promise<DeliveryRow[]> {
  const condition = "orderId" in by ? "d.order_id = $2" : "d.webhook_id = ANY($2::text[])";
  return database.query<DeliveryRow>(
    `SELECT ${COLUMNS_SQL} ${FROM_SQL} WHERE d.install_id = $1 AND ${condition} ORDER BY d.id LIMIT ${ORDER_DELIVERIES_MAX}`,
    by.installId,
    "orderId" in by ? by.orderId : by.webhookIds,
  );
}

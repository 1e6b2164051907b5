// Read model of the notifications received: each delivery with how often Shopify sent it again.

import type { Database } from "#app/ports/database.ts";

import { type KeysetPage, type PageRequest, toCutPage, toPage } from "./keyset-page.ts";
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
  /** Shopify's name of what it is about: `orders/create`. */
  readonly topic?: string;
  /** Only those that came more than `LATE_SECONDS` after what they tell of. */
  readonly lateOnly?: boolean;
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

/** Shopify repeats 8 times; more say nothing more. */
const REPETITIONS_MAX = 50;

/** Deliveries read for one order or change. */
export const ORDER_DELIVERIES_MAX = 250;

/** As the index `deliveries_late` has it. */
export const LATE_SECONDS = 60;
/** Rows that one page may look through when few match: some tens of milliseconds. */
export const DELIVERIES_SCAN_MAX = 5_000;
/** They come all the time, so that walking back finds them; as the index `deliveries_of_rare_topics` has it. */
const FREQUENT_TOPICS = ["orders/create", "orders/paid", "orders/updated", "inventory_levels/update", "inventory_items/update", "fulfillment_orders/order_routing_complete"];

export interface DeliveriesPage extends KeysetPage<DeliveryRow> {
  /** The page was cut after looking through many that do not match: up to those received then. Null: it is whole. */
  readonly lookedUpTo: Date | null;
}

interface ListDeliveries {
  readonly installId: bigint;
  readonly filter: DeliveryFilter;
  readonly page: PageRequest;
}

/**
 * Walks in the order of ids, which is that of coming, on the index of what is rare if the filter asks for it; what else it asks is tried row
 * by row, within a bound.
 *
 * @param scanRowsMax for tests: rows that a page may look through.
 */
export async function listDeliveries(database: Database, { installId, filter, page }: ListDeliveries, scanRowsMax = DELIVERIES_SCAN_MAX): Promise<DeliveriesPage> {
  if (filter.duplicatedOnly === true && !(await cameAnythingTwice(database, installId))) return { ...toPage<DeliveryRow>([], page), lookedUpTo: null };
  const parameters = new SqlParameters();
  const order = page.direction === "newer" ? "ASC" : "DESC";
  const within = withinSql(installId, filter, page, parameters);
  const conditions = conditionsSql(filter, parameters);
  const limit = parameters.bind(page.limit + 1);
  const rows = await database.query<DeliveryRow>(
    `SELECT ${COLUMNS_SQL} FROM (
       SELECT id FROM (SELECT d.id, (${conditions.join(" AND ") || "TRUE"}) AS hit FROM deliveries d WHERE ${within} ORDER BY d.id ${order} LIMIT ${conditions.length === 0 ? `${limit}::int` : Math.max(scanRowsMax, page.limit + 1)}) looked_at
       WHERE hit ORDER BY id ${order} LIMIT ${limit}::int) hits
     JOIN deliveries d ON d.id = hits.id LEFT JOIN orders o ON o.install_id = d.install_id AND o.order_id = d.order_id ORDER BY d.id ${order}`,
    ...parameters.values,
  );
  const cut = conditions.length === 0 || rows.length > page.limit ? null : await readCut(database, { installId, filter, page }, Math.max(scanRowsMax, page.limit + 1));
  if (cut === null) return { ...toPage(rows, page), lookedUpTo: null };
  return { ...toCutPage(rows.filter((row) => (page.direction === "newer" ? row.id < cut.id : row.id > cut.id)), page, cut.id), lookedUpTo: cut.receivedAt };
}

async function cameAnythingTwice(database: Database, installId: bigint): Promise<boolean> {
  return (await database.query("SELECT 1 FROM delivery_duplicates WHERE install_id = $1 LIMIT 1", installId)).length > 0;
}

/** What an index answers. States and topics are of closed sets, or bound. */
function withinSql(installId: bigint, { state, lateOnly, topic, orderId, receivedFrom }: DeliveryFilter, page: PageRequest, parameters: SqlParameters): string {
  const install = parameters.bind(installId);
  return [
    `d.install_id = ${install}`,
    ...(page.direction === "newest" ? [] : [`d.id ${page.direction === "older" ? "<" : ">"} ${parameters.bind(page.cursor)}::bigint`]),
    ...(orderId === undefined ? [] : [`d.order_id = ${parameters.bind(orderId)}`]),
    ...(state === "pending" || state === "rejected" ? [`d.state = '${state}'`] : []),
    ...(lateOnly === true ? [`d.received_at - d.triggered_at > interval '1 minute'`] : []),
    ...(topic === undefined || FREQUENT_TOPICS.includes(topic) ? [] : [`d.topic = ${parameters.bind(topic)} AND d.topic NOT IN (${FREQUENT_TOPICS.map((one) => `'${one}'`).join(", ")})`]),
    // Ids follow the time of coming, but for batches that are stored at the same moment.
    ...(receivedFrom === undefined
      ? []
      : [`d.id >= coalesce((SELECT x.id FROM deliveries x WHERE x.install_id = ${install} AND x.received_at >= ${parameters.bind(receivedFrom)}::timestamptz - interval '1 minute' ORDER BY x.received_at LIMIT 1), 0)`]),
  ].join(" AND ");
}

function conditionsSql({ state, receivedFrom, about, duplicatedOnly, topic }: DeliveryFilter, parameters: SqlParameters): string[] {
  return [
    ...(state === undefined || state === "pending" || state === "rejected" ? [] : [`d.state = '${state}'`]),
    ...(topic !== undefined && FREQUENT_TOPICS.includes(topic) ? [`d.topic = ${parameters.bind(topic)}`] : []),
    ...(receivedFrom === undefined ? [] : [`d.received_at >= ${parameters.bind(receivedFrom)}::timestamptz`]),
    ...(about === undefined ? [] : [topicGroupSql("d.topic", about)]),
    ...(duplicatedOnly === true ? ["EXISTS (SELECT 1 FROM delivery_duplicates y WHERE y.shop = d.shop AND y.webhook_id = d.webhook_id AND y.install_id = d.install_id)"] : []),
  ];
}

/** The first, in the order of the page, that was not looked at; null when all were. */
async function readCut(database: Database, { installId, filter, page }: ListDeliveries, lookedAt: number): Promise<{ readonly id: bigint; readonly receivedAt: Date } | null> {
  const parameters = new SqlParameters();
  const within = withinSql(installId, filter, page, parameters);
  const [row] = await database.query<{ id: bigint; receivedAt: Date }>(
    `SELECT d.id, d.received_at AS "receivedAt" FROM deliveries d WHERE ${within} ORDER BY d.id ${page.direction === "newer" ? "ASC" : "DESC"} OFFSET ${lookedAt} LIMIT 1`,
    ...parameters.values,
  );
  return row ?? null;
}

/** One delivery of the install; null when it has none of this id. */
export async function readDelivery(database: Database, installId: bigint, id: bigint): Promise<DeliveryRow | null> {
  const rows = await database.query<DeliveryRow>(`SELECT ${COLUMNS_SQL} ${FROM_SQL} WHERE d.install_id = $1 AND d.id = $2`, installId, id);
  return rows[0] ?? null;
}

/** When a delivery came again, the first times of many. */
export async function readRepetitions(database: Database, installId: bigint, { shop, webhookId }: { readonly shop: string; readonly webhookId: string }): Promise<Date[]> {
  const rows = await database.query<{ receivedAt: Date }>(
    `SELECT received_at AS "receivedAt" FROM delivery_duplicates WHERE shop = $2 AND webhook_id = $3 AND install_id = $1 ORDER BY received_at LIMIT ${REPETITIONS_MAX}`,
    installId,
    shop,
    webhookId,
  );
  return rows.map((row) => row.receivedAt);
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

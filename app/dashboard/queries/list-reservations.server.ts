// Read model of holds, for the pages, the operator's command and GET /api/v1/reservations: newest first, by keyset.

import type { Database } from "#app/ports/database.ts";
import type { OrderMaking, Reservation, ReservationState } from "#app/ports/reservation-book.ts";

import { type KeysetPage, type PageRequest, toPageBy } from "./keyset-page.ts";
import { SqlParameters } from "./sql-parameters.ts";

export const RESERVATION_STATES = ["active", "committed", "released", "expired"] as const satisfies readonly ReservationState[];

export interface ReservationLineRow {
  /** Two lines may name the same stock. */
  readonly position: number;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly locationName: string | null;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly quantity: number;
  readonly counts: boolean;
}

export interface ReservationRow {
  readonly id: string;
  readonly state: ReservationState;
  readonly settlement: Reservation["settlement"];
  readonly late: boolean;
  readonly refundRequired: boolean;
  readonly reference: string | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  /** Microseconds since 1970: `createdAt` is read to the millisecond only, and a cursor must name the row. */
  readonly createdMicros: bigint;
  readonly finishedAt: Date | null;
  readonly finishedBy: string | null;
  readonly settledAt: Date | null;
  readonly tokenId: string | null;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly paymentReference: string | null;
  readonly traceId: string;
  /** How far an order is that Holdfast creates itself; null where it creates none. */
  readonly making: OrderMaking["state"] | null;
  readonly makingFailure: string | null;
  readonly lines: readonly ReservationLineRow[];
}

export interface ReservationFilter {
  readonly states?: readonly ReservationState[];
  /** Only those on which a person must decide. */
  readonly waitingForPerson?: boolean;
  /** Only those whose buyer was charged for units that were gone. */
  readonly refundRequired?: boolean;
  readonly reference?: string;
  readonly orderId?: string;
  readonly inventoryItemId?: string;
}

/** Place of a hold in the list. */
export interface ReservationCursor {
  readonly createdMicros: bigint;
  readonly id: string;
}

const CURSOR_PATTERN = /^h([0-9]{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const CURSOR_LENGTH_MAX = 80;

export function encodeReservationCursor({ createdMicros, id }: ReservationCursor): string {
  return Buffer.from(`h${createdMicros}.${id}`, "latin1").toString("base64url");
}

/** Null when the text is none of ours. */
export function decodeReservationCursor(cursor: string): ReservationCursor | null {
  if (cursor.length > CURSOR_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const [, micros, id] = CURSOR_PATTERN.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  return micros === undefined || id === undefined ? null : { createdMicros: BigInt(micros), id };
}

/** A reservation's id as it stands in an address; null when it can be none. */
export function readReservationId(text: string | undefined): string | null {
  return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : null;
}

const COLUMNS = `r.id::text AS id, r.state, r.settlement, r.late, r.refund_required AS "refundRequired", r.reference, r.expires_at AS "expiresAt",
  r.created_at AS "createdAt", (extract(epoch FROM r.created_at) * 1000000)::bigint AS "createdMicros", r.finished_at AS "finishedAt", r.finished_by AS "finishedBy",
  r.settled_at AS "settledAt", r.token_id AS "tokenId", coalesce(r.order_id, m.order_id) AS "orderId", o.name AS "orderName",
  r.payment_reference AS "paymentReference", r.trace_id AS "traceId", m.state AS making, m.failure AS "makingFailure",
  coalesce((SELECT jsonb_agg(jsonb_build_object('position', l.position, 'inventoryItemId', l.inventory_item_id, 'locationId', l.location_id, 'locationName', p.name, 'variantId', l.variant_id,
      'sku', coalesce(l.sku, v.sku), 'title', v.title, 'quantity', l.quantity, 'counts', l.counts) ORDER BY l.position)
    FROM reservation_lines l
    LEFT JOIN locations p ON p.install_id = l.install_id AND p.location_id = l.location_id
    LEFT JOIN LATERAL (SELECT sku, title FROM variants WHERE install_id = l.install_id AND inventory_item_id = l.inventory_item_id ORDER BY read_at DESC LIMIT 1) v ON true
    WHERE l.reservation_id = r.id), '[]'::jsonb) AS lines`;

const JOINS = `LEFT JOIN reservation_orders m ON m.reservation_id = r.id
  LEFT JOIN orders o ON o.install_id = r.install_id AND o.order_id = coalesce(r.order_id, m.order_id)`;

export interface ListReservations {
  readonly installId: bigint;
  readonly filter: ReservationFilter;
  readonly page: PageRequest<ReservationCursor>;
}

export async function listReservations(database: Database, { installId, filter, page }: ListReservations): Promise<KeysetPage<ReservationRow>> {
  const parameters = new SqlParameters();
  const install = parameters.bind(installId);
  const conditions = [`r.install_id = ${install}`, ...filterSql(filter, install, parameters)];
  const direction = page.direction === "newer" ? "ASC" : "DESC";
  if (page.direction !== "newest") {
    const { createdMicros, id } = page.cursor;
    const at = `('epoch'::timestamptz + ${parameters.bind(createdMicros)}::bigint * interval '1 microsecond', ${parameters.bind(id)}::uuid)`;
    conditions.push(`(r.created_at, r.id) ${page.direction === "newer" ? ">" : "<"} ${at}`);
  }
  // The page is cut before anything is joined to it.
  const rows = await database.query<ReservationRow>(
    `WITH r AS (SELECT * FROM reservations r WHERE ${conditions.join(" AND ")} ORDER BY r.created_at ${direction}, r.id ${direction} LIMIT ${parameters.bind(page.limit + 1)}::int)
     SELECT ${COLUMNS} FROM r ${JOINS} ORDER BY r.created_at ${direction}, r.id ${direction}`,
    ...parameters.values,
  );
  return toPageBy(rows, page, encodeReservationCursor);
}

/** One of the install's own; null when it has none of this id. */
export async function findReservation(database: Database, installId: bigint, id: string): Promise<ReservationRow | null> {
  const [row] = await database.query<ReservationRow>(`SELECT ${COLUMNS} FROM reservations r ${JOINS} WHERE r.install_id = $1 AND r.id = $2::uuid`, installId, id);
  return row ?? null;
}

function filterSql(filter: ReservationFilter, install: string, parameters: SqlParameters): string[] {
  const conditions: string[] = [];
  if (filter.states !== undefined) conditions.push(`r.state = ANY(${parameters.bind([...filter.states])}::text[])`);
  if (filter.waitingForPerson === true) conditions.push(`r.id IN (${waitingForPersonSql(install)})`);
  if (filter.refundRequired === true) conditions.push("r.refund_required");
  if (filter.reference !== undefined) conditions.push(`r.reference = ${parameters.bind(filter.reference)}`);
  if (filter.orderId !== undefined) conditions.push(`r.order_id = ${parameters.bind(filter.orderId)}`);
  if (filter.inventoryItemId !== undefined) {
    conditions.push(`EXISTS (SELECT 1 FROM reservation_lines l WHERE l.reservation_id = r.id AND l.install_id = r.install_id AND l.inventory_item_id = ${parameters.bind(filter.inventoryItemId)})`);
  }
  return conditions;
}

/** Ids of holds on which a person must decide: an order that nobody saw, or one of which it is not known whether it was created. */
export function waitingForPersonSql(install: string): string {
  return `SELECT w.id FROM reservations w WHERE w.install_id = ${install} AND w.settlement = 'person'
    UNION SELECT w.id FROM reservation_orders a JOIN reservations w ON w.id = a.reservation_id
    WHERE a.install_id = ${install} AND a.state = 'person' AND w.settlement IN ('order', 'person')`;
}

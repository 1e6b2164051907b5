// Reservations as rows: read with their lines, and as the port says them.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { Reservation, ReservationLine, ReservationState } from "#app/ports/reservation-book.ts";

interface ReservationRow {
  readonly id: string;
  readonly install_id: bigint;
  readonly shop: string;
  readonly state: ReservationState;
  readonly expires_at: Date;
  readonly reference: string | null;
  readonly trace_id: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly order_id: string | null;
  readonly payment_reference: string | null;
  readonly late: boolean;
  readonly refund_required: boolean;
  readonly settlement: Reservation["settlement"];
  readonly commit_hash: string | null;
  /** By PostgreSQL's clock its time has passed; of an active one nobody has written that down yet. */
  readonly lapsed: boolean;
  readonly lines: readonly ReservationLine[];
}

/** Of an active one that lapsed the port says `expired`, as everybody will find it, whoever comes first to write it down. */
export interface BookedReservation {
  readonly reservation: Reservation;
  /** As it is written. */
  readonly stored: ReservationState;
  readonly commitHash: string | null;
}

/**
 * `lock`: rows are locked in the order of their ids, before any block. The clock is read after the lock was got: `MATERIALIZED` keeps
 * PostgreSQL from judging the time before the wait.
 */
export async function readReservations(tx: SqlExecutor, installId: bigint | null, ids: readonly string[], lock: "lock" | "plain"): Promise<BookedReservation[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<ReservationRow>(
    `WITH asked AS MATERIALIZED (
       SELECT * FROM reservations WHERE id = ANY($1::uuid[]) AND ($2::bigint IS NULL OR install_id = $2) ORDER BY id ${lock === "lock" ? "FOR UPDATE" : ""})
     SELECT a.id, a.install_id, a.shop, a.state, a.expires_at, a.reference, a.trace_id, a.created_at, a.finished_at, a.order_id, a.payment_reference,
       a.late, a.refund_required, a.settlement, a.commit_hash, a.expires_at <= clock_timestamp() AS lapsed,
       coalesce((SELECT jsonb_agg(jsonb_build_object('inventoryItemId', l.inventory_item_id, 'locationId', l.location_id, 'variantId', l.variant_id,
           'sku', l.sku, 'quantity', l.quantity, 'counts', l.counts) ORDER BY l.position) FROM reservation_lines l WHERE l.reservation_id = a.id), '[]') AS lines
     FROM asked a ORDER BY a.id`,
    ids,
    installId,
  );
  return rows.map(toBooked);
}

export async function readReservation(tx: SqlExecutor, installId: bigint, id: string, lock: "lock" | "plain"): Promise<BookedReservation | null> {
  return (await readReservations(tx, installId, [id], lock))[0] ?? null;
}

function toBooked(row: ReservationRow): BookedReservation {
  const lapsed = row.state === "active" && row.lapsed;
  const reservation: Reservation = {
    id: row.id,
    installId: row.install_id,
    shop: row.shop,
    state: lapsed ? "expired" : row.state,
    expiresAt: row.expires_at,
    reference: row.reference,
    lines: row.lines,
    traceId: row.trace_id,
    createdAt: row.created_at,
    finishedAt: lapsed ? row.expires_at : row.finished_at,
    orderId: row.order_id,
    paymentReference: row.payment_reference,
    late: row.late,
    refundRequired: row.refund_required,
    settlement: row.settlement,
  };
  return { reservation, stored: row.state, commitHash: row.commit_hash };
}

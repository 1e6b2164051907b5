// The audit trail's entry about one reservation, in the words of whoever writes it: order and trace come from the reservation's row.

import type { SqlExecutor } from "#app/ports/database.ts";

/** `detail.orderId`: the order that the entry is about, where it is not the reservation's own. */
export async function writeReservationAudit(tx: SqlExecutor, reservationId: string, kind: string, detail: Readonly<Record<string, string | number | boolean | null>>, actor = "holdfast"): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, order_id, trace_id, detail)
     SELECT install_id, shop, $2, $3, coalesce($4::jsonb ->> 'orderId', order_id), trace_id,
       jsonb_strip_nulls(jsonb_build_object('reservation', id, 'reference', reference, 'payment', payment_reference) || $4::jsonb)
     FROM reservations WHERE id = $1::uuid`,
    reservationId,
    kind,
    actor,
    JSON.stringify(detail),
  );
}

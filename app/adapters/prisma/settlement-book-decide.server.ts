// A person decides on a committed hold whose order nobody saw taking its stock: sold or not, its units leave the hold.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { SettlementBook } from "#app/ports/reservation-book.ts";
import { readReservation } from "./reservation-book-rows.ts";
import { writeReservationAudit } from "./settlement-book-audit.ts";
import { giveBack, ORDER_HAS_TAKEN } from "./settlement-book-settle.server.ts";

type Request = Parameters<SettlementBook["decide"]>[0];
type Decision = Awaited<ReturnType<SettlementBook["decide"]>>;

export async function decideSettlement(tx: SqlExecutor, { installId, reservationId, sold, actor, reason }: Request): Promise<Decision> {
  const booked = await readReservation(tx, installId, reservationId, "lock");
  if (!booked) return { kind: "not_found", shopsToWake: [] };
  if (booked.reservation.settlement !== "person") return { kind: "not_waiting", shopsToWake: [] };
  await writeReservationAudit(tx, reservationId, sold ? "reservation_decided_sold" : "reservation_decided_unsold", { note: reason }, actor);
  const moving = await giveBack(tx, [reservationId]);
  // Its order may have taken them since the person was asked: a correction beside it would take them twice.
  const taking = sold && !(await orderHasTaken(tx, reservationId)) ? await takeSold(tx, reservationId) : 0;
  const { shop } = booked.reservation;
  return { kind: "done", shopsToWake: taking > 0 || moving.length > 0 ? [shop] : [] };
}

async function orderHasTaken(tx: SqlExecutor, reservationId: string): Promise<boolean> {
  const taken = await tx.query(
    `SELECT 1 FROM reservations r JOIN orders o ON o.install_id = r.install_id AND o.order_id = r.order_id WHERE r.id = $1::uuid AND ${ORDER_HAS_TAKEN}`,
    reservationId,
  );
  return taken.length > 0;
}

/**
 * Sold without an order that took them: a correction does, once. Where Holdfast only watches, it changes no stock: whoever keeps it there
 * took the units, or has to.
 */
async function takeSold(tx: SqlExecutor, reservationId: string): Promise<number> {
  return tx.execute(
    `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, variant_id, sku, delta, state, trace_id, accepted_at)
     SELECT r.install_id, r.shop, 'correction:reservation:' || r.id || ':' || l.inventory_item_id || '@' || l.location_id, 'correction',
       l.inventory_item_id, l.location_id, min(l.variant_id), min(l.sku), -sum(l.quantity)::int, 'waiting', r.trace_id, now()
     FROM reservations r JOIN reservation_lines l ON l.reservation_id = r.id AND l.counts
     WHERE r.id = $1::uuid AND (SELECT s.document ->> 'mode' FROM settings_versions s WHERE s.install_id = r.install_id ORDER BY s.version DESC LIMIT 1) = 'enforce'
     GROUP BY r.install_id, r.shop, r.id, r.trace_id, l.inventory_item_id, l.location_id ORDER BY l.inventory_item_id, l.location_id
     ON CONFLICT (shop, effect_key) DO NOTHING`,
    reservationId,
  );
}

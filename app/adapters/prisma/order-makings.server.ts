// The book of orders that Holdfast creates itself, on PostgreSQL: the reservation's row is locked first, as everywhere, then its order's.

import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { OrderMakingBook, OrderMakingNews, OrderMakingRecord, SoughtOrder } from "#app/ports/order-making-book.ts";
import { writeReservationAudit } from "./settlement-book-audit.ts";

/** Looks are spaced by how long ago the order was sent. */
const NEXT_LOOK = `now() + least(interval '5 minutes', greatest(interval '1 second', (now() - sent_at) / 5))`;
/** A shop that cannot be asked is asked this much longer before a person is. */
const UNASKED_FOR = "24 hours";

export function createOrderMakingBook(database: Database): OrderMakingBook {
  return {
    async leaves(installId, reservationId, attempt) {
      const marked = await database.execute(
        `UPDATE reservation_orders SET called_at = now() WHERE reservation_id = $1::uuid AND install_id = $2 AND attempt_count = $3 AND called_at IS NULL AND state IN ('sending', 'unknown')`,
        reservationId,
        installId,
        attempt,
      );
      return marked === 1;
    },
    record: (installId, reservationId, news) => database.transaction((tx) => record(tx, installId, reservationId, news)),
    async takeSought(limit, leaseMs) {
      const rows = await database.query<{ install_id: bigint; shop: string; reservation_id: string; trace_id: string }>(TAKE_SOUGHT, limit, leaseMs);
      return rows.map((row): SoughtOrder => ({ installId: row.install_id, shop: row.shop, reservationId: row.reservation_id, traceId: row.trace_id }));
    },
    notFound: (installId, reservationId, asked) => database.transaction((tx) => notFound(tx, installId, reservationId, asked)),
  };
}

const TAKE_SOUGHT = `
UPDATE reservation_orders o SET look_at = now() + $2 * interval '1 millisecond' FROM reservations r
WHERE r.id = o.reservation_id AND o.reservation_id IN (
  SELECT m.reservation_id FROM reservation_orders m JOIN installs ON installs.id = m.install_id AND installs.state = 'active'
  WHERE m.look_at <= now() AND m.state IN ('sending', 'unknown') ORDER BY m.look_at LIMIT $1 FOR UPDATE OF m SKIP LOCKED)
RETURNING r.install_id, r.shop, o.reservation_id, r.trace_id`;

interface MakingRow {
  readonly state: string;
  readonly order_id: string | null;
  readonly tied_to: string | null;
  readonly overdue: boolean;
  readonly long_overdue: boolean;
}

async function lockMaking(tx: SqlExecutor, installId: bigint, reservationId: string): Promise<MakingRow | null> {
  const locked = await tx.query<{ order_id: string | null }>(`SELECT order_id FROM reservations WHERE id = $1::uuid AND install_id = $2 FOR UPDATE`, reservationId, installId);
  const [reservation] = locked;
  if (!reservation) return null;
  const [row] = await tx.query<Omit<MakingRow, "tied_to">>(
    `SELECT state, order_id, give_up_at <= now() AS overdue, give_up_at + interval '${UNASKED_FOR}' <= now() AS long_overdue
     FROM reservation_orders WHERE reservation_id = $1::uuid FOR UPDATE`,
    reservationId,
  );
  return row ? { ...row, tied_to: reservation.order_id } : null;
}

async function record(tx: SqlExecutor, installId: bigint, reservationId: string, news: OrderMakingNews): Promise<OrderMakingRecord> {
  const making = await lockMaking(tx, installId, reservationId);
  if (!making) return { kind: "closed" };
  if (making.state === "created" && making.order_id !== null) {
    if (news.kind === "created" && news.orderId !== making.order_id) await writeReservationAudit(tx, reservationId, "reservation_ordered_twice", { orderId: news.orderId });
    return { kind: "known", orderId: making.order_id };
  }
  switch (news.kind) {
    case "created":
      await recordCreated(tx, reservationId, news.orderId, making.tied_to);
      return { kind: "recorded" };
    case "refused":
    case "unknown":
      return recordOpen(tx, reservationId, news);
  }
}

/** Whatever stood there: an order that Shopify has is there, also one that a person had given up. */
async function recordCreated(tx: SqlExecutor, reservationId: string, orderId: string, tiedTo: string | null): Promise<void> {
  await tx.execute(
    `UPDATE reservation_orders SET state = 'created', order_id = $2, failure = NULL, look_at = NULL, finished_at = now() WHERE reservation_id = $1::uuid`,
    reservationId,
    orderId,
  );
  await tx.execute(
    `UPDATE reservations SET order_id = coalesce(order_id, $2), settlement = CASE WHEN settlement IN ('order', 'person') THEN 'take' ELSE settlement END,
       settle_at = CASE WHEN settlement IN ('order', 'person', 'take') THEN now() END WHERE id = $1::uuid AND state = 'committed'`,
    reservationId,
    orderId,
  );
  await writeReservationAudit(tx, reservationId, "reservation_order_created", { orderId });
  if (tiedTo !== null && tiedTo !== orderId) await writeReservationAudit(tx, reservationId, "reservation_ordered_twice", { orderId });
}

async function recordOpen(tx: SqlExecutor, reservationId: string, news: Extract<OrderMakingNews, { kind: "refused" | "unknown" }>): Promise<OrderMakingRecord> {
  const changed = await tx.execute(
    `UPDATE reservation_orders SET state = $2, failure = $3, look_at = CASE $2 WHEN 'unknown' THEN now() + interval '1 second' END,
       finished_at = CASE $2 WHEN 'refused' THEN now() END
     WHERE reservation_id = $1::uuid AND state IN ('sending', 'unknown') AND attempt_count = $4`,
    reservationId,
    news.kind,
    news.failure,
    news.attempt,
  );
  return changed === 0 ? { kind: "closed" } : { kind: "recorded" };
}

async function notFound(tx: SqlExecutor, installId: bigint, reservationId: string, asked: boolean): Promise<"later" | "person" | "closed"> {
  const making = await lockMaking(tx, installId, reservationId);
  if (!making || (making.state !== "sending" && making.state !== "unknown")) return "closed";
  if (!(asked ? making.overdue : making.long_overdue)) {
    // Whoever was sending it is silent for longer than a call takes.
    await tx.execute(`UPDATE reservation_orders SET state = 'unknown', look_at = ${NEXT_LOOK} WHERE reservation_id = $1::uuid`, reservationId);
    return "later";
  }
  if (making.tied_to !== null) {
    await recordCreated(tx, reservationId, making.tied_to, making.tied_to);
    return "closed";
  }
  await tx.execute(`UPDATE reservation_orders SET state = 'person', look_at = NULL, failure = coalesce(failure, 'the answer was lost') WHERE reservation_id = $1::uuid`, reservationId);
  await tx.execute(`UPDATE reservations SET settlement = 'person', settle_at = NULL WHERE id = $1::uuid AND settlement = 'order'`, reservationId);
  await writeReservationAudit(tx, reservationId, "reservation_order_not_found", {});
  return "person";
}

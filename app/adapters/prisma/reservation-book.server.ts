// The reservation book on PostgreSQL: grants in batches, and every way a hold ends, each decided under row locks.

import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { EndOutcome, ReservationBook } from "#app/ports/reservation-book.ts";
import { endReservations } from "./reservation-book-blocks.ts";
import { commitReservation } from "./reservation-book-commit.server.ts";
import { reserveBatch } from "./reservation-book-reserve.server.ts";
import { readReservation } from "./reservation-book-rows.ts";

/** Who ends what nobody ended. */
const EXPIRY = "expiry";

export function createReservationBook(database: Database): ReservationBook {
  return {
    reserve: (batch) => reserveBatch(database, batch),
    find: async (installId, reservationId) => (await readReservation(database, installId, reservationId, "plain"))?.reservation ?? null,
    extend: (installId, reservationId, ttlSeconds) => database.transaction((tx) => extend(tx, installId, reservationId, ttlSeconds)),
    commit: (request) => commitReservation(database, request),
    release: (installId, reservationId, by) => database.transaction((tx) => release(tx, installId, reservationId, by)),
    expireDue: (limit) => database.transaction((tx) => expireDue(tx, limit)),
    nextExpiryInMs: () => nextExpiryInMs(database),
  };
}

/** What has lapsed is written down as expired here, too: whether it can be extended must not hang on how fast the expiry service is. */
async function extend(tx: SqlExecutor, installId: bigint, reservationId: string, ttlSeconds: number): Promise<EndOutcome> {
  const found = await endable(tx, installId, reservationId);
  if (found.kind !== "active") return found;
  await tx.execute(
    `UPDATE reservations SET expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => $2::float8)) WHERE id = $1::uuid AND state = 'active'`,
    reservationId,
    ttlSeconds,
  );
  return endedAs("ended", tx, installId, reservationId);
}

async function release(tx: SqlExecutor, installId: bigint, reservationId: string, by: string): Promise<EndOutcome> {
  const found = await endable(tx, installId, reservationId);
  if (found.kind !== "active") return found;
  await endReservations(tx, [reservationId], "released", by);
  return endedAs("ended", tx, installId, reservationId);
}

async function endable(tx: SqlExecutor, installId: bigint, reservationId: string): Promise<{ readonly kind: "active" } | EndOutcome> {
  const booked = await readReservation(tx, installId, reservationId, "lock");
  if (!booked) return { kind: "not_found" };
  const { reservation, stored } = booked;
  if (reservation.state === "committed") return { kind: "committed", reservation };
  if (reservation.state === "active") return { kind: "active" };
  if (stored === "active") await endReservations(tx, [reservationId], "expired", EXPIRY);
  return { kind: "already", reservation };
}

async function endedAs(kind: "ended", tx: SqlExecutor, installId: bigint, reservationId: string): Promise<EndOutcome> {
  const booked = await readReservation(tx, installId, reservationId, "plain");
  return booked ? { kind, reservation: booked.reservation } : { kind: "not_found" };
}

/**
 * Rows that somebody holds are passed over: a commit that has one decides itself that it is late, and another worker takes others. The
 * rows are written before their blocks are locked, so that a grant waits for the counting alone.
 */
async function expireDue(tx: SqlExecutor, limit: number): Promise<{ expiredCount: number; units: number }> {
  const due = await tx.query<{ id: string }>(
    `SELECT id FROM reservations WHERE state = 'active' AND expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
    limit,
  );
  if (due.length === 0) return { expiredCount: 0, units: 0 };
  const { count, units } = await endReservations(tx, due.map(({ id }) => id), "expired", EXPIRY);
  return { expiredCount: count, units };
}

async function nextExpiryInMs(database: SqlExecutor): Promise<number | null> {
  const [row] = await database.query<{ in_ms: number | null }>(
    `SELECT (extract(epoch FROM min(expires_at) - clock_timestamp()) * 1000)::float8 AS in_ms FROM reservations WHERE state = 'active'`,
  );
  return row?.in_ms === null || row?.in_ms === undefined ? null : Math.max(0, Math.ceil(row.in_ms));
}

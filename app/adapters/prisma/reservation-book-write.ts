// Writes what a batch was granted: reservations, lines, counters and hours in one statement under the locks of the blocks.

import type { StockOutcome } from "#app/domain/reservations/decide-grants.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { Reservation, ReserveRequest } from "#app/ports/reservation-book.ts";
import { type InstallStock, LOOK_AFTER } from "./reservation-book-blocks.ts";

export interface Grant {
  /** In the batch. */
  readonly place: number;
  readonly id: string;
  readonly request: ReserveRequest;
}

export interface StockWrite {
  readonly stock: InstallStock;
  readonly outcome: StockOutcome;
}

/**
 * Keys are inserted in their order, so that two processes with the same ones wait for each other in one direction. A key that somebody
 * else bound writes nothing, lines included: then fewer are answered than were given, and the caller undoes all of it.
 *
 * `look_at` is indexed and written once, not at every grant: an update that touches no index leaves a hot block's row on its page.
 */
const WRITE = `
WITH fresh AS (
  INSERT INTO reservations (id, install_id, shop, idempotency_key, body_hash, token_id, reference, trace_id, expires_at)
  SELECT f.id, f.install_id, f.shop, f.key, f.hash, f.token_id, f.reference, f.trace_id, clock_timestamp() + make_interval(secs => f.ttl)
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::float8[])
    AS f(id, install_id, shop, key, hash, token_id, reference, trace_id, ttl)
  ORDER BY f.install_id, f.key
  ON CONFLICT (install_id, idempotency_key) DO NOTHING
  RETURNING id, install_id, created_at, expires_at
), lines AS (
  INSERT INTO reservation_lines (reservation_id, position, install_id, inventory_item_id, location_id, variant_id, sku, quantity, counts)
  SELECT fresh.id, l.position, fresh.install_id, l.item, l.location, l.variant_id, l.sku, l.quantity, l.counts
  FROM unnest($10::uuid[], $11::int[], $12::text[], $13::text[], $14::text[], $15::text[], $16::int[], $17::bool[])
    AS l(id, position, item, location, variant_id, sku, quantity, counts) JOIN fresh ON fresh.id = l.id
), stocks AS (
  SELECT * FROM unnest($18::bigint[], $19::text[], $20::text[], $21::int[], $22::int[], $23::int[], $24::int[], $25::int[])
    AS s(install_id, item, location, granted_count, granted_units, refused_count, short_units, grow)
), counted AS (
  UPDATE stock_blocks b SET granted = b.granted + s.granted_units, last_granted_at = now(),
    look_at = CASE WHEN b.held + b.growing + s.grow > 0 THEN coalesce(b.look_at, now() + interval '${LOOK_AFTER}') ELSE b.look_at END
  FROM stocks s WHERE s.granted_units > 0 AND b.install_id = s.install_id AND b.inventory_item_id = s.item AND b.location_id = s.location
), hours AS (
  INSERT INTO reservation_hours AS h (install_id, hour, inventory_item_id, location_id, granted_count, granted_units, refused_count, short_units)
  SELECT install_id, date_trunc('hour', now(), 'UTC'), item, location, granted_count, granted_units, refused_count, short_units
  FROM stocks WHERE granted_count + refused_count > 0 ORDER BY 1, 3, 4
  ON CONFLICT (install_id, hour, inventory_item_id, location_id) DO UPDATE SET granted_count = h.granted_count + excluded.granted_count,
    granted_units = h.granted_units + excluded.granted_units, refused_count = h.refused_count + excluded.refused_count, short_units = h.short_units + excluded.short_units
)
SELECT id, created_at, expires_at FROM fresh`;

/** By place. */
export async function writeGrants(tx: SqlExecutor, grants: readonly Grant[], stocks: readonly StockWrite[]): Promise<Map<number, Reservation>> {
  const touched = stocks.filter(({ outcome }) => outcome.grantedCount + outcome.refusedCount > 0);
  if (grants.length === 0 && touched.length === 0) return new Map();
  const lines = grants.flatMap(({ id, request }) => request.lines.map((line, position) => ({ id, position, line })));
  const rows = await tx.query<{ id: string; created_at: Date; expires_at: Date }>(
    WRITE,
    grants.map(({ id }) => id),
    grants.map(({ request }) => request.installId),
    grants.map(({ request }) => request.shop),
    grants.map(({ request }) => request.idempotencyKey),
    grants.map(({ request }) => request.bodyHash),
    grants.map(({ request }) => request.tokenId),
    grants.map(({ request }) => request.reference),
    grants.map(({ request }) => request.traceId),
    grants.map(({ request }) => request.ttlSeconds),
    lines.map(({ id }) => id),
    lines.map(({ position }) => position),
    lines.map(({ line }) => line.inventoryItemId),
    lines.map(({ line }) => line.locationId),
    lines.map(({ line }) => line.variantId),
    lines.map(({ line }) => line.sku),
    lines.map(({ line }) => line.quantity),
    lines.map(({ line }) => line.counts),
    touched.map(({ stock }) => stock.installId),
    touched.map(({ stock }) => stock.inventoryItemId),
    touched.map(({ stock }) => stock.locationId),
    touched.map(({ outcome }) => outcome.grantedCount),
    touched.map(({ outcome }) => outcome.grantedUnits),
    touched.map(({ outcome }) => outcome.refusedCount),
    touched.map(({ outcome }) => outcome.shortUnits),
    touched.map(({ outcome }) => outcome.grow),
  );
  const written = new Map(rows.map((row) => [row.id, row]));
  return new Map(grants.flatMap(({ place, id, request }) => {
    const row = written.get(id);
    return row ? [[place, toReservation(id, request, row)] as const] : [];
  }));
}

function toReservation(id: string, request: ReserveRequest, row: { created_at: Date; expires_at: Date }): Reservation {
  const { installId, shop, reference, lines, traceId } = request;
  return {
    id,
    installId,
    shop,
    state: "active",
    expiresAt: row.expires_at,
    reference,
    lines,
    traceId,
    createdAt: row.created_at,
    finishedAt: null,
    orderId: null,
    paymentReference: null,
    late: false,
    refundRequired: false,
    settlement: null,
  };
}

// Settlement: units of a committed hold go back into `available` once its order has taken them from there, and not before.
//
// "Has taken" means: the order is known, its state is settled, and none of its changes is still to be taken or to be decided on. The design
// asks for changes that wait, are under way or have an unknown outcome; one that is parked with a known outcome is waited for, too: a person
// may still send it, and by then its units must not have been sold to somebody else.

import { settleUnits } from "#app/domain/reservations/stock-counts.ts";
import { invariant } from "#app/domain/invariant.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import { type AskedMove, askForMoves } from "./hold-moves.ts";
import { type InstallStock, lockBlocks, stockKeyOf } from "./reservation-book-blocks.ts";

/** A rule of the merchant's that takes stock only when it is paid: until then the order has taken nothing. */
const WAITS_FOR_PAYMENT = `o.mode = 'enforce' AND o.snapshot ->> 'paid' <> 'true' AND o.snapshot ->> 'cancelledAt' IS NULL
  AND (SELECT s.document -> 'deduct' ->> 'on' FROM settings_versions s WHERE s.install_id = o.install_id AND s.version = o.settings_version) = 'orders/paid'`;

/** Condition on `orders o`. */
export const ORDER_HAS_TAKEN = `o.state = 'settled' AND o.snapshot -> 'version' <> 'null'::jsonb AND NOT (${WAITS_FOR_PAYMENT})
  AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.install_id = o.install_id AND c.order_id = o.order_id
    AND c.cause <> 'correction' AND c.state IN ('waiting', 'claimed', 'parked'))`;

/** Of settings that an older version of Holdfast wrote. */
const ORDER_WAIT_HOURS = DEFAULT_SETTINGS.reservations.orderWaitHours;

/** Looked at again after a tenth of its age: every second at first, once a minute later. */
const NEXT_LOOK = `now() + least(interval '1 minute', greatest(interval '1 second', (now() - r.finished_at) / 10))`;

/**
 * Taken without waiting: what another worker has is another worker's. Rows of ended installs are put aside for a day, so that they never
 * stand before others.
 */
const TAKE = `
WITH taken AS MATERIALIZED (
  SELECT id FROM reservations WHERE settle_at <= now() ORDER BY settle_at LIMIT $1 FOR UPDATE SKIP LOCKED)
SELECT r.id, r.install_id, r.shop, r.trace_id, installs.state = 'active' AS active,
  coalesce(r.order_id IS NOT NULL AND ${ORDER_HAS_TAKEN}, false) AS order_has_taken,
  r.finished_at + coalesce((SELECT (s.document -> 'reservations' ->> 'orderWaitHours')::float8 FROM settings_versions s
    WHERE s.install_id = r.install_id ORDER BY s.version DESC LIMIT 1), ${ORDER_WAIT_HOURS}) * interval '1 hour' <= now() AS overdue
FROM taken JOIN reservations r USING (id) JOIN installs ON installs.id = r.install_id
LEFT JOIN orders o ON o.install_id = r.install_id AND o.order_id = r.order_id
ORDER BY r.id`;

interface DueRow {
  readonly id: string;
  readonly install_id: bigint;
  readonly shop: string;
  readonly trace_id: string;
  readonly active: boolean;
  readonly order_has_taken: boolean;
  readonly overdue: boolean;
}

export async function settleWaiting(tx: SqlExecutor, limit: number): Promise<{ readonly settled: number; readonly undecided: number; readonly shopsToWake: readonly string[] }> {
  const rows = await tx.query<DueRow>(TAKE, limit);
  if (rows.length === 0) return { settled: 0, undecided: 0, shopsToWake: [] };
  const active = rows.filter((row) => row.active);
  const taken = idsOf(active.filter((row) => row.order_has_taken));
  const undecided = idsOf(active.filter((row) => !row.order_has_taken && row.overdue));
  const later = idsOf(active.filter((row) => !row.order_has_taken && !row.overdue));
  const ended = idsOf(rows.filter((row) => !row.active));
  await tx.execute(`UPDATE reservations r SET settlement = CASE WHEN order_id IS NULL THEN settlement ELSE 'take' END, settle_at = ${NEXT_LOOK} WHERE id = ANY($1::uuid[])`, later);
  await tx.execute(`UPDATE reservations SET settle_at = now() + interval '1 day' WHERE id = ANY($1::uuid[])`, ended);
  await handOver(tx, undecided);
  const shopsToWake = await giveBack(tx, taken);
  return { settled: taken.length, undecided: undecided.length, shopsToWake };
}

async function handOver(tx: SqlExecutor, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(
    `WITH handed AS (UPDATE reservations SET settlement = 'person', settle_at = NULL WHERE id = ANY($1::uuid[]) RETURNING *)
     INSERT INTO audit_entries (install_id, shop, kind, actor, order_id, trace_id, detail)
     SELECT install_id, shop, 'reservation_needs_person', 'holdfast', order_id, trace_id, jsonb_strip_nulls(jsonb_build_object('reservation', id, 'reference', reference))
     FROM handed ORDER BY id`,
    ids,
  );
}

interface UnitsRow {
  readonly install_id: bigint;
  readonly shop: string;
  readonly item: string;
  readonly location: string;
  readonly quantity: number;
  readonly trace_id: string;
}

/**
 * Ends the settlement of reservations whose rows the caller holds locked, and asks for the moves of what their blocks can give back.
 * Answers the shops in which a move waits.
 */
export async function giveBack(tx: SqlExecutor, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  await tx.execute(
    `WITH done AS (UPDATE reservations SET settlement = 'done', settle_at = NULL, settled_at = now() WHERE id = ANY($1::uuid[]) RETURNING *)
     INSERT INTO audit_entries (install_id, shop, kind, actor, order_id, trace_id, detail)
     SELECT install_id, shop, 'reservation_settled', 'holdfast', order_id, trace_id, jsonb_strip_nulls(jsonb_build_object('reservation', id, 'reference', reference))
     FROM done ORDER BY id`,
    ids,
  );
  const units = await tx.query<UnitsRow>(
    `SELECT l.install_id, r.shop, l.inventory_item_id AS item, l.location_id AS location, sum(l.quantity)::int AS quantity, min(r.trace_id) AS trace_id
     FROM reservation_lines l JOIN reservations r ON r.id = l.reservation_id WHERE l.reservation_id = ANY($1::uuid[]) AND l.counts
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4`,
    ids,
  );
  const blocks = await lockBlocks(tx, units.map(toStock));
  invariant(blocks, "what is settling has its block");
  await tx.execute(
    `UPDATE stock_blocks b SET settling = b.settling - u.quantity FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[]) AS u(install_id, item, location, quantity)
     WHERE b.install_id = u.install_id AND b.inventory_item_id = u.item AND b.location_id = u.location`,
    units.map((unit) => unit.install_id),
    units.map((unit) => unit.item),
    units.map((unit) => unit.location),
    units.map((unit) => unit.quantity),
  );
  const moves = units.flatMap((unit): (AskedMove & { installId: bigint; shop: string })[] => {
    const counts = blocks.get(stockKeyOf(toStock(unit)));
    const back = counts ? settleUnits(counts, unit.quantity).back : 0;
    return back === 0 ? [] : [{ installId: unit.install_id, shop: unit.shop, inventoryItemId: unit.item, locationId: unit.location, delta: -back, traceId: unit.trace_id }];
  });
  // The changes' own trigger counts `leaving` up.
  for (const [installId, own] of Map.groupBy(moves, (move) => move.installId)) await askForMoves(tx, installId, own);
  return [...new Set(moves.map((move) => move.shop))];
}

function toStock({ install_id: installId, item: inventoryItemId, location: locationId }: UnitsRow): InstallStock {
  return { installId, inventoryItemId, locationId };
}

function idsOf(rows: readonly DueRow[]): string[] {
  return rows.map((row) => row.id);
}

// Moves between `available` and a block, asked for: one waiting change each, in the transaction of whoever decided that units must move.

import { invariant } from "#app/domain/invariant.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";

/** Value of `changes.quantity_name`; delta above 0 takes units from `available` into `reserved`. */
export const HOLD = "hold";

export interface AskedMove extends StockPlace {
  /** Units; above 0 into the block, below 0 back into `available`. Never 0. */
  readonly delta: number;
  readonly traceId: string;
}

/**
 * The caller's transaction holds the row locks of the blocks, taken in the order of (item, location): the number in the effect key is
 * counted under them, so no two moves share one. `growing` and `leaving` are counted up by the database when the changes are written
 * (`changes_holds_are_counted`), and down again however a change ends. The caller wakes the shop once it has committed.
 */
export async function askForMoves(tx: SqlExecutor, installId: bigint, moves: readonly AskedMove[]): Promise<void> {
  if (moves.length === 0) return;
  invariant(moves.every(({ delta }) => delta !== 0), "a move moves units");
  const written = await tx.execute(
    `WITH moves AS (
       SELECT m.*, row_number() OVER (PARTITION BY m.item, m.location ORDER BY m.position) AS nth, count(*) OVER (PARTITION BY m.item, m.location) AS asked
       FROM unnest($2::text[], $3::text[], $4::int[], $5::text[]) WITH ORDINALITY AS m(item, location, delta, trace_id, position)),
     counted AS (
       UPDATE stock_blocks b SET move_count = b.move_count + m.asked FROM (SELECT DISTINCT item, location, asked FROM moves) AS m
       WHERE b.install_id = $1 AND b.inventory_item_id = m.item AND b.location_id = m.location
       RETURNING b.inventory_item_id AS item, b.location_id AS location, b.move_count - m.asked AS before)
     INSERT INTO changes (install_id, shop, effect_key, cause, quantity_name, sku, title, inventory_item_id, location_id, delta, state, trace_id)
     SELECT installs.id, installs.shop, CASE installs.epoch WHEN 1 THEN '' ELSE 'life/' || installs.epoch || '/' END
         || 'hold/' || m.item || '@' || m.location || '/' || c.before + m.nth,
       'reservation', '${HOLD}', named.sku, named.title, m.item, m.location, m.delta, 'waiting', m.trace_id
     FROM moves m JOIN counted c USING (item, location) JOIN installs ON installs.id = $1
     LEFT JOIN LATERAL (
       SELECT v.sku, v.title FROM variants v WHERE v.install_id = $1 AND v.inventory_item_id = m.item ORDER BY v.read_at DESC LIMIT 1) AS named ON true
     ORDER BY m.position`,
    installId,
    moves.map((move) => move.inventoryItemId),
    moves.map((move) => move.locationId),
    moves.map((move) => move.delta),
    moves.map((move) => move.traceId),
  );
  invariant(written === moves.length, "every move has its block");
}

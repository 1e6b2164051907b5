// Stock that moved twice: the incident in the audit trail, and a parked correction of each stock that a person may send or discard.

import type { ClaimedMutation, DoubledStock } from "#app/ports/change-ledger.ts";
import type { SqlExecutor } from "#app/ports/database.ts";

/** Written in the transaction that books the call, so that a doubled call cannot be booked without its incident. */
export async function reportDoubled(tx: SqlExecutor, mutation: Pick<ClaimedMutation, "mutationId" | "operation">, groupId: string, doubled: DoubledStock): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, trace_id, mutation_id, inventory_item_id, location_id, quantity_name, delta, adjustment_group_id, detail)
     SELECT m.install_id, m.shop, 'applied_twice', 'holdfast', m.trace_id, m.id, e.inventory_item_id, e.location_id, CASE m.operation WHEN 'move' THEN 'hold' ELSE 'available' END, e.delta, $4, $5::jsonb
     FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id
     JOIN unnest($2::text[], $3::text[]) AS d(item, location) ON d.item = e.inventory_item_id AND d.location = e.location_id
     WHERE m.id = $1::uuid ORDER BY e.position`,
    mutation.mutationId,
    doubled.places.map((place) => place.inventoryItemId),
    doubled.places.map((place) => place.locationId),
    groupId,
    JSON.stringify(doubled.evidence),
  );
  await mendDoubled(tx, mutation, doubled.places);
}

/**
 * Units that were moved a second time are in the block, or out of it, and the block says so: what it has too many of is given back when
 * nobody draws on it, what it lacks it asks for. Stock that was adjusted twice is another matter: a person decides.
 */
export async function mendDoubled(tx: SqlExecutor, { mutationId, operation }: Pick<ClaimedMutation, "mutationId" | "operation">, places: DoubledStock["places"]): Promise<void> {
  if (operation === "adjust") return proposeCorrections(tx, mutationId, places);
  await tx.execute(
    `UPDATE stock_blocks b SET held = b.held + e.delta, look_at = now()
     FROM (SELECT e.* FROM mutation_entries e JOIN stock_blocks locked USING (install_id, inventory_item_id, location_id)
           WHERE e.mutation_id = $1::uuid AND (e.inventory_item_id, e.location_id) IN (SELECT d.item, d.location FROM unnest($2::text[], $3::text[]) AS d(item, location))
           ORDER BY e.inventory_item_id, e.location_id FOR UPDATE OF locked) AS e
     WHERE b.install_id = e.install_id AND b.inventory_item_id = e.inventory_item_id AND b.location_id = e.location_id`,
    mutationId,
    places.map((place) => place.inventoryItemId),
    places.map((place) => place.locationId),
  );
}

/**
 * The opposite of each of these entries, never sent by itself: somebody else may have moved the stock meanwhile, and only a person can
 * count what is there. One per entry however often it is reported.
 */
async function proposeCorrections(tx: SqlExecutor, mutationId: string, places: DoubledStock["places"]): Promise<void> {
  await tx.execute(
    `WITH proposed AS (
       INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, sku, title, delta, state, reason, trace_id)
       SELECT m.install_id, m.shop, 'doubled:' || m.id || ':' || e.position, 'correction', e.inventory_item_id, e.location_id, named.sku, named.title,
         -e.delta, 'parked', 'possibly_doubled', m.trace_id
       FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id
       LEFT JOIN LATERAL (
         SELECT v.sku, v.title FROM variants v WHERE v.install_id = m.install_id AND v.inventory_item_id = e.inventory_item_id LIMIT 1) AS named ON true
       WHERE m.id = $1::uuid AND (e.inventory_item_id, e.location_id) IN (SELECT d.item, d.location FROM unnest($2::text[], $3::text[]) AS d(item, location))
       ORDER BY e.position
       ON CONFLICT (shop, effect_key) DO NOTHING RETURNING *)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, trace_id, mutation_id, inventory_item_id, location_id, quantity_name, delta, detail)
     SELECT install_id, shop, 'change_parked', 'holdfast', id, trace_id, $1::uuid, inventory_item_id, location_id, quantity_name, delta,
       jsonb_build_object('reason', reason, 'outcomeUnknown', false) FROM proposed`,
    mutationId,
    places.map((place) => place.inventoryItemId),
    places.map((place) => place.locationId),
  );
}

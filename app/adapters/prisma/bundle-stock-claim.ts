// Bundles' own numbers at their claim and after a refusal: what was decided from a number that is not the known one any more is dropped and decided anew.

import { REFUSED_STALE } from "#app/domain/reservations/stale-move.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { WaitingChange } from "./claim-changes.server.ts";
import { cancelMoves } from "./hold-moves-claim.ts";
import type { RefusedStock } from "./hold-moves-refused.ts";

interface ClaimableNumbers {
  readonly changes: readonly WaitingChange[];
  /** By stock: what `available` must be. */
  readonly changeFrom: ReadonlyMap<string, number | null>;
  readonly cancelledCount: number;
}

/** @param mayWrite false: the shop watches. Then all of them end here, so that none is found waiting when it protects again. */
export async function weighBundleNumbers(tx: SqlExecutor, installId: bigint, waiting: readonly WaitingChange[], mayWrite: boolean): Promise<ClaimableNumbers> {
  const rows = await tx.query<{ id: bigint; decided_from: number; available: number | null }>(
    `SELECT c.id, c.decided_from, l.available FROM changes c
     LEFT JOIN stock_levels l ON l.install_id = $1 AND l.inventory_item_id = c.inventory_item_id AND l.location_id = c.location_id AND l.connected
     WHERE c.id = ANY($2)`,
    installId,
    waiting.map(({ id }) => id),
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  const changes: WaitingChange[] = [];
  const dropped: { id: bigint; reason: string }[] = [];
  const changeFrom = new Map<string, number | null>();
  for (const change of waiting) {
    const row = known.get(change.id);
    if (!mayWrite) dropped.push({ id: change.id, reason: "watching_only" });
    else if (row === undefined || row.available !== row.decided_from) dropped.push({ id: change.id, reason: "stock_changed" });
    else {
      changes.push(change);
      changeFrom.set(`${change.inventoryItemId}@${change.locationId}`, row.decided_from);
    }
  }
  await cancelMoves(tx, dropped);
  return { changes, changeFrom, cancelledCount: dropped.length };
}

/** The number was another than the one it was decided from: nobody's fault. By way of `waiting`, as the database wants it. */
export async function dropStaleNumbers(tx: SqlExecutor, mutationId: string, stocks: readonly RefusedStock[]): Promise<void> {
  const stale = stocks.filter(({ reason }) => reason === REFUSED_STALE);
  if (stale.length === 0) return;
  const freed = await tx.query<{ id: bigint }>(
    `UPDATE changes SET state = 'waiting', mutation_id = NULL, outcome_unknown = false FROM unnest($2::text[], $3::text[]) AS r(item, location)
     WHERE changes.mutation_id = $1::uuid AND changes.state IN ('claimed', 'parked') AND changes.inventory_item_id = r.item AND changes.location_id = r.location
     RETURNING changes.id`,
    mutationId,
    stale.map(({ inventoryItemId }) => inventoryItemId),
    stale.map(({ locationId }) => locationId),
  );
  await cancelMoves(tx, freed.map(({ id }) => ({ id, reason: REFUSED_STALE })), mutationId);
}

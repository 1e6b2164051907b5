// Moves at their claim: weighed against what is known of `available`; those that could not succeed are dropped in the claim's transaction.

import { type DropReason, weighMoves } from "#app/domain/reservations/weigh-moves.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { WaitingChange } from "./claim-changes.server.ts";

interface ClaimableMoves {
  readonly changes: readonly WaitingChange[];
  /** By stock: what `available` must be. */
  readonly changeFrom: ReadonlyMap<string, number | null>;
  readonly cancelledCount: number;
}

export async function weighWaitingMoves(tx: SqlExecutor, installId: bigint, waiting: readonly WaitingChange[], mayTake: boolean): Promise<ClaimableMoves> {
  const byStock = Map.groupBy(waiting, (move) => `${move.inventoryItemId}@${move.locationId}`);
  const levels = await readKnownLevels(tx, installId, [...byStock.values()].flatMap(([first]) => (first ? [first] : [])));
  const changes: WaitingChange[] = [];
  const dropped: { id: bigint; reason: string }[] = [];
  const changeFrom = new Map<string, number | null>();
  for (const [stock, moves] of byStock) {
    const weighed = weighMoves(moves, levels.get(stock) ?? null, mayTake);
    changes.push(...weighed.kept);
    changeFrom.set(stock, weighed.changeFrom);
    dropped.push(...weighed.dropped.map(({ move, reason }) => ({ id: move.id, reason })));
  }
  await cancelMoves(tx, dropped);
  return { changes, changeFrom, cancelledCount: dropped.length };
}

async function readKnownLevels(tx: SqlExecutor, installId: bigint, stocks: readonly WaitingChange[]): Promise<ReadonlyMap<string, number | null>> {
  const rows = await tx.query<{ item: string; location: string; available: number | null }>(
    `SELECT inventory_item_id AS item, location_id AS location, available FROM stock_levels
     WHERE install_id = $1 AND connected AND (inventory_item_id, location_id) IN (SELECT s.item, s.location FROM unnest($2::text[], $3::text[]) AS s(item, location))`,
    installId,
    stocks.map((stock) => stock.inventoryItemId),
    stocks.map((stock) => stock.locationId),
  );
  return new Map(rows.map((row) => [`${row.item}@${row.location}`, row.available]));
}

/** Waiting moves end without a call; their block counts them down in this transaction (`changes_holds_are_counted`). */
export async function cancelMoves(tx: SqlExecutor, moves: readonly { readonly id: bigint; readonly reason: DropReason | string }[], mutationId: string | null = null): Promise<void> {
  if (moves.length === 0) return;
  await tx.execute(
    `WITH cancelled AS (
       UPDATE changes SET state = 'cancelled', reason = m.reason, finished_at = now() FROM unnest($1::bigint[], $2::text[]) AS m(id, reason) WHERE changes.id = m.id
       RETURNING changes.*)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, trace_id, mutation_id, inventory_item_id, location_id, quantity_name, delta, detail)
     SELECT install_id, shop, 'change_cancelled', 'holdfast', id, trace_id, $3::uuid, inventory_item_id, location_id, quantity_name, delta,
       jsonb_build_object('reason', reason) FROM cancelled ORDER BY id`,
    moves.map(({ id }) => id),
    moves.map(({ reason }) => reason),
    mutationId,
  );
}

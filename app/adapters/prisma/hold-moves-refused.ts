// Moves that Shopify refused, in the transaction that records it: what was to be taken is given up, what is only in its company goes on.

import type { SqlExecutor } from "#app/ports/database.ts";
import { REFUSED_STALE } from "#app/domain/reservations/stale-move.ts";
import { cancelMoves } from "./hold-moves-claim.ts";

export interface RefusedStock {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly reason: string;
}

/**
 * `available` was not what it was thought to be, or Shopify refused the stock for good: moves out of it end here, and who still wants the
 * units asks again. Moves back that were summed with them are not at fault when only the expectation was, and wait for the next call; else
 * they stay with the call, to be parked: units that cannot come back are a person's business. By way of `waiting`, as the database wants it.
 */
export async function dropRefusedMoves(tx: SqlExecutor, mutationId: string, stocks: readonly RefusedStock[]): Promise<void> {
  const freed = await tx.query<{ id: bigint; delta: number; reason: string }>(
    `UPDATE changes SET state = 'waiting', mutation_id = NULL, reason = r.reason, outcome_unknown = false
     FROM unnest($2::text[], $3::text[], $4::text[]) AS r(item, location, reason)
     WHERE changes.mutation_id = $1::uuid AND changes.state IN ('claimed', 'parked') AND changes.inventory_item_id = r.item AND changes.location_id = r.location
       AND (changes.delta > 0 OR r.reason = $5)
     RETURNING changes.id, changes.delta, changes.reason`,
    mutationId,
    stocks.map((stock) => stock.inventoryItemId),
    stocks.map((stock) => stock.locationId),
    stocks.map((stock) => stock.reason),
    REFUSED_STALE,
  );
  await cancelMoves(tx, freed.filter(({ delta }) => delta > 0).toSorted((a, b) => (a.id < b.id ? -1 : 1)), mutationId);
}

// Read model behind two of Home's numbers: calls whose answer was lost, and orders that were found by looking; the newest of the last seven days.

import type { Database } from "#app/ports/database.ts";

/** Rows of each that are shown; the page says when there are more. */
export const PREVENTED_ROWS_MAX = 50;

export interface LostAnswer {
  readonly key: string;
  readonly at: Date;
  /** Which try of the call it was, and how many there were in all so far. */
  readonly tryNumber: number;
  readonly tryCount: number;
  /** What became of the call: `open`, `applied`, `refused` or `parked`. */
  readonly state: string;
  /** One of the changes that it carried, and how many there were. */
  readonly changeId: bigint | null;
  readonly changeCount: number;
  readonly item: string | null;
  readonly delta: number | null;
  readonly orderName: string | null;
}

export interface MissedOrder {
  readonly orderId: string;
  readonly name: string | null;
  readonly missedAt: Date;
  readonly orderedAt: Date | null;
}

/** One more than is shown. */
export function listLostAnswers(database: Database, installId: bigint, since: Date): Promise<LostAnswer[]> {
  return database.query<LostAnswer>(
    `SELECT a.mutation_id::text || '/' || a.number AS key, a.finished_at AS at, a.number AS "tryNumber", m.state,
       (SELECT max(number) FROM attempts WHERE mutation_id = a.mutation_id) AS "tryCount", carried.id AS "changeId", coalesce(carried.count, 0)::int AS "changeCount",
       coalesce(carried.title, carried.sku, 'Item ' || carried.inventory_item_id) AS item, carried.delta, carried.order_name AS "orderName"
     FROM attempts a JOIN mutations m ON m.id = a.mutation_id
     LEFT JOIN LATERAL (SELECT c.id, c.title, c.sku, c.inventory_item_id, c.delta, c.order_name, count(*) OVER () AS count FROM changes c WHERE c.mutation_id = m.id ORDER BY c.id LIMIT 1) carried ON true
     WHERE a.install_id = $1 AND a.finished_at >= $2 AND a.outcome = 'unknown'
       AND a.outcome IN ('rejected', 'refused', 'unknown', 'not_sent', 'key_mismatch', 'previous_attempt_failed')
     ORDER BY a.finished_at DESC LIMIT ${PREVENTED_ROWS_MAX + 1}`,
    installId,
    since,
  );
}

/** One more than is shown. */
export function listMissedOrders(database: Database, installId: bigint, since: Date): Promise<MissedOrder[]> {
  return database.query<MissedOrder>(
    `SELECT order_id AS "orderId", name, missed_at AS "missedAt", ordered_at AS "orderedAt" FROM orders
     WHERE install_id = $1 AND missed_at >= $2 ORDER BY missed_at DESC LIMIT ${PREVENTED_ROWS_MAX + 1}`,
    installId,
    since,
  );
}

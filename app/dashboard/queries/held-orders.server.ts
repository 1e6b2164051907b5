// Read model of the orders whose fulfilment Holdfast holds in Shopify right now, whatever became of the oversell: one row an order and oversell, oldest first.

import type { Database } from "#app/ports/database.ts";

import { BACKLOG_COUNT_MAX } from "../limits.ts";

export interface HeldOrder {
  readonly oversellId: bigint;
  readonly orderId: string;
  /** Null where nothing of the order itself is known. */
  readonly name: string | null;
}

/** A call that is under way counts as a hold: what it left is not known yet. */
const IN_PLACE = "h.install_id = $1 AND h.state NOT IN ('released', 'failed')";

export function listHeldOrders(database: Database, installId: bigint, limit: number): Promise<HeldOrder[]> {
  return database.query<HeldOrder>(
    `SELECT held.oversell_id AS "oversellId", held.order_id AS "orderId", o.name
     FROM (SELECT h.oversell_id, h.order_id, min(h.at) AS at FROM fulfilment_holds h WHERE ${IN_PLACE} GROUP BY 1, 2 ORDER BY 3, 2 LIMIT $2::int) held
     LEFT JOIN orders o ON o.install_id = $1 AND o.order_id = held.order_id ORDER BY held.at, held.order_id`,
    installId,
    limit,
  );
}

/** Counted up to `BACKLOG_COUNT_MAX`. */
export async function countHeldOrders(database: Database, installId: bigint): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM fulfilment_holds h WHERE ${IN_PLACE} GROUP BY h.oversell_id, h.order_id LIMIT ${BACKLOG_COUNT_MAX}) held`,
    installId,
  );
  return row?.count ?? 0;
}

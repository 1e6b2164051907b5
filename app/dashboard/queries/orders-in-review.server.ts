// Read model of the orders that wait for a person, shown above the changes that do.

import type { Database } from "#app/ports/database.ts";

export interface OrderInReview {
  readonly orderId: string;
  readonly name: string | null;
  readonly reason: string | null;
  readonly firstSeenAt: Date;
}

export const ORDERS_IN_REVIEW_MAX = 50;

export function readOrdersInReview(database: Database, installId: bigint): Promise<OrderInReview[]> {
  return database.query<OrderInReview>(
    `SELECT order_id AS "orderId", name, state_reason AS reason, first_seen_at AS "firstSeenAt"
     FROM orders WHERE install_id = $1 AND state = 'review' ORDER BY id DESC LIMIT ${ORDERS_IN_REVIEW_MAX}`,
    installId,
  );
}

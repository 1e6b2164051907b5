// Rows of orders for whoever merges something into them: those never heard of before are made, all of them are locked.

import { EMPTY_ORDER, type OrderState } from "#app/domain/order-state.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import { prepared } from "./prepared-statements.ts";

export interface OrderToMerge {
  id: bigint;
  order_id: string;
  snapshot: OrderState;
  state: string;
  trace_id: string | null;
}

/** Empty shells first, in one order everywhere, so that two workers who meet the same new order queue instead of overwriting each other. */
export async function lockOrMakeOrders(tx: SqlExecutor, installId: bigint, orderIds: readonly string[]): Promise<OrderToMerge[]> {
  const sorted = orderIds.toSorted();
  await tx.execute(
    prepared(`INSERT INTO orders (install_id, shop, order_id, snapshot, state)
     SELECT installs.id, installs.shop, o.order_id, $3::jsonb, 'settled' FROM installs, unnest($2::text[]) AS o(order_id)
     WHERE installs.id = $1 ON CONFLICT (install_id, order_id) DO NOTHING`),
    installId,
    sorted,
    JSON.stringify(EMPTY_ORDER),
  );
  return tx.query<OrderToMerge>(
    prepared(`SELECT id, order_id, snapshot, state, trace_id FROM orders WHERE install_id = $1 AND order_id = ANY($2) ORDER BY id FOR UPDATE`),
    installId,
    sorted,
  );
}

/**
 * For whoever writes a merged `m.snapshot` to `orders`: the reservation it names, and, once, that the tie between them is to be made. The
 * settlement finds it by `tie_at`, so no notification has to be absorbed in the same moment in which a hold is committed.
 */
export const SET_TIE = `reservation_id = coalesce(orders.reservation_id, (m.snapshot ->> 'reservationId')::uuid),
       tie_at = CASE WHEN orders.reservation_id IS NULL AND m.snapshot ->> 'reservationId' IS NOT NULL THEN now() ELSE orders.tie_at END`

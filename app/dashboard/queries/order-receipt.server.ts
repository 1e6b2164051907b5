// Read model of an order's stock record: what was received about it, what was decided, and what became of every unit.

import type { Database } from "#app/ports/database.ts";

import { readAttempts, readOrderFacts, type AttemptRow, type OrderFacts } from "./change-detail.server.ts";
import { CHANGE_COLUMNS_SQL, CHANGE_JOINS_SQL, type ChangeRow } from "./list-changes.server.ts";
import { ORDER_DELIVERIES_MAX, readDeliveries, type DeliveryRow } from "./list-deliveries.server.ts";

export interface OrderReceipt {
  readonly orderId: string;
  /** Null while no delivery about the order has been worked on. */
  readonly order: OrderFacts | null;
  readonly deliveries: readonly DeliveryRow[];
  readonly changes: readonly (ChangeRow & { readonly attempts: readonly AttemptRow[] })[];
  /** Stocks of calls that probably took effect twice: Shopify did not recognise the key, and a correction was proposed. */
  readonly doubled: readonly DoubledStock[];
  /** More deliveries or changes exist than are listed. */
  readonly truncated: boolean;
}

export interface DoubledStock {
  readonly mutationId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
}

/** An order has at most 500 lines; with a few components and revisions each, this holds all but the strangest. */
export const RECEIPT_CHANGES_MAX = 2_000;

/** Null when nothing was ever received about the order in this install. */
export async function readOrderReceipt(database: Database, installId: bigint, orderId: string): Promise<OrderReceipt | null> {
  const [order, deliveries, changes] = await Promise.all([
    readOrderFacts(database, installId, orderId),
    readDeliveries(database, { installId, orderId }),
    database.query<ChangeRow>(
      `SELECT ${CHANGE_COLUMNS_SQL} FROM changes c ${CHANGE_JOINS_SQL}
       WHERE c.install_id = $1 AND c.order_id = $2 ORDER BY c.id LIMIT ${RECEIPT_CHANGES_MAX}`,
      installId,
      orderId,
    ),
  ]);
  if (order === null && deliveries.length === 0 && changes.length === 0) return null;
  const mutationIds = [...new Set(changes.flatMap((change) => change.mutationId ?? []))];
  const [attempts, doubled] = mutationIds.length === 0 ? [[], []] : await Promise.all([readAttempts(database, installId, mutationIds), readDoubled(database, installId, mutationIds)]);
  const attemptsByMutation = Map.groupBy(attempts, (attempt) => attempt.mutationId);
  return {
    orderId,
    order,
    deliveries,
    changes: changes.map((change) => ({ ...change, attempts: attemptsByMutation.get(change.mutationId ?? "") ?? [] })),
    doubled,
    truncated: deliveries.length === ORDER_DELIVERIES_MAX || changes.length === RECEIPT_CHANGES_MAX,
  };
}

/** By the keys of the corrections that were proposed for them. */
function readDoubled(database: Database, installId: bigint, mutationIds: readonly string[]): Promise<DoubledStock[]> {
  return database.query<DoubledStock>(
    `SELECT e.mutation_id::text AS "mutationId", e.inventory_item_id AS "inventoryItemId", e.location_id AS "locationId"
     FROM mutation_entries e JOIN mutations m ON m.id = e.mutation_id JOIN changes d ON d.shop = m.shop AND d.effect_key = 'doubled:' || e.mutation_id || ':' || e.position
     WHERE m.install_id = $1 AND m.id = ANY($2::uuid[])`,
    installId,
    mutationIds,
  );
}

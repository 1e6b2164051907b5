// Read model behind the preview of rules: the newest orders with everything seen of them, and the names that their lines and the rules need.

import type { ItemName, VariantFacts } from "#app/domain/line-plan.ts";
import type { OrderState } from "#app/domain/order-state.ts";
import type { PreviewOrder } from "#app/domain/preview-rules.ts";
import type { Database } from "#app/ports/database.ts";

export interface RecentOrder extends PreviewOrder {
  readonly rowId: bigint;
  readonly orderedAt: Date;
}

export interface RecentOrdersRequest {
  readonly installId: bigint;
  readonly since: Date;
  /** The last row of the batch before; null: from the newest on. */
  readonly after: Pick<RecentOrder, "rowId" | "orderedAt"> | null;
  readonly limit: number;
}

/** Newest first. Orders of which only a refund is known have no lines to judge and no time. */
export async function readRecentOrders(database: Database, { installId, since, after, limit }: RecentOrdersRequest): Promise<RecentOrder[]> {
  const rows = await database.query<{ id: bigint; orderId: string; name: string | null; orderedAt: Date; snapshot: OrderState; made: boolean }>(
    `SELECT o.id, o.order_id AS "orderId", o.name, o.ordered_at AS "orderedAt", o.snapshot,
       EXISTS (SELECT 1 FROM reservation_orders m WHERE m.reservation_id = o.reservation_id AND m.install_id = o.install_id
         AND (m.order_id = o.order_id OR m.state IN ('sending', 'unknown', 'person'))) AS made
     FROM orders o WHERE o.install_id = $1 AND o.ordered_at >= $2 AND ($3::timestamptz IS NULL OR (o.ordered_at, o.id) < ($3::timestamptz, $4::bigint))
     ORDER BY o.ordered_at DESC, o.id DESC LIMIT $5`,
    installId,
    since,
    after?.orderedAt ?? null,
    after?.rowId ?? null,
    limit,
  );
  return rows.map(({ id, orderId, name, orderedAt, snapshot, made }) => ({ rowId: id, orderId, name, orderedAt, state: snapshot, madeByUs: made }));
}

/** Up to `max`. */
export async function countRecentOrders(database: Database, installId: bigint, since: Date, max: number): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT 1 FROM orders WHERE install_id = $1 AND ordered_at >= $2 LIMIT $3) AS counted`,
    installId,
    since,
    max,
  );
  return row?.count ?? 0;
}

interface VariantRow {
  readonly variantId: string;
  readonly inventoryItemId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly tracked: boolean;
  readonly requiresComponents: boolean;
  readonly missing: boolean;
}

/** What is known of variants, by decimal id. */
export async function readVariantFacts(database: Database, installId: bigint, variantIds: readonly string[]): Promise<Map<string, VariantFacts>> {
  const rows = await database.query<VariantRow>(
    `SELECT variant_id AS "variantId", inventory_item_id AS "inventoryItemId", sku, title, tracked, requires_components AS "requiresComponents", missing
     FROM variants WHERE install_id = $1 AND variant_id = ANY($2::text[])`,
    installId,
    variantIds,
  );
  return new Map(rows.map((row) => [row.variantId, row]));
}

/** Names of items, by decimal id. */
export async function readItemNames(database: Database, installId: bigint, itemIds: readonly string[]): Promise<Map<string, ItemName>> {
  const rows = await database.query<ItemName & { id: string }>(
    `SELECT inventory_item_id AS id, max(sku) AS sku, max(title) AS title FROM variants WHERE install_id = $1 AND inventory_item_id = ANY($2::text[]) GROUP BY inventory_item_id`,
    installId,
    itemIds,
  );
  return new Map(rows.map(({ id, sku, title }) => [id, { sku, title }]));
}

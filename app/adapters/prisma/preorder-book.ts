// What Shopify said of selling plans, kept with the variants and with the order items of an incident.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { OversellBook } from "#app/ports/stock-watch.ts";

/** Why a line can never be short, what was found out of its plan included. */
export const EXEMPT = `coalesce(exempt, CASE WHEN preorder IN ('on_sale', 'on_fulfilment') THEN 'preorder' END)`;

/** What must be asked of a line before its item's lack is told of; `i`: its order item, `v`: its variant, if known. A custom line is sold by nothing. */
export const TO_ASK = `CASE WHEN i.exempt IS NOT NULL OR i.preorder IS NOT NULL OR i.variant_id IS NULL THEN NULL
  WHEN v.plans_read_at IS NULL OR v.plans_read_at < now() - interval '1 hour' THEN 'variant' WHEN v.sold_by_plan THEN 'line' END`;

export async function recordSoldByPlan(database: SqlExecutor, installId: bigint, variants: Parameters<OversellBook["recordSoldByPlan"]>[1]): Promise<void> {
  if (variants.length === 0) return;
  await database.execute(
    `WITH said AS (SELECT * FROM unnest($2::text[], $3::boolean[]) AS s(variant_id, sold_by_plan)),
     locked AS (SELECT v.variant_id FROM variants v JOIN said ON said.variant_id = v.variant_id WHERE v.install_id = $1 ORDER BY v.variant_id FOR UPDATE OF v)
     UPDATE variants SET sold_by_plan = said.sold_by_plan, plans_read_at = now() FROM said JOIN locked ON locked.variant_id = said.variant_id
     WHERE variants.install_id = $1 AND variants.variant_id = said.variant_id`,
    installId,
    variants.map(({ variantId }) => variantId),
    variants.map(({ soldByPlan }) => soldByPlan),
  );
}

export async function recordPreorders(database: SqlExecutor, installId: bigint, lines: Parameters<OversellBook["recordPreorders"]>[1]): Promise<void> {
  if (lines.length === 0) return;
  await database.execute(
    `WITH said AS (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]) AS s(order_id, line_id, preorder)),
     locked AS (SELECT i.order_id, i.line_id FROM order_items i JOIN said ON said.order_id = i.order_id AND said.line_id = i.line_id
       WHERE i.install_id = $1 ORDER BY i.order_id, i.line_id, i.inventory_item_id FOR UPDATE OF i)
     UPDATE order_items SET preorder = said.preorder FROM said JOIN (SELECT DISTINCT order_id, line_id FROM locked) AS l ON l.order_id = said.order_id AND l.line_id = said.line_id
     WHERE order_items.install_id = $1 AND order_items.order_id = said.order_id AND order_items.line_id = said.line_id`,
    installId,
    lines.map(({ orderId }) => orderId),
    lines.map(({ lineId }) => lineId),
    lines.map(({ preorder }) => preorder ?? "no"),
  );
}

// Read model of stock that is promised beyond what there is, but may be: shown apart from oversells, for the page and GET /api/v1/oversells/apart.

import type { Database } from "#app/ports/database.ts";

import type { ListIncidents } from "./incident-filter.ts";
import { type KeysetPage, keysetSql, toPage } from "./keyset-page.ts";

/** Why it is no oversell. */
export type ApartReason = "gift_card" | "untracked" | "continue" | "preorder";

export interface ApartRow {
  /** The item's id: one row an item. */
  readonly id: bigint;
  readonly inventoryItemId: string;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly reason: ApartReason;
  /** Units of orders that are not fulfilled. */
  readonly unitsOpen: number;
  readonly orderCount: number;
  /** The latest of them. */
  readonly orders: readonly { readonly orderId: string; readonly name: string | null; readonly units: number }[];
  readonly locations: readonly { readonly locationId: string; readonly locationName: string | null; readonly available: number | null }[];
}

const ORDERS_SHOWN_MAX = 20;
/** Of a preorder it is known once its item was short: before, nobody asked. */
const EXEMPT = `coalesce(exempt, CASE WHEN preorder IN ('on_sale', 'on_fulfilment') THEN 'preorder' END)`;
/** The first half is what the index `order_items_apart` holds, word for word. */
const LISTED = `units_open > 0 AND (exempt IN ('gift_card', 'untracked', 'continue', 'preorder') OR preorder IN ('on_sale', 'on_fulfilment'))
    AND ${EXEMPT} IN ('gift_card', 'untracked', 'continue', 'preorder')`;

/**
 * Of a variant that may go on selling Shopify counts down, so what is beyond stock stands below zero; of what is not counted the open orders are held
 * against what stock there is, and those of preorders: whoever bought one waits for units to come. Variants that may go on selling are oversells like others where the merchant says so.
 */
const APART = `
WITH rules AS (
  SELECT coalesce((SELECT (document->'oversell'->>'ignoreContinuePolicy')::boolean FROM settings_versions WHERE install_id = $1 ORDER BY version DESC LIMIT 1), true) AS may_continue),
promised AS (
  SELECT inventory_item_id, sum(units_open)::int AS units, count(DISTINCT order_id)::int AS orders, bool_or(exempt = 'gift_card') AS gift_card, bool_or(exempt = 'untracked') AS untracked,
    bool_or(${EXEMPT} = 'preorder') AS preorder
  FROM order_items WHERE install_id = $1 AND ${LISTED} GROUP BY inventory_item_id),
candidates AS (
  SELECT inventory_item_id FROM promised UNION SELECT inventory_item_id FROM stock_levels WHERE install_id = $1 AND connected AND available < 0),
judged AS (
  SELECT c.inventory_item_id, v.variant_id, v.sku, v.title, coalesce(p.units, 0) AS units, coalesce(p.orders, 0) AS orders, s.lowest, coalesce(s.units, 0) AS stock,
    CASE WHEN p.gift_card THEN 'gift_card' WHEN p.untracked OR NOT v.tracked THEN 'untracked' WHEN v.inventory_policy = 'CONTINUE' AND rules.may_continue THEN 'continue' WHEN p.preorder THEN 'preorder' END AS reason
  FROM candidates c CROSS JOIN rules LEFT JOIN promised p USING (inventory_item_id)
  -- Of the few that may be listed only: summing up every stock of the shop took most of the time.
  CROSS JOIN LATERAL (SELECT min(available) AS lowest, coalesce(sum(greatest(available, 0)), 0)::int AS units FROM stock_levels WHERE install_id = $1 AND inventory_item_id = c.inventory_item_id AND connected) AS s
  LEFT JOIN LATERAL (SELECT variant_id, sku, title, tracked, inventory_policy FROM variants WHERE install_id = $1 AND inventory_item_id = c.inventory_item_id ORDER BY read_at DESC LIMIT 1) AS v ON true)
SELECT j.inventory_item_id::bigint AS id, j.inventory_item_id AS "inventoryItemId", j.variant_id AS "variantId", j.sku, j.title, j.reason, j.units AS "unitsOpen", j.orders AS "orderCount",
  coalesce((SELECT jsonb_agg(jsonb_build_object('orderId', o.order_id, 'name', o.order_name, 'units', o.units) ORDER BY o.committed_at DESC) FROM (
    SELECT order_id, order_name, sum(units_open)::int AS units, max(committed_at) AS committed_at FROM order_items
    WHERE install_id = $1 AND inventory_item_id = j.inventory_item_id AND ${LISTED}
    GROUP BY order_id, order_name ORDER BY max(committed_at) DESC LIMIT ${ORDERS_SHOWN_MAX}) AS o), '[]'::jsonb) AS orders,
  coalesce((SELECT jsonb_agg(jsonb_build_object('locationId', s.location_id, 'locationName', l.name, 'available', s.available) ORDER BY s.location_id)
    FROM stock_levels s LEFT JOIN locations l ON l.install_id = $1 AND l.location_id = s.location_id
    WHERE s.install_id = $1 AND s.inventory_item_id = j.inventory_item_id AND s.connected), '[]'::jsonb) AS locations
FROM judged j`;

export async function listApart(database: Database, { installId, filter, page }: ListIncidents): Promise<KeysetPage<ApartRow>> {
  const { where, orderBy } = keysetSql(page, "j.inventory_item_id::bigint", "$4");
  const rows = await database.query<ApartRow>(
    `${APART} WHERE j.reason IS NOT NULL AND (j.lowest < 0 OR j.reason <> 'continue' AND j.units > j.stock) AND ($2::text IS NULL OR j.inventory_item_id = $2) AND ($4::bigint IS NULL OR ${where})
     ORDER BY ${orderBy} LIMIT $3`,
    installId,
    filter.inventoryItemId ?? null,
    page.limit + 1,
    page.direction === "newest" ? null : page.cursor,
  );
  return toPage(rows, page);
}

// What a person's search text means: the orders and items whose names it begins, found on indexes; parts of words within a bound.

import type { Database } from "#app/ports/database.ts";

/** Orders or items that one search text may stand for; a text that means more is too vague to be a filter. */
export const SEARCH_MATCHES_MAX = 200;
/** Items looked through for a part of a word; the beginnings of SKUs and titles are found however many there are. */
const ITEMS_LOOKED_THROUGH_MAX = 10_000;
/** No character sorts behind it, byte by byte: closes the range of texts that begin alike. */
const LAST_CHARACTER = "\u{10FFFF}";

export interface Found {
  readonly ids: readonly string[];
  /** More match than are used. */
  readonly vague: boolean;
}

/**
 * An id or a whole name, with or without #, means that order alone; any other text all orders whose name, or the number in it, it begins.
 * `~>=~` and `~<~` compare byte by byte, as the indexes are sorted; LIKE with a bound value would not always find them.
 */
export async function findOrders(database: Database, installId: bigint, text: string): Promise<Found> {
  const id = text.replace(/^gid:\/\/shopify\/Order\//, "");
  const start = text.toLowerCase();
  const rows = await database.query<{ orderId: string; whole: boolean }>(
    `(SELECT order_id AS "orderId", true AS whole FROM orders WHERE install_id = $1 AND order_id = $2)
     UNION ALL
     (SELECT order_id, true FROM orders WHERE install_id = $1 AND lower(name) = ANY($3::text[]) LIMIT ${SEARCH_MATCHES_MAX})
     UNION ALL
     (SELECT order_id, false FROM orders WHERE install_id = $1 AND lower(name) ~>=~ $4 AND lower(name) ~<~ $5 LIMIT ${SEARCH_MATCHES_MAX + 1})
     UNION ALL
     (SELECT order_id, false FROM orders
      WHERE install_id = $1 AND regexp_replace(name, '^[^0-9]+', '') ~>=~ $4 AND regexp_replace(name, '^[^0-9]+', '') ~<~ $5 LIMIT ${SEARCH_MATCHES_MAX + 1})`,
    installId,
    id,
    [start, `#${start}`],
    start,
    start + LAST_CHARACTER,
  );
  const whole = rows.filter((row) => row.whole);
  return toFound((whole.length > 0 ? whole : rows).map((row) => row.orderId));
}

/** Items by id, by the beginning of the SKU or title that Shopify gave for their variant, or by a part of it. */
export async function findItems(database: Database, installId: bigint, text: string): Promise<Found> {
  const id = text.replace(/^gid:\/\/shopify\/InventoryItem\//, "");
  const start = text.toLowerCase();
  const rows = await database.query<{ inventoryItemId: string }>(
    `(SELECT inventory_item_id AS "inventoryItemId" FROM variants
      WHERE install_id = $1 AND inventory_item_id IS NOT NULL AND lower(sku) ~>=~ $2 AND lower(sku) ~<~ $3 LIMIT ${SEARCH_MATCHES_MAX + 1})
     UNION ALL
     (SELECT inventory_item_id FROM variants
      WHERE install_id = $1 AND inventory_item_id IS NOT NULL AND lower(title) ~>=~ $2 AND lower(title) ~<~ $3 LIMIT ${SEARCH_MATCHES_MAX + 1})
     UNION ALL
     (SELECT inventory_item_id FROM
        (SELECT inventory_item_id, sku, title FROM variants WHERE install_id = $1 ORDER BY variant_id DESC LIMIT ${ITEMS_LOOKED_THROUGH_MAX}) newest
      WHERE inventory_item_id IS NOT NULL AND strpos(lower(concat(sku, E'\\n', title)), $2) > 0 LIMIT ${SEARCH_MATCHES_MAX + 1})`,
    installId,
    start,
    start + LAST_CHARACTER,
  );
  const found = toFound(rows.map((row) => row.inventoryItemId));
  return { ...found, ids: [id, ...found.ids] };
}

function toFound(all: readonly string[]): Found {
  const ids = [...new Set(all)];
  return { ids: ids.slice(0, SEARCH_MATCHES_MAX), vague: ids.length > SEARCH_MATCHES_MAX };
}

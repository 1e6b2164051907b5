// SQL that names a stock: an item and a location by what Shopify called them when they were last read. Pure.

/** Columns beside the ids of `alias`, which has install_id, inventory_item_id and location_id. */
export const STOCK_NAME_COLUMNS_SQL = (alias: string) =>
  `${alias}.inventory_item_id AS "inventoryItemId", ${alias}.location_id AS "locationId", stock_place.name AS "locationName", stock_variant.sku, stock_variant.title`;

/** Several variants may share an item: the one that was read last names it. */
export const STOCK_NAME_JOINS_SQL = (alias: string) => `
  LEFT JOIN locations stock_place ON stock_place.install_id = ${alias}.install_id AND stock_place.location_id = ${alias}.location_id
  LEFT JOIN LATERAL (
    SELECT sku, title FROM variants WHERE install_id = ${alias}.install_id AND inventory_item_id = ${alias}.inventory_item_id ORDER BY read_at DESC LIMIT 1) stock_variant ON true`;

// The stock view on PostgreSQL: plain reads without locks, for choosing a location, waiting for a block and GET /api/v1/stock.

import type { Database } from "#app/ports/database.ts";
import type { KnownLocation, KnownVariant, StockState, StockView } from "#app/ports/stock-view.ts";

const COLUMNS = `
  l.available, l.observed_at AS "observedAt", coalesce(l.connected, true) AS stocked, coalesce(b.held, 0) AS held, coalesce(b.granted, 0) AS granted,
  coalesce(b.settling, 0) AS settling, coalesce(b.leaving, 0) AS leaving, coalesce(b.growing, 0) AS growing`;

/** Rows are asked for by what is wanted, not by what exists: a stock of which only a level, or only a block, is known has one row all the same. */
const STATES = `
SELECT w.install_id AS "installId", w.item AS "inventoryItemId", w.location AS "locationId", ${COLUMNS}
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS w(install_id, item, location)
LEFT JOIN stock_levels l ON l.install_id = w.install_id AND l.inventory_item_id = w.item AND l.location_id = w.location
LEFT JOIN stock_blocks b ON b.install_id = w.install_id AND b.inventory_item_id = w.item AND b.location_id = w.location
WHERE l.install_id IS NOT NULL OR b.install_id IS NOT NULL`;

const STATES_OF_ITEMS = `
SELECT w.item AS "inventoryItemId", w.location AS "locationId", ${COLUMNS}
FROM (SELECT inventory_item_id AS item, location_id AS location FROM stock_levels WHERE install_id = $1 AND inventory_item_id = ANY($2)
      UNION SELECT inventory_item_id, location_id FROM stock_blocks WHERE install_id = $1 AND inventory_item_id = ANY($2)) AS w
LEFT JOIN stock_levels l ON l.install_id = $1 AND l.inventory_item_id = w.item AND l.location_id = w.location
LEFT JOIN stock_blocks b ON b.install_id = $1 AND b.inventory_item_id = w.item AND b.location_id = w.location`;

const VARIANTS = `
SELECT variant_id AS "variantId", inventory_item_id AS "inventoryItemId", sku, title, tracked, lower(inventory_policy) AS policy, requires_components AS "requiresComponents",
  missing, greatest(0, extract(epoch FROM now() - read_at) * 1000)::float8 AS "ageMs"
FROM variants WHERE install_id = $1 AND (variant_id = ANY($2) OR inventory_item_id = ANY($3) OR sku = ANY($4))
ORDER BY variant_id LIMIT 1000`;

const TOTALS = `
SELECT coalesce(sum(b.held), 0)::float8 AS held, coalesce(sum(b.granted), 0)::float8 AS granted, coalesce(sum(b.settling), 0)::float8 AS settling
FROM stock_blocks b JOIN installs ON installs.id = b.install_id AND installs.state = 'active'`;

export function createStockView(database: Database): StockView {
  return {
    states: (places) =>
      database.query<StockState & { installId: bigint }>(
        STATES,
        places.map((place) => place.installId),
        places.map((place) => place.inventoryItemId),
        places.map((place) => place.locationId),
      ),
    statesOfItems: (installId, itemIds) => database.query<StockState>(STATES_OF_ITEMS, installId, itemIds),
    locations: (installId) => database.query<KnownLocation>(`SELECT location_id AS "locationId", active, ships FROM locations WHERE install_id = $1 ORDER BY location_id`, installId),
    variants: (installId, { variantIds, itemIds, skus }) => database.query<KnownVariant>(VARIANTS, installId, variantIds, itemIds, skus),
    async byKey(installId, idempotencyKey) {
      const [row] = await database.query<{ id: string; bodyHash: string }>(
        `SELECT id::text, body_hash AS "bodyHash" FROM reservations WHERE install_id = $1 AND idempotency_key = $2`,
        installId,
        idempotencyKey,
      );
      return row ?? null;
    },
    async totals() {
      const [row] = await database.query<{ held: number; granted: number; settling: number }>(TOTALS);
      return row ?? { held: 0, granted: 0, settling: 0 };
    },
  };
}

// Read model beside the settings: the order sources seen with their evidence, the shop's locations, and names for the items of bundles.

import type { Database } from "#app/ports/database.ts";

export interface SourceEvidenceRow {
  readonly sourceKey: string;
  readonly orderCount: number;
  readonly bypassCount: number;
  readonly tookStockCount: number;
  readonly lastSeenAt: Date;
  readonly pausedAt: Date | null;
}

export interface LocationRow {
  readonly locationId: string;
  readonly name: string;
  readonly active: boolean;
}

export interface VariantName {
  readonly variantId: string;
  readonly inventoryItemId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
}

const SOURCES_MAX = 200;
/** Shopify allows far fewer locations; the bound keeps the page bounded. */
const LOCATIONS_MAX = 1_000;

export function readSourceEvidence(database: Database, installId: bigint): Promise<SourceEvidenceRow[]> {
  return database.query<SourceEvidenceRow>(
    `SELECT source_key AS "sourceKey", order_count AS "orderCount", bypass_count AS "bypassCount", took_stock_count AS "tookStockCount",
            last_seen_at AS "lastSeenAt", paused_at AS "pausedAt"
     FROM order_sources WHERE install_id = $1 ORDER BY (paused_at IS NULL), last_seen_at DESC LIMIT ${SOURCES_MAX}`,
    installId,
  );
}

export function readLocations(database: Database, installId: bigint): Promise<LocationRow[]> {
  return database.query<LocationRow>(
    `SELECT location_id AS "locationId", name, active FROM locations WHERE install_id = $1 ORDER BY name, location_id LIMIT ${LOCATIONS_MAX}`,
    installId,
  );
}

/** Names for variants and inventory items by decimal id, as far as they were read from Shopify. */
export function readVariantNames(database: Database, installId: bigint, ids: { readonly variantIds: readonly string[]; readonly inventoryItemIds: readonly string[] }): Promise<VariantName[]> {
  return database.query<VariantName>(
    `SELECT variant_id AS "variantId", inventory_item_id AS "inventoryItemId", sku, title FROM variants
     WHERE install_id = $1 AND (variant_id = ANY($2::text[]) OR inventory_item_id = ANY($3::text[]))`,
    installId,
    ids.variantIds,
    ids.inventoryItemIds,
  );
}

/** Whether Shopify ever took an order of this install's from Holdfast. */
export async function hasCreatedOrders(database: Database, installId: bigint): Promise<boolean> {
  const rows = await database.query("SELECT 1 FROM reservation_orders WHERE install_id = $1 AND state = 'created' LIMIT 1", installId);
  return rows.length > 0;
}

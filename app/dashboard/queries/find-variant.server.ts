// Read model of one variant as Shopify named it when it was last read: its stock item, SKU and title.

import type { Database } from "#app/ports/database.ts";

export interface KnownVariant {
  /** Null while it was not read, or where Shopify did not know it. */
  readonly inventoryItemId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
}

/** Null when nothing of the variant ever came by in this install. `variantId`: decimal. */
export async function findVariant(database: Database, installId: bigint, variantId: string): Promise<KnownVariant | null> {
  const [row] = await database.query<KnownVariant>(`SELECT inventory_item_id AS "inventoryItemId", sku, title FROM variants WHERE install_id = $1 AND variant_id = $2`, installId, variantId);
  return row ?? null;
}

// What the ids in settings documents are called: variants, items and locations, as far as they were read from Shopify.

import type { Settings } from "#app/domain/settings.ts";
import type { Database } from "#app/ports/database.ts";

import { formatItemName } from "./formatting.ts";
import { readLocations, readVariantNames } from "./queries/settings-evidence.server.ts";
import type { SettingsNames } from "./settings-difference.ts";

/** By gid. */
export async function readSettingsNames(database: Database, installId: bigint, documents: readonly Settings[]): Promise<SettingsNames> {
  const bundles = documents.flatMap((document) => document.bundles);
  const locationIds = documents.map(({ deduct }) => deduct.location).filter((location) => location !== "order");
  const [variants, locations] = await Promise.all([
    bundles.length === 0
      ? []
      : readVariantNames(database, installId, {
          variantIds: bundles.map((bundle) => tail(bundle.variantId)),
          inventoryItemIds: bundles.flatMap((bundle) => bundle.components.map((component) => tail(component.inventoryItemId))),
        }),
    locationIds.length === 0 ? [] : readLocations(database, installId),
  ]);
  const names: Record<string, string> = {};
  for (const { locationId, name } of locations) names[`gid://shopify/Location/${locationId}`] = name;
  for (const row of variants) {
    const name = formatItemName(row.title) ?? row.sku;
    if (name === null) continue;
    const withSku = row.sku !== null && row.sku !== name ? `${name} (${row.sku})` : name;
    names[`gid://shopify/ProductVariant/${row.variantId}`] = withSku;
    if (row.inventoryItemId !== null) names[`gid://shopify/InventoryItem/${row.inventoryItemId}`] = withSku;
  }
  return names;
}

/** The decimal id at the end of a gid. */
function tail(gid: string): string {
  return gid.slice(gid.lastIndexOf("/") + 1);
}

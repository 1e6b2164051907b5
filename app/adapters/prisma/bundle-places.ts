// What is known of bundles whose own stock follows their items, at every location where they are stocked: what is decided from it is not this file's.

import type { ComponentStock } from "#app/domain/bundle-stock.ts";
import { idFromGid } from "#app/domain/gid.ts";
import { invariant } from "#app/domain/invariant.ts";
import { REFUSED_STALE } from "#app/domain/reservations/stale-move.ts";
import type { BundlePlace, FollowingBundle } from "#app/ports/bundle-stock-book.ts";
import type { SqlExecutor } from "#app/ports/database.ts";

/** Value of `changes.quantity_name`. */
export const BUNDLE = "bundle";

/** A number that Shopify refused to change from is not tried again before this, unless it became another. */
const TRY_AGAIN_S = 60;
/** Shopify's search may show an order so much later than it was made. */
const SEARCH_LAG_S = 60;

export interface ReadPlace extends BundlePlace {
  readonly waiting: { readonly id: bigint; readonly from: number; readonly delta: number } | null;
}

interface PlaceRow {
  readonly variant_id: string;
  readonly item: string;
  readonly location: string;
  readonly available: number;
  readonly tracked: boolean;
  readonly native: boolean;
  readonly busy: boolean;
  readonly unsettled: boolean;
  readonly refused_lately: boolean;
  readonly waiting_id: bigint | null;
  readonly waiting_from: number | null;
  readonly waiting_delta: number | null;
}

/**
 * `unsettled`: the watermark of the back-fill says up to when all orders are known. Orders known by then and not worked on yet count as not known.
 * The answer to a delta of ours (a correction, a hold) shows a number in which an untold sale may be; that to a compare-and-swap does not.
 */
const PLACES = `
WITH known AS (
  SELECT (SELECT watermark - interval '${SEARCH_LAG_S} seconds' FROM order_scans WHERE install_id = $1) AS until,
    EXISTS (SELECT 1 FROM deliveries d JOIN order_scans s ON s.install_id = d.install_id WHERE d.install_id = $1 AND d.state = 'pending' AND d.order_id IS NOT NULL AND d.received_at <= s.passed_at)
    OR EXISTS (SELECT 1 FROM orders o JOIN order_scans s ON s.install_id = o.install_id WHERE o.install_id = $1 AND o.state IN ('due', 'blocked') AND o.first_seen_at <= s.passed_at) AS behind)
SELECT v.variant_id, l.inventory_item_id AS item, l.location_id AS location, l.available, v.tracked, v.requires_components AS native,
  EXISTS (SELECT 1 FROM changes c WHERE c.install_id = $1 AND c.inventory_item_id = l.inventory_item_id AND c.location_id || '' = l.location_id
    AND (c.state IN ('claimed', 'parked') OR (c.state = 'waiting' AND c.quantity_name <> '${BUNDLE}'))) AS busy,
  (known.behind OR (l.source <> 'own_answer' AND (known.until IS NULL OR l.observed_at > known.until)
      AND NOT EXISTS (SELECT 1 FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = l.inventory_item_id AND o.location_id = l.location_id))
    OR EXISTS (SELECT 1 FROM changes c WHERE c.install_id = $1 AND c.inventory_item_id = l.inventory_item_id AND c.location_id || '' = l.location_id
      AND c.state = 'applied' AND c.quantity_name <> '${BUNDLE}' AND (known.until IS NULL OR c.finished_at > known.until))
    OR EXISTS (SELECT 1 FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = l.inventory_item_id AND o.location_id = l.location_id
      AND (o.verdict IS NULL OR o.verdict NOT IN ('ours', 'none')) AND (known.until IS NULL OR o.at > known.until))) AS unsettled,
  EXISTS (SELECT 1 FROM changes c WHERE c.install_id = $1 AND c.inventory_item_id = l.inventory_item_id AND c.location_id || '' = l.location_id AND c.quantity_name = '${BUNDLE}'
    AND c.state = 'cancelled' AND c.reason = '${REFUSED_STALE}' AND c.decided_from = l.available AND c.finished_at > now() - interval '${TRY_AGAIN_S} seconds') AS refused_lately,
  w.id AS waiting_id, w.decided_from AS waiting_from, w.delta AS waiting_delta
FROM known, variants v JOIN stock_levels l ON l.install_id = v.install_id AND l.inventory_item_id = v.inventory_item_id AND l.connected AND l.available IS NOT NULL
LEFT JOIN LATERAL (SELECT c.id, c.decided_from, c.delta FROM changes c WHERE c.install_id = $1 AND c.quantity_name = '${BUNDLE}' AND c.state = 'waiting'
  AND c.inventory_item_id = l.inventory_item_id AND c.location_id || '' = l.location_id) AS w ON true
WHERE v.install_id = $1 AND v.variant_id = ANY($2) AND NOT v.missing
ORDER BY item, location`;

export async function readPlaces(sql: SqlExecutor, installId: bigint, bundles: readonly FollowingBundle[]): Promise<ReadPlace[]> {
  const byVariant = new Map(bundles.map((bundle) => [idOf("ProductVariant", bundle.variantId), bundle]));
  const rows = await sql.query<PlaceRow>(PLACES, installId, [...byVariant.keys()]);
  const components = await readComponents(sql, installId, rows, byVariant);
  return rows.map((row) => ({
    variantId: row.variant_id,
    inventoryItemId: row.item,
    locationId: row.location,
    available: row.available,
    tracked: row.tracked,
    native: row.native,
    busy: row.busy,
    unsettled: row.unsettled,
    refusedLately: row.refused_lately,
    components: (byVariant.get(row.variant_id)?.components ?? []).map(({ inventoryItemId, quantity }) => ({
      quantity,
      ...(components.get(keyOf(idOf("InventoryItem", inventoryItemId), row.location)) ?? UNKNOWN),
    })),
    waiting: row.waiting_id === null || row.waiting_from === null || row.waiting_delta === null ? null : { id: row.waiting_id, from: row.waiting_from, delta: row.waiting_delta },
  }));
}

type KnownComponent = Omit<ComponentStock, "quantity">;
const UNKNOWN: KnownComponent = { available: null, stocked: true, tracked: true, taking: 0, overwritten: false };

/** Of all orders' changes only takes count before they are confirmed; a parked one is still owed. */
const COMPONENTS = `
SELECT w.item, w.location, l.available, coalesce(l.connected, true) AS stocked,
  coalesce((SELECT bool_and(v.tracked) FROM variants v WHERE v.install_id = $1 AND v.inventory_item_id = w.item AND NOT v.missing), true) AS tracked,
  (SELECT coalesce(-sum(c.delta), 0)::int FROM changes c WHERE c.install_id = $1 AND c.inventory_item_id = w.item AND c.location_id || '' = w.location
    AND c.quantity_name = 'available' AND c.delta < 0 AND c.state IN ('waiting', 'claimed', 'parked')) AS taking,
  EXISTS (SELECT 1 FROM conflicts c WHERE c.install_id = $1 AND c.inventory_item_id = w.item AND c.location_id = w.location AND c.state = 'open') AS overwritten
FROM (SELECT DISTINCT u.item, u.location FROM unnest($2::text[], $3::text[]) AS u(item, location)) AS w
LEFT JOIN stock_levels l ON l.install_id = $1 AND l.inventory_item_id = w.item AND l.location_id = w.location`;

async function readComponents(sql: SqlExecutor, installId: bigint, places: readonly PlaceRow[], byVariant: ReadonlyMap<string, FollowingBundle>): Promise<ReadonlyMap<string, KnownComponent>> {
  const stocks = places.flatMap(({ variant_id, location }) => (byVariant.get(variant_id)?.components ?? []).map(({ inventoryItemId }) => ({ item: idOf("InventoryItem", inventoryItemId), location })));
  if (stocks.length === 0) return new Map();
  const rows = await sql.query<KnownComponent & { item: string; location: string }>(
    COMPONENTS,
    installId,
    stocks.map(({ item }) => item),
    stocks.map(({ location }) => location),
  );
  return new Map(rows.map(({ item, location, ...known }) => [keyOf(item, location), known]));
}

/** Settings are kept with gids that were read once already. */
function idOf(kind: "ProductVariant" | "InventoryItem", gid: string): string {
  const id = idFromGid(kind, gid);
  invariant(id !== null, "the settings' ids are gids");
  return id;
}

function keyOf(item: string, location: string): string {
  return `${item}@${location}`;
}

// Bundles whose own stock follows their items, on PostgreSQL: one look, and what it asks for, in one transaction.

import { type BundleDecision, decideBundleStock } from "#app/domain/bundle-stock.ts";
import type { BundleLook, BundlePlace, BundleStockBook, BundleView, FollowingBundle } from "#app/ports/bundle-stock-book.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import { BUNDLE, type ReadPlace, readPlaces } from "./bundle-places.ts";
import { cancelMoves } from "./hold-moves-claim.ts";

export function createBundleStockBook(database: Database): BundleStockBook {
  return { follow: (installId, bundles, decide, traceId) => database.transaction((tx) => follow(tx, installId, bundles, decide, traceId)) };
}

/** The same look without asking for anything. */
export function createBundleView(database: SqlExecutor): BundleView {
  return {
    async standings(installId, bundles) {
      if (bundles.length === 0) return [];
      const places = await readPlaces(database, installId, bundles);
      return places.map((place) => ({ variantId: place.variantId, locationId: place.locationId, available: place.available, decision: decideBundleStock(place) }));
    },
  };
}

async function follow(tx: SqlExecutor, installId: bigint, bundles: readonly FollowingBundle[], decide: (place: BundlePlace) => BundleDecision, traceId: string): Promise<BundleLook> {
  const places = await readPlaces(tx, installId, bundles);
  const decided = places.map((place) => ({ place, decision: decide(place) }));
  const wanted = decided.flatMap(({ place, decision }) => (decision.kind === "set" ? [{ ...place, from: decision.from, delta: decision.delta }] : []));
  const withdrawnCount = await withdraw(tx, places, decided);
  return {
    askedCount: await ask(tx, installId, wanted, traceId),
    withdrawnCount,
    decisions: decided.map(({ place, decision }) => ({ inventoryItemId: place.inventoryItemId, locationId: place.locationId, decision })),
  };
}

/** A decision that waits and asks for what is not wanted now goes, so that a newer one may come; one that is on its way is left to its outcome. */
async function withdraw(tx: SqlExecutor, places: readonly ReadPlace[], decided: readonly { readonly place: BundlePlace; readonly decision: BundleDecision }[]): Promise<number> {
  const overtaken = places.flatMap(({ waiting }, index) => {
    const decision = decided[index]?.decision;
    const stands = decision?.kind === "set" && decision.from === waiting?.from && decision.delta === waiting.delta;
    return waiting === null || stands ? [] : [waiting.id];
  });
  if (overtaken.length === 0) return 0;
  // What a claim has meanwhile taken is left to it; nobody waits for anybody here.
  const free = await tx.query<{ id: bigint }>(`SELECT id FROM changes WHERE id = ANY($1) AND state = 'waiting' ORDER BY id FOR UPDATE SKIP LOCKED`, overtaken);
  await cancelMoves(tx, free.map(({ id }) => ({ id, reason: "stock_changed" })));
  return free.length;
}

async function ask(tx: SqlExecutor, installId: bigint, wanted: readonly (BundlePlace & { readonly from: number; readonly delta: number })[], traceId: string): Promise<number> {
  if (wanted.length === 0) return 0;
  return tx.execute(
    `INSERT INTO changes (install_id, shop, effect_key, cause, quantity_name, variant_id, sku, title, inventory_item_id, location_id, delta, decided_from, settings_version, state, trace_id, accepted_at)
     SELECT installs.id, installs.shop, 'bundle/' || w.item || '@' || w.location || '/' || $7, 'bundle_stock', '${BUNDLE}', v.variant_id, v.sku, v.title, w.item, w.location, w.delta, w.decided_from,
       (SELECT max(version) FROM settings_versions WHERE install_id = $1), 'waiting', $7, now()
     FROM unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::int[]) WITH ORDINALITY AS w(variant_id, item, location, delta, decided_from, position)
     JOIN installs ON installs.id = $1 AND installs.state = 'active' JOIN variants v ON v.install_id = $1 AND v.variant_id = w.variant_id
     ORDER BY w.position
     ON CONFLICT (install_id, inventory_item_id, location_id) WHERE quantity_name = '${BUNDLE}' AND state IN ('waiting', 'claimed', 'parked') DO NOTHING`,
    installId,
    wanted.map(({ variantId }) => variantId),
    wanted.map(({ inventoryItemId }) => inventoryItemId),
    wanted.map(({ locationId }) => locationId),
    wanted.map(({ delta }) => delta),
    wanted.map(({ from }) => from),
    traceId,
  );
}

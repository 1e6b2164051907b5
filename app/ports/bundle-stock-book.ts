// Port of bundles whose own stock follows their items: what is known of them, and the changes that are asked for, in one transaction.

import type { BundleAtLocation, BundleDecision } from "#app/domain/bundle-stock.ts";

export interface FollowingBundle {
  readonly variantId: string;
  readonly components: readonly { readonly inventoryItemId: string; readonly quantity: number }[];
}

export interface BundlePlace extends BundleAtLocation {
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
}

export interface BundleLook {
  /** Changes that wait now, to be claimed like any other. */
  readonly askedCount: number;
  /** Earlier ones, not sent yet, that ask for what is not wanted any more. */
  readonly withdrawnCount: number;
  /** By decision, every place that was looked at. */
  readonly decisions: readonly { readonly inventoryItemId: string; readonly locationId: string; readonly decision: BundleDecision }[];
}

export interface BundleStockBook {
  /**
   * Looks at every location where a bundle is stocked; `decide` is pure and may be called again after a deadlock. Nothing is asked for twice: the
   * database allows one decision under way per stock. `traceId`: a fresh UUID, of all that this look asks for.
   */
  follow(installId: bigint, bundles: readonly FollowingBundle[], decide: (place: BundlePlace) => BundleDecision, traceId: string): Promise<BundleLook>;
}

/** A bundle at one location as a look would find it now. */
export interface BundleStanding {
  readonly variantId: string;
  readonly locationId: string;
  /** The bundle's own number, as last known. */
  readonly available: number;
  readonly decision: BundleDecision;
}

/** For people: asks for nothing. */
export interface BundleView {
  standings(installId: bigint, bundles: readonly FollowingBundle[]): Promise<readonly BundleStanding[]>;
}

// Port of what reservations look at before they ask for units: stocks with their blocks, where an item is kept, and what variants sell it. Reads only:
// nothing is promised by it.

import type { StockPlace } from "./shopify-inventory.ts";

/** One stock as it is known here, with its block. */
export interface StockState extends StockPlace {
  /** As last observed; null when it never was, or when Shopify does not stock the item there. */
  readonly available: number | null;
  readonly observedAt: Date | null;
  /** False when Shopify was seen not to stock the item there. */
  readonly stocked: boolean;
  readonly held: number;
  readonly granted: number;
  readonly settling: number;
  readonly leaving: number;
  readonly growing: number;
}

export interface KnownLocation {
  readonly locationId: string;
  readonly active: boolean;
  readonly ships: boolean;
}

/** A variant as last read, with how long ago that was. */
export interface KnownVariant {
  readonly variantId: string;
  readonly inventoryItemId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly tracked: boolean;
  readonly policy: "deny" | "continue" | null;
  readonly requiresComponents: boolean;
  /** Shopify answered that there is no such variant. */
  readonly missing: boolean;
  readonly ageMs: number;
}

export interface StockView {
  /** The stocks asked for that are known here in any way, whatever install they belong to. */
  states(places: readonly (StockPlace & { readonly installId: bigint })[]): Promise<readonly (StockState & { readonly installId: bigint })[]>;
  /** Every place of the items that is known here. */
  statesOfItems(installId: bigint, itemIds: readonly string[]): Promise<readonly StockState[]>;
  locations(installId: bigint): Promise<readonly KnownLocation[]>;
  variants(installId: bigint, wanted: { readonly variantIds: readonly string[]; readonly itemIds: readonly string[]; readonly skus: readonly string[] }): Promise<readonly KnownVariant[]>;
  /** The reservation that a key was bound to; null when it is free. */
  byKey(installId: bigint, idempotencyKey: string): Promise<{ readonly id: string; readonly bodyHash: string } | null>;
  /** Of all shops where the app is installed. */
  totals(): Promise<{ readonly held: number; readonly granted: number; readonly settling: number }>;
}

/** Units that could be promised now, or once its block has grown to all there is; 0 or more. */
export function promisableOf(state: Pick<StockState, "available" | "held" | "granted" | "settling" | "leaving">): number {
  return Math.max(0, state.held + Math.max(0, state.available ?? 0) - state.granted - state.settling - state.leaving);
}

/** Units of the block that nobody was promised. */
export function freeOf(state: Pick<StockState, "held" | "granted" | "settling" | "leaving">): number {
  return state.held - state.granted - state.settling - state.leaving;
}

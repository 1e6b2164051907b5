// Whether Holdfast acts on an order, only watches it, or leaves it alone: decided at its first derivation and pinned.

import { isDeductedSource, matchingSource } from "./line-plan.ts";
import type { OrderState } from "./order-state.ts";
import type { Settings } from "./settings.ts";

export type OrderMode = "enforce" | "shadow" | "untouched";
export type OrderModeReason = "before_install" | "observing" | "source_paused" | "source_unconfirmed" | "protected";

/** What was observed of the order's source; null when none of its orders was looked at yet. */
export interface SourceEvidence {
  /** Orders that moved neither `available` nor `committed`. */
  readonly bypassCount: number;
  /** Orders whose stock Shopify itself took. */
  readonly tookStockCount: number;
  readonly paused: boolean;
}

/** So many orders of a source must have been seen to bypass Shopify's own decrement before Holdfast deducts for it unasked. */
export const BYPASS_OBSERVATIONS_MIN = 3;

export function decideMode(input: {
  readonly order: OrderState;
  readonly settings: Settings;
  readonly installedAt: Date;
  readonly source: SourceEvidence | null;
  /** An earlier life of the app booked an effect of it: it is of before the install, whatever its second says. */
  readonly bookedBefore: boolean;
}): { readonly mode: OrderMode; readonly reason: OrderModeReason } {
  const { order, settings, source, bookedBefore } = input;
  const createdAt = order.version?.createdAt;
  // Orders older than the install were deducted, or not, by whatever was there before us. Shopify's times are whole seconds.
  if (bookedBefore || (createdAt !== undefined && Date.parse(createdAt) < Math.floor(input.installedAt.getTime() / 1000) * 1000)) {
    return { mode: "untouched", reason: "before_install" };
  }
  if (settings.mode === "observe") return { mode: "shadow", reason: "observing" };
  if (!isDeductedSource(order, settings)) return { mode: "enforce", reason: "protected" };
  if (source?.paused) return { mode: "shadow", reason: "source_paused" };
  if (matchingSource(order, settings)?.confirmedBypass) return { mode: "enforce", reason: "protected" };
  const observed = (source?.bypassCount ?? 0) >= BYPASS_OBSERVATIONS_MIN && source?.tookStockCount === 0;
  return observed ? { mode: "enforce", reason: "protected" } : { mode: "shadow", reason: "source_unconfirmed" };
}

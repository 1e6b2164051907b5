// How many units a block gives back when it is looked at, and when to look at it again.

import { freeUnits, type StockCounts } from "./stock-counts.ts";

/** Nobody drew on it for so long: what is free of it goes back on sale. Also how long a block that is in use is left alone. */
export const IDLE_MS = 5 * 60_000;
/** A block that is not to be there at all gives back what its reservations let go, so often. */
const EMPTYING_LOOK_MS = 30_000;

export interface BlockToShrink extends StockCounts {
  /** Units are confirmed by Shopify before they are promised: the merchant wants it, and protection is on. */
  readonly mirrored: boolean;
  /** Since the last grant; null: there was none. */
  readonly idleMs: number | null;
}

export interface ShrinkDecision {
  /** Units, ≥ 0. */
  readonly back: number;
  /** Null: nothing is left to be looked at. */
  readonly lookAgainInMs: number | null;
}

/** Only what is promised to nobody goes back; what is on its way back already is not free. */
export function shrinkBlock(block: BlockToShrink): ShrinkDecision {
  const { mirrored, idleMs, held, leaving, growing } = block;
  const inUseMs = mirrored && idleMs !== null && idleMs < IDLE_MS ? IDLE_MS - idleMs : 0;
  const back = inUseMs > 0 ? 0 : Math.max(0, freeUnits(block, null, "block"));
  if (held - leaving - back <= 0 && growing === 0) return { back, lookAgainInMs: null };
  return { back, lookAgainInMs: inUseMs > 0 ? inUseMs : mirrored ? IDLE_MS : EMPTYING_LOOK_MS };
}

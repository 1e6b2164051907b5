// What is counted of one stock that reservations draw on, and the arithmetic over it: what is free, what a settlement gives back.

/** What units are promised from: those that Shopify confirmed for us alone, or also what was last observed as available. */
export type PromiseFrom = "block" | "local";

/** Units of one item at one location; docs/reference/reservations.md, "What a block counts". */
export interface StockCounts {
  readonly held: number;
  readonly granted: number;
  readonly settling: number;
  readonly leaving: number;
  readonly growing: number;
}

/** Of promises, what is not given out. Below 0 after promises from the local stock, and when Shopify took away what we held. */
export function freeUnits(counts: StockCounts, available: number | null, from: PromiseFrom): number {
  const block = counts.held - counts.granted - counts.settling - counts.leaving;
  return from === "local" ? block + Math.max(0, available ?? 0) : block;
}

/**
 * An order has taken its stock from `available`: the units that were held for it go back there, as far as the block holds units that are
 * promised to nobody else. After promises from the local stock it may hold fewer, or none.
 */
export function settleUnits(counts: StockCounts, quantity: number): { readonly counts: StockCounts; readonly back: number } {
  const settled = { ...counts, settling: counts.settling - quantity };
  const back = Math.min(quantity, Math.max(0, freeUnits(settled, null, "block")));
  return { counts: { ...settled, leaving: settled.leaving + back }, back };
}

// How many units a block asks for, after a grant or a refusal.

import { freeUnits, type StockCounts } from "./stock-counts.ts";

/**
 * Asked for when what is free, with what is on its way, is less than half of what is promised, or less than was missing: then what is
 * missing and as much again as is promised, so that a block under demand doubles and a busy item needs few moves. Never more than
 * `available` as last observed, of which what is on its way already is taken off.
 *
 * What is on its way counts as free for the question whether to ask at all: otherwise every batch behind a move would ask for a few more.
 *
 * @param missing units wanted by those who were refused for want of this block.
 */
export function growBlock(counts: StockCounts, available: number | null, missing: number): number {
  const promised = counts.granted + counts.settling;
  const coming = freeUnits(counts, available, "block") + counts.growing;
  if (coming >= Math.max(missing, promised / 2)) return 0;
  const spare = Math.max(0, (available ?? 0) - counts.growing);
  return Math.min(missing + promised - coming, spare);
}

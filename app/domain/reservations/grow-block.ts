// How many units a block asks for, after a grant or a refusal.

import { freeUnits, type StockCounts } from "./stock-counts.ts";

/**
 * Asked for when what is free, with what is on its way, is less than half of what is promised, or less than was missing: then what is
 * missing and as much again as is promised, so that a block under demand doubles and a busy item needs few moves. The first time, when
 * nothing is promised yet, as much again as is missing. Never more than `available` as last observed, of which what is on its way already
 * is taken off.
 *
 * What is on its way counts as free for the question whether to ask at all: otherwise every batch behind a move would ask for a few more.
 * Not for those who ask for the first time: it was asked for by others, who wait for it. A crowd that comes while the first unit is on its
 * way would else be content with that one, and ask only when it is there: one move after the other, each for those whom the last left out.
 *
 * @param missing units wanted by those who were refused for want of this block.
 * @param missingFirst those among them that nobody has asked for yet.
 */
export function growBlock(counts: StockCounts, available: number | null, missing: number, missingFirst = 0): number {
  const { growing } = counts;
  const promised = counts.granted + counts.settling;
  const coming = freeUnits(counts, available, "block") + growing;
  const needed = missing + (missingFirst > 0 ? growing : 0);
  const scarce = coming < promised / 2;
  if (coming >= needed && !scarce) return 0;
  const withHeadRoom = scarce || growing === 0 ? missing + Math.max(promised, growing === 0 ? missing : 0) : 0;
  const spare = Math.max(0, (available ?? 0) - growing);
  return Math.min(Math.max(needed, withHeadRoom) - coming, spare);
}

// Which of the moves that wait at one stock may be sent together: Shopify must still have what they take, and they must still be wanted.

export interface WaitingMove {
  readonly id: bigint;
  /** Above 0 out of `available` into the block, below 0 back. */
  readonly delta: number;
}

/** Why a move out of `available` is given up. Units of it were promised to nobody: whoever wants them asks again. */
export type DropReason = "not_protecting" | "level_unknown" | "not_enough";

export interface WeighedMoves<Move extends WaitingMove> {
  readonly kept: readonly Move[];
  readonly dropped: readonly { readonly move: Move; readonly reason: DropReason }[];
  /** What Shopify is told that `available` must be; null: whatever it is, nothing is taken from it. */
  readonly changeFrom: number | null;
}

/**
 * @param available as last known; null: never seen.
 * @param mayTake false: the shop watches, or does not want its holds seen in Shopify. Giving back is always allowed.
 */
export function weighMoves<Move extends WaitingMove>(moves: readonly Move[], available: number | null, mayTake: boolean): WeighedMoves<Move> {
  const ordered = moves.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const kept = ordered.filter(({ delta }) => delta < 0);
  const dropped: { move: Move; reason: DropReason }[] = [];
  let sum = kept.reduce((total, { delta }) => total + delta, 0);
  for (const move of ordered) {
    if (move.delta < 0) continue;
    // What others give back at the same time covers it first; only the rest is taken from `available`.
    const reason = whyNot(sum + move.delta, available, mayTake);
    if (reason === null) {
      kept.push(move);
      sum += move.delta;
    } else dropped.push({ move, reason });
  }
  return { kept, dropped, changeFrom: sum > 0 ? available : null };
}

function whyNot(sum: number, available: number | null, mayTake: boolean): DropReason | null {
  if (!mayTake) return "not_protecting";
  if (sum <= 0) return null;
  if (available === null) return "level_unknown";
  return available < sum ? "not_enough" : null;
}

// A round of the worker: orders are tied to the holds they name, and units of holds whose order has taken its stock go back on sale.

import type { SettlementBook, SettleRound } from "#app/ports/reservation-book.ts";
import type { Waker } from "#app/ports/waker.ts";

/** Orders and reservations of one round; a full one is followed by the next at once. */
const ROUND_MAX = 200;
const ROUNDS_MAX = 10;

export interface SettleHoldsPorts {
  readonly settlements: Pick<SettlementBook, "settleDue">;
  readonly waker: Pick<Waker, "wakeMany">;
}

/** Answers what all its rounds did. */
export async function settleHolds(ports: SettleHoldsPorts, signal?: AbortSignal): Promise<Omit<SettleRound, "shopsToWake">> {
  const total = { tied: 0, settled: 0, undecided: 0 };
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (signal?.aborted) break;
    const { tied, settled, undecided, shopsToWake } = await ports.settlements.settleDue(ROUND_MAX);
    total.tied += tied;
    total.settled += settled;
    total.undecided += undecided;
    if (shopsToWake.length > 0) await ports.waker.wakeMany(shopsToWake);
    if (tied + settled + undecided < ROUND_MAX) break;
  }
  return total;
}

// Ends the holds whose time has passed, and says when the next one lapses.

import type { ReservationBook } from "#app/ports/reservation-book.ts";
import type { Metrics } from "#app/ports/telemetry.ts";

export const EXPIRY_LIMITS = {
  /** Holds of one transaction: it counts its units into their blocks at once, and a grant of the same stock waits for no more than that. */
  batchMax: 500,
  /** Transactions of one round; with more to do the next round begins at once. */
  batchesMax: 40,
  /** The next look comes no later, whatever lapses meanwhile that nobody could know of. */
  lookEveryMs: 1_000,
  /** And no sooner: those that lapse within it are ended together. */
  gatherMs: 25,
} as const;

export interface ExpiryPorts {
  readonly book: Pick<ReservationBook, "expireDue" | "nextExpiryInMs">;
  readonly metrics: Pick<Metrics, "reservation">;
}

export interface ExpiryRound {
  readonly expiredCount: number;
  /** When to look again. */
  readonly dueInMs: number;
}

/** Any number of workers at once: each takes what the others have not, and waits for none of them. */
export async function expireHolds({ book, metrics }: ExpiryPorts, signal: AbortSignal): Promise<ExpiryRound> {
  const { batchMax, batchesMax, lookEveryMs, gatherMs } = EXPIRY_LIMITS;
  let expiredCount = 0;
  for (let batch = 0; batch < batchesMax && !signal.aborted; batch += 1) {
    const ended = await book.expireDue(batchMax);
    expiredCount += ended.expiredCount;
    if (ended.expiredCount > 0) metrics.reservation("expired", ended.expiredCount);
    if (ended.expiredCount === batchMax) continue;
    const nextMs = await book.nextExpiryInMs();
    return { expiredCount, dueInMs: Math.max(gatherMs, Math.min(lookEveryMs, nextMs ?? lookEveryMs)) };
  }
  return { expiredCount, dueInMs: 0 };
}

// Blocks that are due give back what nobody needs, and those of earlier lives of the app are taken over; the shops' turns carry it out.

import type { BlockBook } from "#app/ports/reservation-book.ts";
import type { Waker } from "#app/ports/waker.ts";

export const RESIZE_LIMITS = {
  /** Blocks of one transaction. */
  batchMax: 200,
  /** Transactions of one round; what is left waits for the next. */
  batchesMax: 10,
  everyMs: 5_000,
} as const;

export interface ResizeBlocksPorts {
  readonly blocks: Pick<BlockBook, "resizeDue">;
  readonly waker: Pick<Waker, "wakeMany">;
}

/** Any number of workers at once: each takes blocks that the others have not. Answers how many were resized. */
export async function resizeBlocks({ blocks, waker }: ResizeBlocksPorts, signal: AbortSignal): Promise<number> {
  let count = 0;
  for (let batch = 0; batch < RESIZE_LIMITS.batchesMax && !signal.aborted; batch += 1) {
    const { resized, shopsToWake } = await blocks.resizeDue(RESIZE_LIMITS.batchMax);
    count += resized;
    // Without the wake the moves would wait for the sweeper.
    if (shopsToWake.length > 0) await waker.wakeMany(shopsToWake);
    if (resized < RESIZE_LIMITS.batchMax) break;
  }
  return count;
}

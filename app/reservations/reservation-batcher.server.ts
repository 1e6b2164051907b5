// Buyers who ask for units at the same moment share one transaction: the row of a hot stock is locked, changed and committed once for all of them.

import { type Batched, gatherBatches } from "#app/pipeline/gather-batches.server.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { ReservationBook, ReserveOutcome, ReserveRequest } from "#app/ports/reservation-book.ts";
import type { Logger } from "#app/ports/telemetry.ts";

export const RESERVATION_BATCH_LIMITS = {
  rowsMax: 200,
  /** Two of one hot stock wait for each other in PostgreSQL; two of different shops do not. */
  inFlightMax: 2,
  waitingMax: 5_000,
  /** A buyer who waits longer has gone; the key makes the repetition safe. */
  answerWithinMs: 4_000,
} as const;

export interface ReservationBatcher {
  /** `unavailable`: not known to be granted; the same key again says. */
  reserve(request: ReserveRequest, signal?: AbortSignal): Promise<Batched<ReserveOutcome>>;
}

export interface ReservationBatcherOptions {
  readonly clock: Pick<Clock, "setTimer">;
  readonly logger: Pick<Logger, "error">;
  /** Called after a commit with the shops in which a move waits for a turn. */
  readonly wake: (shops: readonly string[]) => void;
  readonly limits?: Partial<typeof RESERVATION_BATCH_LIMITS>;
}

export function createReservationBatcher(book: Pick<ReservationBook, "reserve">, { clock, logger, wake, limits = {} }: ReservationBatcherOptions): ReservationBatcher {
  const batches = gatherBatches<ReserveRequest, ReserveOutcome>(
    async (requests) => {
      try {
        const { outcomes, shopsToWake } = await book.reserve(requests);
        if (shopsToWake.length > 0) wake(shopsToWake);
        return requests.map((_, index) => outcomes[index] ?? "unavailable");
      } catch (error) {
        logger.error({ err: error, requestCount: requests.length }, "a batch of reservations failed");
        throw error;
      }
    },
    { limits: { ...RESERVATION_BATCH_LIMITS, ...limits }, clock, cutWhenFailed: true },
  );
  return { reserve: (request, signal) => batches.submit(request, signal) };
}

// Gathers webhook requests that arrive together into one insert, so that one commit (one fsync) makes many of them durable.

import type { Clock } from "#app/ports/clock.ts";
import type { DeliveryIntake, IncomingDelivery, IntakeOutcome } from "#app/ports/delivery-intake.ts";

/** Rows in one insert. Larger batches bring little and make a failing row dearer to find. */
export const BATCH_ROWS_MAX = 200;
/** Inserts under way at once: while one waits for the disk the next is sent. */
export const BATCHES_IN_FLIGHT_MAX = 2;
/** Requests waiting for an insert; beyond this the sender is told to come back, before memory or Shopify's 5 s run out. */
export const WAITING_MAX = 5_000;
/**
 * A request that is not known to be durable by then is answered 503. Shopify hears no answer after 5 s and sends again either way; what
 * waits longer only keeps others waiting. What PostgreSQL stores later all the same makes the repetition a duplicate.
 */
export const ANSWER_WITHIN_MS = 4_000;

export type BatchedOutcome = IntakeOutcome | "unavailable" | "overloaded";

interface Waiting {
  readonly delivery: IncomingDelivery;
  readonly settle: (outcome: BatchedOutcome) => void;
}

export interface DeliveryBatcher {
  /** Resolves when the delivery is committed, or when it is not known to be after `ANSWER_WITHIN_MS`. */
  submit(delivery: IncomingDelivery): Promise<BatchedOutcome>;
}

/**
 * No timer gathers a batch: the first request goes at once, and whatever arrives while inserts are under way goes together
 * afterwards. A quiet shop waits for nobody and a flood batches itself.
 *
 * @param onStored called after each commit with the shops that got new work, once each, and per shop the trace of its first new notification.
 */
export function createDeliveryBatcher(intake: DeliveryIntake, onStored: (shops: readonly string[], traceIds: ReadonlyMap<string, string>) => void, clock: Clock): DeliveryBatcher {
  const waiting: Waiting[] = [];
  let inFlight = 0;

  function pump(): void {
    while (inFlight < BATCHES_IN_FLIGHT_MAX && waiting.length > 0) {
      inFlight += 1;
      void flush(waiting.splice(0, BATCH_ROWS_MAX)).finally(() => {
        inFlight -= 1;
        pump();
      });
    }
  }

  async function flush(batch: readonly Waiting[]): Promise<void> {
    const result = await intake.store(batch.map((entry) => entry.delivery)).catch((cause: unknown) => ({ kind: "unavailable" as const, cause }));
    if (result.kind === "unavailable") {
      for (const entry of batch) entry.settle("unavailable");
      return;
    }
    const traceIds = new Map<string, string>();
    batch.forEach((entry, index) => {
      const outcome = result.outcomes[index] ?? "unavailable";
      const { shop, state, traceId } = entry.delivery;
      if (outcome === "accepted" && state === "pending" && !traceIds.has(shop)) traceIds.set(shop, traceId);
      entry.settle(outcome);
    });
    if (traceIds.size > 0) onStored([...traceIds.keys()], traceIds);
  }

  return {
    submit(delivery) {
      if (waiting.length >= WAITING_MAX) return Promise.resolve("overloaded");
      return new Promise((resolve) => {
        const timer = clock.setTimer(ANSWER_WITHIN_MS, () => {
          const place = waiting.indexOf(entry);
          if (place >= 0) waiting.splice(place, 1);
          resolve("unavailable");
        });
        const entry: Waiting = {
          delivery,
          settle: (outcome) => {
            timer.cancel();
            resolve(outcome);
          },
        };
        waiting.push(entry);
        // After this tick: requests parsed in the same turn of the event loop share the insert.
        if (inFlight < BATCHES_IN_FLIGHT_MAX) setImmediate(pump);
      });
    },
  };
}

// Gathers webhook requests that arrive together into one insert, so that one commit (one fsync) makes many of them durable.

import { type Batched, gatherBatches } from "#app/pipeline/gather-batches.server.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { DeliveryIntake, IncomingDelivery, IntakeOutcome } from "#app/ports/delivery-intake.ts";

/** Rows in one insert. Larger batches bring little and make a failing row dearer to find. */
export const BATCH_ROWS_MAX = 200;
/** Inserts under way at once: while one waits for the disk the next is sent. */
export const BATCHES_IN_FLIGHT_MAX = 2;
/** A batch of its own costs web and PostgreSQL about as much as fifty rows: the second sets out when so many wait, or when the first is stuck. */
const ANOTHER = { waitingMin: 100, slowAfterMs: 25 } as const;
/** Requests waiting for an insert; beyond this the sender is told to come back, before memory or Shopify's 5 s run out. */
export const WAITING_MAX = 5_000;
/**
 * A request that is not known to be durable by then is answered 503. Shopify hears no answer after 5 s and sends again either way; what
 * waits longer only keeps others waiting. What PostgreSQL stores later all the same makes the repetition a duplicate.
 */
export const ANSWER_WITHIN_MS = 4_000;

export type BatchedOutcome = Exclude<Batched<IntakeOutcome>, "gone">;

export interface DeliveryBatcher {
  /** Resolves when the delivery is committed, or when it is not known to be after `ANSWER_WITHIN_MS`. */
  submit(delivery: IncomingDelivery): Promise<BatchedOutcome>;
}

/** @param onStored called after each commit with the shops that got new work, once each, and per shop the trace of its first new notification. */
export function createDeliveryBatcher(intake: DeliveryIntake, onStored: (shops: readonly string[], traceIds: ReadonlyMap<string, string>) => void, clock: Clock): DeliveryBatcher {
  const limits = { rowsMax: BATCH_ROWS_MAX, inFlightMax: BATCHES_IN_FLIGHT_MAX, another: ANOTHER, waitingMax: WAITING_MAX, answerWithinMs: ANSWER_WITHIN_MS };
  // The intake finds a row at fault by itself.
  const batches = gatherBatches<IncomingDelivery, IntakeOutcome>(store, { limits, clock, cutWhenFailed: false });

  async function store(deliveries: readonly IncomingDelivery[]): Promise<readonly (IntakeOutcome | "unavailable")[]> {
    const result = await intake.store(deliveries);
    if (result.kind === "unavailable") return deliveries.map(() => "unavailable");
    const traceIds = new Map<string, string>();
    deliveries.forEach(({ shop, state, traceId }, index) => {
      if (result.outcomes[index] === "accepted" && state === "pending" && !traceIds.has(shop)) traceIds.set(shop, traceId);
    });
    if (traceIds.size > 0) onStored([...traceIds.keys()], traceIds);
    return deliveries.map((_, index) => result.outcomes[index] ?? "unavailable");
  }

  return {
    // A webhook whose sender has hung up is stored all the same: it is given no signal, so it is never `gone`.
    submit: async (delivery) => {
      const outcome = await batches.submit(delivery);
      return outcome === "gone" ? "unavailable" : outcome;
    },
  };
}

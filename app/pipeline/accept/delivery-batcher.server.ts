// Gathers webhook requests that arrive together into one insert, so that one commit (one fsync) makes many of them durable.

import { type Batched, type BatchLimits, gatherBatches } from "#app/pipeline/gather-batches.server.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { DeliveryIntake, IncomingDelivery, IntakeOutcome } from "#app/ports/delivery-intake.ts";

export const BATCH_LIMITS = {
  /** Larger batches bring little and make a failing row dearer to find. */
  rowsMax: 200,
  /** While one waits for the disk the next is sent. */
  inFlightMax: 2,
  /** A batch of its own costs web and PostgreSQL about as much as fifty rows: the second sets out when so many wait, or when the first is stuck. */
  another: { waitingMin: 60, slowAfterMs: 25 },
  /** Beyond this the sender is told to come back, before memory or Shopify's 5 s run out. */
  waitingMax: 5_000,
  /**
   * A request that is not known to be durable by then is answered 503. Shopify hears no answer after 5 s and sends again either way; what
   * waits longer only keeps others waiting. What PostgreSQL stores later all the same makes the repetition a duplicate.
   */
  answerWithinMs: 4_000,
} as const satisfies BatchLimits;

export type BatchedOutcome = Exclude<Batched<IntakeOutcome>, "gone">;

export interface DeliveryBatcher {
  /** Resolves when the delivery is committed, or when it is not known to be after `BATCH_LIMITS.answerWithinMs`. */
  submit(delivery: IncomingDelivery): Promise<BatchedOutcome>;
}

/** @param onStored called after each commit with the shops that got new work, once each, and per shop the trace of its first new notification. */
export function createDeliveryBatcher(intake: DeliveryIntake, onStored: (shops: readonly string[], traceIds: ReadonlyMap<string, string>) => void, clock: Clock): DeliveryBatcher {
  // The intake finds a row at fault by itself.
  const batches = gatherBatches<IncomingDelivery, IntakeOutcome>(store, { limits: BATCH_LIMITS, clock, cutWhenFailed: false });

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

// Port of the accept path: makes a batch of webhook requests durable, and says of each whether it was new.

/** One webhook request, projected to what may be stored. */
export interface IncomingDelivery {
  readonly shop: string;
  readonly webhookId: string;
  readonly eventId: string | null;
  readonly topic: string;
  readonly apiVersion: string | null;
  /** ISO 8601 with up to nanoseconds, as Shopify sent it; null when absent or not a time. */
  readonly triggeredAt: string | null;
  /** Decimal id of the order it is about. */
  readonly orderId: string | null;
  /** The projected body as JSON text; null when there is nothing to keep. */
  readonly payload: string | null;
  /** `pending` work for the pipeline, or recorded only. */
  readonly state: "pending" | "ignored" | "rejected";
  readonly reason: string | null;
  readonly traceId: string;
}

/** `rejected`: recorded, but its content could not be stored; it will not be worked on. */
export type IntakeOutcome = "accepted" | "duplicate" | "not_installed" | "rejected";

export type IntakeResult =
  | { readonly kind: "stored"; readonly outcomes: readonly IntakeOutcome[] }
  /** Nothing of the batch is durable; the sender must try again. */
  | { readonly kind: "unavailable"; readonly cause: unknown };

export interface DeliveryIntake {
  /**
   * Stores `batch` and answers after commit, outcomes in the same order. One row that cannot be stored never fails its neighbours.
   * Two rows of one batch may carry the same webhook id: the second is a duplicate.
   */
  store(batch: readonly IncomingDelivery[]): Promise<IntakeResult>;
  /** Privacy requests are kept apart: they arrive for shops that are no longer installed. */
  storeCompliance(request: { shop: string; topic: string; webhookId: string }): Promise<"accepted" | "duplicate" | "unavailable">;
}

// What is known of one stock (an item at a location) over time: values that were seen, and changes that must have happened.

/** A value of `available` that was seen. */
export interface Observation {
  readonly id: string;
  /** When the value held, ms since 1970; notifications carry fractions. See docs/reference/detection.md, "Moments". */
  readonly atMs: number;
  readonly available: number;
  readonly seenBy: "notification" | "read" | "scan";
  /** Shared by all notifications of one merchant action; null where Shopify did not say. */
  readonly eventId: string | null;
}

export type EffectKind = "ours" | "order" | "edit" | "restock";

/** A change of `available` that must have happened, whether or not a notification told of it. */
export interface Effect {
  readonly id: string;
  readonly kind: EffectKind;
  /** ms since 1970; of our own answers and of orders only the second is known. */
  readonly atMs: number;
  /** Never 0. */
  readonly delta: number;
  readonly eventId: string | null;
  /** Value of `available` right after it, where an answer of Shopify's said so; else null. */
  readonly after: number | null;
  readonly orderId: string | null;
  /** False where it is not known whether Shopify took stock for it (an order of a source that may bypass): it explains, it is not expected. */
  readonly expected: boolean;
}

export type Verdict = "first" | "none" | "ours" | "shopify_order" | "restock" | "another_writer" | "unknown";

/** How an effect was recognised in a change. */
export type Match = "answer" | "event" | "amount" | "interval";

export interface Attribution {
  readonly observationId: string;
  /** Against the observation before; 0 for the first. */
  readonly delta: number;
  readonly parts: readonly { readonly effectId: string; readonly how: Match }[];
  /** What no known effect explains. */
  readonly foreign: number;
  readonly verdict: Verdict;
}

export interface Overwrite {
  readonly observationId: string;
  readonly atMs: number;
  readonly valueBefore: number;
  readonly valueWritten: number;
  /** Until when the stock had the value that was written. */
  readonly sameAsMs: number;
  /** Units that were taken between and came back by the write, > 0. */
  readonly unitsAtRisk: number;
  /** What the writer had not seen, oldest first. */
  readonly unseen: readonly string[];
  readonly confidence: "certain" | "likely";
}

export interface HistoryInput {
  /** In any order; of one stock only. */
  readonly observations: readonly Observation[];
  readonly effects: readonly Effect[];
  /** Moments at which a read showed that `reserved` changed: a change of `available` then is a reservation's. */
  readonly reservationsMs?: readonly number[];
}

export interface HistoryJudgement {
  /** In order of time. */
  readonly attributions: readonly Attribution[];
  readonly overwrites: readonly Overwrite[];
}

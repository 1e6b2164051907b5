// What a person may want to be told: the kinds of it and the facts that a message names. Written with the incident itself, told by whoever listens.

export const ALERT_KINDS = ["oversell", "conflict", "drift", "parked", "webhook_lag", "webhook_errors", "mutation_failures", "lock_waits", "deadlocks"] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

/** An incident opens once, may change some times, and closes once: each is one event, whoever tells of it and however often. */
export type AlertStage = "opened" | "closed" | `changed:${number}`;

/** An order that an incident is about. */
export interface AlertOrder {
  readonly orderId: string;
  readonly name: string | null;
  /** Units of it that are concerned. */
  readonly units: number;
}

/** What a message names. Null or empty where it does not apply: a lag has no product. No customer data. Ids are decimal strings. */
export interface AlertFacts {
  /** Product and variant title together. */
  readonly title: string | null;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly inventoryItemId: string | null;
  readonly locationId: string | null;
  readonly locationName: string | null;
  /** Units: how deep an oversell is, how many units an overwrite put at risk, how large a mismatch is. */
  readonly depth: number | null;
  /** Some of them, where there are many: `orderCount` says how many there are. */
  readonly orders: readonly AlertOrder[];
  /** Written with the event; missing in what was not stored, and where the event came from an older version. */
  readonly orderCount?: number;
  /** What else this kind has to say: kind of the oversell, reason of what was parked, figure and threshold of a rate. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export const NO_ALERT_FACTS: AlertFacts = { title: null, variantId: null, sku: null, inventoryItemId: null, locationId: null, locationName: null, depth: null, orders: [], detail: {} };

/** Orders that one message names; the incident itself keeps them all. */
export const ALERT_ORDERS_MAX = 20;

export interface AlertEvent {
  readonly installId: bigint;
  readonly shop: string;
  readonly kind: AlertKind;
  /** The incident within its kind, for example the id of the oversell. */
  readonly subject: string;
  readonly stage: AlertStage;
  readonly facts: AlertFacts;
}

// What is known of an order, merged from whatever Shopify sent in whatever order it came: state, not events.
//
// Merging is commutative and idempotent for everything that only grows (refunds, "was paid", "was cancelled"); for the rest the
// newest version wins, by Shopify's `updated_at` and, within the same second, by the notification's trigger time. Two different
// contents with the same version cannot be ordered here: the order is marked to be read from Shopify.

/** One line of an order; ids are decimal strings. */
export interface OrderLine {
  readonly id: string;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  /** Units ordered, edits that added units included. Not validated: derivation refuses what is not a whole number ≥ 0. */
  readonly quantity: number;
  /** Units left after edits and refunds that removed some; null when the source did not say. */
  readonly currentQuantity: number | null;
  readonly giftCard: boolean;
  /** Shopify keeps stock for it (`variant_inventory_management = "shopify"`); null when unknown. */
  readonly tracked: boolean | null;
  /** Set when the line belongs to a line-item group (a native bundle). */
  readonly groupId: string | null;
}

export type RestockType = "no_restock" | "cancel" | "return" | "legacy_restock";

export interface RefundLine {
  readonly id: string;
  readonly lineId: string;
  readonly quantity: number;
  readonly restockType: RestockType;
}

export interface Refund {
  readonly id: string;
  readonly lines: readonly RefundLine[];
}

/** One version of an order as a webhook or a read shows it. Times are ISO 8601. */
export interface OrderVersion {
  readonly id: string;
  readonly name: string | null;
  readonly sourceName: string | null;
  readonly appId: string | null;
  readonly test: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly cancelledAt: string | null;
  readonly financialStatus: string | null;
  /** Only POS orders carry it. */
  readonly locationId: string | null;
  readonly lines: readonly OrderLine[];
  readonly refunds: readonly Refund[];
}

/** Where the order's fulfilment orders are, as last read from Shopify. */
export interface Routing {
  readonly fulfilmentOrders: readonly {
    readonly locationId: string;
    /** Null: every line (there is only this one). */
    readonly lines: readonly { readonly lineId: string; readonly quantity: number }[] | null;
  }[];
}

export interface OrderState {
  /** Null until a full version was seen: a refund, or a notice of an edit, may come first. */
  readonly version: OrderVersion | null;
  /** Trigger time of the notification that brought `version`; breaks ties within one second. */
  readonly triggeredAt: string | null;
  readonly refunds: readonly Refund[];
  readonly cancelledAt: string | null;
  readonly paid: boolean;
  readonly routing: Routing | null;
  /** Grows each time something asks for a read; a read only satisfies the number it started with. */
  readonly readsWanted: number;
  readonly readsDone: number;
}

export const EMPTY_ORDER: OrderState = {
  version: null,
  triggeredAt: null,
  refunds: [],
  cancelledAt: null,
  paid: false,
  routing: null,
  readsWanted: 0,
  readsDone: 0,
};

/** What one delivery, or one read, says about an order. */
export type OrderObservation =
  | { readonly kind: "version"; readonly version: OrderVersion; readonly triggeredAt: string | null }
  | { readonly kind: "refund"; readonly refund: Refund }
  | { readonly kind: "edited" }
  | { readonly kind: "routed" };

const PAID_STATUSES: ReadonlySet<string> = new Set(["paid", "partially_refunded", "refunded"]);

export function needsRead(state: OrderState): boolean {
  return state.readsWanted > state.readsDone;
}

export function observe(state: OrderState, seen: OrderObservation): OrderState {
  switch (seen.kind) {
    case "version":
      return mergeVersion(state, seen.version, seen.triggeredAt);
    case "refund": {
      // A refund of an order never seen: its version may be lost, so it is read rather than waited for.
      const refunds = unionRefunds(state.refunds, [seen.refund]);
      return { ...state, refunds, readsWanted: state.version ? state.readsWanted : state.readsWanted + 1 };
    }
    case "edited":
      return { ...state, readsWanted: state.readsWanted + 1 };
    case "routed":
      // The location is read anew; one that is pinned already stays pinned.
      return { ...state, routing: null };
  }
}

/** Merges a version read from Shopify; `readsWanted` is the number the read started with. */
export function mergeRead(state: OrderState, version: OrderVersion, readsWanted: number): OrderState {
  const merged = { ...state, readsDone: Math.max(state.readsDone, readsWanted) };
  const current = state.version;
  // A read shows the present, so within the same second it wins over a notification.
  if (current && compareTimes(version.updatedAt, current.updatedAt) < 0) return withMonotone(merged, version);
  return withMonotone({ ...merged, version, triggeredAt: null }, version);
}

function mergeVersion(state: OrderState, version: OrderVersion, triggeredAt: string | null): OrderState {
  const current = state.version;
  const grown = withMonotone(state, version);
  if (!current) return { ...grown, version, triggeredAt };
  const order = compareTimes(version.updatedAt, current.updatedAt) || compareTriggers(triggeredAt, state.triggeredAt);
  if (order > 0) return { ...grown, version, triggeredAt };
  if (order < 0 || sameContent(version, current)) return grown;
  return { ...grown, readsWanted: grown.readsWanted + 1 };
}

function withMonotone(state: OrderState, version: OrderVersion): OrderState {
  return {
    ...state,
    refunds: unionRefunds(state.refunds, version.refunds),
    cancelledAt: state.cancelledAt ?? version.cancelledAt,
    paid: state.paid || PAID_STATUSES.has(version.financialStatus ?? ""),
  };
}

function unionRefunds(known: readonly Refund[], seen: readonly Refund[]): readonly Refund[] {
  const ids = new Set(known.map((refund) => refund.id));
  const added = seen.filter((refund) => !ids.has(refund.id));
  return added.length === 0 ? known : [...known, ...added].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function compareTimes(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}

/** Trigger times carry nanoseconds, more than `Date` holds; in UTC ISO form they compare as text. Unknown ones tie. */
function compareTriggers(a: string | null, b: string | null): number {
  if (a === null || b === null || a === b) return 0;
  return Date.parse(a) - Date.parse(b) || (a < b ? -1 : 1);
}

function sameContent(a: OrderVersion, b: OrderVersion): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

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
  /** Units not fulfilled yet; null or missing when the source did not say, or an older version of Holdfast wrote it. Bears on no change. */
  readonly fulfillableQuantity?: number | null;
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
  /** Missing in what an older version of Holdfast wrote. */
  readonly createdAt?: string | null;
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
  /** When it was sold: a till that was offline tells of it later. Missing in what an older version of Holdfast wrote. */
  readonly processedAt?: string | null;
  readonly cancelledAt: string | null;
  readonly financialStatus: string | null;
  /** Lower case; null: nothing is fulfilled yet, or the source did not say. Missing in what an older version of Holdfast wrote. */
  readonly fulfillmentStatus?: string | null;
  /** Only POS orders carry it. */
  readonly locationId: string | null;
  readonly lines: readonly OrderLine[];
  readonly refunds: readonly Refund[];
  /** The reservation that an attribute of the order names: a UUID. Absent: none. */
  readonly reservationId?: string;
}

/** Where the order's fulfilment orders are, as last read from Shopify. */
export interface Routing {
  readonly fulfilmentOrders: readonly {
    readonly locationId: string;
    /** Null: every line (there is only this one). */
    readonly lines: readonly { readonly lineId: string; readonly quantity: number }[] | null;
  }[];
  /** ISO 8601: when Shopify first answered the question, for the order as it then was. */
  readonly firstAskedAt: string;
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
  /** The reservation that was named first: a tie to a hold does not move to another. Absent: none was ever named. */
  readonly reservationId?: string;
  /** Event id of the notification that brought `version`: shared by all notifications of one merchant action. */
  readonly eventId: string | null;
  /** What only a read from Shopify, or a notification still on its way, can answer; empty most of the time. */
  readonly questions: readonly Question[];
  /** Number of the newest question; a read answers the questions up to the number it began with. */
  readonly questionCount: number;
}

/** Something the notifications seen so far leave open. */
export type Question =
  /** The order was edited; the notice does not carry the order. `at`: when it was triggered. */
  | { readonly number: number; readonly kind: "edited"; readonly at: string | null; readonly eventId: string | null }
  /** A refund of an order that was never seen. */
  | { readonly number: number; readonly kind: "unseen" }
  /** Two contents of the same version: which is newer cannot be told. */
  | { readonly number: number; readonly kind: "tie" }
  /** A person wants the order to be looked at again. */
  | { readonly number: number; readonly kind: "asked_again" };

export const EMPTY_ORDER: OrderState = {
  version: null,
  triggeredAt: null,
  refunds: [],
  cancelledAt: null,
  paid: false,
  routing: null,
  eventId: null,
  questions: [],
  questionCount: 0,
};

/** What one delivery, or one read, says about an order. */
export type OrderObservation =
  | { readonly kind: "version"; readonly version: OrderVersion; readonly triggeredAt: string | null; readonly eventId: string | null }
  | { readonly kind: "refund"; readonly refund: Refund }
  | { readonly kind: "edited"; readonly triggeredAt: string | null; readonly eventId: string | null }
  | { readonly kind: "routed" };

const PAID_STATUSES: ReadonlySet<string> = new Set(["paid", "partially_refunded", "refunded"]);

export function isPaidStatus(financialStatus: string | null): boolean {
  return PAID_STATUSES.has(financialStatus ?? "");
}

/**
 * Everything of an order that can change and bears on stock, as text to compare. Names, times and the form in which a webhook and a read
 * say the same thing are not in it.
 */
export function changingParts(order: Pick<OrderState, "version" | "refunds" | "cancelledAt" | "paid">): string {
  const lines = (order.version?.lines ?? []).map((line) => [line.id, line.quantity, line.currentQuantity] as const);
  const refunds = order.refunds.map((refund) => [refund.id, refund.lines.map((line) => [line.lineId, line.quantity, line.restockType].join()).toSorted()] as const);
  return JSON.stringify([lines.toSorted(byId), refunds.toSorted(byId), order.cancelledAt !== null, order.paid]);
}

function byId(a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number {
  return a[0] < b[0] ? -1 : 1;
}

export function needsRead(state: OrderState): boolean {
  return state.questions.length > 0;
}

export function observe(state: OrderState, seen: OrderObservation): OrderState {
  switch (seen.kind) {
    case "version":
      return mergeVersion(state, seen);
    case "refund": {
      const refunds = unionRefunds(state.refunds, [seen.refund]);
      const asked = state.version !== null || state.questions.some((question) => question.kind === "unseen");
      return asked ? { ...state, refunds } : ask({ ...state, refunds }, { kind: "unseen" });
    }
    case "edited":
      return isAnswered({ kind: "edited", at: seen.triggeredAt, eventId: seen.eventId }, state)
        ? state
        : ask(state, { kind: "edited", at: seen.triggeredAt, eventId: seen.eventId });
    case "routed":
      // The location is read anew; one that is pinned already stays pinned.
      return { ...state, routing: null };
  }
}

/** Merges a version read from Shopify, which answers the questions up to `readUpTo`: those that were open when the read began. */
export function mergeRead(state: OrderState, version: OrderVersion, readUpTo: number): OrderState {
  const answered = answerUpTo(state, readUpTo);
  const current = state.version;
  // A read shows the present, so within the same second it wins over a notification.
  if (current && compareTimes(version.updatedAt, current.updatedAt) < 0) return withMonotone(answered, version);
  const routing = current && hasNewLines(version, current) ? null : answered.routing;
  return withMonotone({ ...answered, version, triggeredAt: null, eventId: null, routing }, version);
}

/** Shopify was asked and does not know the order: what the notifications said is all there is. */
export function answerUpTo(state: OrderState, readUpTo: number): OrderState {
  return { ...state, questions: state.questions.filter((question) => question.number > readUpTo) };
}

function mergeVersion(state: OrderState, seen: Extract<OrderObservation, { kind: "version" }>): OrderState {
  const { version, triggeredAt, eventId } = seen;
  const current = state.version;
  const grown = withMonotone(state, version);
  // Lines that were added have to be routed first: the deadline for it starts anew.
  const routing = current && hasNewLines(version, current) ? null : grown.routing;
  const taken = () => answerByVersion({ ...grown, version, triggeredAt, eventId, routing });
  if (!current) return taken();
  const order = compareTimes(version.updatedAt, current.updatedAt) || compareTriggers(triggeredAt, state.triggeredAt);
  if (order > 0) return taken();
  if (order < 0 || sameContent(version, current)) return grown;
  return ask(grown, { kind: "tie" });
}

/** The order is read from Shopify again, and so is where it is fulfilled: the wait for that begins anew. What is pinned stays pinned. */
export function askAgain(state: OrderState): OrderState {
  return ask({ ...state, routing: null }, { kind: "asked_again" });
}

type NewQuestion = Question extends infer Kind ? (Kind extends Question ? Omit<Kind, "number"> : never) : never;

function ask(state: OrderState, question: NewQuestion): OrderState {
  const number = state.questionCount + 1;
  return { ...state, questionCount: number, questions: [...state.questions, { ...question, number }] };
}

function answerByVersion(state: OrderState): OrderState {
  const open = state.questions.filter((question) => question.kind === "edited" && !isAnswered(question, state));
  return { ...state, questions: open };
}

/**
 * An edit is part of a version that the same merchant action brought, or that is of a later second. One of the same second may be older
 * than the edit, so it proves nothing.
 */
function isAnswered(edit: { kind: "edited"; at: string | null; eventId: string | null }, { version, eventId }: OrderState): boolean {
  if (!version) return false;
  if (edit.eventId !== null && edit.eventId === eventId) return true;
  return edit.at !== null && Date.parse(version.updatedAt) >= Math.floor(Date.parse(edit.at) / 1000 + 1) * 1000;
}

function withMonotone(state: OrderState, version: OrderVersion): OrderState {
  return {
    ...state,
    refunds: unionRefunds(state.refunds, version.refunds),
    cancelledAt: state.cancelledAt ?? version.cancelledAt,
    paid: state.paid || isPaidStatus(version.financialStatus),
    ...(state.reservationId === undefined && version.reservationId !== undefined ? { reservationId: version.reservationId } : {}),
  };
}

function unionRefunds(known: readonly Refund[], seen: readonly Refund[]): readonly Refund[] {
  const ids = new Set(known.map((refund) => refund.id));
  const added = seen.filter((refund) => !ids.has(refund.id));
  return added.length === 0 ? known : [...known, ...added].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function hasNewLines(version: OrderVersion, known: OrderVersion): boolean {
  const ids = new Set(known.lines.map((line) => line.id));
  return version.lines.some((line) => !ids.has(line.id));
}

function compareTimes(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}

/** Trigger times carry nanoseconds, more than `Date` holds; in UTC ISO form they compare as text. Unknown ones tie. */
function compareTriggers(a: string | null, b: string | null): number {
  if (a === null || b === null || a === b) return 0;
  return Date.parse(a) - Date.parse(b) || (a < b ? -1 : 1);
}

/** Of two versions of the same second it matters only whether they lead to the same stock. */
function sameContent(a: OrderVersion, b: OrderVersion): boolean {
  const parts = (version: OrderVersion) => changingParts({ version, refunds: version.refunds, cancelledAt: version.cancelledAt, paid: isPaidStatus(version.financialStatus) });
  return parts(a) === parts(b);
}

// The rules nobody could verify from outside Shopify, as switches: tests run both ways, a probe against a real shop settles them.
import { RequestError } from "../http/router.ts";

export interface Assumptions {
  /** A key once used prevents a second effect; otherwise `@idempotent` is read and ignored, as users reported of 2026-01 and 2026-04. */
  keysHonoured: boolean;
  /** A request that changes nothing is remembered under its key like any other; otherwise it is forgotten at once. */
  noOpBindsKey: boolean;
  /** Until when another request with the key is CONCURRENT: the first one's effect, or its answer. */
  keyInFlightUntil: "commit" | "answer";
  /** A replayed answer shows quantities as they are by then; otherwise as they were after the effect. */
  replayShowsPresent: boolean;
  /** What a key remembers when the mutation was refused with user errors. */
  userErrorsUnderKey: "forgotten" | "replayed" | "previous_attempt_failed";
  /** One bad entry refuses the whole batch; otherwise its neighbours are applied beside the error. */
  failingBatchIsAllOrNothing: boolean;
  /** An adjustment of an item at a location that does not stock it: the level is made, or the location is refused. */
  unstockedLocation: "activate" | "refuse";
  /** Refunds and cancellations of orders that bypassed inventory put units back. */
  shopifyRestocksBypassed: boolean;
  /** Fulfilling an order that bypassed inventory lowers committed, and with it on-hand. */
  fulfilBypassedLowersOnHand: boolean;
  /** Units added to, or removed from, a bypassed order by an edit move stock. */
  editOfBypassedMovesStock: boolean;
  /** Units removed by an edit appear as a refund without money, with its own refunds/create. */
  editRemovalMakesRefund: boolean;
  /** A new order is told as orders/updated too. */
  ordersUpdatedOnCreate: boolean;
  /** Dotted paths in include_fields select nested fields; otherwise they select nothing. */
  includeFieldsNested: boolean;
  /** inventory_levels/update is also sent when a quantity other than available changed. */
  levelWebhookForOtherNames: boolean;
  /** What an action does to stock is told under the event id of its other notifications; otherwise each level has an event of its own. */
  levelEventsShared: boolean;
  /** How a sixth bulk operation at once is refused. */
  bulkLimitCode: "LIMIT_REACHED" | "OPERATION_IN_PROGRESS";
  /** A token exchange that does not ask for an expiring token gets a lasting one; otherwise it is refused. */
  lastingTokensAccepted: boolean;
  /** How long a change of an order stays invisible to the search of `orders(query:)`, in milliseconds. */
  searchLagMs: number;
  /** A second order with the same value of a unique metafield is refused; otherwise it is made. */
  uniqueMetafieldsHonoured: boolean;
  /** How long an order made through the API stays invisible to `orderByIdentifier` by its unique metafield, in milliseconds. */
  identifierLagMs: number;
  /** Status of the answer that carries THROTTLED. */
  throttledStatus: 200 | 429;
}

export const DEFAULT_ASSUMPTIONS: Readonly<Assumptions> = {
  keysHonoured: true,
  noOpBindsKey: true,
  keyInFlightUntil: "commit",
  replayShowsPresent: false,
  userErrorsUnderKey: "forgotten",
  failingBatchIsAllOrNothing: true,
  unstockedLocation: "activate",
  shopifyRestocksBypassed: false,
  fulfilBypassedLowersOnHand: false,
  editOfBypassedMovesStock: false,
  editRemovalMakesRefund: true,
  ordersUpdatedOnCreate: false,
  includeFieldsNested: true,
  levelWebhookForOtherNames: false,
  levelEventsShared: true,
  bulkLimitCode: "LIMIT_REACHED",
  lastingTokensAccepted: true,
  searchLagMs: 0,
  uniqueMetafieldsHonoured: true,
  identifierLagMs: 0,
  throttledStatus: 200,
};

/** A lag that a shop might show. */
const SAMPLE_LAG_MS = 30_000;

const ALLOWED: Readonly<Record<keyof Assumptions, readonly unknown[] | "milliseconds">> = {
  keysHonoured: [true, false],
  noOpBindsKey: [true, false],
  keyInFlightUntil: ["commit", "answer"],
  replayShowsPresent: [true, false],
  userErrorsUnderKey: ["forgotten", "replayed", "previous_attempt_failed"],
  failingBatchIsAllOrNothing: [true, false],
  unstockedLocation: ["activate", "refuse"],
  shopifyRestocksBypassed: [true, false],
  fulfilBypassedLowersOnHand: [true, false],
  editOfBypassedMovesStock: [true, false],
  editRemovalMakesRefund: [true, false],
  ordersUpdatedOnCreate: [true, false],
  includeFieldsNested: [true, false],
  levelWebhookForOtherNames: [true, false],
  levelEventsShared: [true, false],
  bulkLimitCode: ["LIMIT_REACHED", "OPERATION_IN_PROGRESS"],
  lastingTokensAccepted: [true, false],
  searchLagMs: "milliseconds",
  uniqueMetafieldsHonoured: [true, false],
  identifierLagMs: "milliseconds",
  throttledStatus: [200, 429],
};

/** What each switch may be set to, for tests that run all ways. */
export const VALUES_OF_ASSUMPTIONS = Object.fromEntries(
  Object.entries(ALLOWED).map(([name, allowed]) => [name, allowed === "milliseconds" ? [0, SAMPLE_LAG_MS] : allowed]),
) as Readonly<Record<keyof Assumptions, readonly unknown[]>>;

/** Switches the named assumptions; an unknown name or a value outside its list is refused and nothing is changed. */
export function switchAssumptions(assumptions: Assumptions, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const allowed = ALLOWED[name as keyof Assumptions] as readonly unknown[] | "milliseconds" | undefined;
    if (!allowed) throw new RequestError(422, "unknown_assumption", `There is no assumption ${name}.`);
    const fits = allowed === "milliseconds" ? typeof value === "number" && value >= 0 : allowed.includes(value);
    if (!fits) throw new RequestError(422, "invalid_assumption", `${name} cannot be ${JSON.stringify(value)}.`);
  }
  Object.assign(assumptions, values);
}

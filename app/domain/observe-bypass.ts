// Did an order take stock in Shopify by itself? Shopify does not say how an order was created, so its stock is looked at instead.
//
// The rule is fixed beforehand and errs towards "inconclusive". An open order that took stock holds as many `committed` units as it
// wants, so fewer committed units prove that it took none. Quantities also carry the time of their last change: where neither
// `available` nor `committed` changed since the order was created, it took nothing; where `committed` changed just when it was created,
// it is suspected, and judged later, when other orders of the same moments have had time to be heard of.

export interface ObservedQuantity {
  /** Units of this item that the order wants. */
  readonly wanted: number;
  readonly available: number | null;
  readonly committed: number | null;
  /** When each last changed, ISO 8601; null: never, or not known. */
  readonly availableChangedAt: string | null;
  readonly committedChangedAt: string | null;
}

export type BypassVerdict = "bypassed" | "suspected" | "inconclusive";

/** Shopify's order times are whole seconds, and its stock follows within moments. */
const CLOSE_MS = 3_000;

export function judgeBypass(orderCreatedAt: string, quantities: readonly ObservedQuantity[]): BypassVerdict {
  if (quantities.length === 0) return "inconclusive";
  const created = Date.parse(orderCreatedAt);
  if (quantities.some((quantity) => quantity.committed !== null && quantity.committed < quantity.wanted)) return "bypassed";
  const before = (time: string | null) => time === null || Date.parse(time) < created - CLOSE_MS;
  if (quantities.every((quantity) => before(quantity.availableChangedAt) && before(quantity.committedChangedAt))) return "bypassed";
  const near = (time: string | null) => time !== null && Math.abs(Date.parse(time) - created) <= CLOSE_MS;
  return quantities.some((quantity) => near(quantity.committedChangedAt)) ? "suspected" : "inconclusive";
}

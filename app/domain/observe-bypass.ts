// Did an order take stock in Shopify by itself? Shopify does not say how an order was created, so its stock is looked at instead.
//
// Whatever takes stock lowers `available` at that moment, and a quantity carries the time of its last change. Where `available` did not
// change since before the order was created, the order took nothing; `committed` alone proves nothing, because fulfilling an order,
// this one or an older one, changes it too. Where both changed just when the order was created, and units are committed, it is suspected,
// and judged later, when other orders of the same moment have had time to be heard of. Everything else is inconclusive.

export interface ObservedQuantity {
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
  const before = (time: string | null) => time === null || Date.parse(time) < created - CLOSE_MS;
  if (quantities.every((quantity) => before(quantity.availableChangedAt))) return "bypassed";
  const near = (time: string | null) => time !== null && Math.abs(Date.parse(time) - created) <= CLOSE_MS;
  const taken = (quantity: ObservedQuantity) => (quantity.committed ?? 0) > 0 && near(quantity.availableChangedAt) && near(quantity.committedChangedAt);
  return quantities.some(taken) ? "suspected" : "inconclusive";
}

// Did an order take stock in Shopify by itself? Shopify does not say how an order was created, so its stock is looked at instead.
//
// The rule is fixed beforehand and errs towards "inconclusive": the quantities of the order's items carry the time of their last change.
// If neither `available` nor `committed` changed since the order was created, the order took nothing. If `committed` changed just when
// the order was created and no other order of that moment has the item, the order took it.

export interface ObservedQuantity {
  readonly available: number | null;
  readonly committed: number | null;
  /** When each last changed, ISO 8601; null: never, or not known. */
  readonly availableChangedAt: string | null;
  readonly committedChangedAt: string | null;
}

export type BypassVerdict = "bypassed" | "took_stock" | "inconclusive";

/** Shopify's order times are whole seconds, and its stock follows within moments. */
const CLOSE_MS = 3_000;

/**
 * @param othersAtOnce other orders created within the same moments hold the item, so a change of it proves nothing.
 */
export function judgeBypass(orderCreatedAt: string, quantities: readonly ObservedQuantity[], othersAtOnce: boolean): BypassVerdict {
  if (quantities.length === 0) return "inconclusive";
  const created = Date.parse(orderCreatedAt);
  const before = (time: string | null) => time === null || Date.parse(time) < created;
  if (quantities.every((quantity) => before(quantity.availableChangedAt) && before(quantity.committedChangedAt))) return "bypassed";
  const near = (time: string | null) => time !== null && Math.abs(Date.parse(time) - created) <= CLOSE_MS;
  const taken = quantities.some((quantity) => near(quantity.committedChangedAt) && (quantity.committed ?? 0) > 0);
  return taken && !othersAtOnce ? "took_stock" : "inconclusive";
}

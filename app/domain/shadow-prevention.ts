// Would an oversell have happened had Holdfast written what it only watched? Walks back through the orders of the incident. Pure.

export interface IncidentOrder {
  readonly orderId: string;
  readonly units: number;
  readonly committedMs: number;
  /** When Holdfast heard of it; null: it never did. */
  readonly heardMs: number | null;
  /**
   * `watched`: it bypassed Shopify's stock, and Holdfast would have taken its units. `checked`: Shopify's own checkout looks at the stock
   * before it takes such an order. `other`: neither can be said, or neither is so.
   */
  readonly kind: "watched" | "checked" | "other";
}

export interface Incident {
  /** Units promised beyond what is there, > 0. */
  readonly depth: number;
  /** Of these, units that a foreign number hides; Holdfast's writing would have been overwritten alike. */
  readonly hidden: number;
  readonly orders: readonly IncidentOrder[];
}

export const PREVENTION_VERDICTS = ["prevented", "partly_prevented", "not_prevented", "unknown"] as const;
export type PreventionVerdict = (typeof PREVENTION_VERDICTS)[number];

export interface Prevention {
  readonly verdict: PreventionVerdict;
  readonly unitsPrevented: number;
  /** Orders that Shopify would have refused, the latest first. */
  readonly refusedOrderIds: readonly string[];
}

/** From hearing of a sale to Shopify showing it, as assumed for what was never written. Much more than it usually takes. */
export const ASSUMED_WRITE_MS = 10_000;

/**
 * `deficit` is how far below zero the stock was after the order at hand. Going back over an order gives its units back. A checked order
 * would have been refused if the stock, less all watched sales written by then, did not suffice for it.
 */
export function judgePrevention({ depth, hidden, orders }: Incident): Prevention {
  if (orders.length === 0) return { verdict: "unknown", unitsPrevented: 0, refusedOrderIds: [] };
  const latestFirst = orders.toSorted((a, b) => b.committedMs - a.committedMs || (b.orderId < a.orderId ? -1 : 1));
  let deficit = depth - hidden;
  let unitsPrevented = 0;
  const refusedOrderIds: string[] = [];
  for (const order of latestFirst) {
    if (deficit <= 0) break;
    if (order.kind === "checked") {
      const { written, late } = watchedBefore(order, orders);
      // Without the late ones Shopify would still have shown that much more; and what was not watched was in Shopify's number anyway.
      const units = Math.min(order.units, deficit, Math.max(0, written - unitsPrevented));
      if (deficit > late && units > 0) {
        unitsPrevented += units;
        refusedOrderIds.push(order.orderId);
      }
    }
    deficit -= order.units;
  }
  return { verdict: verdictOf(unitsPrevented, depth), unitsPrevented, refusedOrderIds };
}

/** Units of watched sales from before the order: those that Shopify would have shown by then, and those heard of too late for it. */
function watchedBefore(order: IncidentOrder, orders: readonly IncidentOrder[]): { written: number; late: number } {
  const sums = { written: 0, late: 0 };
  for (const sale of orders) {
    if (sale.kind !== "watched" || sale.committedMs >= order.committedMs) continue;
    const inTime = sale.heardMs !== null && sale.heardMs + ASSUMED_WRITE_MS <= order.committedMs;
    sums[inTime ? "written" : "late"] += sale.units;
  }
  return sums;
}

function verdictOf(unitsPrevented: number, depth: number): PreventionVerdict {
  if (unitsPrevented === 0) return "not_prevented";
  return unitsPrevented >= depth ? "prevented" : "partly_prevented";
}

// How many units of each line an order wants out of stock right now, from its merged state and the merchant's restock rules.

import type { OrderLine, OrderState } from "./order-state.ts";
import type { Settings } from "./settings.ts";

/** Beyond this a quantity is a mistake, not an order; Shopify's own limit for one adjustment is 2,000,000,000. */
export const LINE_QUANTITY_MAX = 1_000_000;

/** Units of one change; Shopify takes 2,000,000,000 in one adjustment, into which several changes may be summed. */
export const CHANGE_UNITS_MAX = 1_000_000_000;

export type WantedUnits = { readonly kind: "units"; readonly units: number } | { readonly kind: "invalid_quantity" };

export interface RestockRules {
  readonly restock: Settings["restock"];
  readonly on: Settings["deduct"]["on"];
}

/**
 * Units of `line` that should be out of stock.
 *
 * @param shopifyRestocks Shopify itself puts this stock back when units are refunded or cancelled (the sold item of a bypassed order
 *   under `restock.shopifyRestocksBypassed`), so what was taken stays taken in our books.
 */
export function wantedUnits(order: OrderState, line: OrderLine, rules: RestockRules, shopifyRestocks: boolean): WantedUnits {
  if (!isQuantity(line.quantity) || (line.currentQuantity !== null && !isQuantity(line.currentQuantity))) {
    return { kind: "invalid_quantity" };
  }
  if (rules.on === "orders/paid" && !order.paid) return { kind: "units", units: 0 };
  if (shopifyRestocks) return { kind: "units", units: line.quantity };

  const { back, kept } = refundedUnits(order, line.id);
  if (order.cancelledAt !== null && rules.restock.cancelled) {
    // A unit refunded without restocking is gone (damaged, kept by the buyer): cancelling the order does not bring it back.
    return { kind: "units", units: Math.min(kept, line.quantity) };
  }
  // Units an edit removed without a refund record: they left the order, so they are sellable again.
  const removed = line.currentQuantity === null ? 0 : Math.max(0, line.quantity - line.currentQuantity - back - kept);
  const returned = rules.restock.refunded === "follow restock_type" ? back : 0;
  return { kind: "units", units: Math.max(0, line.quantity - returned - removed) };
}

function refundedUnits(order: OrderState, lineId: string): { back: number; kept: number } {
  let back = 0;
  let kept = 0;
  for (const refund of order.refunds) {
    for (const line of refund.lines) {
      if (line.lineId !== lineId || !isQuantity(line.quantity)) continue;
      if (line.restockType === "no_restock") kept += line.quantity;
      else back += line.quantity;
    }
  }
  return { back, kept };
}

function isQuantity(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= LINE_QUANTITY_MAX;
}

// What should have happened: every unit the app owed or was owed, per order, line, item and location, from the buyers' own script.

/** What a buyer did with one line, as the buyers' script recorded it. */
export type RecordedLine = {
  lineItemId: string;
  variantId: string;
  inventoryItemId: string;
  /** Where the line was routed to first. */
  locationId: string;
  /** Units ever ordered: what the order was placed with, plus what edits added. */
  quantity: number;
  /** Units given back or written off, each refund once. */
  refunds: { units: number; restockType: "no_restock" | "cancel" | "return" }[];
};

export type RecordedOrder = {
  orderId: string;
  sourceName: string;
  /** The order was made so that Shopify took no stock for it. */
  bypassed: boolean;
  /** What was left when the order was cancelled went back on the shelf, or did not. */
  cancelled: { restock: boolean } | null;
  lines: RecordedLine[];
};

/** The part of the merchant's settings that decides effects. */
export type EffectRules = {
  /** Sources whose orders the app deducts. */
  deductSources: string[];
  bundles: { variantId: string; components: { inventoryItemId: string; quantity: number }[] }[];
};

/** A signed number of units of one item at one location, caused by one line of one order. */
export type Effect = { orderId: string; lineItemId: string; inventoryItemId: string; locationId: string; units: number };

export type EffectKey = string;

export function effectKey(effect: Omit<Effect, "units">): EffectKey {
  return [effect.orderId, effect.lineItemId, effect.inventoryItemId, effect.locationId].join("|");
}

/** Effects that net to nothing are left out: an app that never wrote them is as right as one that took and gave back. */
export function expectedEffects(orders: readonly RecordedOrder[], rules: EffectRules): Map<EffectKey, Effect> {
  const expected = new Map<EffectKey, Effect>();
  for (const order of orders) {
    for (const line of order.lines) {
      for (const { inventoryItemId, quantity } of takenBy(order, line, rules)) {
        const units = -unitsOut(order, line) * quantity;
        if (units === 0) continue;
        const effect = { orderId: order.orderId, lineItemId: line.lineItemId, inventoryItemId, locationId: line.locationId, units };
        const key = effectKey(effect);
        expected.set(key, { ...effect, units: units + (expected.get(key)?.units ?? 0) });
      }
    }
  }
  return expected;
}

/** A bundle rule takes components: instead of the sold item when the order bypassed Shopify, beside it when Shopify took that. */
function takenBy(order: RecordedOrder, line: RecordedLine, rules: EffectRules): { inventoryItemId: string; quantity: number }[] {
  const bundle = rules.bundles.find((rule) => rule.variantId === line.variantId);
  const deducted = order.bypassed && rules.deductSources.includes(order.sourceName);
  // A bypassed order of a source nobody named is not the app's business, its bundles included.
  if (order.bypassed && !deducted) return [];
  if (bundle !== undefined) return bundle.components;
  return deducted ? [{ inventoryItemId: line.inventoryItemId, quantity: 1 }] : [];
}

/** Units of the line that belong out of stock now. A unit refunded without restocking is gone, cancelled or not. */
function unitsOut(order: RecordedOrder, line: RecordedLine): number {
  const refunded = (types: string[]) => line.refunds.filter(({ restockType }) => types.includes(restockType)).reduce((sum, { units }) => sum + units, 0);
  const back = refunded(["cancel", "return"]);
  const gone = refunded(["no_restock"]);
  const left = line.quantity - back - gone;
  const backByCancellation = order.cancelled?.restock === true ? left : 0;
  return line.quantity - back - backByCancellation;
}

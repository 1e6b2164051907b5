// What is really there to promise, level by level: what Shopify's number would be if every sale had been taken and no writer had overwritten anything.
import type { SoldLine, WhatHappened } from "./what-happened.ts";

/** A demand of one line for one item. */
export interface Demand {
  readonly line: SoldLine;
  readonly inventoryItemId: string;
  readonly units: number;
  readonly unitsOpen: number;
  /** Shopify itself took it. */
  readonly taken: boolean;
}

export function stockKey(inventoryItemId: string, locationId: string): string {
  return `${inventoryItemId}@${locationId}`;
}

/** A bundle of the merchant's own wants its components: beside its own item where Shopify took that, instead of it where not. */
export function demands({ lines, bundles }: WhatHappened): Demand[] {
  return lines.flatMap((line) => {
    const own: Demand = { line, inventoryItemId: line.inventoryItemId, units: line.units, unitsOpen: line.unitsOpen, taken: !line.bypassed };
    const bundle = bundles.find(({ variantId }) => variantId === line.variantId);
    if (!bundle) return [own];
    const components = bundle.components.map(({ inventoryItemId, quantity }): Demand => ({ line, inventoryItemId, units: line.units * quantity, unitsOpen: line.unitsOpen * quantity, taken: false }));
    return line.bypassed ? components : [own, ...components];
  });
}

/** Units to promise at each level; negative: more was promised than is there. */
export function trueStock(happened: WhatHappened): Map<string, number> {
  const stock = new Map<string, number>();
  const countedMs = new Map<string, number>();
  for (const { name, inventoryItemId, locationId, delta, after, cause, at } of happened.truth) {
    if (name !== "available" || cause.kind === "app") continue;
    const key = stockKey(inventoryItemId, locationId);
    if (cause.writeKind === "overwrite") continue;
    if (cause.writeKind === "stock_take") {
      stock.set(key, after);
      countedMs.set(key, Date.parse(at));
      continue;
    }
    stock.set(key, (stock.get(key) ?? 0) + delta);
  }
  for (const { line, inventoryItemId, units, taken } of demands(happened)) {
    const key = stockKey(inventoryItemId, line.locationId);
    // Whoever counted saw what had been sold until then.
    if (taken || line.soldMs <= (countedMs.get(key) ?? -Infinity)) continue;
    stock.set(key, (stock.get(key) ?? 0) - units);
  }
  return stock;
}

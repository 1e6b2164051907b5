// What a verdict on detection is judged from: the truth log, the orders as they are, and what the merchant sells as bundles of his own.
import type { Control } from "../../control/control.ts";
import type { TruthEntry } from "../../world/state.ts";

/** One line of an order that still stands; ids are gids. */
export interface SoldLine {
  readonly orderId: string;
  readonly name: string;
  readonly channel: "pos" | "other";
  readonly test: boolean;
  /** Shopify took no stock for it. */
  readonly bypassed: boolean;
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Ordered and not taken out again. */
  readonly units: number;
  /** Of them, not fulfilled. */
  readonly unitsOpen: number;
  /** When it was sold, ms. */
  readonly soldMs: number;
}

export interface OwnBundle {
  readonly variantId: string;
  readonly components: readonly { readonly inventoryItemId: string; readonly quantity: number }[];
}

export interface WhatHappened {
  readonly truth: readonly TruthEntry[];
  readonly lines: readonly SoldLine[];
  readonly bundles: readonly OwnBundle[];
  /** Locations whose stock can be sent to buyers. */
  readonly shipping: ReadonlySet<string>;
  /** Items that may go below zero, or whose stock nobody counts. */
  readonly apart: ReadonlySet<string>;
}

const PAGE = 10_000;

/** Reads all of it from the simulator. `bundles` and `apart` are the scenario's own knowledge. */
export function readWhatHappened(control: Control, shop: string, known: Pick<WhatHappened, "bundles" | "apart">): WhatHappened {
  const truth: TruthEntry[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page = control.truth(shop, { after, limit: PAGE });
    truth.push(...page.items);
    after = page.next;
  }
  const taken = new Set(truth.flatMap(({ cause }) => (cause.kind === "order" && cause.lineItemId ? [cause.lineItemId] : [])));
  const locations = control.listShops().find((of) => of.shop === shop)?.locations ?? [];
  return {
    ...known,
    truth,
    lines: control.orders(shop).flatMap((order) => readLines(control.order(shop, order.orderId), order, taken)),
    shipping: new Set(locations.filter(({ active, shipsInventory, fulfillsOnlineOrders }) => active && shipsInventory && fulfillsOnlineOrders).map(({ id }) => id)),
  };
}

function readLines(payload: Record<string, unknown>, order: ReturnType<Control["orders"]>[number], taken: ReadonlySet<string>): SoldLine[] {
  const lines = payload.line_items as readonly { readonly fulfillable_quantity: number }[];
  return order.lines.map((line, index) => ({
    orderId: order.orderId,
    name: order.name,
    channel: payload.source_name === "pos" ? "pos" : "other",
    test: payload.test === true,
    bypassed: !taken.has(line.lineItemId),
    variantId: line.variantId,
    inventoryItemId: line.inventoryItemId,
    locationId: line.locationId,
    units: payload.cancelled_at === null ? line.quantity : 0,
    unitsOpen: payload.cancelled_at === null ? (lines[index]?.fulfillable_quantity ?? 0) : 0,
    soldMs: Date.parse(String(payload.processed_at)),
  }));
}

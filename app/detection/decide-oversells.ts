// What the facts of an item mean: which locations are oversold, who is left short there, why, and which incidents are over. Pure.

import { chooseShort, type Served, type ShortPolicy } from "#app/domain/detection/choose-short.ts";
import { explainOversell } from "#app/domain/detection/explain-oversell.ts";
import { findOversells, type FoundOversell, type LocationStock } from "#app/domain/detection/find-oversells.ts";
import type { CloseReason, ItemDecision, ItemFacts, OpenOrderUnits, OpenOversell, OversellOrder, OversellReport } from "#app/ports/stock-watch.ts";

/** Orders that an incident keeps; short ones always, of the others the latest. */
const ORDERS_KEPT_MAX = 200;

export interface DecideOptions {
  readonly policy: ShortPolicy;
  /** Variants that may go on selling are no oversell. */
  readonly ignoreContinuePolicy: boolean;
}

export function decideOversells(facts: ItemFacts, { policy, ignoreContinuePolicy }: DecideOptions): ItemDecision {
  const exempt = !facts.tracked || (facts.policy === "continue" && ignoreContinuePolicy);
  const found = exempt ? [] : findOversells(withPreordered(facts));
  const left = new Map(facts.orders.map((order) => [order, order.units]));
  const report = found.map((one) => toReport(facts, one, left, policy));
  const still = new Set(found.map(({ locationId }) => locationId));
  const close = facts.open.filter(({ locationId }) => !still.has(locationId)).map((open) => ({ locationId: open.locationId, reason: closeReason(facts, open) }));
  return { report, close };
}

/** Where the units are that preorders took; those of which it is not known make up for the deepest lack first. */
function withPreordered({ locations, orders }: ItemFacts): readonly LocationStock[] {
  const took = orders.filter(({ exempt, preorder }) => exempt === "preorder" && preorder === "on_sale");
  if (took.length === 0) return locations;
  const known = new Set(locations.map(({ locationId }) => locationId));
  const stocks = locations.map((stock) => ({ ...stock, preordered: unitsOf(took.filter(({ locationId }) => locationId === stock.locationId)) }));
  let anywhere = unitsOf(took.filter(({ locationId }) => locationId === null || !known.has(locationId)));
  const lack = (stock: (typeof stocks)[number]) => Math.max(0, -((stock.available ?? 0) + stock.pending - stock.hidden) - stock.preordered);
  for (const stock of stocks.toSorted((a, b) => lack(b) - lack(a))) {
    const units = Math.min(anywhere, lack(stock));
    stock.preordered += units;
    anywhere -= units;
  }
  return stocks;
}

/**
 * What is short is short of the item, wherever its orders are to be fulfilled: what one location can give another is counted already, and who ordered
 * first is served first. `left`: with several locations short, each unit of an order is short only once.
 */
function toReport(facts: ItemFacts, found: FoundOversell, left: Map<OpenOrderUnits, number>, policy: ShortPolicy): OversellReport {
  const location = facts.locations.find(({ locationId }) => locationId === found.locationId);
  const open = facts.orders.map((order) => ({ ...order, order, units: left.get(order) ?? 0 }));
  const choice = chooseShort({ open, units: found.short, policy });
  for (const { open: { order }, unitsShort } of choice.orders) left.set(order, (left.get(order) ?? 0) - unitsShort);
  const { putBack = 0, takenAway = 0, unknownChanges = 0 } = location ?? {};
  const explained = explainOversell({
    depth: found.depth,
    putBack,
    takenAway,
    unknownChanges,
    orders: choice.orders.map(({ open: { order }, unitsShort }) => ({ units: order.units, committedMs: order.committedMs, heardMs: order.heardMs, component: order.component, short: unitsShort > 0 })),
    handedOver: facts.handedOver,
  });
  return {
    ...found,
    ...explained,
    policy,
    orders: kept(choice.orders).map(toOrder),
    evidence: {
      available: location?.available ?? 0,
      pending: location?.pending ?? 0,
      hidden: location?.hidden ?? 0,
      putBack,
      takenAway,
      unknownChanges,
      uncovered: choice.uncovered,
      orderCount: choice.orders.length,
    },
  };
}

type ServedHere = Served<OpenOrderUnits & { readonly order: OpenOrderUnits }>;

function kept(orders: readonly ServedHere[]): readonly ServedHere[] {
  const latest = new Set(orders.slice(-ORDERS_KEPT_MAX));
  return orders.filter((order) => order.unitsShort > 0 || latest.has(order));
}

function toOrder({ open, unitsShort, verdict }: ServedHere): OversellOrder {
  return {
    orderId: open.order.orderId,
    name: open.order.name,
    lineId: open.order.lineId,
    committedAt: new Date(open.order.committedMs).toISOString(),
    units: open.order.units,
    unitsShort,
    paid: open.order.paid,
    verdict,
    exempt: open.order.exempt,
  };
}

function closeReason(facts: ItemFacts, open: OpenOversell): CloseReason {
  const location = facts.locations.find(({ locationId }) => locationId === open.locationId);
  if (location?.countedAt && location.countedAt > open.openedAt) {
    const givers = facts.locations.filter(({ locationId, countedAt }) => locationId !== open.locationId && countedAt !== null && countedAt > open.openedAt);
    return open.movable.some(({ locationId }) => givers.some((giver) => giver.locationId === locationId)) ? "moved" : "recounted";
  }
  const here = facts.orders.filter(({ locationId }) => locationId === null || locationId === open.locationId);
  return unitsOf(here) < unitsOf(open.orders) ? "orders_gone" : "stock_returned";
}

function unitsOf(orders: readonly { readonly units: number }[]): number {
  return orders.reduce((sum, { units }) => sum + units, 0);
}

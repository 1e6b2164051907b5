// Which stock a line of an order takes, and where: decided once, at the line's first derivation, and pinned to the order from then on.
//
// A rule that changes later, a bundle that is edited, a fulfilment order that moves: none of them may change what an order already
// took or gives back, so everything that decides it is kept with the order.

import type { OrderLine, OrderState } from "./order-state.ts";
import { type Bundle, isNativeSource, type Settings, sourceKeyOf } from "./settings.ts";

/** What derivation knows of a variant; ids are decimal strings. */
export interface VariantFacts {
  readonly variantId: string;
  readonly inventoryItemId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly tracked: boolean;
  readonly requiresComponents: boolean;
  /** `continue`: may be sold beyond its stock. Missing where it was not read. Bears on no plan. */
  readonly policy?: "deny" | "continue" | null;
  /** Shopify answered that there is no such variant. */
  readonly missing: boolean;
}

/** What people call a stock item. */
export interface ItemName {
  readonly sku: string | null;
  readonly title: string | null;
}

/** A share of a line's units that is taken at one location. */
export interface Allocation {
  readonly locationId: string;
  readonly quantity: number;
}

export interface PlannedComponent {
  readonly inventoryItemId: string;
  /** Units of the item in one unit of the line. */
  readonly quantity: number;
  /** True for the sold item itself, false for a component of a bundle rule. */
  readonly own: boolean;
}

/** The pinned plan of one line. */
export interface LinePlan {
  readonly components: readonly PlannedComponent[];
  readonly allocations: readonly Allocation[];
  readonly sku: string | null;
  readonly title: string | null;
}

export type PlanProblem = "unknown_variant" | "native_bundle" | "no_location" | "invalid_quantity";

export type LineDecision =
  | { readonly kind: "plan"; readonly plan: LinePlan }
  /** Nothing of this line is ours to take; asked again at the next derivation. */
  | { readonly kind: "not_ours" }
  | { readonly kind: "needs_variant" }
  | { readonly kind: "needs_location" }
  /** A person must look. */
  | { readonly kind: "problem"; readonly problem: PlanProblem };

export interface PlanInput {
  readonly order: OrderState;
  readonly settings: Settings;
  readonly variants: ReadonlyMap<string, VariantFacts>;
  /** The time allowed for Shopify to route the order is over. */
  readonly locationOverdue: boolean;
}

/** True when a rule of the merchant's names the order's source: its own items are then ours to take. */
export function isDeductedSource(order: OrderState, settings: Settings): boolean {
  return matchingSource(order, settings) !== null;
}

/** The rule that names the order's source, app rules before name rules. */
export function matchingSource(order: OrderState, settings: Settings): Settings["deduct"]["sources"][number] | null {
  const version = order.version;
  // Whatever a rule names by app id: Shopify takes these orders' stock itself.
  if (!version || isNativeSource(version.sourceName)) return null;
  const byApp = settings.deduct.sources.find((source) => source.appId !== undefined && source.appId === version.appId);
  const byName = settings.deduct.sources.find((source) => source.sourceName !== undefined && source.sourceName === version.sourceName);
  return byApp ?? byName ?? null;
}

/** Key of the source under which the order's changes are counted and paused. */
export function orderSourceKey(order: OrderState, settings: Settings): string {
  return sourceKeyOf(matchingSource(order, settings) ?? { sourceName: order.version?.sourceName ?? null });
}

export function decideLine(line: OrderLine, input: PlanInput): LineDecision {
  const { order, settings } = input;
  const deducted = isDeductedSource(order, settings);
  const bundle = line.variantId === null ? null : findBundle(settings, line.variantId);
  // A custom line sells nothing that has stock; a gift card has none.
  if (line.variantId === null || line.giftCard || (!deducted && !bundle)) return { kind: "not_ours" };

  const variant = input.variants.get(line.variantId);
  if (!variant) return { kind: "needs_variant" };
  if (variant.requiresComponents || line.groupId !== null) {
    // Shopify takes a native bundle's components itself; only an order that bypassed it is a question for a person.
    return deducted ? { kind: "problem", problem: "native_bundle" } : { kind: "not_ours" };
  }
  if (variant.missing && !bundle) return { kind: "problem", problem: "unknown_variant" };

  const components = componentsOf(variant, bundle, deducted);
  if (components.length === 0) return { kind: "not_ours" };
  const allocations = allocate(line, order, settings);
  if (allocations) return { kind: "plan", plan: { components, allocations, sku: variant.sku ?? line.sku, title: variant.title ?? line.title } };
  if (input.locationOverdue) return { kind: "problem", problem: "no_location" };
  return { kind: "needs_location" };
}

function findBundle(settings: Settings, variantId: string): Bundle | null {
  return settings.bundles.find((bundle) => tail(bundle.variantId) === variantId) ?? null;
}

/** Item ids of the parts that a bundle rule gives the line's variant; empty when it has no rule. */
export function bundleItems(line: OrderLine, settings: Settings): readonly string[] {
  const bundle = line.variantId === null ? null : findBundle(settings, line.variantId);
  return bundle?.components.map((component) => tail(component.inventoryItemId)) ?? [];
}

/** A bundle's components instead of the parent's own item; without a bundle, the own item when it has stock. */
function componentsOf(variant: VariantFacts, bundle: Bundle | null, deducted: boolean): readonly PlannedComponent[] {
  if (bundle) {
    const summed = new Map<string, number>();
    for (const component of bundle.components) {
      const itemId = tail(component.inventoryItemId);
      summed.set(itemId, (summed.get(itemId) ?? 0) + component.quantity);
    }
    return [...summed].map(([inventoryItemId, quantity]) => ({ inventoryItemId, quantity, own: false }));
  }
  if (!deducted || !variant.tracked || variant.inventoryItemId === null) return [];
  return [{ inventoryItemId: variant.inventoryItemId, quantity: 1, own: true }];
}

/** Null when Shopify has not routed the line yet. */
function allocate(line: OrderLine, order: OrderState, settings: Settings): readonly Allocation[] | null {
  if (settings.deduct.location !== "order") return [{ locationId: tail(settings.deduct.location), quantity: line.quantity }];
  if (order.version?.locationId) return [{ locationId: order.version.locationId, quantity: line.quantity }];
  const routed = order.routing?.fulfilmentOrders ?? [];
  const allocations: Allocation[] = [];
  for (const fulfilmentOrder of routed) {
    if (fulfilmentOrder.lines === null) return [{ locationId: fulfilmentOrder.locationId, quantity: line.quantity }];
    for (const share of fulfilmentOrder.lines) {
      if (share.lineId === line.id && share.quantity > 0) allocations.push({ locationId: fulfilmentOrder.locationId, quantity: share.quantity });
    }
  }
  return allocations.length > 0 ? allocations : null;
}

/**
 * Splits `units` over the pinned allocations, in their order; units beyond what was allocated (a line that grew) go to the first.
 * Deterministic, so that giving back undoes exactly what was taken.
 */
export function distribute(units: number, allocations: readonly Allocation[]): readonly Allocation[] {
  const shares: Allocation[] = [];
  let left = units;
  for (const allocation of allocations) {
    const share = Math.min(left, allocation.quantity);
    left -= share;
    shares.push({ locationId: allocation.locationId, quantity: share });
  }
  const first = shares[0];
  if (first && left > 0) shares[0] = { ...first, quantity: first.quantity + left };
  return mergeByLocation(shares);
}

function mergeByLocation(shares: readonly Allocation[]): readonly Allocation[] {
  const summed = new Map<string, number>();
  for (const share of shares) summed.set(share.locationId, (summed.get(share.locationId) ?? 0) + share.quantity);
  return [...summed].map(([locationId, quantity]) => ({ locationId, quantity }));
}

/** The decimal id at the end of a gid, or the id itself. */
function tail(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

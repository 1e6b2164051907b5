// What an order means for stock: which units of which items it wants, and which changes of `available` must have happened because of it.

import { type LinePlan, matchingSource, type VariantFacts } from "#app/domain/line-plan.ts";
import type { OrderMode, SourceEvidence } from "#app/domain/order-mode.ts";
import type { OrderLine, OrderState } from "#app/domain/order-state.ts";
import { isNativeSource, type Settings, sourceKeyOf } from "#app/domain/settings.ts";
import type { Exempt, ExpectedEffect, KnownEffect, OrderItem, TellingDelivery } from "#app/ports/detection-orders.ts";

export interface OrderFactsInput {
  readonly orderId: string;
  readonly state: OrderState;
  readonly mode: OrderMode | null;
  readonly pins: Readonly<Record<string, LinePlan>>;
  readonly settings: Settings;
  readonly source: SourceEvidence | null;
  readonly variants: ReadonlyMap<string, VariantFacts>;
  /** Locations of each item. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  readonly known: readonly KnownEffect[];
  readonly told: readonly TellingDelivery[];
  /** What happened before explains nothing that will be judged; ms since 1970. */
  readonly effectsFromMs: number;
}

/** Whether Shopify itself takes stock for the order. */
type Taking = "surely" | "maybe" | "not";

export interface OrderFacts {
  readonly items: readonly OrderItem[];
  readonly effects: readonly ExpectedEffect[];
}

/** Variants that must be known before `orderFacts` can say anything of the order. */
export function variantsOf(state: OrderState): readonly string[] {
  return [...new Set((state.version?.lines ?? []).flatMap(({ variantId }) => variantId ?? []))];
}

export function orderFacts(input: OrderFactsInput): OrderFacts {
  const { version } = input.state;
  if (!version) return { items: [], effects: [] };
  const taking = takingOf(input);
  const perLine = version.lines.map((line) => ofLine(input, line, taking));
  return { items: perLine.flatMap(({ items }) => items), effects: perLine.flatMap(({ effects }) => effects).filter(({ at }) => Date.parse(at) >= input.effectsFromMs) };
}

function takingOf({ state, settings, mode, source }: OrderFactsInput): Taking {
  if (isNativeSource(state.version?.sourceName ?? null)) return "surely";
  const rule = matchingSource(state, settings);
  if (rule && (mode === "enforce" || rule.confirmedBypass)) return "not";
  const { bypassCount = 0, tookStockCount = 0 } = source ?? {};
  if (tookStockCount > 0 && bypassCount === 0) return "surely";
  return rule && bypassCount > 0 && tookStockCount === 0 ? "not" : "maybe";
}

interface WantedItem {
  readonly inventoryItemId: string;
  /** Units of the item in one unit of the line. */
  readonly perUnit: number;
  readonly component: boolean;
}

function ofLine(input: OrderFactsInput, line: OrderLine, taking: Taking): OrderFacts {
  if (line.variantId === null || !isQuantity(line.quantity)) return { items: [], effects: [] };
  const variant = input.variants.get(line.variantId);
  const wanted = wantedItems(input, line, variant, taking);
  const own = wanted.find(({ component }) => !component);
  return {
    items: wanted.map((item) => toItem(input, line, variant, item)),
    effects: own && taking !== "not" && isTracked(line, variant) ? effectsOf(input, line, own, taking) : [],
  };
}

/** A native bundle's parent has no stock; its component lines are lines like others. */
function wantedItems({ settings, pins }: OrderFactsInput, line: OrderLine, variant: VariantFacts | undefined, taking: Taking): WantedItem[] {
  const rule = settings.bundles.find((bundle) => tail(bundle.variantId) === line.variantId);
  const pinned = pins[line.id]?.components.filter(({ own }) => !own);
  const parts = pinned && pinned.length > 0 ? pinned : (rule?.components ?? []);
  const components = [...Map.groupBy(parts, ({ inventoryItemId }) => tail(inventoryItemId))].map(([inventoryItemId, same]): WantedItem => ({
    inventoryItemId,
    perUnit: same.reduce((sum, { quantity }) => sum + quantity, 0),
    component: true,
  }));
  const hasOwn = variant && !variant.missing && !variant.requiresComponents && variant.inventoryItemId !== null;
  // Of a bypassed order the components are taken instead of the sold item.
  if (!hasOwn || (components.length > 0 && taking === "not")) return components;
  const own: WantedItem = { inventoryItemId: variant.inventoryItemId ?? "", perUnit: 1, component: false };
  return [own, ...components.filter(({ inventoryItemId }) => inventoryItemId !== own.inventoryItemId)];
}

function toItem(input: OrderFactsInput, line: OrderLine, variant: VariantFacts | undefined, item: WantedItem): OrderItem {
  const { state, settings } = input;
  const version = state.version;
  const left = Math.max(0, Math.min(line.quantity - refunded(state, line.id), line.currentQuantity ?? line.quantity));
  const units = left * item.perUnit;
  const fulfillable = Math.min(left, Math.max(0, line.fulfillableQuantity ?? left)) * item.perUnit;
  const done = state.cancelledAt !== null || version?.fulfillmentStatus === "fulfilled";
  return {
    lineId: line.id,
    inventoryItemId: item.inventoryItemId,
    variantId: line.variantId,
    locationId: placeOf(input, line, item.inventoryItemId),
    units,
    unitsOpen: done ? 0 : fulfillable,
    committedAt: version?.processedAt ?? version?.createdAt ?? "",
    paid: state.paid,
    sourceKey: sourceKeyOf({ sourceName: version?.sourceName ?? null, appId: isNativeSource(version?.sourceName ?? null) ? null : (version?.appId ?? null) }),
    component: item.component,
    exempt: exemptOf(state, line, item.component ? undefined : variant, settings),
  };
}

function exemptOf(state: OrderState, line: OrderLine, variant: VariantFacts | undefined, settings: Settings): Exempt | null {
  if (state.version?.test) return "test";
  if (state.version?.sourceName === "pos") return "pos";
  if (line.giftCard) return "gift_card";
  if (variant && !isTracked(line, variant)) return "untracked";
  return variant?.policy === "continue" && settings.oversell.ignoreContinuePolicy ? "continue" : null;
}

function isTracked(line: OrderLine, variant: VariantFacts | undefined): boolean {
  return variant ? variant.tracked : line.tracked !== false;
}

/** Where the units come from: the till's location, the only fulfilment order's, the line's, or the only place that has the item. */
function placeOf({ state, places, pins }: OrderFactsInput, line: OrderLine, itemId: string): string | null {
  if (state.version?.locationId) return state.version.locationId;
  const allocations = pins[line.id]?.allocations ?? [];
  if (allocations.length === 1) return allocations[0]?.locationId ?? null;
  const routed = state.routing?.fulfilmentOrders ?? [];
  const shares = routed.filter(({ lines }) => lines === null || lines.some(({ lineId, quantity }) => lineId === line.id && quantity > 0));
  if (shares.length === 1) return shares[0]?.locationId ?? null;
  const known = places.get(itemId) ?? [];
  return known.length === 1 ? (known[0] ?? null) : null;
}

function effectsOf(input: OrderFactsInput, line: OrderLine, item: WantedItem, taking: Taking): ExpectedEffect[] {
  const { orderId, state, known, told } = input;
  const version = state.version;
  if (!version) return [];
  const mine = known.filter(({ lineId, inventoryItemId }) => lineId === line.id && inventoryItemId === item.inventoryItemId);
  const locationId = placeOf(input, line, item.inventoryItemId);
  const key = (kind: string) => `${kind}:${orderId}:${line.id}:${item.inventoryItemId}`;
  const effect = (of: Pick<ExpectedEffect, "key" | "kind" | "delta" | "at" | "eventId"> & { readonly sure?: boolean }): ExpectedEffect => {
    const { sure = true, ...rest } = of;
    // Without a place it may be anywhere: it explains what is seen, and nothing is expected of it.
    return { ...rest, lineId: line.id, inventoryItemId: item.inventoryItemId, locationId, expected: sure && taking === "surely" && locationId !== null };
  };
  const eventOf = (...topics: readonly string[]) => topics.map((topic) => told.findLast((one) => one.topic === topic && one.eventId !== null)?.eventId ?? null).find((id) => id !== null) ?? null;
  const effects: ExpectedEffect[] = [];

  const first = mine.find((one) => one.key === key("order"));
  const taken = -sumOf(mine.filter(({ kind, delta }) => kind !== "restock" && delta < 0));
  // Of an order that was cancelled or edited before it was first heard of only what was ordered in all is known.
  effects.push(effect({ key: key("order"), kind: "order", delta: first?.delta ?? -line.quantity, at: version.createdAt, eventId: eventOf("orders/create", "orders/paid") }));
  const added = first ? line.quantity - taken : 0;
  if (added > 0) effects.push(effect({ key: `${key("edit")}:+${line.quantity}`, kind: "edit", delta: -added, at: version.updatedAt, eventId: eventOf("orders/edited", "orders/updated") }));

  for (const refund of state.refunds) {
    const units = refund.lines.filter(({ lineId, restockType, quantity }) => lineId === line.id && restockType !== "no_restock" && isQuantity(quantity)).reduce((sum, { quantity }) => sum + quantity, 0);
    if (units === 0) continue;
    const eventId = told.find(({ refundId }) => refundId === refund.id)?.eventId ?? eventOf("orders/cancelled");
    effects.push(effect({ key: `${key("refund")}:${refund.id}`, kind: "restock", delta: units, at: refund.createdAt ?? version.updatedAt, eventId }));
  }
  // Units that left the order without a refund: whether Shopify put them back is the merchant's choice, which no notification tells.
  const removed = line.quantity - (line.currentQuantity ?? line.quantity) - refunded(state, line.id);
  const removedBefore = sumOf(mine.filter(({ kind, delta }) => kind === "edit" && delta > 0));
  if (removed > removedBefore) effects.push(effect({ key: `${key("edit")}:-${removed}`, kind: "edit", delta: removed - removedBefore, at: version.updatedAt, eventId: eventOf("orders/edited", "orders/updated"), sure: false }));
  const back = refunded(state, line.id) + Math.max(0, removed);
  if (state.cancelledAt !== null && back < line.quantity) {
    effects.push(effect({ key: key("cancel"), kind: "restock", delta: line.quantity - back, at: state.cancelledAt, eventId: eventOf("orders/cancelled"), sure: false }));
  }
  return effects.filter(({ delta }) => delta !== 0);
}

/** Restocked or not. */
function refunded(state: OrderState, lineId: string): number {
  const lines = state.refunds.flatMap((refund) => refund.lines).filter((line) => line.lineId === lineId && isQuantity(line.quantity));
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

function sumOf(effects: readonly { readonly delta: number }[]): number {
  return effects.reduce((sum, { delta }) => sum + delta, 0);
}

function isQuantity(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 1_000_000;
}

function tail(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

// What rules that are not saved yet would have done to orders that came already: the same derivation as for real, with nothing done before. Pure.
//
// Only what an order takes is asked, not where: a location that Shopify has not chosen yet must not hide an order from the preview. A
// product that was never read from Shopify is judged by what the order's line says of it.

import { deriveChanges } from "./derive-changes.ts";
import { type ItemName, isDeductedSource, orderSourceKey, type VariantFacts } from "./line-plan.ts";
import { decideMode, type OrderModeReason, type SourceEvidence } from "./order-mode.ts";
import type { OrderLine, OrderState } from "./order-state.ts";
import type { Settings } from "./settings.ts";

/** Any location: where units are taken is not what is asked. */
const SOMEWHERE = "gid://shopify/Location/0";
/** Stands for the item of a variant that was never read from Shopify. */
const ITEM_OF_VARIANT = "variant:";

export interface PreviewFacts {
  readonly variants: ReadonlyMap<string, VariantFacts>;
  readonly itemNames: ReadonlyMap<string, ItemName>;
  readonly sources: ReadonlyMap<string, SourceEvidence>;
  readonly installedAt: Date;
}

export interface PreviewOrder {
  readonly orderId: string;
  readonly name: string | null;
  readonly state: OrderState;
  /** Holdfast created it for a reservation: Shopify took its stock itself. */
  readonly madeByUs: boolean;
}

export interface PreviewedItem {
  readonly name: string;
  /** Below zero: taken. */
  readonly delta: number;
}

export interface OrderPreview {
  readonly items: readonly PreviewedItem[];
  /** Lines that a person would have to look at. */
  readonly questionCount: number;
  /** Protecting, Holdfast would act; or it would only watch for this reason. */
  readonly watchedBecause: Exclude<OrderModeReason, "protected" | "observing"> | null;
}

export interface PreviewExample extends OrderPreview {
  readonly orderId: string;
  readonly name: string | null;
  /** What the saved rules make of it, when that is something else. */
  readonly savedItems: readonly PreviewedItem[] | null;
}

export interface RulesPreview {
  /** Orders that the rules take stock for. */
  readonly touchedCount: number;
  readonly unitsTaken: number;
  /** Of them, orders that Holdfast would only watch, also while it protects. */
  readonly watchedCount: number;
  readonly questionCount: number;
  /** By the saved rules. */
  readonly touchedBefore: number;
  /** Orders of which the two make something else. */
  readonly differentCount: number;
  /** Those that differ first; at most `PREVIEW_EXAMPLES_MAX`. */
  readonly examples: readonly PreviewExample[];
}

export const PREVIEW_EXAMPLES_MAX = 10;

/** What `rules` make of one order, as if it came now. */
export function previewOrder({ state, madeByUs }: PreviewOrder, rules: Settings, facts: PreviewFacts): OrderPreview {
  const settings: Settings = { ...rules, mode: "enforce", deduct: { ...rules.deduct, location: SOMEWHERE, sources: madeByUs ? [] : rules.deduct.sources } };
  const order: OrderState = { ...state, questions: [] };
  const decided = decideMode({ order, settings, installedAt: facts.installedAt, source: facts.sources.get(orderSourceKey(order, settings)) ?? null, bookedBefore: false });
  if (decided.mode === "untouched") return { items: [], questionCount: 0, watchedBecause: null };
  const { create } = deriveChanges({
    order,
    settings,
    variants: variantsOf(order, settings, facts),
    locationOverdue: false,
    mode: "enforce",
    pins: {},
    existing: [],
    itemNames: facts.itemNames,
  });
  const moved = create.filter((change) => change.inventoryItemId !== null);
  return {
    items: summed(moved.map(({ inventoryItemId, title, sku, delta }) => ({ key: inventoryItemId ?? "", name: title ?? sku ?? `Item ${inventoryItemId}`, delta }))),
    questionCount: create.length - moved.length,
    watchedBecause: moved.length === 0 || decided.reason === "protected" || decided.reason === "observing" ? null : decided.reason,
  };
}

/** The orders in which the sums go on, batch by batch: a shop's day is never in memory at once. */
export function addToPreview(preview: RulesPreview, orders: readonly PreviewOrder[], rules: { readonly next: Settings; readonly saved: Settings }, facts: PreviewFacts): RulesPreview {
  let sums = preview;
  for (const order of orders) {
    const [next, saved] = [previewOrder(order, rules.next, facts), previewOrder(order, rules.saved, facts)];
    const differs = JSON.stringify(next.items) !== JSON.stringify(saved.items);
    const touched = next.items.length > 0;
    sums = {
      touchedCount: sums.touchedCount + (touched ? 1 : 0),
      unitsTaken: sums.unitsTaken - next.items.reduce((sum, { delta }) => sum + delta, 0),
      watchedCount: sums.watchedCount + (next.watchedBecause === null ? 0 : 1),
      questionCount: sums.questionCount + next.questionCount,
      touchedBefore: sums.touchedBefore + (saved.items.length > 0 ? 1 : 0),
      differentCount: sums.differentCount + (differs ? 1 : 0),
      examples: touched || differs ? withExample(sums.examples, { ...next, orderId: order.orderId, name: order.name, savedItems: differs ? saved.items : null }) : sums.examples,
    };
  }
  return sums;
}

export const EMPTY_PREVIEW: RulesPreview = { touchedCount: 0, unitsTaken: 0, watchedCount: 0, questionCount: 0, touchedBefore: 0, differentCount: 0, examples: [] };

/** Differences push out what stays as it is: they are what somebody wants to see before saving. */
function withExample(examples: readonly PreviewExample[], example: PreviewExample): readonly PreviewExample[] {
  if (examples.length < PREVIEW_EXAMPLES_MAX) return bySurprise([...examples, example]);
  if (example.savedItems === null || examples.every(({ savedItems }) => savedItems !== null)) return examples;
  return bySurprise([...examples.slice(0, -1), example]);
}

function bySurprise(examples: readonly PreviewExample[]): readonly PreviewExample[] {
  return examples.toSorted((a, b) => Number(a.savedItems === null) - Number(b.savedItems === null));
}

function variantsOf(order: OrderState, settings: Settings, { variants }: PreviewFacts): ReadonlyMap<string, VariantFacts> {
  const known = new Map<string, VariantFacts>();
  const deducted = isDeductedSource(order, settings);
  for (const line of order.version?.lines ?? []) {
    if (line.variantId === null) continue;
    const facts = variants.get(line.variantId);
    // What is missing in Shopify is a question for a person; what was never asked is not.
    known.set(line.variantId, facts ?? unread(line, line.variantId, deducted));
  }
  return known;
}

function unread(line: OrderLine, variantId: string, deducted: boolean): VariantFacts {
  return {
    variantId,
    inventoryItemId: deducted ? `${ITEM_OF_VARIANT}${variantId}` : null,
    sku: line.sku,
    title: line.title,
    tracked: line.tracked ?? true,
    requiresComponents: line.groupId !== null,
    missing: false,
  };
}

function summed(moved: readonly (PreviewedItem & { readonly key: string })[]): PreviewedItem[] {
  const items = new Map<string, PreviewedItem>();
  for (const { key, name, delta } of moved) items.set(key, { name, delta: (items.get(key)?.delta ?? 0) + delta });
  return [...items.values()].filter(({ delta }) => delta !== 0);
}

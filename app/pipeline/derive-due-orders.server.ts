// Stage 2: each due order's wanted stock minus its live changes becomes new changes, in one transaction per batch.

import { deriveChanges, type ExistingChange } from "#app/domain/derive-changes.ts";
import { parseGid } from "#app/domain/gid.ts";
import { type ItemName, orderSourceKey, type VariantFacts } from "#app/domain/line-plan.ts";
import { decideMode, type SourceEvidence } from "#app/domain/order-mode.ts";
import { needsRead } from "#app/domain/order-state.ts";
import { rulesOfOrder, type Settings } from "#app/domain/settings.ts";
import type { DeriveResult, DueOrder, OrderDecision } from "#app/ports/order-book.ts";
import { pinnedSettings, variantIdsOf } from "./gather-facts.server.ts";
import type { Turn } from "./turn-context.ts";

/** Routing usually follows within a second; later looks are spaced by the order's age. */
const LOCATION_LOOK_MS_MIN = 1_000;
const LOCATION_LOOK_MS_MAX = 60_000;

interface Facts {
  readonly current: Settings;
  readonly pinned: ReadonlyMap<number, Settings>;
  readonly variants: ReadonlyMap<string, VariantFacts>;
  readonly itemNames: ReadonlyMap<string, ItemName>;
  readonly installedAt: Date;
  readonly now: Date;
  readonly retryMs: number;
  readonly locationDeadlineMs: number;
}

/** An order that took its own items from stock for the first time: what to look at to learn whether Shopify took them too. */
export interface FirstTaken {
  readonly orderId: string;
  readonly sourceKey: string;
  readonly createdAt: string;
  readonly variantIds: readonly string[];
  readonly stocks: readonly { readonly inventoryItemId: string; readonly locationId: string }[];
}

export interface Deriving {
  readonly current: Settings;
  /** When they were looked up already. */
  readonly variants: ReadonlyMap<string, VariantFacts> | null;
  /** When what could not be read now is looked for again. */
  readonly retryMs: number;
}

export async function deriveDueOrders(
  turn: Turn,
  due: readonly DueOrder[],
  { current, variants, retryMs }: Deriving,
): Promise<DeriveResult & { readonly firstTaken: readonly FirstTaken[]; readonly sources: ReadonlyMap<string, SourceEvidence> }> {
  const { orders, clock, metrics, timings } = turn.ports;
  const installId = turn.install.installId;
  const facts: Facts = {
    current,
    pinned: await pinnedSettings(turn, due.map((order) => ({ order })), current),
    variants: variants ?? (await orders.variants(installId, variantIdsOf(due))),
    itemNames: await orders.itemNames(installId, componentItems(due, current)),
    installedAt: turn.install.installedAt,
    now: clock.now(),
    retryMs,
    locationDeadlineMs: timings.locationDeadlineMs,
  };
  const firstTaken = new Map<string, FirstTaken>();
  let evidence: ReadonlyMap<string, SourceEvidence> = new Map();
  const result = await orders.derive(
    installId,
    due.map((order) => order.rowId),
    (order, existing, sources) => {
      evidence = sources;
      const decision = decideOrder(order, existing, sources, facts);
      const taken = toFirstTaken(order, decision);
      if (taken) firstTaken.set(order.orderId, taken);
      return decision;
    },
  );
  for (const change of result.created) metrics.change(change.state, 1);
  if (result.cancelledCount > 0) metrics.change("cancelled", result.cancelledCount);
  return { ...result, firstTaken: [...firstTaken.values()], sources: evidence };
}

/** Items that only a bundle rule names: of the rules in force, and of the plans that older rules left. */
function componentItems(due: readonly DueOrder[], current: Settings): string[] {
  const ruled = current.bundles.flatMap((bundle) => bundle.components.map((component) => parseGid(component.inventoryItemId)?.id ?? component.inventoryItemId));
  const pinned = due.flatMap((order) => Object.values(order.pins).flatMap((plan) => plan.components.filter((part) => !part.own).map((part) => part.inventoryItemId)));
  return [...new Set([...ruled, ...pinned])];
}

function toFirstTaken(order: DueOrder, decision: OrderDecision): FirstTaken | null {
  // Its first pins, not its first look: Shopify often routes an order only after it was seen.
  if (Object.keys(order.pins).length > 0 || !order.state.version || decision.mode === "untouched") return null;
  const stocks = Object.values(decision.derivation.pins).flatMap((plan) =>
    plan.components.filter((component) => component.own).flatMap((component) =>
      plan.allocations.map((allocation) => ({ inventoryItemId: component.inventoryItemId, locationId: allocation.locationId })),
    ),
  );
  if (stocks.length === 0) return null;
  const variantIds = order.state.version.lines.flatMap((line) => line.variantId ?? []);
  return { orderId: order.orderId, sourceKey: decision.sourceKey, createdAt: order.state.version.createdAt, variantIds, stocks };
}

/** Pure: called under the orders' locks, perhaps more than once. */
function decideOrder(
  order: DueOrder,
  existing: readonly ExistingChange[],
  sources: ReadonlyMap<string, SourceEvidence>,
  facts: Facts,
): OrderDecision {
  const undecided = { mode: order.mode, modeReason: null, settingsVersion: order.settingsVersion, sourceKey: orderSourceKey(order.state, facts.current) };
  const nothing = { pins: order.pins, create: [], cancel: [], missing: [], blocked: false };
  if (needsRead(order.state)) {
    return { ...undecided, derivation: nothing, next: { kind: "due", dueAt: inMs(facts.now, facts.retryMs), reason: "waiting_read" } };
  }
  // Only a refund is known, and Shopify does not know the order: there is nothing to undo.
  if (!order.state.version) return { ...undecided, derivation: nothing, next: { kind: "settled" } };

  const rules = rulesOfOrder(facts.pinned.get(order.settingsVersion ?? -1), facts.current);
  // Shopify was told to take its stock: whatever the rules name, this order is like one of Shopify's own checkout.
  const settings = order.madeByUs ? { ...rules, deduct: { ...rules.deduct, sources: [] } } : rules;
  const sourceKey = orderSourceKey(order.state, settings);
  const decided = decideMode({ order: order.state, settings, installedAt: facts.installedAt, source: sources.get(sourceKey) ?? null, bookedBefore: order.bookedBefore });
  const mode = order.mode ?? decided.mode;
  const derivation = deriveChanges({
    order: order.state,
    settings,
    variants: facts.variants,
    locationOverdue: isLocationOverdue(order, facts),
    mode,
    pins: order.pins,
    existing,
    itemNames: facts.itemNames,
  });
  return {
    mode,
    modeReason: order.mode === null ? decided.reason : null,
    settingsVersion: settings.version,
    sourceKey,
    derivation,
    next: nextLook(order, derivation, facts),
  };
}

/** Counted from the first time Shopify itself said that it had not routed the order: an outage does not count against it. */
function isLocationOverdue(order: DueOrder, { now, locationDeadlineMs }: Facts): boolean {
  const { routing } = order.state;
  return routing !== null && now.getTime() - Date.parse(routing.firstAskedAt) > locationDeadlineMs;
}

function nextLook(order: DueOrder, derivation: OrderDecision["derivation"], { now, retryMs }: Facts): OrderDecision["next"] {
  if (derivation.missing.includes("variant")) return { kind: "due", dueAt: inMs(now, retryMs), reason: "waiting_variant" };
  if (derivation.missing.includes("location")) {
    const age = Math.max(0, now.getTime() - order.firstSeenAt.getTime());
    const wait = Math.min(LOCATION_LOOK_MS_MAX, Math.max(LOCATION_LOOK_MS_MIN, age / 2));
    return { kind: "due", dueAt: inMs(now, wait), reason: "waiting_location" };
  }
  return derivation.blocked ? { kind: "blocked" } : { kind: "settled" };
}

function inMs(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms);
}

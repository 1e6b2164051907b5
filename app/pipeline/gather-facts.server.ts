// Stage 1b: reads what derivation must know (a changed order, its variants, where it ships from), batched, within budget, no transaction open.

import pMap from "p-map";

import { bundleItems, decideLine, type VariantFacts } from "#app/domain/line-plan.ts";
import { decideMode } from "#app/domain/order-mode.ts";
import { needsRead, type OrderState, type Routing } from "#app/domain/order-state.ts";
import { rulesOfOrder, type Settings } from "#app/domain/settings.ts";
import type { AdminFailure } from "#app/ports/admin-api.ts";
import type { DueOrder } from "#app/ports/order-book.ts";
import type { OrderPlaces, ReadContext, ReadLimits, ReadResult } from "#app/ports/shopify-orders.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";
import { READS_AT_ONCE } from "./limits.ts";
import type { Turn } from "./turn-context.ts";

/** `later`: what could be read was stored; the rest must wait. */
type GatherResult = { readonly kind: "gathered" } | { readonly kind: "later"; readonly afterMs: number };

const GATHERED: GatherResult = { kind: "gathered" };

export interface Gathered {
  readonly result: GatherResult;
  /** Of all lines of the orders, as the book has them; null when something was stored meanwhile, and the book is to be asked anew. */
  readonly variants: ReadonlyMap<string, VariantFacts> | null;
}

/** One batch of orders, and what was looked up for it: as good as asked anew until something is stored, and nearly always nothing is missing. */
interface Gathering {
  readonly turn: Turn;
  readonly settings: Settings;
  /** Of the lines of these orders. */
  known: ReadonlyMap<string, VariantFacts> | null;
  stored: boolean;
}

export async function gatherFacts(turn: Turn, due: readonly DueOrder[], settings: Settings): Promise<Gathered> {
  const gathering: Gathering = { turn, settings, known: null, stored: false };
  // What cannot be read now must not keep the neighbours from what they need: each kind is asked for whatever became of the others.
  const reread = await readChangedOrders(gathering, due);
  const orders = due.map((order) => ({ order, state: reread.states.get(order.orderId) ?? order.state }));
  const variants = await readUnknownVariants(gathering, orders);
  const locations = await readLocations(gathering, orders);
  await readComponentNames(gathering, orders);
  return { result: soonest([reread.result, variants, locations]), variants: gathering.stored ? null : gathering.known };
}

function soonest(results: readonly GatherResult[]): GatherResult {
  const waits = results.flatMap((result) => (result.kind === "later" ? [result.afterMs] : []));
  return waits.length === 0 ? GATHERED : { kind: "later", afterMs: Math.min(...waits) };
}

interface Subject {
  readonly order: DueOrder;
  readonly state: OrderState;
}

async function readChangedOrders(gathering: Gathering, due: readonly DueOrder[]): Promise<{ result: GatherResult; states: Map<string, OrderState> }> {
  const { ports, install } = gathering.turn;
  const { orders, shopifyOrders } = ports;
  const wanted = new Map(due.filter((order) => needsRead(order.state)).map((order) => [order.orderId, order.state.questionCount]));
  const states = new Map<string, OrderState>();
  const result = await readInBatches(gathering, [...wanted.keys()], shopifyOrders.limits.orders, shopifyOrders.readOrders, async (found, missing) => {
    const reads = [
      ...found.map((version) => ({ orderId: version.id, readUpTo: wanted.get(version.id) ?? 0, version })),
      ...missing.map((orderId) => ({ orderId, readUpTo: wanted.get(orderId) ?? 0, version: null })),
    ];
    await orders.storeReads(install.installId, reads);
    for (const { orderId, version } of reads) {
      const known = due.find((order) => order.orderId === orderId)?.state;
      if (known && version) states.set(orderId, { ...known, version });
    }
  });
  return { result, states };
}

/** Lines whose plan is not pinned yet, of orders that are ours to act on or to watch. */
async function undecided(gathering: Gathering, subjects: readonly Subject[]) {
  const { turn, settings } = gathering;
  const pinned = await pinnedSettings(turn, subjects, settings);
  const relevant = subjects.filter(({ order, state }) => state.version && modeOf(turn, order, state, settings) !== "untouched");
  const variants = (gathering.known ??= await turn.ports.orders.variants(turn.install.installId, variantIdsOf(subjects)));
  return relevant.flatMap(({ order, state }) =>
    (state.version?.lines ?? [])
      .filter((line) => !order.pins[line.id])
      .map((line) => ({
        order,
        line,
        decision: decideLine(line, { order: state, settings: rulesOfOrder(pinned.get(order.settingsVersion ?? -1), settings), variants, locationOverdue: false }),
      })),
  );
}

/** Of all of them, also of orders that are left alone: derivation asks for the same. */
export function variantIdsOf(subjects: readonly { readonly state: OrderState }[]): string[] {
  return [...new Set(subjects.flatMap(({ state }) => (state.version?.lines ?? []).flatMap((line) => line.variantId ?? [])))];
}

function modeOf(turn: Turn, order: DueOrder, state: OrderState, settings: Settings) {
  return order.mode ?? decideMode({ order: state, settings, installedAt: turn.install.installedAt, source: null, bookedBefore: order.bookedBefore }).mode;
}

/** Orders derived before keep the settings they were pinned to. */
export async function pinnedSettings(turn: Turn, subjects: readonly { order: DueOrder }[], current: Settings): Promise<ReadonlyMap<number, Settings>> {
  const versions = new Set(subjects.flatMap(({ order }) => order.settingsVersion ?? []));
  const byVersion = new Map<number, Settings>([[current.version, current]]);
  for (const version of versions) {
    if (byVersion.has(version)) continue;
    const settings = await turn.ports.settings.at(turn.install.installId, version);
    if (settings) byVersion.set(version, settings);
  }
  return byVersion;
}

async function readUnknownVariants(gathering: Gathering, subjects: readonly Subject[]): Promise<GatherResult> {
  const { ports, install } = gathering.turn;
  const { orders, shopifyOrders } = ports;
  const open = await undecided(gathering, subjects);
  const ids = new Set(open.filter(({ decision }) => decision.kind === "needs_variant").flatMap(({ line }) => line.variantId ?? []));
  return readInBatches(gathering, [...ids], shopifyOrders.limits.variants, shopifyOrders.readVariants, async (found, missing) => {
    await orders.storeVariants(install.installId, [
      ...found.map((variant) => ({ ...variant, missing: false })),
      ...missing.map((variantId) => ({ variantId, inventoryItemId: null, sku: null, title: null, tracked: false, requiresComponents: false, missing: true })),
    ]);
  });
}

async function readLocations(gathering: Gathering, subjects: readonly Subject[]): Promise<GatherResult> {
  const { ports, install } = gathering.turn;
  const { orders, shopifyOrders } = ports;
  const open = await undecided(gathering, subjects);
  const ids = new Set(open.filter(({ decision }) => decision.kind === "needs_location").map(({ order }) => order.orderId));
  return readInBatches(gathering, [...ids], shopifyOrders.limits.orderLocations, shopifyOrders.readOrderLocations, async (found) => {
    const routed = found.map((places) => ({ orderId: places.orderId, fulfilmentOrders: toRouting(places) }));
    await orders.storeRoutings(install.installId, routed, ports.clock.now());
  });
}

/** What people call a bundle's parts. Never held up for: a part whose name cannot be had is shown by its id. */
async function readComponentNames(gathering: Gathering, subjects: readonly Subject[]): Promise<void> {
  const { ports, install } = gathering.turn;
  const { orders, shopifyOrders } = ports;
  const open = await undecided(gathering, subjects);
  const ours = open.filter(({ decision }) => decision.kind === "plan" || decision.kind === "needs_location");
  const itemIds = [...new Set(ours.flatMap(({ line }) => bundleItems(line, gathering.settings)))];
  const known = await orders.itemNames(install.installId, itemIds);
  const unknown = itemIds.filter((itemId) => !known.has(itemId));
  await readInBatches(gathering, unknown, shopifyOrders.limits.variantsOfItems, shopifyOrders.readVariantsOfItems, async (found) => {
    await orders.storeVariants(install.installId, found.map((variant) => ({ ...variant, missing: false })));
  });
}

/** Cancelled fulfilment orders ship nothing; one whose location was deleted says nothing. */
function toRouting(places: OrderPlaces): Routing["fulfilmentOrders"] {
  const live = places.fulfilmentOrders.filter((place) => place.locationId !== null && place.status !== "cancelled");
  const chosen = live.length > 0 ? live : places.fulfilmentOrders.filter((place) => place.locationId !== null);
  return chosen.map((place) => ({ locationId: place.locationId ?? "", lines: chosen.length === 1 ? null : place.lines }));
}

async function readInBatches<Value>(
  gathering: Gathering,
  ids: readonly string[],
  limits: ReadLimits,
  read: (context: ReadContext, ids: readonly string[]) => Promise<ReadResult<Value>>,
  store: (found: readonly Value[], missing: readonly string[]) => Promise<void>,
): Promise<GatherResult> {
  const batches = Array.from({ length: Math.ceil(ids.length / limits.idsMax) }, (_, index) => ids.slice(index * limits.idsMax, (index + 1) * limits.idsMax));
  const results = await pMap(batches, (batch) => readBatch(gathering, batch, limits, read, store), { concurrency: READS_AT_ONCE });
  return soonest(results);
}

async function readBatch<Value>(
  gathering: Gathering,
  batch: readonly string[],
  limits: ReadLimits,
  read: (context: ReadContext, ids: readonly string[]) => Promise<ReadResult<Value>>,
  store: (found: readonly Value[], missing: readonly string[]) => Promise<void>,
): Promise<GatherResult> {
  const { turn } = gathering;
  if (turn.signal.aborted) return { kind: "later", afterMs: 0 };
  const called = await callWithinBudget(turn.ports, turn.install.shop, limits.estimateCost(batch.length), () =>
    read({ shop: turn.install.shop, signal: turn.signal }, batch),
  );
  if (called.kind === "later") return called;
  if (called.result.kind !== "ok") return readFailed(turn, called.result);
  await store(called.result.found, called.result.missing);
  gathering.stored = true;
  gathering.known = null;
  return GATHERED;
}

/** A read has no effect in Shopify, so it is simply tried again. */
function readFailed(turn: Turn, failure: AdminFailure): GatherResult {
  turn.ports.logger.warn({ shop: turn.install.shop, failure }, "reading from Shopify failed");
  if (failure.kind === "throttled") return { kind: "later", afterMs: failure.waitMs };
  if (failure.kind === "refused") return { kind: "later", afterMs: turn.ports.timings.shopUnavailableDelayMs };
  return { kind: "later", afterMs: turn.ports.timings.readRetryDelayMs };
}

// One step of detection: orders with news become order items and effects, after what must be known of their variants was read within budget.

import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { Settings } from "#app/domain/settings.ts";
import { sourceKeyOf } from "#app/domain/settings.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { DetectionOrders, LookedAt, OrderToLookAt } from "#app/ports/detection-orders.ts";
import type { OrderBook } from "#app/ports/order-book.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import { orderFacts, variantsOf } from "./order-facts.ts";

export interface ObserveOrdersPorts {
  readonly detectionOrders: DetectionOrders;
  readonly orders: Pick<OrderBook, "variants" | "storeVariants" | "sources">;
  readonly settings: Pick<SettingsStore, "current">;
  readonly shopifyOrders: Pick<ShopifyOrders, "readVariants" | "limits">;
  readonly budget: CostBudget;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface ObserveOrdersLimits {
  readonly ordersMax: number;
  /** What a step with much to read takes at most; orders it could not finish are looked at again after it. */
  readonly leaseMs: number;
}

export const OBSERVE_ORDERS_LIMITS: ObserveOrdersLimits = { ordersMax: 200, leaseMs: 30_000 };

/** Effects older than this explain nothing that is still judged. */
const EFFECTS_AGE_MS_MAX = 48 * 3_600_000;

/** Answers how many orders were looked at. Of an order whose variants cannot be read now nothing is said yet: it comes again. */
export async function observeOrders(ports: ObserveOrdersPorts, signal: AbortSignal, limits: ObserveOrdersLimits = OBSERVE_ORDERS_LIMITS): Promise<number> {
  const taken = await ports.detectionOrders.take(limits.ordersMax, limits.leaseMs);
  let count = 0;
  for (const orders of Map.groupBy(taken, ({ installId }) => installId).values()) {
    if (signal.aborted) break;
    count += await observeOfShop(ports, orders, signal);
  }
  return count;
}

async function observeOfShop(ports: ObserveOrdersPorts, orders: readonly OrderToLookAt[], signal: AbortSignal): Promise<number> {
  const [first] = orders;
  if (!first) return 0;
  const { installId, shop } = first;
  const settings = await ports.settings.current(installId);
  const sources = await ports.orders.sources(installId);
  const ids = [...new Set(orders.flatMap(({ state }) => variantsOf(state)))];
  const variants = await knownVariants(ports, { installId, shop }, ids, signal);
  const ready = orders.filter(({ state }) => variantsOf(state).every((id) => variants.has(id)));
  const items = ready.flatMap(({ state }) => variantsOf(state)).flatMap((id) => variants.get(id)?.inventoryItemId ?? []);
  const components = settings.bundles.flatMap((bundle) => bundle.components.map(({ inventoryItemId }) => inventoryItemId.slice(inventoryItemId.lastIndexOf("/") + 1)));
  const places = await ports.detectionOrders.places(installId, [...new Set([...items, ...components])]);
  const effectsFromMs = ports.clock.now().getTime() - EFFECTS_AGE_MS_MAX;
  const looked = ready.map((order): LookedAt => ({
    ...order,
    ...orderFacts({ ...order, settings, source: sources.get(keyOfSource(order, settings)) ?? null, variants, places, effectsFromMs }),
  }));
  return ports.detectionOrders.record(installId, looked);
}

/** Sources are counted under the rule that names them, else under their name. */
function keyOfSource({ state }: OrderToLookAt, settings: Settings): string {
  const { sourceName = null, appId = null } = state.version ?? {};
  const byApp = settings.deduct.sources.some((source) => source.appId !== undefined && source.appId === appId);
  return sourceKeyOf({ sourceName, appId: byApp ? appId : null });
}

async function knownVariants(ports: ObserveOrdersPorts, { installId, shop }: Pick<OrderToLookAt, "installId" | "shop">, ids: readonly string[], signal: AbortSignal) {
  const { orders, shopifyOrders } = ports;
  const known = await orders.variants(installId, ids);
  const unknown = ids.filter((id) => !known.has(id));
  const { idsMax, estimateCost } = shopifyOrders.limits.variants;
  for (let start = 0; start < unknown.length && !signal.aborted; start += idsMax) {
    const batch = unknown.slice(start, start + idsMax);
    const called = await callWithinBudget(ports, shop, estimateCost(batch.length), () => shopifyOrders.readVariants({ shop, signal }, batch));
    if (called.kind === "later") break;
    if (called.result.kind !== "ok") {
      ports.logger.warn({ shop, failure: called.result }, "detection could not read variants");
      break;
    }
    await orders.storeVariants(installId, [
      ...called.result.found.map((variant) => ({ ...variant, missing: false })),
      ...called.result.missing.map((variantId) => ({ variantId, inventoryItemId: null, sku: null, title: null, tracked: false, requiresComponents: false, missing: true })),
    ]);
  }
  return unknown.length === 0 ? known : orders.variants(installId, ids);
}

// Beside stage 2: looks at the stock of a few new orders, to learn whether their source really bypasses Shopify's own decrement.

import { BYPASS_OBSERVATIONS_MIN } from "#app/domain/order-mode.ts";
import { judgeBypass } from "#app/domain/observe-bypass.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";
import type { FirstTaken } from "./derive-due-orders.server.ts";
import type { Turn } from "./turn-context.ts";

/** Orders looked at in one turn while a source is still being learnt; one afterwards, as a sample. */
const LEARNING_ORDERS_MAX = 3;
/** Older orders' stock has moved on; looking at it proves nothing. */
const ORDER_AGE_MS_MAX = 5 * 60_000;

/** Never holds anything up: what cannot be read now is not observed. */
export async function observeSources(turn: Turn, taken: readonly FirstTaken[]): Promise<void> {
  if (taken.length === 0) return;
  const { orders, clock } = turn.ports;
  const known = await orders.sources(turn.install.installId);
  const now = clock.now().getTime();
  const bySource = Map.groupBy(
    taken.filter((order) => now - Date.parse(order.createdAt) <= ORDER_AGE_MS_MAX),
    (order) => order.sourceKey,
  );
  for (const [sourceKey, candidates] of bySource) {
    const learnt = (known.get(sourceKey)?.bypassCount ?? 0) >= BYPASS_OBSERVATIONS_MIN;
    for (const order of candidates.slice(0, learnt ? 1 : LEARNING_ORDERS_MAX)) await observeOrder(turn, order);
  }
}

async function observeOrder(turn: Turn, order: FirstTaken): Promise<void> {
  const { sources, shopifyInventory, logger } = turn.ports;
  const installId = turn.install.installId;
  const places = order.stocks.slice(0, shopifyInventory.limits.levels.idsMax);
  const called = await callWithinBudget(turn.ports, turn.install.shop, shopifyInventory.limits.levels.estimateCost(places.length), () =>
    shopifyInventory.readLevels({ shop: turn.install.shop, signal: turn.signal }, places),
  );
  if (called.kind !== "called" || called.result.kind !== "ok") return;
  const seen = called.result.found.map((level) => ({
    inventoryItemId: level.inventoryItemId,
    available: level.available,
    committed: level.committed,
    availableChangedAt: level.updatedAt,
    committedChangedAt: level.committedUpdatedAt,
  }));
  const verdict = judgeBypass(order.createdAt, seen, await sources.othersAtOnce(installId, order));
  const recorded = await sources.record(installId, { sourceKey: order.sourceKey, orderId: order.orderId, verdict, evidence: seen }, true);
  if (recorded.paused) {
    logger.warn({ shop: turn.install.shop, sourceKey: order.sourceKey, orderId: order.orderId }, "an order of this source took stock by itself: the source is paused");
  }
}

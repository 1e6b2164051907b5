// Beside stage 2: looks at the stock of a few new orders, to learn whether their source really bypasses Shopify's own decrement.

import { BYPASS_OBSERVATIONS_MIN, type SourceEvidence } from "#app/domain/order-mode.ts";
import { judgeBypass } from "#app/domain/observe-bypass.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";
import type { FirstTaken } from "./derive-due-orders.server.ts";
import type { Turn } from "./turn-context.ts";

/** Orders looked at in one turn while a source is still being learnt; one afterwards, as a sample. */
const LEARNING_ORDERS_MAX = 3;
/** Older orders' stock has moved on; looking at it proves nothing. */
const ORDER_AGE_MS_MAX = 5 * 60_000;
/** Notifications that are later than this are rare, and a pause is undone by the merchant with one click. */
const JUDGE_AFTER_MS = 2 * 60_000;
const JUDGED_PER_TURN_MAX = 20;

/** What was derived just now, and what was known of the sources then: a call that waits to be sent is not kept by asking for it again. */
export interface Derived {
  readonly firstTaken: readonly FirstTaken[];
  readonly sources: ReadonlyMap<string, SourceEvidence>;
}

/** Never holds anything up: what cannot be read now is not observed. */
export async function observeSources(turn: Turn, { firstTaken: taken, sources: known }: Derived): Promise<void> {
  if (taken.length === 0) return;
  const now = turn.ports.clock.now().getTime();
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
  const { sources, shopifyInventory } = turn.ports;
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
  const verdict = judgeBypass(order.createdAt, seen);
  const { sourceKey, orderId, createdAt, variantIds } = order;
  if (verdict === "bypassed") await sources.record(installId, { sourceKey, orderId, verdict, evidence: seen });
  if (verdict === "suspected") await sources.suspect(installId, { sourceKey, orderId, createdAt, variantIds, evidence: seen }, JUDGE_AFTER_MS);
}

/**
 * Judges suspicions once other orders of the same moments have had time to arrive: in a busy minute a native order changes the same
 * stock, and its notification may be the later one. Without that wait a flash sale would pause sources that are innocent.
 */
export async function judgeSuspicions(turn: Turn): Promise<void> {
  const { sources, logger } = turn.ports;
  const installId = turn.install.installId;
  for (const suspicion of await sources.dueSuspicions(installId, JUDGED_PER_TURN_MAX)) {
    if (!(await sources.othersAtOnce(installId, suspicion))) {
      const { sourceKey, orderId, evidence } = suspicion;
      const recorded = await sources.record(installId, { sourceKey, orderId, verdict: "took_stock", evidence });
      if (recorded.paused) logger.warn({ shop: turn.install.shop, sourceKey, orderId }, "an order of this source took stock by itself: the source is paused");
    }
    await sources.settleSuspicion(installId, suspicion.orderId);
  }
}

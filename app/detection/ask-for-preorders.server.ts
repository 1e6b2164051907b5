// Before an item's lack is told of: which of its open lines were sold as preorders is read and kept, within budget. Nobody short, nothing asked.

import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { ReadLimits, ReadResult, ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { OpenOrderUnits, OversellBook } from "#app/ports/stock-watch.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";

export interface AskForPreordersPorts {
  readonly oversells: Pick<OversellBook, "recordSoldByPlan" | "recordPreorders">;
  readonly shopifyOrders: Pick<ShopifyOrders, "readSoldByPlan" | "readPreorders" | "limits">;
  readonly budget: CostBudget;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Shop {
  readonly installId: bigint;
  readonly shop: string;
}

/**
 * `asked`: all that can be known is. `unread`: whether anything is sold by plans could not be read now: lines count as ordinary, as nearly all are, and it
 * is asked again. `wait`: the item is sold by plans, and which lines were could not be read: nothing is told of it until they are.
 */
export type Asked = "asked" | "unread" | "wait";

export async function askForPreorders(ports: AskForPreordersPorts, install: Shop, orders: readonly OpenOrderUnits[], signal: AbortSignal): Promise<Asked> {
  const { oversells, shopifyOrders } = ports;
  const { limits } = shopifyOrders;
  const byPlan = new Set<string>();
  const variantIds = [...new Set(orders.flatMap(({ toAsk, variantId }) => (toAsk === "variant" && variantId !== null ? [variantId] : [])))];
  const variants = await inBatches(ports, install, variantIds, limits.soldByPlan, signal, {
    read: (ids) => shopifyOrders.readSoldByPlan({ shop: install.shop, signal }, ids),
    async keep(found, missing) {
      for (const { variantId, soldByPlan } of found) if (soldByPlan) byPlan.add(variantId);
      await oversells.recordSoldByPlan(install.installId, [...found, ...missing.map((variantId) => ({ variantId, soldByPlan: false }))]);
    },
  });
  const orderOf = new Map(orders.filter(({ toAsk, variantId }) => toAsk === "line" || (variantId !== null && byPlan.has(variantId))).map(({ lineId, orderId }) => [lineId, orderId]));
  const lines = await inBatches(ports, install, [...orderOf.keys()], limits.preorders, signal, {
    read: (ids) => shopifyOrders.readPreorders({ shop: install.shop, signal }, ids),
    async keep(found, missing) {
      const known = [...found, ...missing.map((lineId) => ({ lineId, preorder: null }))];
      await oversells.recordPreorders(install.installId, known.map(({ lineId, preorder }) => ({ orderId: orderOf.get(lineId) ?? "", lineId, preorder })));
    },
  });
  if (lines === "later") return "wait";
  return variants === "later" ? "unread" : "asked";
}

interface Question<Found> {
  readonly read: (ids: readonly string[]) => Promise<ReadResult<Found>>;
  readonly keep: (found: readonly Found[], missing: readonly string[]) => Promise<void>;
}

/** `done`, too, where Shopify refuses the question itself: it would again. */
async function inBatches<Found>(ports: AskForPreordersPorts, { shop }: Shop, ids: readonly string[], limits: ReadLimits, signal: AbortSignal, { read, keep }: Question<Found>): Promise<"done" | "later"> {
  for (let start = 0; start < ids.length; start += limits.idsMax) {
    if (signal.aborted) return "later";
    const batch = ids.slice(start, start + limits.idsMax);
    const called = await callWithinBudget(ports, shop, limits.estimateCost(batch.length), () => read(batch));
    if (called.kind === "later") return "later";
    if (called.result.kind !== "ok") {
      ports.logger.warn({ shop, failure: called.result }, "detection could not read selling plans");
      return called.result.kind === "refused" ? "done" : "later";
    }
    await keep(called.result.found, called.result.missing);
  }
  return "done";
}

// Beside stage 7: levels that turned out to be other than thought are read and kept, within the budget; what cannot be read now stays unknown.

import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";
import type { TurnPorts } from "./turn-context.ts";

export interface ReadAnewPorts extends Pick<TurnPorts, "shopifyInventory" | "levels" | "budget" | "metrics" | "logger"> {}

/** How it ended: the levels are kept, or why they are not, with the time after which it may be tried again. */
export type ReadAnew = { readonly kind: "read"; readonly missing: readonly string[] } | { readonly kind: "later"; readonly afterMs: number; readonly cause: string };

/** Shopify's own trouble, or ours with it: another request may ask again after so long. */
const AGAIN_AFTER_MS = 1_000;

export async function readAnew(at: { readonly install: { readonly installId: bigint; readonly shop: string }; readonly ports: ReadAnewPorts }, places: readonly StockPlace[], traceId: string): Promise<ReadAnew> {
  const { shopifyInventory, levels, logger } = at.ports;
  const { installId, shop } = at.install;
  const { idsMax, estimateCost } = shopifyInventory.limits.levels;
  const asked = places.slice(0, idsMax);
  const within = await callWithinBudget(at.ports, shop, estimateCost(asked.length), () => shopifyInventory.readLevels({ shop, traceId }, asked));
  if (within.kind === "later") return { kind: "later", afterMs: within.afterMs, cause: "no points" };
  const { result } = within;
  if (result.kind === "ok") {
    await levels.recordReads(installId, result.found);
    return { kind: "read", missing: result.missing };
  }
  logger.warn({ shop, traceId, result: result.kind }, "levels could not be read anew");
  return { kind: "later", afterMs: result.kind === "throttled" ? result.waitMs : AGAIN_AFTER_MS, cause: result.kind };
}

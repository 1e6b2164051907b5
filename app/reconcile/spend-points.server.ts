// Points for a read of reconciliation: the lowest claim on a shop's budget, so that order work never waits for a scan.

import type { AdminFailure, RequestCost } from "#app/ports/admin-api.ts";
import type { ReconcilePorts } from "./reconcile-ports.ts";

export type Spent<Result> = { readonly kind: "called"; readonly result: Result } | { readonly kind: "later"; readonly afterMs: number };

/** When the shared budget cannot be reached no call is made. */
const BUDGET_AWAY_DELAY_MS = 5_000;
/** A bucket that order work drains is left alone for this long. */
const THROTTLED_WAIT_MS = 2_000;

interface Costed {
  readonly kind: string;
  readonly cost?: RequestCost | null;
  readonly waitMs?: number;
}

export async function spendPoints<Result extends Costed>(ports: Pick<ReconcilePorts, "budget" | "metrics">, shop: string, points: number, call: () => Promise<Result>): Promise<Spent<Result>> {
  const reserved = await ports.budget.reserve({ shop, points });
  if (reserved.kind === "later") return { kind: "later", afterMs: Math.max(reserved.waitMs, THROTTLED_WAIT_MS) };
  if (reserved.kind === "unavailable") return { kind: "later", afterMs: BUDGET_AWAY_DELAY_MS };
  const { ticket } = reserved;
  const result = await call();
  const { cost } = result;
  if (cost) {
    ports.metrics.apiCostAvailable(cost.throttleStatus.currentlyAvailable);
    await ports.budget.report({ shop, throttleStatus: cost.throttleStatus, requested: points, actual: cost.actual ?? 0, ticket });
  }
  if (result.kind === "throttled") await ports.budget.throttled({ shop, waitMs: result.waitMs ?? THROTTLED_WAIT_MS, ...(cost ? {} : { requested: points, ticket }) });
  return { kind: "called", result };
}

/** In how long a read that failed is worth trying again. */
export function delayAfter({ timings, logger }: Pick<ReconcilePorts, "timings" | "logger">, shop: string, failure: AdminFailure): number {
  logger.warn({ shop, failure }, "reconciliation could not read from Shopify");
  switch (failure.kind) {
    case "throttled":
      return failure.waitMs;
    case "refused":
      return timings.shopUnavailableDelayMs;
    case "unknown":
      return timings.readRetryDelayMs;
  }
}

// Points for a read of reconciliation: the lowest claim on a shop's budget, so that order work never waits for a scan.

import { type Costed, settleBudget, type WithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { AdminFailure } from "#app/ports/admin-api.ts";
import type { ReconcilePorts } from "./reconcile-ports.ts";

/** When the shared budget cannot be reached no call is made. */
const BUDGET_AWAY_DELAY_MS = 5_000;
/** A bucket that order work drains is left alone for this long. */
const THROTTLED_WAIT_MS = 2_000;

export async function spendPoints<Result extends Costed>(ports: Pick<ReconcilePorts, "budget" | "metrics">, shop: string, points: number, call: () => Promise<Result>): Promise<WithinBudget<Result>> {
  const reserved = await ports.budget.reserve({ shop, points });
  if (reserved.kind === "later") return { kind: "later", afterMs: Math.max(reserved.waitMs, THROTTLED_WAIT_MS) };
  if (reserved.kind === "unavailable") return { kind: "later", afterMs: BUDGET_AWAY_DELAY_MS };
  const result = await call();
  await settleBudget(ports, { shop, points, ticket: reserved.ticket }, result);
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

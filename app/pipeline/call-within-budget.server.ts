// Stage 3: points are set aside before a call and settled by its answer, so that no call of ours is throttled. Nothing is locked meanwhile.

import type { RequestCost } from "#app/ports/admin-api.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { Metrics } from "#app/ports/telemetry.ts";

export type WithinBudget<Result> =
  | { readonly kind: "called"; readonly result: Result }
  /** Not called: the shop's points are spent for now. */
  | { readonly kind: "later"; readonly afterMs: number };

/** When the shared budget cannot be reached no call is made: without it nothing keeps the processes under Shopify's limit together. */
const BUDGET_AWAY_DELAY_MS = 1_000;

interface Costed {
  readonly kind: string;
  readonly cost?: RequestCost | null;
  readonly waitMs?: number;
}

export async function callWithinBudget<Result extends Costed>(
  ports: { readonly budget: CostBudget; readonly metrics: Metrics },
  shop: string,
  points: number,
  call: () => Promise<Result>,
): Promise<WithinBudget<Result>> {
  const reserved = await ports.budget.reserve({ shop, points });
  if (reserved.kind === "later") return { kind: "later", afterMs: reserved.waitMs };
  if (reserved.kind === "unavailable") return { kind: "later", afterMs: BUDGET_AWAY_DELAY_MS };
  const result = await call();
  await settleBudget(ports, shop, points, result);
  return { kind: "called", result };
}

/** Settles a reservation by what the answer says; an answer that says nothing leaves it to lapse, the careful side. */
export async function settleBudget(
  ports: { readonly budget: CostBudget; readonly metrics: Metrics },
  shop: string,
  points: number,
  result: Costed,
): Promise<void> {
  if (result.kind === "throttled") {
    await ports.budget.throttled({ shop, waitMs: result.waitMs ?? 1_000, requested: points });
    return;
  }
  if (!result.cost) return;
  ports.metrics.apiCostAvailable(result.cost.throttleStatus.currentlyAvailable);
  await ports.budget.report({
    shop,
    throttleStatus: result.cost.throttleStatus,
    requested: points,
    actual: result.cost.actual ?? 0,
  });
}

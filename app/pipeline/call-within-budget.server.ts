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
/** Shopify's recommended pause after a throttled call that does not say how long. */
const THROTTLED_WAIT_MS = 1_000;

/** What an answer says of its price. */
export interface Costed {
  readonly kind: string;
  readonly cost?: RequestCost | null;
  readonly waitMs?: number;
}

interface BudgetPorts {
  readonly budget: CostBudget;
  readonly metrics: Metrics;
}

/** Points set aside for one call. */
export interface BudgetGrant {
  readonly shop: string;
  readonly points: number;
  readonly ticket: string | undefined;
}

export async function callWithinBudget<Result extends Costed>(
  ports: BudgetPorts,
  shop: string,
  points: number,
  call: () => Promise<Result>,
): Promise<WithinBudget<Result>> {
  const reserved = await reservePoints(ports, shop, points);
  if (reserved.kind === "later") return reserved;
  const result = await call();
  await settleBudget(ports, reserved.grant, result);
  return { kind: "called", result };
}

export async function reservePoints(
  ports: BudgetPorts,
  shop: string,
  points: number,
): Promise<{ readonly kind: "granted"; readonly grant: BudgetGrant } | { readonly kind: "later"; readonly afterMs: number }> {
  const reserved = await ports.budget.reserve({ shop, points });
  if (reserved.kind === "later") return { kind: "later", afterMs: reserved.waitMs };
  if (reserved.kind === "unavailable") return { kind: "later", afterMs: BUDGET_AWAY_DELAY_MS };
  return { kind: "granted", grant: { shop, points, ticket: reserved.ticket } };
}

/** Settles a reservation by what the answer says; an answer that says nothing leaves it to lapse, the careful side. */
export async function settleBudget(ports: BudgetPorts, grant: BudgetGrant, result: Costed): Promise<void> {
  const { shop, points, ticket } = grant;
  const { cost } = result;
  if (cost) {
    ports.metrics.apiCostAvailable(cost.throttleStatus.currentlyAvailable);
    await ports.budget.report({ shop, throttleStatus: cost.throttleStatus, requested: points, actual: cost.actual ?? 0, ticket });
  }
  if (result.kind === "throttled") {
    const unreported = cost ? {} : { requested: points, ticket };
    await ports.budget.throttled({ shop, waitMs: result.waitMs ?? THROTTLED_WAIT_MS, ...unreported });
  }
}

/** No call was made for these points. */
export async function returnPoints(ports: BudgetPorts, grant: BudgetGrant): Promise<void> {
  await ports.budget.cancel(grant);
}

// Detection's question before it tells of a lack: which variants are sold by plans, and which lines were sold as preorders.
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { LinePlanFacts, ReadContext, ReadLimits, ReadResult, SoldByPlan } from "#app/ports/shopify-orders.ts";

import { LINE_PLANS, PLANS, SOLD_BY_PLAN } from "./documents/selling-plans.ts";
import { gidOf, nodesFound } from "./gid-schema.ts";
import { addCost, assertAtMost, found, missingOf, sendRead } from "./read-request.server.ts";

/** Variant, product, connection and one group. */
export const soldByPlanLimits: ReadLimits = { idsMax: 100, estimateCost: (variants) => variants * 5 };
/** A line and its plan; then, at worst one for each line, a plan and its policy. */
export const preordersLimits: ReadLimits = { idsMax: 250, estimateCost: (lines) => lines * 4 };

const soldSchema = nodesFound(z.object({ id: gidOf("ProductVariant"), product: z.object({ sellingPlanGroups: z.object({ nodes: z.array(z.unknown()) }) }) }));
const linesSchema = nodesFound(z.object({ id: gidOf("LineItem"), sellingPlan: z.object({ sellingPlanId: gidOf("SellingPlan").nullable() }).nullable() }));
const plansSchema = nodesFound(
  z.object({
    id: gidOf("SellingPlan"),
    // A category of a later API version is none that is known to be a preorder's.
    category: z.string().nullable(),
    inventoryPolicy: z.object({ reserve: z.string() }).nullable(),
  }),
);

export async function readSoldByPlan(admin: AdminApi, context: ReadContext, variantIds: readonly string[]): Promise<ReadResult<SoldByPlan>> {
  assertAtMost(variantIds.length, soldByPlanLimits.idsMax, "variants");
  if (variantIds.length === 0) return found([], [], null);
  const ids = [...new Set(variantIds)].map((id) => formatGid("ProductVariant", id));
  const answer = await sendRead(admin, context, { document: SOLD_BY_PLAN, variables: { ids }, schema: soldSchema });
  if (answer.kind !== "ok") return answer;
  const variants = answer.value.nodes.map(({ id, product }): SoldByPlan => ({ variantId: id, soldByPlan: product.sellingPlanGroups.nodes.length > 0 }));
  return found(variants, missingOf(variantIds, new Set(variants.map(({ variantId }) => variantId))), answer.cost);
}

export async function readPreorders(admin: AdminApi, context: ReadContext, lineIds: readonly string[]): Promise<ReadResult<LinePlanFacts>> {
  assertAtMost(lineIds.length, preordersLimits.idsMax, "lines");
  if (lineIds.length === 0) return found([], [], null);
  const ids = [...new Set(lineIds)].map((id) => formatGid("LineItem", id));
  const answer = await sendRead(admin, context, { document: LINE_PLANS, variables: { ids }, schema: linesSchema });
  if (answer.kind !== "ok") return answer;
  const plans = await readTakings(admin, context, [...new Set(answer.value.nodes.flatMap(({ sellingPlan }) => sellingPlan?.sellingPlanId ?? []))]);
  if (plans.kind !== "ok") return plans;
  const takings = new Map(plans.found.map(({ planId, preorder }) => [planId, preorder]));
  const lines = answer.value.nodes.map(({ id, sellingPlan }): LinePlanFacts => ({ lineId: id, preorder: takings.get(sellingPlan?.sellingPlanId ?? "") ?? null }));
  return found(lines, missingOf(lineIds, new Set(lines.map(({ lineId }) => lineId))), addCost(answer.cost, plans.cost));
}

async function readTakings(admin: AdminApi, context: ReadContext, planIds: readonly string[]): Promise<ReadResult<{ planId: string; preorder: LinePlanFacts["preorder"] }>> {
  if (planIds.length === 0) return found([], [], null);
  const ids = planIds.map((id) => formatGid("SellingPlan", id));
  const answer = await sendRead(admin, context, { document: PLANS, variables: { ids }, schema: plansSchema });
  if (answer.kind !== "ok") return answer;
  const plans = answer.value.nodes.map(({ id, category, inventoryPolicy }) => ({ planId: id, preorder: category === "PRE_ORDER" ? takingOf(inventoryPolicy?.reserve) : null }));
  return found(plans, missingOf(planIds, new Set(plans.map(({ planId }) => planId))), answer.cost);
}

/** A plan without a policy takes its units as any sale does. */
function takingOf(reserve: string | undefined): "on_sale" | "on_fulfilment" {
  return reserve === "ON_FULFILLMENT" ? "on_fulfilment" : "on_sale";
}

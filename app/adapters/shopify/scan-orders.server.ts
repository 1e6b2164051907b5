// The back-fill's list: which orders were updated in a stretch of time, as Shopify's search shows them.
import { z } from "zod";

import type { ListedOrder } from "#app/domain/missed-order.ts";
import type { AdminApi, AdminFailure } from "#app/ports/admin-api.ts";
import type { ListedPage, OrderLister, ScanPass } from "#app/ports/order-scan.ts";
import type { ReadContext } from "#app/ports/shopify-orders.ts";

import { ORDER_SCAN_FIRST, ORDERS_BY_UPDATE } from "./documents/order-scan.ts";
import { gidOf, pageInfo } from "./gid-schema.ts";
import { sendRead } from "./read-request.server.ts";

/** A connection and the orders of a page. What a page does not hold is paid back. */
const PAGE_COST = 2 + ORDER_SCAN_FIRST;

const nodeSchema = z.object({
  id: gidOf("Order"),
  updatedAt: z.string(),
  cancelledAt: z.string().nullable(),
  displayFinancialStatus: z.string().nullable(),
  currentSubtotalLineItemsQuantity: z.int(),
  subtotalLineItemsQuantity: z.int(),
});
const pageSchema = z.object({ orders: z.object({ nodes: z.array(nodeSchema), pageInfo }) });

export function createOrderLister(admin: AdminApi): OrderLister {
  return { pageCost: PAGE_COST, listUpdated: (context, pass, createdFrom) => listUpdated(admin, context, pass, createdFrom) };
}

async function listUpdated(admin: AdminApi, context: ReadContext, pass: ScanPass, createdFrom: Date): Promise<ListedPage | AdminFailure> {
  const variables = { query: searchOf(pass, createdFrom), after: pass.cursor };
  const answer = await sendRead(admin, context, { document: ORDERS_BY_UPDATE, variables, schema: pageSchema });
  if (answer.kind !== "ok") return answer;
  const { nodes, pageInfo: page } = answer.value.orders;
  return { kind: "ok", orders: nodes.map(toListed), nextCursor: page.hasNextPage ? page.endCursor : null, cost: answer.cost };
}

/**
 * `>=` and `<=` on whole seconds. `>` is not used: up to 2026-07 it let the rest of its second through and from 2026-10 it does not. An
 * order updated in a fraction behind `until` is found by the next pass, which begins before it.
 */
function searchOf(pass: ScanPass, createdFrom: Date): string {
  return `created_at:>='${seconds(createdFrom)}' updated_at:>='${seconds(pass.from)}' updated_at:<='${seconds(pass.until)}'`;
}

function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

function toListed(node: z.output<typeof nodeSchema>): ListedOrder {
  return {
    orderId: node.id,
    updatedAt: node.updatedAt,
    cancelledAt: node.cancelledAt,
    financialStatus: node.displayFinancialStatus?.toLowerCase() ?? null,
    currentUnits: node.currentSubtotalLineItemsQuantity,
    orderedUnits: node.subtotalLineItemsQuantity,
  };
}

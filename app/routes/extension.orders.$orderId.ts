// HTTP: what the block on an order's page in Shopify's admin shows, and what a person does there.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { errorResponse, jsonResponse } from "#app/api/respond.ts";
import { readOrderFacts } from "#app/dashboard/queries/change-detail.server.ts";
import { oversellPorts } from "#app/dashboard/wiring.server.ts";
import { actOnOrder } from "#app/extension-api/act-on-order.server.ts";
import { answerExtension } from "#app/extension-api/answer-extension.server.ts";
import { readOrderStock } from "#app/extension-api/order-stock.server.ts";
import { readId } from "#app/domain/gid.ts";

export function loader({ request, params }: LoaderFunctionArgs): Promise<Response> {
  return answerExtension(request, async ({ dependencies, install }) => {
    const orderId = readId("Order", params.orderId ?? "");
    const answer = orderId === null ? null : await readOrderStock(dependencies, install, orderId);
    return answer === null ? errorResponse("not_found", "Nothing was received about this order in this shop.") : jsonResponse(answer);
  });
}

export function action({ request, params }: ActionFunctionArgs): Promise<Response> {
  return answerExtension(request, async (context) => {
    if (request.method !== "POST") return errorResponse("method_not_allowed", "Use GET or POST here.", {}, { Allow: "GET, POST" });
    const orderId = readId("Order", params.orderId ?? "");
    const order = orderId === null ? null : await readOrderFacts(context.dependencies.database, context.install.installId, orderId);
    if (orderId === null || order === null) return errorResponse("not_found", "Nothing was received about this order in this shop.");
    const form = await request.formData().catch(() => null);
    if (form === null) return errorResponse("invalid_parameter", "Send a form with act and oversell.");
    return jsonResponse(await actOnOrder(oversellPorts(), context, { orderId, orderName: order.name }, form));
  });
}

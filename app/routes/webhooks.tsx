// HTTP: every webhook subscription of shopify.app.toml arrives here; it is verified, made durable and answered, nothing else.
import type { ActionFunctionArgs } from "@remix-run/node";

import { composition } from "#app/composition.server.ts";
import { ACCEPT_STATUS, acceptWebhook, metricTopic } from "#app/pipeline/accept/accept-webhook.server.ts";

export async function action({ request }: ActionFunctionArgs) {
  return answer(request);
}

/** Anything but POST. */
export async function loader({ request }: ActionFunctionArgs) {
  return answer(request);
}

async function answer(request: Request): Promise<Response> {
  const { accept, metrics, logger, clock, signalCounter } = composition();
  const startedMs = clock.monotonicMs();
  const result = await acceptWebhook(request, accept);
  metrics.delivery(metricTopic(result.topic), result.outcome, (clock.monotonicMs() - startedMs) / 1000);
  const { outcome, topic, shop, webhookId, traceId } = result;
  if (outcome === "unavailable" && shop !== null) signalCounter.note("webhook_errors", shop);
  logger.info({ outcome, topic, shop, webhookId, traceId }, "notification answered");
  return new Response(null, { status: ACCEPT_STATUS[outcome], ...(outcome === "method_not_allowed" ? { headers: { Allow: "POST" } } : {}) });
}

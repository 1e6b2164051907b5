// HTTP: every webhook subscription of shopify.app.toml arrives here; it is verified, made durable and answered, nothing else.
import type { ActionFunctionArgs } from "@remix-run/node";

import { composition } from "#app/composition.server.ts";
import { ACCEPT_STATUS, acceptReceived, metricTopic } from "#app/pipeline/accept/accept-webhook.server.ts";
import { type BareAnswer, type ReceivedWebhook, receiveWebhook } from "#app/pipeline/accept/received-webhook.ts";

export async function action(args: ActionFunctionArgs) {
  return answer(args);
}

/** Anything but POST. */
export async function loader(args: ActionFunctionArgs) {
  return answer(args);
}

/**
 * Our web server hands the webhook over as it has read it, because a Request's body and headers cost more than all that is done with them here, and
 * waits for the commit itself (`answerLater`). Elsewhere (Vite's server, tests) the Request is read, and the action waits.
 */
async function answer({ request, context }: ActionFunctionArgs): Promise<Response> {
  const answering = answerOf(context.webhook ?? (await receiveWebhook(request)));
  if (context.answerLater === undefined) return new Response(null, await answering);
  context.answerLater(answering);
  return new Response(null, { status: 202 });
}

async function answerOf(webhook: ReceivedWebhook): Promise<BareAnswer> {
  const { accept, metrics, logger, clock, signalCounter } = composition();
  const startedMs = clock.monotonicMs();
  const result = await acceptReceived(webhook, accept);
  metrics.delivery(metricTopic(result.topic), result.outcome, (clock.monotonicMs() - startedMs) / 1000);
  const { outcome, topic, shop, webhookId, traceId } = result;
  if (outcome === "unavailable" && shop !== null) signalCounter.note("webhook_errors", shop);
  logger.info({ outcome, topic, shop, webhookId, traceId }, "notification answered");
  return { status: ACCEPT_STATUS[outcome], headers: outcome === "method_not_allowed" ? { Allow: "POST" } : {} };
}

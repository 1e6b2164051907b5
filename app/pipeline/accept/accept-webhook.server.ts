// The accept path: verify, project, make durable, answer. It never waits for Redis, Shopify or a worker.

import type { DeliveryIntake, IncomingDelivery } from "#app/ports/delivery-intake.ts";
import { type Tracing, UNTRACED } from "#app/ports/tracing.ts";
import type { DeliveryBatcher } from "./delivery-batcher.server.ts";
import { KNOWN_TOPICS } from "./project-payload.ts";
import { COMPLIANCE_TOPICS, type DeliveryContent, readContent, SHOP } from "./read-content.ts";
import { type ReceivedWebhook, receiveWebhook } from "./received-webhook.ts";
import { createTraceIds } from "./trace-ids.server.ts";
import type { RushWatch } from "./rush-watch.server.ts";
import { isSignedBy } from "./verify-signature.server.ts";

const HEADER_MAX = 255;

export type AcceptOutcome =
  | "accepted"
  | "duplicate"
  | "not_installed"
  | "ignored"
  | "rejected"
  | "method_not_allowed"
  | "too_large"
  | "bad_headers"
  | "bad_signature"
  | "bad_json"
  | "unavailable";

/** Status the sender sees. 503 only when it could not be made durable: then Shopify sends it again. */
export const ACCEPT_STATUS: Readonly<Record<AcceptOutcome, number>> = {
  accepted: 200,
  duplicate: 200,
  not_installed: 200,
  ignored: 200,
  rejected: 200,
  method_not_allowed: 405,
  too_large: 413,
  bad_headers: 400,
  bad_signature: 401,
  bad_json: 400,
  unavailable: 503,
};

export interface AcceptDependencies {
  readonly secrets: readonly string[];
  readonly intake: DeliveryIntake;
  readonly batcher: DeliveryBatcher;
  readonly rushWatch?: RushWatch;
  readonly tracing?: Tracing;
}

export interface AcceptResult {
  readonly outcome: AcceptOutcome;
  /** As sent, for logs; `unknown` is used as metric label for topics outside the closed set. */
  readonly topic: string | null;
  readonly shop: string | null;
  readonly webhookId: string | null;
  readonly traceId: string | null;
}

const nextTraceId = createTraceIds();

/** For a request that nobody has read yet. */
export async function acceptWebhook(request: Request, dependencies: AcceptDependencies): Promise<AcceptResult> {
  return acceptReceived(await receiveWebhook(request), dependencies);
}

/** Takes one webhook request to its answer. Its trace begins here, under the id that is stored with the delivery. */
export function acceptReceived(webhook: ReceivedWebhook, dependencies: AcceptDependencies): Promise<AcceptResult> {
  dependencies.rushWatch?.noteWebhook();
  const traceId = nextTraceId();
  return (dependencies.tracing ?? UNTRACED).span("accept webhook", { kind: "server", begins: traceId }, async (span) => {
    const result = await accept(webhook, dependencies, traceId);
    // Who the sender says he is counts once the signature was right.
    const signed = result.traceId === null ? {} : { "holdfast.shop": result.shop, "holdfast.webhook_id": result.webhookId };
    span.add({ "holdfast.outcome": result.outcome, "holdfast.topic": metricTopic(result.topic), "http.response.status_code": ACCEPT_STATUS[result.outcome], ...signed });
    return result;
  });
}

/** The checks run in the order that interfaces.md states. */
async function accept(webhook: ReceivedWebhook, dependencies: AcceptDependencies, traceId: string): Promise<AcceptResult> {
  const none = { topic: null, shop: null, webhookId: null, traceId: null };
  if (webhook.method !== "POST") return { outcome: "method_not_allowed", ...none };
  const { body } = webhook;
  if (body === null) return { outcome: "too_large", ...none };
  const headers = readHeaders(webhook);
  if (headers === null) return { outcome: "bad_headers", ...none };
  const known = { topic: headers.topic, shop: headers.shop, webhookId: headers.webhookId };
  if (!isSignedBy(body, headers.signature, dependencies.secrets)) return { outcome: "bad_signature", ...known, traceId: null };
  const content = readContent({ topic: headers.topic, shop: headers.shop, body });
  switch (content.kind) {
    case "bad_json":
      return { outcome: "bad_json", ...known, traceId: null };
    case "compliance": {
      const outcome = await dependencies.intake.storeCompliance({ shop: content.shop, topic: headers.topic, webhookId: headers.webhookId });
      return { outcome, ...known, traceId: null };
    }
    default: {
      const delivery = toDelivery(headers, content, traceId);
      return { outcome: outcomeOf(await dependencies.batcher.submit(delivery), delivery), ...known, traceId };
    }
  }
}

interface WebhookHeaders {
  readonly topic: string;
  readonly shop: string;
  readonly signature: string;
  readonly webhookId: string;
  readonly apiVersion: string;
  readonly eventId: string | null;
  readonly triggeredAt: string | null;
}

function readHeaders(webhook: ReceivedWebhook): WebhookHeaders | null {
  const read = (name: string) => webhook.header(`x-shopify-${name}`)?.trim() ?? "";
  const required = { topic: read("topic"), shop: read("shop-domain").toLowerCase(), signature: read("hmac-sha256"), webhookId: read("webhook-id"), apiVersion: read("api-version") };
  if (Object.values(required).some((value) => value === "" || value.length > HEADER_MAX)) return null;
  if (!SHOP.test(required.shop)) return null;
  const triggered = read("triggered-at");
  const eventId = read("event-id");
  return {
    ...required,
    eventId: eventId === "" || eventId.length > HEADER_MAX ? null : eventId,
    triggeredAt: Number.isNaN(Date.parse(triggered)) || triggered.length > 40 ? null : triggered,
  };
}

function toDelivery({ shop, webhookId, eventId, topic, apiVersion, triggeredAt }: WebhookHeaders, content: DeliveryContent, traceId: string): IncomingDelivery {
  const common = { shop, webhookId, eventId, topic, apiVersion, triggeredAt, traceId };
  if (content.kind !== "work") return { ...common, orderId: null, payload: null, state: content.kind, reason: content.reason };
  return { ...common, orderId: content.orderId, payload: content.payload, state: "pending", reason: null };
}

function outcomeOf(stored: Awaited<ReturnType<DeliveryBatcher["submit"]>>, delivery: IncomingDelivery): AcceptOutcome {
  if (stored === "overloaded") return "unavailable";
  return stored === "accepted" && delivery.state !== "pending" ? delivery.state : stored;
}

/** The closed set of topics as metrics and spans know them. */
export const METRIC_TOPICS: readonly string[] = [...KNOWN_TOPICS, ...COMPLIANCE_TOPICS, "other"];

/** The topic as a metric's label: one of a closed set, whatever a sender puts into the header. */
export function metricTopic(topic: string | null): string {
  return topic !== null && METRIC_TOPICS.includes(topic) ? topic : "other";
}

// The headers Shopify puts on a webhook: who, what, when, and the signature over the body alone.
import { createHmac } from "node:crypto";

export interface WebhookHeaderInput {
  topic: string;
  shop: string;
  apiVersion: string;
  webhookId: string;
  eventId: string;
  triggeredAtMs: number;
  secret: string;
}

export function webhookHeaders(input: WebhookHeaderInput, body: Buffer): Record<string, string> {
  return {
    "Content-Type": "application/json",
    "User-Agent": "Shopify-Captain-Hook",
    "X-Shopify-Topic": input.topic,
    "X-Shopify-Hmac-Sha256": createHmac("sha256", input.secret).update(body).digest("base64"),
    "X-Shopify-Shop-Domain": input.shop,
    "X-Shopify-API-Version": input.apiVersion,
    "X-Shopify-Webhook-Id": input.webhookId,
    "X-Shopify-Triggered-At": nanoseconds(input.triggeredAtMs),
    "X-Shopify-Event-Id": input.eventId,
  };
}

/** RFC 3339 with nine decimals; the clock has no more than microseconds, so the last digits are its own noise. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  const rest = Math.floor((ms - whole) * 1_000_000);
  return `${new Date(whole).toISOString().slice(0, 23)}${String(rest).padStart(6, "0")}Z`;
}

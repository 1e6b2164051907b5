// Step 1, idempotency: a Remix action that takes each webhook exactly once. It verifies, stores what the work needs, answers after the commit, and does nothing else.
import { createHmac, timingSafeEqual } from "node:crypto";

import type { Database } from "./database.ts";

/** Shopify waits 5 seconds in all; a body beyond this is no order. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

export interface WebhookDependencies {
  readonly database: Database;
  /** The app's secret; the former one beside it for an hour after a rotation. */
  readonly secrets: readonly string[];
  /** Brings a worker to this shop. May fail: the sweeper of the worker finds what was never woken. */
  wake(shop: string): Promise<void>;
}

/**
 * In a route: `const action = createWebhookAction({ … }); export { action };`.
 * 200: stored, or stored before. 401, 400, 413: not from Shopify. 503: could not be stored; Shopify sends it again.
 */
export function createWebhookAction({ database, secrets, wake }: WebhookDependencies) {
  return async ({ request }: { readonly request: Request }): Promise<Response> => {
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "POST" } });
    if (Number(request.headers.get("Content-Length") ?? 0) > BODY_BYTES_MAX) return new Response(null, { status: 413 });
    // The signature covers these bytes and not what a parser makes of them.
    const body = Buffer.from(await request.arrayBuffer());
    if (body.length > BODY_BYTES_MAX) return new Response(null, { status: 413 });
    if (!secrets.some((secret) => isSignedBy(secret, body, request.headers.get("X-Shopify-Hmac-Sha256")))) return new Response(null, { status: 401 });
    const [shop, topic, webhookId] = ["Shop-Domain", "Topic", "Webhook-Id"].map((name) => request.headers.get(`X-Shopify-${name}`));
    if (!shop || !topic || !webhookId) return new Response(null, { status: 400 });
    try {
      await database.query(STORE, [shop, webhookId, topic, body.toString("utf8")]);
    } catch (error) {
      return new Response(null, { status: isNoJson(error) ? 400 : 503 });
    }
    // After the commit, and without waiting: a queue that is away must not make Shopify send again.
    void wake(shop).catch(() => undefined);
    return new Response();
  };
}

/**
 * One statement: find-then-create lets two copies both find nothing; the unique key does not.
 * PostgreSQL takes the body apart, because JavaScript's JSON.parse rounds ids beyond 2^53.
 */
const STORE = `
  INSERT INTO webhook_deliveries (shop, webhook_id, topic, facts)
  SELECT $1, $2, $3, jsonb_build_object(
    'orderId', coalesce(body->>'order_id', body->>'id'),
    'source', body->>'source_name',
    'cancelled', body->>'cancelled_at' IS NOT NULL,
    'lines', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', line->>'id', 'variantId', line->>'variant_id', 'quantity', coalesce(line->>'current_quantity', line->>'quantity')::int)), '[]')
      FROM jsonb_array_elements(CASE jsonb_typeof(body->'line_items') WHEN 'array' THEN body->'line_items' ELSE '[]' END) AS line))
  FROM (SELECT $4::jsonb AS body) AS request
  ON CONFLICT (shop, webhook_id) DO NOTHING`;

function isSignedBy(secret: string, body: Buffer, signature: string | null): boolean {
  const expected = createHmac("sha256", secret).update(body).digest();
  const given = Buffer.from(signature ?? "", "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** SQLSTATE class 22: the body is no JSON, or has text that PostgreSQL does not store. It would be refused again, so Shopify is not asked to repeat it. */
function isNoJson(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && String(error.code).startsWith("22");
}

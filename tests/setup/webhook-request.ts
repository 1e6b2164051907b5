// Signed webhook requests as Shopify sends them, and bodies in the shape of its payloads.
import { createHmac, randomUUID } from "node:crypto";

export const TEST_SECRET = "test-secret";
export const TEST_SHOP = "quiet-harbour.myshopify.com";

export interface WebhookOverrides {
  readonly topic?: string;
  readonly shop?: string;
  readonly webhookId?: string;
  readonly eventId?: string;
  readonly triggeredAt?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly method?: string;
}

/** `body` is sent as it is when it is text or bytes, else as JSON. */
export function webhookRequest(body: unknown, overrides: WebhookOverrides = {}): Request {
  const raw = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const headers = new Headers({
    "Content-Type": "application/json",
    "X-Shopify-Topic": overrides.topic ?? "orders/create",
    "X-Shopify-Shop-Domain": overrides.shop ?? TEST_SHOP,
    "X-Shopify-API-Version": "2026-10",
    "X-Shopify-Webhook-Id": overrides.webhookId ?? randomUUID(),
    "X-Shopify-Event-Id": overrides.eventId ?? randomUUID(),
    "X-Shopify-Triggered-At": overrides.triggeredAt ?? "2026-11-01T10:00:00.000000001Z",
    "X-Shopify-Hmac-Sha256": createHmac("sha256", overrides.secret ?? TEST_SECRET).update(raw).digest("base64"),
  });
  for (const [name, value] of Object.entries(overrides.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  const method = overrides.method ?? "POST";
  return new Request("http://127.0.0.1/webhooks", { method, headers, ...(method === "GET" ? {} : { body: raw as BodyInit }) });
}

/** An order webhook's body with the customer data that Shopify would send without `include_fields`. */
export function orderBody(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: 450789469,
    admin_graphql_api_id: "gid://shopify/Order/450789469",
    name: "#1001",
    created_at: "2030-01-01T10:00:00Z",
    updated_at: "2030-01-01T10:00:00Z",
    cancelled_at: null,
    financial_status: "paid",
    source_name: "my-channel",
    app_id: null,
    test: false,
    location_id: null,
    email: "buyer@example.com",
    customer: { first_name: "Secret", last_name: "Buyer" },
    shipping_address: { address1: "Secret street 1" },
    note: "secret note",
    line_items: [
      { id: 1, variant_id: 11, product_id: 12, sku: "SKU-1", name: "Thing", quantity: 1, current_quantity: 1, gift_card: false, properties: [{ name: "engraving", value: "secret engraving" }], variant_inventory_management: "shopify" },
    ],
    refunds: [],
    ...over,
  };
}

// Good documents, to be spoiled: what Shopify sends, what programs send to the API, what the embedded pages' forms carry.

export interface Known {
  readonly shop: string;
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
}

const TOPICS = [
  "orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/edited", "refunds/create", "returns/approve", "fulfillment_orders/order_routing_complete", "fulfillment_orders/moved",
  "inventory_levels/update", "inventory_levels/connect", "inventory_levels/disconnect", "inventory_items/update", "locations/deactivate", "customers/data_request", "customers/redact", "no/such_topic",
] as const;

export type FuzzTopic = (typeof TOPICS)[number];

export function topics(): readonly FuzzTopic[] {
  return TOPICS;
}

/** Ids of a few orders that are not in Shopify: what is made of them is asked for and not found. */
const ORDERS = 40;

export function webhookDocument(topic: FuzzTopic, known: Known, draw: number): object {
  const id = 7_000_000_000 + (draw % ORDERS);
  const line = { id: id * 10, variant_id: Number(known.variantId), sku: "FUZZ", name: "Kettle", quantity: 1, current_quantity: 1, fulfillable_quantity: 1, gift_card: false, variant_inventory_management: "shopify", line_item_group: null, properties: [] };
  const refund = { id: id * 100, order_id: id, created_at: "2026-11-01T10:00:00Z", refund_line_items: [{ line_item_id: line.id, quantity: 1, restock_type: "cancel", location_id: Number(known.locationId) }] };
  if (topic.startsWith("orders/") && topic !== "orders/edited") {
    return {
      id, name: `#${id}`, created_at: "2026-11-01T10:00:00Z", updated_at: `2026-11-01T10:${String(draw % 60).padStart(2, "0")}:00Z`, cancelled_at: topic === "orders/cancelled" ? "2026-11-01T11:00:00Z" : null, financial_status: "paid",
      source_name: "my-channel", app_id: null, test: false, location_id: null, line_items: [line], refunds: draw % 5 === 0 ? [refund] : [], note_attributes: [{ name: "holdfast_reservation", value: "x" }],
    };
  }
  if (topic === "orders/edited") return { order_edit: { id: 1, order_id: id, line_items: { additions: [], removals: [] } } };
  if (topic === "refunds/create") return refund;
  if (topic.startsWith("fulfillment_orders/")) return { fulfillment_order: { id: `gid://shopify/FulfillmentOrder/${id}`, order_id: id } };
  if (topic.startsWith("inventory_levels/")) return { inventory_item_id: Number(known.inventoryItemId), location_id: Number(known.locationId), available: draw % 100, updated_at: "2026-11-01T10:00:00Z" };
  if (topic === "inventory_items/update") return { id: 123, sku: "FUZZ", tracked: true };
  if (topic === "locations/deactivate") return { id: 424_242, name: "nowhere" };
  // Another shop's customers: what a signed body names is what counts.
  return { shop_domain: known.shop, customer: { id: draw }, orders_to_redact: [] };
}

export function apiDocument(path: string, known: Known): object {
  if (path === "/api/v1/reservations") return { idempotencyKey: "fuzz", lines: [{ inventoryItemId: known.inventoryItemId, locationId: known.locationId, quantity: 1 }], ttlSeconds: 60, reference: "r" };
  if (path.endsWith("/extend")) return { ttlSeconds: 60 };
  if (path.endsWith("/commit")) return { orderId: "1", createOrder: null, paymentReference: "p" };
  return { version: 1, mode: "enforce", deduct: { sources: [{ sourceName: "my-channel", confirmedBypass: true }], on: "orders/create", location: "order" }, bundles: [{ variantId: "gid://shopify/ProductVariant/1", components: [] }], alerts: [{ kind: "slack", target: "https://x.example", on: ["oversell"], threshold: {} }], retentionDays: 90 };
}

/** Parameters that some page or endpoint reads. */
export const PARAMETERS = [
  "limit", "cursor", "state", "orderId", "order", "item", "sku", "from", "to", "period", "q", "query", "page", "after", "before", "sort", "format", "inventoryItemId", "locationId", "webhookId", "traceId", "reason", "shop", "host", "embedded", "id_token",
  "shopify-reload", "exitIframe", "ticket", "_routes", "p", "version", "return", "guide", "topic", "cause", "source", "actor", "index", "_data",
] as const;

/** Fields of the pages' forms. */
export const FIELDS = ["act", "intent", "id", "ids", "note", "matching", "document", "text", "version", "expected", "label", "order", "preview", "decision", "what", "sourceKey"] as const;
export const INTENTS = ["save", "restore", "preview", "check-import", "create", "revoke", "release", "decide", "correct", "dismiss", "retry", "discard", "handled", "hold", "skip", "resume-source"] as const;

// The bodies of webhooks about the shop, the app's installation and the privacy laws.
import { gid } from "../world/ids.ts";
import { isoSeconds, zonedSeconds } from "../world/dates.ts";
import { rawNumber } from "../world/raw-number.ts";
import type { BulkOperation, Location, ShopState } from "../world/state.ts";

export function shopPayload(shop: ShopState): Record<string, unknown> {
  return {
    id: rawNumber(shop.id),
    name: shop.name,
    email: `owner@${shop.name}.example.com`,
    domain: shop.domain,
    myshopify_domain: shop.domain,
    iana_timezone: shop.timezone,
    currency: shop.currency,
    plan_name: shop.plan,
    admin_graphql_api_id: gid("Shop", shop.id),
  };
}

export function scopesUpdatePayload(shop: ShopState, previous: readonly string[], atMs: number): Record<string, unknown> {
  return { id: shop.install?.gid ?? null, previous, current: shop.install?.granted ?? [], updated_at: isoSeconds(atMs) };
}

export function locationPayload(shop: ShopState, location: Location): Record<string, unknown> {
  return {
    id: rawNumber(location.id),
    name: location.name,
    active: location.active,
    created_at: zonedSeconds(0, shop.timezone),
    admin_graphql_api_id: gid("Location", location.id),
  };
}

export function bulkFinishPayload(shop: ShopState, operation: BulkOperation): Record<string, unknown> {
  const at = (ms: number | null) => (ms === null ? null : zonedSeconds(ms, shop.timezone));
  return {
    admin_graphql_api_id: gid("BulkOperation", operation.id),
    completed_at: operation.status === "COMPLETED" ? at(operation.completedAtMs) : null,
    created_at: at(operation.createdAtMs),
    error_code: operation.errorCode?.toLowerCase() ?? null,
    status: operation.status.toLowerCase(),
    type: "query",
  };
}

/** Shopify's own sample customer stands in for whoever asked. */
export function compliancePayload(shop: ShopState, topic: string): Record<string, unknown> {
  const about = { shop_id: rawNumber(shop.id), shop_domain: shop.domain };
  if (topic === "shop/redact") return about;
  const customer = { id: 207119551, email: "bob.norman@mail.example.com", phone: "+16136120707" };
  return topic === "customers/redact"
    ? { ...about, customer, orders_to_redact: [] }
    : { ...about, customer, orders_requested: [], data_request: { id: 9_999 } };
}

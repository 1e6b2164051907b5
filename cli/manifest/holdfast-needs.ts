// What this version of Holdfast needs of its manifest: taken from the code that needs it, where it says so.

import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";
import { ORDERS_SCOPE, WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import { HOLD_SCOPES } from "#app/dashboard/oversell-terms.ts";
import { KNOWN_TOPICS, projectPayload } from "#app/pipeline/accept/project-payload.ts";

export interface ManifestNeeds {
  readonly apiVersion: string;
  /** Of the blocks in the admin: Shopify's packages for them come out later than the API. */
  readonly extensionApiVersion: string;
  readonly webhookAddress: string;
  /** Topics that lead to work. */
  readonly neededTopics: readonly string[];
  /** Topics that may be subscribed to. */
  readonly knownTopics: readonly string[];
  readonly complianceTopics: readonly string[];
  readonly requiredScopes: readonly string[];
  readonly optionalScopes: readonly string[];
  readonly extensionTargets: readonly string[];
}

export const HOLDFAST_NEEDS: ManifestNeeds = {
  apiVersion: ADMIN_API_VERSION,
  extensionApiVersion: "2026-07",
  webhookAddress: "/webhooks",
  neededTopics: KNOWN_TOPICS.filter((topic) => !isOnlyRecorded(topic)),
  knownTopics: KNOWN_TOPICS,
  complianceTopics: ["customers/data_request", "customers/redact", "shop/redact"],
  // Whether they suffice for every document and topic: tests/architecture/shopify-config.test.ts, against Shopify's schema.
  requiredScopes: ["read_orders", "read_products", "read_inventory", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders", "read_returns"],
  optionalScopes: [WRITE_SCOPE, HOLD_SCOPES.own, HOLD_SCOPES.service, ORDERS_SCOPE],
  extensionTargets: ["admin.product-variant-details.block.render", "admin.order-details.block.render"],
};

function isOnlyRecorded(topic: string): boolean {
  const projection = projectPayload(topic, {}, "");
  return projection.kind === "ignored" && projection.reason === "recorded_only";
}

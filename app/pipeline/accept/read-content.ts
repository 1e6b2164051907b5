// What a signed webhook body says, reduced to what may be stored: the part of acceptance that computes and asks nobody. Pure.

import { parseLossless } from "./parse-lossless.ts";
import { projectPayload } from "./project-payload.ts";

export const COMPLIANCE_TOPICS: ReadonlySet<string> = new Set(["customers/data_request", "customers/redact", "shop/redact"]);
export const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

interface SignedBody {
  /** As the header names them. */
  readonly topic: string;
  readonly shop: string;
  readonly body: Uint8Array;
}

/** What is stored of a notification. `payload` is JSON. */
export type DeliveryContent =
  | { readonly kind: "work"; readonly orderId: string | null; readonly payload: string }
  | { readonly kind: "ignored" | "rejected"; readonly reason: string };

type Content = DeliveryContent | { readonly kind: "bad_json" } | { readonly kind: "compliance"; readonly shop: string };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * A function of its own, not a part of what waits for the commit: whatever a function that waits has in its hands is kept as long, and a
 * hundred parsed orders kept for 20 ms are what the garbage collector copies instead of forgetting.
 */
export function readContent({ topic, shop, body }: SignedBody): Content {
  let parsed: unknown;
  try {
    parsed = parseLossless(utf8.decode(body));
  } catch {
    return { kind: "bad_json" };
  }
  if (COMPLIANCE_TOPICS.has(topic)) return { kind: "compliance", shop: complianceShop(shop, parsed) };
  const projection = projectPayload(topic, parsed, shop);
  if (projection.kind !== "work") return projection;
  return { kind: "work", orderId: projection.orderId, payload: JSON.stringify(projection.payload) };
}

/** Read from the signed body: headers are not covered by the signature. */
function complianceShop(shop: string, body: unknown): string {
  const named = (body as { shop_domain?: unknown } | null)?.shop_domain;
  return typeof named === "string" && SHOP.test(named) ? named : shop;
}

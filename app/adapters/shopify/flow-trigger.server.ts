// The Shopify Flow trigger "Oversell opened" (extensions/holdfast-oversell-opened): starts the workflows that merchants built on it.

import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi, AdminFailure } from "#app/ports/admin-api.ts";
import type { AlertDelivery, AlertSender, AlertSendResult } from "#app/ports/alert-channel.ts";
import { RECEIVE_TRIGGER } from "./documents/flow.ts";

export const FLOW_TRIGGER_HANDLE = "holdfast-oversell-opened";

/** A shop that lets us do nothing now. */
const REFUSED_RETRY_MS = 5 * 60_000;

const answerSchema = z.object({ flowTriggerReceive: z.object({ userErrors: z.array(z.object({ message: z.string() })) }).nullable() });

/** One call of a few points, and few of them: it goes without setting points aside, and comes again when Shopify is asked too much. */
export function createFlowSender(admin: AdminApi): AlertSender {
  return {
    async send(delivery) {
      const { shop, messageKey, signal } = delivery;
      const result = await admin.send({ shop, document: RECEIVE_TRIGGER, variables: { handle: FLOW_TRIGGER_HANDLE, payload: flowPayload(delivery) }, signal, traceId: messageKey });
      if (result.kind !== "ok") return failed(result);
      const parsed = answerSchema.safeParse(result.data);
      const payload = parsed.success ? parsed.data.flowTriggerReceive : null;
      if (payload === null) return { kind: "again", error: result.faults[0]?.message ?? "Shopify's answer cannot be read", maybeTaken: true, retryAfterMs: null };
      const [error] = payload.userErrors;
      return error === undefined ? { kind: "taken" } : { kind: "refused", error: `Shopify Flow: ${error.message}` };
    },
  };
}

/** By the keys of the extension's fields. */
export function flowPayload({ content, text }: Pick<AlertDelivery, "content" | "text">): Record<string, string | number> {
  const report = content?.reports[0];
  const facts = report?.facts;
  const variantId = facts?.variantId ?? null;
  const orders = facts?.orders.map(({ name, orderId }) => name ?? formatGid("Order", orderId)) ?? [];
  return {
    Incident: report?.subject ?? "",
    Kind: String(facts?.detail.kind ?? "oversold"),
    Product: facts?.title ?? "",
    SKU: facts?.sku ?? "",
    Variant: variantId === null ? "" : formatGid("ProductVariant", variantId),
    Location: facts?.locationName ?? "",
    "Units short": facts?.depth ?? 0,
    Orders: orders.join("\n"),
    Link: text.link.url,
  };
}

function failed(failure: AdminFailure): AlertSendResult {
  switch (failure.kind) {
    case "throttled":
      return { kind: "again", error: "Shopify asked to slow down", maybeTaken: failure.ran === "unclear", retryAfterMs: failure.waitMs };
    case "refused":
      return failure.reason === "invalid_query" ? { kind: "refused", error: failure.message } : { kind: "again", error: failure.message, maybeTaken: false, retryAfterMs: REFUSED_RETRY_MS };
    case "unknown":
      return { kind: "again", error: failure.cause, maybeTaken: failure.stage === "sent", retryAfterMs: null };
  }
}

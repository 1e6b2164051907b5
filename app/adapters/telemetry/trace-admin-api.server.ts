// Around the Admin API: each call to Shopify is a span with what it cost and how it ended, and carries the id of the trace it is made in.

import { UNTRACED, type Tracing } from "#app/ports/tracing.ts";
import type { AdminApi, AdminRequest, AdminResult } from "#app/ports/admin-api.ts";

export function traceAdminApi(adminApi: AdminApi, tracing: Tracing): AdminApi {
  if (tracing === UNTRACED) return adminApi;
  return {
    send: (request) => {
      // Within a turn it belongs to the turn's trace, whichever order's id it carries; those orders' traces get a view of it.
      const partOf = tracing.current() === null ? request.traceId : null;
      const attributes = { "holdfast.shop": request.shop, "holdfast.request_id": request.traceId };
      return tracing.span(`Shopify ${operationOf(request)}`, { kind: "client", alone: true, partOf, attributes }, async (span) => {
        const result = await adminApi.send({ ...request, traceId: request.traceId ?? tracing.current()?.traceId });
        span.add({ "holdfast.outcome": outcomeOf(result), ...costOf(result) });
        return result;
      });
    },
  };
}

/** The name in the document: all documents are ours, so the names are a closed set. */
function operationOf({ document }: AdminRequest): string {
  return /\b(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? "query";
}

/** Codes only: messages of Shopify's may quote what was sent. */
function outcomeOf(result: AdminResult): string {
  if (result.kind === "refused") return `refused:${result.reason}`;
  if (result.kind === "unknown") return `unknown:${result.stage}`;
  return result.kind;
}

function costOf(result: AdminResult) {
  const cost = "cost" in result ? result.cost : null;
  if (cost === null) return {};
  return {
    "holdfast.cost.requested": cost.requested,
    "holdfast.cost.actual": cost.actual,
    "holdfast.cost.available": cost.throttleStatus.currentlyAvailable,
  };
}

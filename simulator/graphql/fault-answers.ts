// What a client is told when a fault struck its call: wire cut, page instead of JSON, half an answer, another status.
import type { Fault } from "../faults.ts";
import type { SimResponse } from "../http/router.ts";
import { html, json } from "../http/router.ts";

const STATUS_WORDS: Readonly<Record<number, string>> = {
  402: "Unavailable Shop",
  403: "[API] This action requires merchant approval",
  404: "Not Found",
  423: "Locked",
  430: "Shopify Security Rejection",
};

export function faultAnswer(fault: Fault, result: Record<string, unknown> | null): SimResponse {
  switch (fault.kind) {
    case "before_commit":
    case "after_commit":
    case "cut":
    case "silent":
      return { status: 0, cut: "before_answer" };
    case "http_5xx":
      return json({ errors: "Internal Server Error" }, Number(fault.code ?? 503));
    case "http_status":
      return json({ errors: STATUS_WORDS[Number(fault.code)] ?? "Refused" }, Number(fault.code));
    case "html":
      return html("<!DOCTYPE html><html><body><h1>There was a problem loading this page</h1></body></html>", Number(fault.code ?? 200));
    case "half_body":
      return { ...json(result ?? { data: null }), cut: "half_body" };
    case "errors_beside":
      return json({ ...result, errors: [{ message: "Access denied for a field beside.", path: pathInside(result), extensions: { code: "ACCESS_DENIED" } }] });
    default:
      return json(result);
  }
}

/** A place below the operation's first field: an error there leaves the field itself answered. */
function pathInside(result: Record<string, unknown> | null): string[] {
  const data = result?.["data"];
  const root = typeof data === "object" && data !== null ? Object.keys(data)[0] : undefined;
  return root === undefined ? [] : [root, "inventoryAdjustmentGroup", "app"];
}

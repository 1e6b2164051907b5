// Finds out what Shopify makes of an idempotency key, by changes of 0: they leave every stock alone, whether Shopify keeps keys or not.
import type { AdminApi, AdminFailure, AdminResult, RequestCost } from "#app/ports/admin-api.ts";
import type { Operation } from "#app/ports/change-ledger.ts";
import type { KeyBinding, SendContext, StockPlace } from "#app/ports/shopify-inventory.ts";

import { answerSchema, toVariables } from "./adjust-quantities.server.ts";
import { classifyFaults } from "./admin-answer.ts";
import type { AdjustmentPayload } from "./adjustment-answer.ts";
import { CHECK_KEY, CHECK_KEY_OF_MOVE } from "./documents/inventory.ts";
import { moveAnswerSchema, toMoveVariables } from "./move-quantities.server.ts";

/**
 * Two contents that differ in their reference only. Always these two, in this order: whoever asks again at the same place sends the same
 * first content, and is told "bound" again, not "bound before".
 */
const REFERENCES = ["gid://holdfast/KeyCheck/1", "gid://holdfast/KeyCheck/2"] as const;
const REASON = "correction";
const LEDGER = "gid://holdfast/KeyCheck/1";
/** Asked again after this when the answer did not come. */
const RETRY_MS = 5_000;
/** A shop that lets us do nothing now. */
const REFUSED_RETRY_MS = 60_000;

type Said =
  /** Taken, and nothing changed. */
  | { kind: "taken"; cost: RequestCost | null }
  /** The key stands for other content. */
  | { kind: "mismatch"; cost: RequestCost | null }
  /** The key stands for an attempt that failed: it is remembered, and nothing under it takes effect any more. */
  | { kind: "dead"; cost: RequestCost | null }
  | Extract<KeyBinding, { kind: "unclear" | "refused" }>;

export async function bindKey(admin: AdminApi, context: SendContext, key: string, place: StockPlace, operation: Operation): Promise<KeyBinding> {
  const first = await sendNothing(admin, context, key, place, operation, REFERENCES[0]);
  if (first.kind === "unclear" || first.kind === "refused") return first;
  if (first.kind === "mismatch") return { kind: "bound_before", cost: first.cost };
  if (first.kind === "dead") return { kind: "bound", cost: first.cost };
  const second = await sendNothing(admin, context, key, place, operation, REFERENCES[1]);
  if (second.kind === "unclear" || second.kind === "refused") return second;
  return { kind: second.kind === "taken" ? "forgotten" : "bound", cost: second.cost };
}

async function sendNothing(admin: AdminApi, context: SendContext, key: string, place: StockPlace, operation: Operation, reference: string): Promise<Said> {
  const result = await admin.send({ ...context, ...requestOf(key, place, operation, reference) });
  if (result.kind !== "ok") return unanswered(result);
  const payload = payloadOf(result, operation);
  if (payload === "unreadable") return { kind: "unclear", cause: "the answer cannot be read", waitMs: RETRY_MS, cost: result.cost };
  if (payload === null) return unanswered(classifyFaults(result.faults, result.cost));
  const codes = new Set(payload.userErrors.map((error) => error.code));
  if (codes.size === 0) return { kind: "taken", cost: result.cost };
  if (codes.has("IDEMPOTENCY_KEY_PARAMETER_MISMATCH")) return { kind: "mismatch", cost: result.cost };
  if (codes.has("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")) return { kind: "dead", cost: result.cost };
  const cause = [...codes].join(", ");
  if (codes.has("IDEMPOTENCY_CONCURRENT_REQUEST") || codes.has("SERVICE_UNAVAILABLE")) return { kind: "unclear", cause, waitMs: RETRY_MS, cost: result.cost };
  return { kind: "refused", cause, cost: result.cost };
}

/** Of the mutation that the key was made for. */
function requestOf(key: string, { inventoryItemId, locationId }: StockPlace, operation: Operation, referenceDocumentUri: string) {
  const content = { key, reason: REASON, referenceDocumentUri };
  const nothing = { inventoryItemId, locationId, delta: 0, changeFrom: null };
  return operation !== "move"
    ? { document: CHECK_KEY, variables: toVariables({ ...content, name: "available", changes: [nothing] }) }
    : { document: CHECK_KEY_OF_MOVE, variables: toMoveVariables({ ...content, ledgerDocumentUri: LEDGER, changes: [nothing] }) };
}

function payloadOf(result: Extract<AdminResult, { kind: "ok" }>, operation: Operation): AdjustmentPayload | "unreadable" {
  if (operation !== "move") {
    const parsed = answerSchema.safeParse(result.data);
    return parsed.success ? parsed.data.inventoryAdjustQuantities : "unreadable";
  }
  const parsed = moveAnswerSchema.safeParse(result.data);
  return parsed.success ? parsed.data.inventoryMoveQuantities : "unreadable";
}

function unanswered(failure: AdminFailure): Said {
  switch (failure.kind) {
    case "throttled":
      return { kind: "unclear", cause: "throttled", waitMs: failure.waitMs, cost: failure.cost };
    case "refused":
      return { kind: "unclear", cause: failure.message, waitMs: REFUSED_RETRY_MS, cost: null };
    case "unknown":
      return { kind: "unclear", cause: failure.cause, waitMs: RETRY_MS, cost: null };
  }
}

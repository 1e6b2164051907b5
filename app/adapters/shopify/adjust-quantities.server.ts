// Stage "mutate": applies deltas to stock under a key that was stored before, and reads from the answer what certainly happened.
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi, RequestCost } from "#app/ports/admin-api.ts";
import { ADJUST_ENTRIES_MAX, type AdjustRequest, type AdjustResult, type AppliedEntry, type EntryError, type RefusedEntry, type SendContext } from "#app/ports/shopify-inventory.ts";

import { classifyFaults } from "./admin-answer.ts";
import { ADJUST_QUANTITIES } from "./documents/inventory.ts";
import { gidOf } from "./gid-schema.ts";
import { assertAtMost } from "./read-request.server.ts";

const changeSchema = z.object({
  delta: z.int(),
  quantityAfterChange: z.int().nullable(),
  item: z.object({ id: gidOf("InventoryItem") }).nullable(),
  location: z.object({ id: gidOf("Location") }).nullable(),
});

export const answerSchema = z.object({
  inventoryAdjustQuantities: z
    .object({
      inventoryAdjustmentGroup: z.object({ id: gidOf("InventoryAdjustmentGroup"), createdAt: z.string(), changes: z.array(changeSchema).nullish() }).nullable(),
      userErrors: z.array(z.object({ code: z.string().nullable(), field: z.array(z.string()).nullable(), message: z.string() })),
    })
    .nullable(),
});

type Group = NonNullable<NonNullable<z.output<typeof answerSchema>["inventoryAdjustQuantities"]>["inventoryAdjustmentGroup"]>;

export async function adjustQuantities(admin: AdminApi, context: SendContext, request: AdjustRequest): Promise<AdjustResult> {
  assertAtMost(request.changes.length, ADJUST_ENTRIES_MAX, "entries");
  const result = await admin.send({ ...context, document: ADJUST_QUANTITIES, variables: toVariables(request) });
  if (result.kind !== "ok") return result;
  const parsed = answerSchema.safeParse(result.data);
  // It was carried out or not: an answer that cannot be read says neither, and the same key will tell.
  if (!parsed.success) return { kind: "unknown", stage: "sent", cause: "the answer to the adjustment cannot be read" };
  const payload = parsed.data.inventoryAdjustQuantities;
  if (payload === null) return classifyFaults(result.faults, result.cost);
  const errors = payload.userErrors.map((error): EntryError => ({ code: error.code, message: error.message, index: indexOf(error.field) }));
  const group = payload.inventoryAdjustmentGroup;
  if (group !== null) {
    const { entries, refused } = shareOutGroup(request, group, errors);
    return { kind: "applied", groupId: group.id, createdAt: group.createdAt, entries, refused, errors, faults: result.faults, cost: result.cost };
  }
  if (errors.length > 0) return readRejection(errors, result.cost);
  return { kind: "unknown", stage: "sent", cause: result.faults.map((fault) => fault.message).join("; ") || "neither an adjustment group nor an error" };
}

/** Always the same text for the same request: Shopify compares the parameters under a key. */
export function toVariables(request: AdjustRequest): Readonly<Record<string, unknown>> {
  return {
    key: request.key,
    input: {
      name: request.name,
      reason: request.reason,
      referenceDocumentUri: request.referenceDocumentUri,
      changes: request.changes.map((change) => ({
        inventoryItemId: formatGid("InventoryItem", change.inventoryItemId),
        locationId: formatGid("Location", change.locationId),
        delta: change.delta,
        changeFromQuantity: null,
      })),
    },
  };
}

function readRejection(errors: readonly EntryError[], cost: RequestCost | null): AdjustResult {
  const codes = new Set(errors.map((error) => error.code));
  if (codes.has("IDEMPOTENCY_CONCURRENT_REQUEST")) return { kind: "concurrent", cost };
  if (codes.has("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")) return { kind: "previous_attempt_failed", cost };
  if (codes.has("IDEMPOTENCY_KEY_PARAMETER_MISMATCH")) return { kind: "key_mismatch", cost };
  return { kind: "rejected", errors, cost };
}

/**
 * Every entry that was sent counts as applied beside a group; the answer adds what it knows of the quantity afterwards. Only where errors
 * stand beside a group that does list its changes, and does not list an entry, was that entry left out.
 */
function shareOutGroup(request: AdjustRequest, group: Group, errors: readonly EntryError[]): { entries: AppliedEntry[]; refused: RefusedEntry[] } {
  const told = new Map<string, { delta: number; after: number | null }>();
  for (const change of group.changes ?? []) {
    if (change.item === null || change.location === null) continue;
    told.set(`${change.item.id} ${change.location.id}`, { delta: change.delta, after: change.quantityAfterChange });
  }
  const entries: AppliedEntry[] = [];
  const refused: RefusedEntry[] = [];
  for (const [index, { inventoryItemId, locationId, delta }] of request.changes.entries()) {
    const known = told.get(`${inventoryItemId} ${locationId}`);
    const error = errors.find((each) => each.index === index) ?? errors.find((each) => each.index === null);
    if (known === undefined && told.size > 0 && error !== undefined) refused.push({ inventoryItemId, locationId, code: error.code });
    else entries.push({ inventoryItemId, locationId, delta: known?.delta ?? delta, after: known?.after ?? null });
  }
  return { entries, refused };
}

/** `["input", "changes", "3", "locationId"]` → 3. */
function indexOf(field: readonly string[] | null): number | null {
  const at = field === null ? -1 : field.indexOf("changes");
  const index = at === -1 ? undefined : field?.[at + 1];
  return index !== undefined && /^[0-9]+$/.test(index) ? Number(index) : null;
}

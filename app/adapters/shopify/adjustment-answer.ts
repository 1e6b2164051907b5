// What Shopify answers to a change of stock, read into the port's union: the same for adjustments and moves, which differ in their field's name.
import { z } from "zod";

import type { GraphqlFault, RequestCost } from "#app/ports/admin-api.ts";
import type { AdjustResult, AppliedEntry, EntryError, RefusedEntry } from "#app/ports/shopify-inventory.ts";

import { classifyFaults } from "./admin-answer.ts";
import { gidOf } from "./gid-schema.ts";

const changeSchema = z.object({
  delta: z.int(),
  quantityAfterChange: z.int().nullable(),
  item: z.object({ id: gidOf("InventoryItem") }).nullable(),
  location: z.object({ id: gidOf("Location") }).nullable(),
});

/** Of one mutation's field. */
export const payloadSchema = z
  .object({
    inventoryAdjustmentGroup: z.object({ id: gidOf("InventoryAdjustmentGroup"), createdAt: z.string(), changes: z.array(changeSchema).nullish() }).nullable(),
    userErrors: z.array(z.object({ code: z.string().nullable(), field: z.array(z.string()).nullable(), message: z.string() })),
  })
  .nullable();

export type AdjustmentPayload = z.output<typeof payloadSchema>;
type Group = NonNullable<NonNullable<AdjustmentPayload>["inventoryAdjustmentGroup"]>;

interface SentEntry {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
}

export function readAdjustment(payload: AdjustmentPayload, sent: readonly SentEntry[], faults: readonly GraphqlFault[], cost: RequestCost | null): AdjustResult {
  if (payload === null) return classifyFaults(faults, cost);
  const errors = payload.userErrors.map((error): EntryError => ({ code: error.code, message: error.message, index: indexOf(error.field) }));
  const group = payload.inventoryAdjustmentGroup;
  if (group !== null) {
    const { entries, refused } = shareOutGroup(sent, group, errors);
    return { kind: "applied", groupId: group.id, createdAt: group.createdAt, entries, refused, errors, faults, cost };
  }
  if (errors.length > 0) return readRejection(errors, cost);
  return { kind: "unknown", stage: "sent", cause: faults.map((fault) => fault.message).join("; ") || "neither an adjustment group nor an error" };
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
function shareOutGroup(sent: readonly SentEntry[], group: Group, errors: readonly EntryError[]): { entries: AppliedEntry[]; refused: RefusedEntry[] } {
  const told = new Map<string, number | null>();
  for (const change of group.changes ?? []) {
    if (change.item === null || change.location === null) continue;
    told.set(`${change.item.id} ${change.location.id}`, change.quantityAfterChange);
  }
  const entries: AppliedEntry[] = [];
  const refused: RefusedEntry[] = [];
  for (const [index, { inventoryItemId, locationId, delta }] of sent.entries()) {
    const known = told.get(`${inventoryItemId} ${locationId}`);
    const error = errors.find((each) => each.index === index) ?? errors.find((each) => each.index === null);
    if (known === undefined && told.size > 0 && error !== undefined) refused.push({ inventoryItemId, locationId, code: error.code });
    else entries.push({ inventoryItemId, locationId, delta, after: known ?? null });
  }
  return { entries, refused };
}

/** `["input", "changes", "3", "locationId"]` → 3. */
function indexOf(field: readonly string[] | null): number | null {
  const at = field === null ? -1 : field.indexOf("changes");
  const index = at === -1 ? undefined : field?.[at + 1];
  return index !== undefined && /^[0-9]+$/.test(index) ? Number(index) : null;
}

// Stage "mutate": applies deltas to stock under a key that was stored before, and reads from the answer what certainly happened.
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import { ADJUST_ENTRIES_MAX, type AdjustRequest, type AdjustResult, type SendContext } from "#app/ports/shopify-inventory.ts";

import { payloadSchema, readAdjustment } from "./adjustment-answer.ts";
import { ADJUST_QUANTITIES } from "./documents/inventory.ts";
import { assertAtMost } from "./read-request.server.ts";

export const answerSchema = z.object({ inventoryAdjustQuantities: payloadSchema });

export async function adjustQuantities(admin: AdminApi, context: SendContext, request: AdjustRequest): Promise<AdjustResult> {
  assertAtMost(request.changes.length, ADJUST_ENTRIES_MAX, "entries");
  const result = await admin.send({ ...context, document: ADJUST_QUANTITIES, variables: toVariables(request) });
  if (result.kind !== "ok") return result;
  const parsed = answerSchema.safeParse(result.data);
  // It was carried out or not: an answer that cannot be read says neither, and the same key will tell.
  if (!parsed.success) return { kind: "unknown", stage: "sent", cause: "the answer to the adjustment cannot be read" };
  return readAdjustment(parsed.data.inventoryAdjustQuantities, request.changes, result.faults, result.cost);
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
        changeFromQuantity: change.changeFrom,
      })),
    },
  };
}

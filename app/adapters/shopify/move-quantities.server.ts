// Stage "mutate" for moves: units between `available` and our block in `reserved`, under a key that was stored before.
import { z } from "zod";

import { formatGid } from "#app/domain/gid.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import { ADJUST_ENTRIES_MAX, type AdjustResult, type MoveRequest, type QuantityMove, type SendContext } from "#app/ports/shopify-inventory.ts";

import { payloadSchema, readAdjustment } from "./adjustment-answer.ts";
import { MOVE_QUANTITIES } from "./documents/inventory.ts";
import { assertAtMost } from "./read-request.server.ts";

export const moveAnswerSchema = z.object({ inventoryMoveQuantities: payloadSchema });

export async function moveQuantities(admin: AdminApi, context: SendContext, request: MoveRequest): Promise<AdjustResult> {
  assertAtMost(request.changes.length, ADJUST_ENTRIES_MAX, "entries");
  const result = await admin.send({ ...context, document: MOVE_QUANTITIES, variables: toMoveVariables(request) });
  if (result.kind !== "ok") return result;
  const parsed = moveAnswerSchema.safeParse(result.data);
  // As for an adjustment: the same key will tell.
  if (!parsed.success) return { kind: "unknown", stage: "sent", cause: "the answer to the move cannot be read" };
  return readAdjustment(parsed.data.inventoryMoveQuantities, request.changes, result.faults, result.cost);
}

/** Always the same text for the same request: Shopify compares the parameters under a key. */
export function toMoveVariables(request: MoveRequest): Readonly<Record<string, unknown>> {
  return {
    key: request.key,
    input: {
      reason: request.reason,
      referenceDocumentUri: request.referenceDocumentUri,
      changes: request.changes.map((change) => toMove(change, request.ledgerDocumentUri)),
    },
  };
}

/** `changeFromQuantity` is passed on both ends: leaving it out is an error. Only `reserved` has a ledger document. */
function toMove({ inventoryItemId, locationId, delta, changeFrom }: QuantityMove, ledgerDocumentUri: string) {
  const location = formatGid("Location", locationId);
  const available = { locationId: location, name: "available", changeFromQuantity: changeFrom };
  const reserved = { locationId: location, name: "reserved", ledgerDocumentUri, changeFromQuantity: null };
  return {
    inventoryItemId: formatGid("InventoryItem", inventoryItemId),
    quantity: Math.abs(delta),
    ...(delta < 0 ? { from: reserved, to: available } : { from: available, to: reserved }),
  };
}

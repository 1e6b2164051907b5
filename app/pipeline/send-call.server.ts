// Stage 6's one request: a frozen mutation in Shopify's words, as it was claimed, an adjustment of `available` or a move into or out of our block.

import { assertNever } from "#app/domain/invariant.ts";
import type { ClaimedMutation } from "#app/ports/change-ledger.ts";
import type { AdjustResult } from "#app/ports/shopify-inventory.ts";
import type { Turn } from "./turn-context.ts";

/** Shopify's reason for a correction made on behalf of an order; shown in the merchant's stock history. */
const ADJUSTMENT_REASON = "correction";

export function sendCall(turn: Turn, mutation: ClaimedMutation, mayStillSend: () => boolean): Promise<AdjustResult> {
  const { shopifyInventory } = turn.ports;
  const context = { shop: turn.install.shop, traceId: mutation.traceId, mayStillSend };
  const content = { key: mutation.key, referenceDocumentUri: `gid://holdfast/Mutation/${mutation.mutationId}`, changes: mutation.entries };
  switch (mutation.operation) {
    // The content says from which number: a delta from any, a bundle's own number only from the one it was decided from.
    case "adjust":
    case "follow":
      return shopifyInventory.adjustQuantities(context, { ...content, name: "available", reason: ADJUSTMENT_REASON });
    case "move":
      return shopifyInventory.moveQuantities(context, { ...content, reason: reasonOfMove(mutation), ledgerDocumentUri: `gid://holdfast/Holds/${turn.install.installId}` });
    default:
      return assertNever(mutation.operation);
  }
}

/** A call has one reason for all of its entries; it follows from the content, so that the same call is sent in the same words again. */
function reasonOfMove({ entries }: ClaimedMutation): string {
  if (entries.every(({ delta }) => delta > 0)) return "reservation_created";
  return entries.every(({ delta }) => delta < 0) ? "reservation_deleted" : "reservation_updated";
}

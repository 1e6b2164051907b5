// Writes the entries of an inventory mutation that passed its rules, and makes the adjustment group that tells of them.
import { gid } from "../../world/ids.ts";
import { changeQuantity } from "../../world/inventory.ts";
import type { Cause, StoredQuantityName } from "../../world/state.ts";
import { ON_HAND_PARTS } from "../../world/state.ts";
import { beginAction, nextId } from "../../world/world.ts";
import type { GraphContext } from "../context.ts";
import type { AdjustmentChange, AdjustmentGroup } from "./adjustment-group.ts";

export interface Write {
  itemId: string;
  locationId: string;
  name: StoredQuantityName;
  delta: number;
  ledgerDocumentUri: string | null;
}

export interface Reason {
  reason: string;
  referenceDocumentUri: string | null;
  key: string | null;
}

/** Null when nothing changed: a batch of zeros makes no group. */
export function applyWrites(context: GraphContext, writes: readonly Write[], why: Reason): AdjustmentGroup | null {
  const { world, shop } = context;
  const changing = writes.filter((write) => write.delta !== 0);
  if (changing.length === 0) return null;
  const action = beginAction(world, shop);
  const group: AdjustmentGroup = {
    id: gid("InventoryAdjustmentGroup", nextId(world, shop)),
    createdAtMs: action.atMs,
    reason: why.reason,
    referenceDocumentUri: why.referenceDocumentUri,
    changes: [],
  };
  const cause: Cause = {
    kind: "app",
    adjustmentGroupId: group.id,
    reason: why.reason,
    ...(why.key === null ? {} : { idempotencyKey: why.key }),
    ...(why.referenceDocumentUri === null ? {} : { referenceDocumentUri: why.referenceDocumentUri }),
  };
  for (const { ledgerDocumentUri, ...write } of changing) {
    const level = changeQuantity(world, action, { ...write, cause });
    const place = { itemId: write.itemId, locationId: write.locationId, ledgerDocumentUri };
    group.changes.push({ ...place, name: write.name, delta: write.delta, after: level.quantities[write.name].value });
    if (ON_HAND_PARTS.includes(write.name)) noteOnHand(group.changes, { ...place, name: "on_hand", delta: write.delta, after: level.quantities.on_hand.value });
  }
  action.finish();
  return group;
}

/** Shopify reports the sum beside its part; a move inside one level leaves it alone, so its two halves cancel. */
function noteOnHand(changes: AdjustmentChange[], change: AdjustmentChange): void {
  const previous = changes.find((other) => other.name === "on_hand" && other.itemId === change.itemId && other.locationId === change.locationId && other.delta === -change.delta);
  if (previous) changes.splice(changes.indexOf(previous), 1);
  else changes.push(change);
}

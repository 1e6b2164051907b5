// What an inventory mutation leaves behind: the group of its changes, as the answer shows it and a replay shows it again.
import type { QuantityName } from "../../world/state.ts";

export interface AdjustmentChange {
  itemId: string;
  locationId: string;
  name: QuantityName;
  delta: number;
  after: number | null;
  ledgerDocumentUri: string | null;
}

export interface AdjustmentGroup {
  id: string;
  createdAtMs: number;
  reason: string;
  referenceDocumentUri: string | null;
  changes: AdjustmentChange[];
}

export interface UserError {
  code: string;
  field: string[] | null;
  message: string;
}

export interface InventoryPayload {
  inventoryAdjustmentGroup: AdjustmentGroup | null;
  userErrors: UserError[];
}

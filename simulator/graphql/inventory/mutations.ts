// inventoryAdjustQuantities, inventorySetQuantities and inventoryMoveQuantities: check every entry, then apply all or (if assumed so) the good ones.
import { quantityOf } from "../../world/inventory.ts";
import type { GraphContext, RootCall } from "../context.ts";
import type { InventoryPayload } from "./adjustment-group.ts";
import { applyWrites } from "./apply.ts";
import type { Write } from "./apply.ts";
import { ADJUST_LIMIT, Faults, SET_LIMIT, checkChangeFromGiven, checkLedger, checkLength, checkReason, checkReference, findPlace, writableName } from "./rules.ts";
import type { Place } from "./rules.ts";

interface AdjustInput {
  name: string;
  reason: string;
  referenceDocumentUri?: string | null;
  changes: { inventoryItemId: string; locationId: string; delta: number; changeFromQuantity?: number | null; ledgerDocumentUri?: string | null }[];
}

interface SetInput {
  name: string;
  reason: string;
  referenceDocumentUri?: string | null;
  quantities: { inventoryItemId: string; locationId: string; quantity: number; changeFromQuantity?: number | null }[];
}

interface Terminal {
  locationId: string;
  name: string;
  ledgerDocumentUri?: string | null;
  changeFromQuantity?: number | null;
}

interface MoveInput {
  reason: string;
  referenceDocumentUri: string;
  changes: { inventoryItemId: string; quantity: number; from: Terminal; to: Terminal }[];
}

type PlannedWrite = Write & { entry: number };

export function adjustQuantities(context: GraphContext, call: RootCall): InventoryPayload {
  const input = call.args["input"] as AdjustInput;
  checkLength(input.changes);
  for (const change of input.changes) checkChangeFromGiven(change, "InventoryChangeInput");
  const faults = new Faults(context, "InventoryAdjustQuantitiesUserErrorCode");
  checkReason(faults, input.reason);
  checkReference(faults, input.referenceDocumentUri);
  const name = writableName(input.name);
  if (!name) faults.add("INVALID_QUANTITY_NAME", ["name"], -1);
  if (new Set(input.changes.map((change) => change.ledgerDocumentUri ?? null)).size > 1) faults.add("MAX_ONE_LEDGER_DOCUMENT", ["changes"], -1);
  const planned = input.changes.flatMap((change, entry): PlannedWrite[] => {
    const at = (field: string) => ["changes", String(entry), field];
    const place = findPlace(context, faults, change, { item: at("inventoryItemId"), location: at("locationId") }, entry);
    checkLedger(faults, input.name, change.ledgerDocumentUri, at("ledgerDocumentUri"), entry);
    if (!place || !name) return [];
    const before = quantityOf(context.shop, place.itemId, place.locationId, name);
    checkLimits(faults, Math.abs(change.delta) > ADJUST_LIMIT ? change.delta : before + change.delta, ADJUST_LIMIT, at("delta"), entry);
    checkFresh(faults, change.changeFromQuantity, before, at("changeFromQuantity"), entry);
    return [{ ...place, name, delta: change.delta, ledgerDocumentUri: change.ledgerDocumentUri ?? null, entry }];
  });
  return settle(context, call, faults, planned, input);
}

export function setQuantities(context: GraphContext, call: RootCall): InventoryPayload {
  const input = call.args["input"] as SetInput;
  checkLength(input.quantities);
  for (const quantity of input.quantities) checkChangeFromGiven(quantity, "InventoryQuantityInput");
  const faults = new Faults(context, "InventorySetQuantitiesUserErrorCode");
  checkReason(faults, input.reason);
  checkReference(faults, input.referenceDocumentUri);
  const name = input.name === "available" || input.name === "on_hand" ? input.name : null;
  if (!name) faults.add("INVALID_NAME", ["name"], -1);
  const seen = new Set<string>();
  const planned = input.quantities.flatMap((wanted, entry): PlannedWrite[] => {
    const at = (field: string) => ["quantities", String(entry), field];
    const place = findPlace(context, faults, wanted, { item: at("inventoryItemId"), location: at("locationId") }, entry);
    if (!place || !name) return [];
    const pair = `${place.itemId}@${place.locationId}`;
    if (seen.has(pair)) faults.add("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", at("locationId"), entry);
    seen.add(pair);
    if (name === "on_hand" && wanted.quantity < 0) faults.add("INVALID_QUANTITY_NEGATIVE", at("quantity"), entry);
    checkLimits(faults, wanted.quantity, SET_LIMIT, at("quantity"), entry);
    const before = quantityOf(context.shop, place.itemId, place.locationId, name);
    checkFresh(faults, wanted.changeFromQuantity, before, at("changeFromQuantity"), entry);
    // On-hand is a sum: setting it moves what is available by the difference.
    return [{ ...place, name: "available", delta: wanted.quantity - before, ledgerDocumentUri: null, entry }];
  });
  return settle(context, call, faults, planned, input);
}

export function moveQuantities(context: GraphContext, call: RootCall): InventoryPayload {
  const input = call.args["input"] as MoveInput;
  checkLength(input.changes);
  for (const { from, to } of input.changes) {
    checkChangeFromGiven(from, "InventoryMoveQuantityTerminalInput");
    checkChangeFromGiven(to, "InventoryMoveQuantityTerminalInput");
  }
  const faults = new Faults(context, "InventoryMoveQuantitiesUserErrorCode");
  checkReason(faults, input.reason);
  checkReference(faults, input.referenceDocumentUri);
  const documents = new Set(input.changes.flatMap(({ from, to }) => [from.ledgerDocumentUri, to.ledgerDocumentUri]).filter((uri) => typeof uri === "string"));
  if (documents.size > 2) faults.add("MAXIMUM_LEDGER_DOCUMENT_URIS", ["changes"], -1);
  const planned = input.changes.flatMap((move, entry): PlannedWrite[] => {
    const at = (...path: string[]) => ["changes", String(entry), ...path];
    const ids = { inventoryItemId: move.inventoryItemId, locationId: move.from.locationId };
    const place = findPlace(context, faults, ids, { item: at("inventoryItemId"), location: at("from", "locationId") }, entry);
    if (move.from.locationId !== move.to.locationId) faults.add("DIFFERENT_LOCATIONS", at("to", "locationId"), entry);
    if (move.from.name === move.to.name) faults.add("SAME_QUANTITY_NAME", at("to", "name"), entry);
    if (move.quantity < 0) faults.add("INVALID_QUANTITY_NEGATIVE", at("quantity"), entry);
    if (move.quantity > ADJUST_LIMIT) faults.add("INVALID_QUANTITY_TOO_HIGH", at("quantity"), entry);
    const from = planTerminal(context, faults, place, move.from, -move.quantity, at("from"), entry);
    const to = planTerminal(context, faults, place, move.to, move.quantity, at("to"), entry);
    return from && to ? [from, to] : [];
  });
  return settle(context, call, faults, planned, input);
}

function planTerminal(context: GraphContext, faults: Faults, place: Place | null, terminal: Terminal, delta: number, path: string[], entry: number): PlannedWrite | null {
  const name = writableName(terminal.name);
  if (!name) faults.add("INVALID_QUANTITY_NAME", [...path, "name"], entry);
  checkLedger(faults, terminal.name, terminal.ledgerDocumentUri, [...path, "ledgerDocumentUri"], entry);
  if (!place || !name) return null;
  checkFresh(faults, terminal.changeFromQuantity, quantityOf(context.shop, place.itemId, place.locationId, name), [...path, "changeFromQuantity"], entry);
  return { ...place, name, delta, ledgerDocumentUri: terminal.ledgerDocumentUri ?? null, entry };
}

function checkFresh(faults: Faults, expected: number | null | undefined, actual: number, field: string[], entry: number): void {
  if (expected !== null && expected !== undefined && expected !== actual) faults.add("CHANGE_FROM_QUANTITY_STALE", field, entry);
}

function checkLimits(faults: Faults, value: number, limit: number, field: string[], entry: number): void {
  if (value > limit) faults.add("INVALID_QUANTITY_TOO_HIGH", field, entry);
  if (value < -limit) faults.add("INVALID_QUANTITY_TOO_LOW", field, entry);
}

function settle(context: GraphContext, call: RootCall, faults: Faults, planned: readonly PlannedWrite[], input: { reason: string; referenceDocumentUri?: string | null }): InventoryPayload {
  if (faults.blockBatch) return { inventoryAdjustmentGroup: null, userErrors: faults.errors };
  const writes = planned.filter(({ entry }) => !faults.badEntries.has(entry)).map(({ entry: _entry, ...write }) => write);
  const group = applyWrites(context, writes, { reason: input.reason, referenceDocumentUri: input.referenceDocumentUri ?? null, key: call.key });
  return { inventoryAdjustmentGroup: group, userErrors: faults.errors };
}

// The rules of inventory mutations that the schema cannot say: reasons, documents, names, limits, and which entry broke which.
import { numericIdOf } from "../../world/ids.ts";
import { findLevel, isBundleParent } from "../../world/inventory.ts";
import type { StoredQuantityName } from "../../world/state.ts";
import type { GraphContext } from "../context.ts";
import { inputTooLong, invalidArgument } from "../errors.ts";
import type { UserError } from "./adjustment-group.ts";

export const ENTRIES_MAX = 250;
export const ADJUST_LIMIT = 2_000_000_000;
export const SET_LIMIT = 1_000_000_000;

const REASONS = new Set([
  "correction",
  "cycle_count_available",
  "damaged",
  "movement_canceled",
  "movement_created",
  "movement_received",
  "movement_updated",
  "other",
  "promotion",
  "quality_control",
  "received",
  "reservation_created",
  "reservation_deleted",
  "reservation_updated",
  "restock",
  "safety_stock",
  "shrinkage",
]);

/** `committed` belongs to orders and `on_hand` is a sum: neither can be adjusted or moved. */
const WRITABLE_NAMES: readonly StoredQuantityName[] = ["available", "reserved", "damaged", "safety_stock", "quality_control", "incoming"];
const URI = /^[a-z][a-z0-9+.-]*:\S+$/i;

export interface Place {
  itemId: string;
  locationId: string;
}

/** Collects what is wrong with a batch; every error names its field, and the entry it belongs to, or -1 for the whole. */
export class Faults {
  readonly errors: UserError[] = [];
  readonly badEntries = new Set<number>();
  readonly #context: GraphContext;
  readonly #codes: string;

  constructor(context: GraphContext, codes: string) {
    this.#context = context;
    this.#codes = codes;
  }

  add(code: string, field: string[], entry: number): void {
    this.errors.push({ code, field: ["input", ...field], message: this.#context.admin.errorText(this.#codes, code) });
    this.badEntries.add(entry);
  }

  get blockBatch(): boolean {
    return this.badEntries.has(-1) || (this.errors.length > 0 && this.#context.world.assumptions.failingBatchIsAllOrNothing);
  }
}

export function checkLength(entries: readonly unknown[]): void {
  if (entries.length > ENTRIES_MAX) throw inputTooLong(entries.length, ENTRIES_MAX);
}

/** Null is a decision, leaving it out is not: since 2026-04 Shopify refuses the whole request. */
export function checkChangeFromGiven(entry: object, inputType: string): void {
  if (!("changeFromQuantity" in entry)) throw invalidArgument(`${inputType} must include the following argument: changeFromQuantity.`);
}

export function checkReason(faults: Faults, reason: string): void {
  if (!REASONS.has(reason)) faults.add("INVALID_REASON", ["reason"], -1);
}

export function checkReference(faults: Faults, uri: string | null | undefined): void {
  if (uri !== null && uri !== undefined && !URI.test(uri)) faults.add("INVALID_REFERENCE_DOCUMENT", ["referenceDocumentUri"], -1);
}

export function writableName(name: string): StoredQuantityName | null {
  return WRITABLE_NAMES.find((candidate) => candidate === name) ?? null;
}

/** `available` has no ledger document, every other name needs one, and Shopify's own are nobody else's. */
export function checkLedger(faults: Faults, name: string, uri: string | null | undefined, field: string[], entry: number): void {
  if (name === "available") {
    if (uri !== null && uri !== undefined) faults.add("INVALID_AVAILABLE_DOCUMENT", field, entry);
  } else if (uri === null || uri === undefined) {
    faults.add("INVALID_QUANTITY_DOCUMENT", field, entry);
  } else if (uri.startsWith("gid://shopify/")) {
    faults.add("INTERNAL_LEDGER_DOCUMENT", field, entry);
  } else if (!URI.test(uri)) {
    faults.add("INVALID_LEDGER_DOCUMENT", field, entry);
  }
}

/** The item and location an entry means, when both exist and may be written. */
export function findPlace(context: GraphContext, faults: Faults, ids: { inventoryItemId: string; locationId: string }, field: { item: string[]; location: string[] }, entry: number): Place | null {
  const { shop, world } = context;
  const item = shop.items.get(numericIdOf("InventoryItem", ids.inventoryItemId) ?? "");
  const location = shop.locations.get(numericIdOf("Location", ids.locationId) ?? "");
  if (!item) faults.add("INVALID_INVENTORY_ITEM", field.item, entry);
  else if (isBundleParent(shop, item)) faults.add("NON_MUTABLE_INVENTORY_ITEM", field.item, entry);
  if (!location?.active) faults.add("INVALID_LOCATION", field.location, entry);
  else if (item && world.assumptions.unstockedLocation === "refuse" && !findLevel(shop, item.id, location.id)?.active) faults.add("INVALID_LOCATION", field.location, entry);
  return item && location ? { itemId: item.id, locationId: location.id } : null;
}

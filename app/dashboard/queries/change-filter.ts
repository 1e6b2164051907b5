// What a list of changes may be filtered by, read from a URL: shared by Stock history and GET /api/v1/changes. Pure.

import { readId } from "#app/domain/gid.ts";
import type { ReviewReason } from "#app/domain/review.ts";

export const CHANGE_STATES = ["shadow", "waiting", "claimed", "applied", "parked", "rejected", "cancelled"] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

export const CHANGE_CAUSES = ["order", "order_edit", "cancellation", "refund", "reservation", "correction"] as const;
export type ChangeCause = (typeof CHANGE_CAUSES)[number];

export interface ChangeFilter {
  readonly states?: readonly ChangeState[];
  readonly cause?: ChangeCause;
  readonly orderId?: string;
  readonly inventoryItemId?: string;
  readonly webhookId?: string;
  readonly traceId?: string;
  readonly locationId?: string;
  /** Order source as stored: `name:my-channel`, `app:123`. */
  readonly sourceKey?: string;
  /** Who acted on it, as in the audit trail (`staff:7`); `anybody`: a person or a program, and not Holdfast by itself. */
  readonly actor?: string;
  /** Why it needs review; goes with the state `parked`. */
  readonly reviewReason?: ReviewReason;
  /** Order name (with or without #) or id, as a person types it. */
  readonly orderText?: string;
  /** SKU, title or inventory item id, as a person types it. */
  readonly itemText?: string;
  /** By when it was settled, or derived when it is not settled: the numbers of Home count so, too. */
  readonly happenedFrom?: Date;
  readonly happenedBefore?: Date;
}

/** For `actor`. */
export const ANYBODY = "anybody";

/** Longest text a filter takes; longer ones match nothing. */
export const FILTER_TEXT_LENGTH_MAX = 255;

export type FilterReading<Value> = { readonly kind: "absent" } | { readonly kind: "value"; readonly value: Value } | { readonly kind: "invalid"; readonly message: string };

/** A text filter: trimmed, of bounded length, without control characters (PostgreSQL refuses NUL). */
export function readText(raw: string | null): FilterReading<string> {
  const text = raw?.trim() ?? "";
  if (text === "") return { kind: "absent" };
  if (text.length > FILTER_TEXT_LENGTH_MAX) return { kind: "invalid", message: `at most ${FILTER_TEXT_LENGTH_MAX} characters` };
  // A lone surrogate cannot be written as UTF-8 either.
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) return { kind: "invalid", message: "contains a character that cannot be searched for" };
  return { kind: "value", value: text };
}

export function readShopifyIdFilter(kind: "Order" | "InventoryItem", raw: string | null): FilterReading<string> {
  const text = readText(raw);
  if (text.kind !== "value") return text;
  const id = readId(kind, text.value);
  return id === null ? { kind: "invalid", message: `must be the id of a ${kind}: a number or gid://shopify/${kind}/…` } : { kind: "value", value: id };
}

/** One or several of a closed set, separated by commas. */
export function readChoices<Choice extends string>(raw: string | null, choices: readonly Choice[]): FilterReading<Choice[]> {
  const words = (raw ?? "").split(",").map((word) => word.trim()).filter((word) => word !== "");
  if (words.length === 0) return { kind: "absent" };
  const found = choices.filter((choice) => words.includes(choice));
  if (words.some((word) => !choices.some((choice) => choice === word))) return { kind: "invalid", message: `must be one of: ${choices.join(", ")}` };
  return { kind: "value", value: found };
}

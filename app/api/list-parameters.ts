// Query parameters of the API's lists: limit, cursor and filters. A wrong or unknown one is refused, because a filter that is
// silently ignored gives a wrong answer that looks right.

import { CHANGE_STATES, readChoices, readShopifyIdFilter, readText, type ChangeFilter, type FilterReading } from "#app/dashboard/queries/change-filter.ts";
import { REVIEW_REASONS } from "#app/domain/review.ts";
import { decodeCursor, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, type PageRequest } from "#app/dashboard/queries/keyset-page.ts";

import { errorResponse } from "./respond.ts";

export type Reading<Value> = { readonly kind: "ok"; readonly value: Value } | { readonly kind: "refused"; readonly response: Response };

export const PAGE_PARAMETERS = ["cursor", "limit"] as const;
const CHANGE_PARAMETERS = ["format", "orderId", "webhookId", "traceId", "inventoryItemId", "state"] as const;
const PARKED_PARAMETERS = ["reason", "orderId", "inventoryItemId"] as const;

export function readPage(query: URLSearchParams): Reading<PageRequest> {
  return readPageBy(query, decodeCursor);
}

/** For lists whose cursors name a row by something else than a number. */
export function readPageBy<Cursor>(query: URLSearchParams, decode: (text: string) => Cursor | null): Reading<PageRequest<Cursor>> {
  const limitText = query.get("limit");
  const limit = limitText === null ? PAGE_LIMIT_DEFAULT : /^[0-9]{1,9}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > PAGE_LIMIT_MAX) return refused("limit", `must be a whole number from 1 to ${PAGE_LIMIT_MAX}`);
  const cursorText = query.get("cursor");
  if (cursorText === null || cursorText === "") return { kind: "ok", value: { direction: "newest", limit } };
  const cursor = decode(cursorText);
  if (cursor === null) return { kind: "refused", response: errorResponse("invalid_cursor", "This cursor is not one that a list has answered.", { parameter: "cursor" }) };
  return { kind: "ok", value: { direction: "older", cursor, limit } };
}

/** `csv`: a file of everything that the filters find, so it takes no page. */
export type ListFormat = "json" | "csv";

export function readChangeParameters(query: URLSearchParams): Reading<{ filter: ChangeFilter; page: PageRequest; format: ListFormat }> {
  const unknown = refuseUnknown(query, [...PAGE_PARAMETERS, ...CHANGE_PARAMETERS]);
  if (unknown !== null) return unknown;
  const format = query.get("format") ?? "json";
  if (format !== "json" && format !== "csv") return refused("format", "must be json or csv");
  if (format === "csv" && (query.has("limit") || query.has("cursor"))) return refused(query.has("limit") ? "limit" : "cursor", "goes with format=json only: a file has no pages");
  const page = readPage(query);
  if (page.kind === "refused") return page;
  const readings = {
    orderId: readShopifyIdFilter("Order", query.get("orderId")),
    inventoryItemId: readShopifyIdFilter("InventoryItem", query.get("inventoryItemId")),
    webhookId: readText(query.get("webhookId")),
    traceId: readText(query.get("traceId")),
    states: readChoices(query.get("state"), CHANGE_STATES),
  };
  for (const [name, reading] of Object.entries(readings)) {
    if (reading.kind === "invalid") return refused(name === "states" ? "state" : name, reading.message);
  }
  const filter: ChangeFilter = {
    ...given("orderId", readings.orderId),
    ...given("inventoryItemId", readings.inventoryItemId),
    ...given("webhookId", readings.webhookId),
    ...given("traceId", readings.traceId),
    ...given("states", readings.states),
  };
  return { kind: "ok", value: { filter, page: page.value, format } };
}

/** Of the changes that need review. */
export function readParkedParameters(query: URLSearchParams): Reading<{ filter: ChangeFilter; page: PageRequest }> {
  const unknown = refuseUnknown(query, [...PAGE_PARAMETERS, ...PARKED_PARAMETERS]);
  if (unknown !== null) return unknown;
  const page = readPage(query);
  if (page.kind === "refused") return page;
  const orderId = readShopifyIdFilter("Order", query.get("orderId"));
  if (orderId.kind === "invalid") return refused("orderId", orderId.message);
  const inventoryItemId = readShopifyIdFilter("InventoryItem", query.get("inventoryItemId"));
  if (inventoryItemId.kind === "invalid") return refused("inventoryItemId", inventoryItemId.message);
  const reasons = readChoices(query.get("reason"), REVIEW_REASONS);
  if (reasons.kind === "invalid" || (reasons.kind === "value" && reasons.value.length > 1)) return refused("reason", `must be one of: ${REVIEW_REASONS.join(", ")}`);
  const reviewReason = reasons.kind === "value" ? reasons.value[0] : undefined;
  const filter: ChangeFilter = {
    states: ["parked"],
    ...given("orderId", orderId),
    ...given("inventoryItemId", inventoryItemId),
    ...(reviewReason === undefined ? {} : { reviewReason }),
  };
  return { kind: "ok", value: { filter, page: page.value } };
}

export function refuseUnknown(query: URLSearchParams, known: readonly string[]): { kind: "refused"; response: Response } | null {
  for (const name of query.keys()) {
    if (!known.includes(name)) return refused(name.slice(0, 80), `is not known here; known are ${known.join(", ")}`);
    if (query.getAll(name).length > 1) return refused(name, "is given more than once");
  }
  return null;
}

export function given<Name extends string, Value>(name: Name, reading: FilterReading<Value>): { [Key in Name]?: Value } {
  const result: { [Key in Name]?: Value } = {};
  if (reading.kind === "value") result[name] = reading.value;
  return result;
}

export function refused(parameter: string, message: string): { kind: "refused"; response: Response } {
  return { kind: "refused", response: errorResponse("invalid_parameter", `The parameter ${parameter} ${message}.`, { parameter }) };
}

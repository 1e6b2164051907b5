// Query parameters of the API's lists: limit, cursor and filters. A wrong or unknown one is refused, because a filter that is
// silently ignored gives a wrong answer that looks right.

import { CHANGE_STATES, readChoices, readShopifyIdFilter, readText, type ChangeFilter, type FilterReading } from "#app/dashboard/queries/change-filter.ts";
import { decodeCursor, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, type PageRequest } from "#app/dashboard/queries/keyset-page.ts";

import { errorResponse } from "./respond.ts";

export type Reading<Value> = { readonly kind: "ok"; readonly value: Value } | { readonly kind: "refused"; readonly response: Response };

const PAGE_PARAMETERS = ["cursor", "limit"] as const;
const CHANGE_PARAMETERS = ["orderId", "webhookId", "traceId", "inventoryItemId", "state"] as const;

export function readPage(query: URLSearchParams): Reading<PageRequest> {
  const limitText = query.get("limit");
  const limit = limitText === null ? PAGE_LIMIT_DEFAULT : /^[0-9]{1,9}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > PAGE_LIMIT_MAX) return refused("limit", `must be a whole number from 1 to ${PAGE_LIMIT_MAX}`);
  const cursorText = query.get("cursor");
  if (cursorText === null || cursorText === "") return { kind: "ok", value: { direction: "newest", limit } };
  const cursor = decodeCursor(cursorText);
  if (cursor === null) return { kind: "refused", response: errorResponse("invalid_cursor", "This cursor is not one that a list has answered.", { parameter: "cursor" }) };
  return { kind: "ok", value: { direction: "older", cursor, limit } };
}

export function readChangeParameters(query: URLSearchParams): Reading<{ filter: ChangeFilter; page: PageRequest }> {
  const known: readonly string[] = [...PAGE_PARAMETERS, ...CHANGE_PARAMETERS];
  for (const name of query.keys()) {
    if (!known.includes(name)) return refused(name.slice(0, 80), `is not known here; known are ${known.join(", ")}`);
    if (query.getAll(name).length > 1) return refused(name, "is given more than once");
  }
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
  return { kind: "ok", value: { filter, page: page.value } };
}

function given<Name extends string, Value>(name: Name, reading: FilterReading<Value>): { [Key in Name]?: Value } {
  const result: { [Key in Name]?: Value } = {};
  if (reading.kind === "value") result[name] = reading.value;
  return result;
}

function refused(parameter: string, message: string): { kind: "refused"; response: Response } {
  return { kind: "refused", response: errorResponse("invalid_parameter", `The parameter ${parameter} ${message}.`, { parameter }) };
}

// Query parameters of the lists of incidents: state, item, and the page.

import { readShopifyIdFilter } from "#app/dashboard/queries/change-filter.ts";
import type { IncidentFilter } from "#app/dashboard/queries/incident-filter.ts";
import type { PageRequest } from "#app/dashboard/queries/keyset-page.ts";

import { readPage, type Reading } from "./list-parameters.ts";
import { errorResponse } from "./respond.ts";

const KNOWN = ["cursor", "limit", "state", "inventoryItemId"];

/** `states`: what this list knows; the first is meant when none is asked for. */
export function readIncidentParameters(query: URLSearchParams, states: readonly string[]): Reading<{ filter: IncidentFilter; page: PageRequest }> {
  for (const name of new Set(query.keys())) {
    if (!KNOWN.includes(name)) return refused(name.slice(0, 80), `is not known here; known are ${KNOWN.join(", ")}`);
    if (query.getAll(name).length > 1) return refused(name, "is given more than once");
  }
  const page = readPage(query);
  if (page.kind === "refused") return page;
  const state = query.get("state") ?? states[0] ?? "all";
  if (!states.includes(state)) return refused("state", `must be one of: ${states.join(", ")}`);
  const item = readShopifyIdFilter("InventoryItem", query.get("inventoryItemId"));
  if (item.kind === "invalid") return refused("inventoryItemId", item.message);
  return { kind: "ok", value: { filter: { state, ...(item.kind === "value" ? { inventoryItemId: item.value } : {}) }, page: page.value } };
}

function refused(parameter: string, message: string): { kind: "refused"; response: Response } {
  return { kind: "refused", response: errorResponse("invalid_parameter", `The parameter ${parameter} ${message}.`, { parameter }) };
}

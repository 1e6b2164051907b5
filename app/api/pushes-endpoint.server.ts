// GET /api/v1/pushes: what was, or is to be, told to the shop's external stock system, newest first, by keyset.

import { readChoices } from "#app/dashboard/queries/change-filter.ts";
import { listExternalPushes, type PushRow } from "#app/dashboard/queries/list-external-pushes.server.ts";
import { formatGid } from "#app/domain/gid.ts";
import { PUSH_STATES } from "#app/ports/external-pushes.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { PAGE_PARAMETERS, readPage, refused, refuseUnknown } from "./list-parameters.ts";
import { jsonResponse } from "./respond.ts";

export const pushesEndpoint = apiEndpoint({
  GET: async ({ url, install }, { database }) => {
    const query = url.searchParams;
    const unknown = refuseUnknown(query, [...PAGE_PARAMETERS, "state"]);
    if (unknown !== null) return unknown.response;
    const page = readPage(query);
    if (page.kind === "refused") return page.response;
    const states = readChoices(query.get("state"), PUSH_STATES);
    if (states.kind === "invalid" || (states.kind === "value" && states.value.length > 1)) return refused("state", `must be one of: ${PUSH_STATES.join(", ")}`).response;
    const state = states.kind === "value" ? states.value[0] : undefined;
    const pushes = await listExternalPushes(database, { installId: install.installId, state, page: page.value });
    return jsonResponse({ items: pushes.items.map(representPush), nextCursor: pushes.olderCursor });
  },
});

/** Numbers that may exceed 2^53 are texts. */
export function representPush(row: PushRow) {
  return { ...row, id: String(row.id), changeId: String(row.changeId), sequence: String(row.sequence), inventoryItemId: formatGid("InventoryItem", row.inventoryItemId) };
}

// GET /api/v1/conflicts: one shop's, newest first, by keyset.

import { CONFLICT_STATES, listConflicts } from "#app/dashboard/queries/list-conflicts.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readIncidentParameters } from "./incident-parameters.ts";
import { representConflict } from "./incident-representations.ts";
import { jsonResponse } from "./respond.ts";

export const conflictsEndpoint = apiEndpoint({
  GET: async ({ url, install }, { database }) => {
    const parameters = readIncidentParameters(url.searchParams, CONFLICT_STATES);
    if (parameters.kind === "refused") return parameters.response;
    const page = await listConflicts(database, { installId: install.installId, ...parameters.value });
    return jsonResponse({ items: page.items.map(representConflict), nextCursor: page.olderCursor });
  },
});

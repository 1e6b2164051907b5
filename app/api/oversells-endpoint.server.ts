// GET /api/v1/oversells: one shop's, newest first, by keyset.

import { OVERSELL_STATES, listOversells } from "#app/dashboard/queries/list-oversells.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readIncidentParameters } from "./incident-parameters.ts";
import { representOversell } from "./incident-representations.ts";
import { jsonResponse } from "./respond.ts";

export const oversellsEndpoint = apiEndpoint({
  GET: async ({ url, install }, { database }) => {
    const parameters = readIncidentParameters(url.searchParams, OVERSELL_STATES);
    if (parameters.kind === "refused") return parameters.response;
    const page = await listOversells(database, { installId: install.installId, ...parameters.value });
    return jsonResponse({ items: page.items.map(representOversell), nextCursor: page.olderCursor });
  },
});

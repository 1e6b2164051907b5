// GET /api/v1/oversells/apart: what is promised beyond stock and may be, one shop's, by keyset of the item.

import { listApart } from "#app/dashboard/queries/list-apart.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readIncidentParameters } from "./incident-parameters.ts";
import { representApart } from "./incident-representations.ts";
import { jsonResponse } from "./respond.ts";

export const apartEndpoint = apiEndpoint({
  GET: async ({ url, install }, { database }) => {
    const parameters = readIncidentParameters(url.searchParams, ["all"]);
    if (parameters.kind === "refused") return parameters.response;
    const page = await listApart(database, { installId: install.installId, ...parameters.value });
    return jsonResponse({ items: page.items.map(representApart), nextCursor: page.olderCursor });
  },
});

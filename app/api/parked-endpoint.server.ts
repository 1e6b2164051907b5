// GET /api/v1/parked: what of one shop needs review and what a person may do about it, newest first, by keyset.

import { listParked } from "#app/dashboard/queries/list-parked.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readParkedParameters } from "./list-parameters.ts";
import { representParked } from "./representations.ts";
import { jsonResponse } from "./respond.ts";

export const parkedEndpoint = apiEndpoint({
  GET: async ({ url, install }, { database, review: { desk } }) => {
    const parameters = readParkedParameters(url.searchParams);
    if (parameters.kind === "refused") return parameters.response;
    const page = await listParked({ database, desk }, { installId: install.installId, ...parameters.value });
    return jsonResponse({ items: page.items.map(representParked), nextCursor: page.olderCursor });
  },
});

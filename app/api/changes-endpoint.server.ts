// GET /api/v1/changes: the changes of one shop, newest first, by keyset.

import { listChanges } from "#app/dashboard/queries/list-changes.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readChangeParameters } from "./list-parameters.ts";
import { representChange } from "./representations.ts";
import { jsonResponse } from "./respond.ts";

export const changesEndpoint = apiEndpoint({
  GET: async ({ url, install }, { database }) => {
    const parameters = readChangeParameters(url.searchParams);
    if (parameters.kind === "refused") return parameters.response;
    const page = await listChanges(database, { installId: install.installId, ...parameters.value });
    return jsonResponse({ items: page.items.map(representChange), nextCursor: page.olderCursor });
  },
});

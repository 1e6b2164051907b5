// GET /api/v1/changes: the changes of one shop, newest first, by keyset; or all of them as a CSV file.

import { changesFile } from "#app/dashboard/export/changes-file.server.ts";
import { slotsOfProcess, streamExport } from "#app/dashboard/export/serve-export.server.ts";
import { listChanges } from "#app/dashboard/queries/list-changes.server.ts";
import { knownTimeZone } from "#app/dashboard/time-zone.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readChangeParameters } from "./list-parameters.ts";
import { representChange } from "./representations.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

/** An export takes minutes at most; who waits asks no more often than this. */
const EXPORT_RETRY_AFTER_SECONDS = "10";

export const changesEndpoint = apiEndpoint({
  GET: async ({ request, url, install, bearer }, { database, clock, logger }) => {
    const parameters = readChangeParameters(url.searchParams);
    if (parameters.kind === "refused") return parameters.response;
    const { filter, page, format } = parameters.value;
    if (format === "json") {
      const found = await listChanges(database, { installId: install.installId, filter, page });
      return jsonResponse({ items: found.items.map(representChange), nextCursor: found.olderCursor });
    }
    const file = await streamExport({ slots: slotsOfProcess(), logger }, { signal: request.signal, install, about: { actor: `token:${bearer.tokenId}`, export: "changes" } }, () =>
      changesFile(database, { installId: install.installId, shop: install.shop, filter, timeZone: knownTimeZone(install.timezone), now: clock.now() }),
    );
    return file ?? errorResponse("busy", "Another export of this shop is being made; come back when it has ended.", {}, { "Retry-After": EXPORT_RETRY_AFTER_SECONDS });
  },
});

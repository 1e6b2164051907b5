// GET /api/v1/shadow-verdict: since the install, what Holdfast would have done, and which oversells it would have prevented.

import { readShadowVerdict } from "#app/dashboard/queries/shadow-verdict.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { representShadowVerdict } from "./represent-shadow-verdict.ts";
import { jsonResponse } from "./respond.ts";

export const shadowVerdictEndpoint = apiEndpoint({
  GET: async ({ install }, { database }) => jsonResponse(representShadowVerdict(await readShadowVerdict(database, install))),
});

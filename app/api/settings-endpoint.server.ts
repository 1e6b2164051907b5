// GET and PUT /api/v1/settings: the whole document, replaced as a whole or not at all.

import { saveSettings } from "#app/dashboard/save-settings.server.ts";
import { assertNever } from "#app/domain/invariant.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readJsonBody, BODY_BYTES_MAX } from "./read-json-body.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

export const settingsEndpoint = apiEndpoint({
  GET: async ({ install }, { settingsStore }) => jsonResponse(await settingsStore.current(install.installId)),

  PUT: async ({ request, install, bearer }, dependencies) => {
    const body = await readJsonBody(request);
    if (body.kind === "too_large") return errorResponse("payload_too_large", `The body may have at most ${BODY_BYTES_MAX} bytes.`);
    if (body.kind === "invalid_json") return errorResponse("invalid_json", "The body is not valid JSON in UTF-8.");
    const result = await saveSettings(dependencies, { install, document: body.value, actor: `token:${bearer.tokenId}` });
    switch (result.kind) {
      case "saved":
        return jsonResponse(result.settings);
      case "faults":
        return errorResponse("invalid_settings", "The settings were not changed; each fault says where and why.", { faults: result.faults });
      case "conflict":
        return errorResponse("settings_conflict", "The settings were changed since they were read. Read them again and repeat the change.", { currentVersion: result.current.version });
      case "unavailable":
        return errorResponse("shopify_unavailable", "Shopify could not be asked whether the named variants, items and locations exist; nothing was changed. Try again.", {}, { "Retry-After": "5" });
      default:
        return assertNever(result);
    }
  },
});

// Asks Shopify whether the app is still in a shop, for a shop's redaction whose uninstall notice may have been lost.
import { z } from "zod";

import type { AccessTokens } from "#app/ports/access-tokens.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { AppPresence, LookForApp } from "#app/ports/compliance.ts";

import { INSTALLATION_QUERY } from "./documents/installation.ts";
import { gidOf } from "./gid-schema.ts";
import { sendRead } from "./read-request.server.ts";

const installationSchema = z.object({ currentAppInstallation: z.object({ id: gidOf("AppInstallation") }) });

/** The Admin client reports a refused token, so a second look is made with a refreshed one. */
const LOOKS_MAX = 2;

export function createLookForApp(dependencies: { adminApi: AdminApi; accessTokens: Pick<AccessTokens, "offlineToken"> }): LookForApp {
  return (shop) => lookForApp(dependencies, shop);
}

async function lookForApp({ adminApi, accessTokens }: Parameters<typeof createLookForApp>[0], shop: string): Promise<AppPresence> {
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    const token = await accessTokens.offlineToken(shop);
    if (token.kind === "none" || token.kind === "revoked") return { kind: "gone" };
    // Shopify had refused the token; that it cannot be refreshed either does not bring the app back.
    if (token.kind === "unavailable") return look === 1 ? { kind: "unknown", cause: token.cause } : { kind: "gone" };
    const answer = await sendRead(adminApi, { shop }, { document: INSTALLATION_QUERY, variables: {}, schema: installationSchema });
    switch (answer.kind) {
      case "ok":
        return { kind: "installed", appInstallationGid: `gid://shopify/AppInstallation/${answer.value.currentAppInstallation.id}` };
      case "throttled":
        return { kind: "unknown", cause: "throttled" };
      case "unknown":
        return { kind: "unknown", cause: answer.cause };
      case "refused":
        if (answer.reason !== "unauthorized") return { kind: "unknown", cause: `${answer.reason}: ${answer.message}` };
    }
  }
  return { kind: "gone" };
}

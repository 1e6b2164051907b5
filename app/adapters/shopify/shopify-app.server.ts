// Shopify's library as Holdfast uses it: token exchange, the clicking person's online token, and an install on record before any page.
import "@shopify/shopify-app-remix/adapters/node";
import { ApiVersion, AppDistribution, LogSeverity, shopifyApp } from "@shopify/shopify-app-remix/server";

import type { ShopifyEnvironment } from "#app/config/environment.ts";
import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";
import type { InstallStore } from "#app/ports/install-store.ts";
import type { Logger } from "#app/ports/telemetry.ts";

import { redirectLibraryRequests } from "./library-fetch.server.ts";
import { registerInstall } from "./register-install.server.ts";
import type { ShopifyPlatform } from "./shopify-platform.server.ts";

export interface ShopifyAppDependencies {
  environment: ShopifyEnvironment;
  platform: Pick<ShopifyPlatform, "adminApi" | "sessionStorage">;
  installStore: Pick<InstallStore, "begin">;
  logger: Pick<Logger, "error" | "info" | "warn">;
}

export function createShopifyApp({ environment, platform, installStore, logger }: ShopifyAppDependencies) {
  redirectLibraryRequests(environment.originOverride);
  return shopifyApp({
    apiKey: environment.apiKey,
    apiSecretKey: environment.apiSecret,
    apiVersion: knownApiVersion(ADMIN_API_VERSION),
    scopes: [...environment.scopes],
    appUrl: environment.appUrl,
    authPathPrefix: "/auth",
    sessionStorage: platform.sessionStorage,
    distribution: AppDistribution.AppStore,
    // What a person clicks runs with that person's permissions; background work has the offline token, stored at the same moment.
    useOnlineTokens: true,
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
    logger: {
      // Its information level tells of every page; its debug level would write session tokens into the log.
      level: LogSeverity.Warning,
      log: (severity, message) => (severity === LogSeverity.Error ? logger.error({ from: "shopify" }, message) : logger.warn({ from: "shopify" }, message)),
    },
    hooks: {
      async afterAuth({ session }) {
        const registration = await registerInstall({ adminApi: platform.adminApi, installStore }, { shop: session.shop });
        if (registration.kind === "registered") {
          const { installId, epoch, isNew } = registration.install;
          logger.info({ shop: session.shop, installId: String(installId), epoch, isNew }, "the app was opened with new tokens");
          return;
        }
        // The library runs this hook only when it stores new sessions. Without a session the next request tries again.
        await platform.sessionStorage.deleteSession(session.id);
        logger.error({ shop: session.shop, failure: registration.failure }, "the install could not be recorded");
        throw new Error("the install could not be recorded");
      },
    },
  });
}

/** Our constant as the library names it. */
function knownApiVersion(version: string): ApiVersion {
  const known = Object.values(ApiVersion).find((one) => String(one) === version);
  if (known === undefined) throw new TypeError(`@shopify/shopify-api does not know API version ${version}; update it together with ADMIN_API_VERSION`);
  return known;
}

// Shopify's library as Holdfast uses it: token exchange, the clicking person's online token, and an install on record before any page.
import "@shopify/shopify-app-remix/adapters/node";
import { ApiVersion, AppDistribution, LogSeverity, shopifyApp } from "@shopify/shopify-app-remix/server";

import type { ShopifyEnvironment } from "#app/config/environment.ts";
import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";
import type { InstallStore } from "#app/ports/install-store.ts";
import type { Logger } from "#app/ports/telemetry.ts";

import { faultOfAuthAddress } from "./auth-address.ts";
import { redirectLibraryRequests } from "./library-fetch.server.ts";
import { registerInstall } from "./register-install.server.ts";
import { isSignedUnder, sessionTokenOf } from "./session-token-secret.server.ts";
import type { ShopifyPlatform } from "./shopify-platform.server.ts";

export interface ShopifyAppDependencies {
  environment: ShopifyEnvironment;
  platform: Pick<ShopifyPlatform, "adminApi" | "sessionStorage">;
  installStore: Pick<InstallStore, "begin">;
  logger: Pick<Logger, "error" | "info" | "warn">;
}

const LOGIN_PATH = "/auth/login";
const LEAVE_FRAME_PATH = "/auth/exit-iframe";

/**
 * The library knows one secret. While the app's secret is being replaced a page may come with a session token of either, so there are two
 * of it then, and a request is let in by the one whose secret its token was signed with; both keep their sessions in the same place.
 */
export function createShopifyApp(dependencies: ShopifyAppDependencies) {
  const { apiSecret, apiSecretPrevious, appUrl, originOverride } = dependencies.environment;
  redirectLibraryRequests(originOverride);
  const present = createUnderSecret(dependencies, apiSecret);
  const previous = apiSecretPrevious === null ? null : { app: createUnderSecret(dependencies, apiSecretPrevious), secret: apiSecretPrevious };
  const appFor = (token: string | null) => (previous !== null && token !== null && isSignedUnder(token, previous.secret) ? previous.app : present);
  const admin: typeof present.authenticate.admin = async (request) => {
    const url = new URL(request.url);
    // As the library answers who names no shop.
    if (faultOfAuthAddress(url, appUrl) !== null) throw new Response(null, { status: 302, headers: { Location: LOGIN_PATH } });
    try {
      return await appFor(sessionTokenOf(request)).authenticate.admin(request);
    } catch (thrown) {
      // What it throws here instead of an answer is that it would lead to no place of ours or of the admin's.
      if (url.pathname === LEAVE_FRAME_PATH && !(thrown instanceof Response)) throw new Response("This address leads nowhere.", { status: 400 });
      throw thrown;
    }
  };
  return { ...present, authenticate: { ...present.authenticate, admin } };
}

function createUnderSecret({ environment, platform, installStore, logger }: ShopifyAppDependencies, apiSecretKey: string) {
  return shopifyApp({
    apiKey: environment.apiKey,
    apiSecretKey,
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

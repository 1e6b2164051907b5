// Puts the Shopify side of a process together: transport, tokens, Admin client and the ports on top; web and worker both start with it.
import type { PrismaClient } from "@prisma/client";
import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma";

import { createTokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import type { Environment } from "#app/config/environment.ts";
import type { AccessTokens } from "#app/ports/access-tokens.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { LookForApp } from "#app/ports/compliance.ts";
import type { Database } from "#app/ports/database.ts";
import type { FulfilmentHolds } from "#app/ports/fulfilment-holds.ts";
import type { Lock } from "#app/ports/lock.ts";
import type { ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { Timings } from "#app/ports/timings.ts";
import { type Tracing, UNTRACED } from "#app/ports/tracing.ts";
import { traceAdminApi } from "#app/adapters/telemetry/trace-admin-api.server.ts";

import { createAdminClient } from "./admin-client.server.ts";
import { createFulfilmentHolds } from "./hold-fulfilment.server.ts";
import { createLookForApp } from "./look-for-app.server.ts";
import { createOfflineTokens } from "./offline-tokens.server.ts";
import { createRefreshToken, type RefreshToken } from "./refresh-token.server.ts";
import { createSealedSessions, type SealedSessions, type SessionStorage } from "./sealed-sessions.server.ts";
import { createSessionStorage } from "./session-storage.server.ts";
import { createShopifyInventory, createShopifyOrders } from "./shopify-api.server.ts";
import { createShopifyTransport } from "./shopify-transport.server.ts";
import { createTokenLock } from "./token-lock.server.ts";

export interface ShopifyPlatform {
  adminApi: AdminApi;
  inventory: ShopifyInventory;
  orders: ShopifyOrders;
  holds: FulfilmentHolds;
  accessTokens: AccessTokens;
  lookForApp: LookForApp;
  /** For Shopify's library; encrypts, and refreshes offline tokens under the lock. */
  sessionStorage: SessionStorage;
  /** Ends the connections to Shopify; requests under way finish first. */
  close(): Promise<void>;
}

interface DecoratedParts {
  sessions: SealedSessions;
  tokenEndpoint: { refresh: RefreshToken };
  shopifyInventory: ShopifyInventory;
  shopifyOrders: ShopifyOrders;
}

export interface ShopifyPlatformDependencies {
  environment: Pick<Environment, "encryptionKeys" | "shopify">;
  /** The library's session storage speaks Prisma, everything else SQL. */
  database: Database & { readonly prisma: PrismaClient };
  lock: Pick<Lock, "acquire">;
  clock: Pick<Clock, "now">;
  timings: Pick<Timings, "callTimeoutMs">;
  /** Makes a span of each call; without it none is made. */
  tracing?: Tracing;
  /** Put around what reaches Shopify and what keeps the tokens. */
  decorate: { readonly [Name in keyof DecoratedParts]: (part: DecoratedParts[Name]) => DecoratedParts[Name] };
}

/** The library's storage looks for its table when it is made; one more look after a second, then the caller's request fails. */
const TABLE_LOOKS = { connectionRetries: 2, connectionRetryIntervalMs: 1_000 };

export function createShopifyPlatform({ environment, database, lock, clock, timings, tracing = UNTRACED, decorate }: ShopifyPlatformDependencies): ShopifyPlatform {
  const { shopify, encryptionKeys } = environment;
  const now = () => clock.now();
  const transport = createShopifyTransport({ originOverride: shopify.originOverride, totalTimeoutMs: timings.callTimeoutMs });
  const sessions = decorate.sessions(createSealedSessions({
    storage: () => new PrismaSessionStorage(database.prisma, TABLE_LOOKS),
    database,
    cipher: createTokenCipher(encryptionKeys),
  }));
  const tokenEndpoint = decorate.tokenEndpoint({ refresh: createRefreshToken({ transport, apiKey: shopify.apiKey, apiSecret: shopify.apiSecret, now }) });
  const offlineTokens = createOfflineTokens({
    sessions,
    refreshToken: tokenEndpoint.refresh,
    withTokenLock: createTokenLock(lock, timings.callTimeoutMs),
    now,
  });
  const adminApi = traceAdminApi(createAdminClient({ transport, accessTokens: offlineTokens }), tracing);
  return {
    adminApi,
    inventory: decorate.shopifyInventory(createShopifyInventory(adminApi)),
    orders: decorate.shopifyOrders(createShopifyOrders(adminApi)),
    holds: createFulfilmentHolds(adminApi, transport),
    accessTokens: offlineTokens,
    lookForApp: createLookForApp({ adminApi, accessTokens: offlineTokens }),
    sessionStorage: createSessionStorage(sessions, offlineTokens),
    close: () => transport.close(),
  };
}

// What the dashboard and the HTTP API need from the composition, named narrowly so that tests can give them exactly that.

import type { ApiTokenStore } from "#app/ports/api-token-store.ts";
import type { Database } from "#app/ports/database.ts";
import type { RateLimiter } from "#app/ports/rate-limit.ts";
import type { RuleCatalog } from "#app/ports/rule-catalog.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";

/** One life of the app in a shop, as pages and API need it. */
export interface ActiveInstall {
  readonly installId: bigint;
  readonly shop: string;
  readonly epoch: number;
  /** IANA name, as Shopify gives it. */
  readonly timezone: string;
  readonly installedAt: Date;
  /** Granted scopes, separated by commas. */
  readonly scopes: string;
  readonly shopName: string | null;
}

export interface InstallReader {
  active(shop: string): Promise<ActiveInstall | null>;
}

export interface DashboardDependencies {
  readonly database: Database;
  readonly settingsStore: SettingsStore;
  readonly apiTokenStore: ApiTokenStore;
  readonly installStore: InstallReader;
  readonly catalog: RuleCatalog;
  readonly waker: { wake(shop: string): Promise<unknown> };
  readonly clock: { now(): Date };
}

export interface ApiDependencies extends DashboardDependencies {
  readonly rateLimiter: RateLimiter;
  readonly logger: { error(fields: object, message: string): void };
}

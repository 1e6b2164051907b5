// What the dashboard and the HTTP API need from the composition, named narrowly so that tests can give them exactly that.

import type { TokenGuesses } from "#app/api/token-guesses.ts";
import type { AlertPorts } from "#app/alerts/alert-ports.ts";
import type { ApiTokenStore } from "#app/ports/api-token-store.ts";
import type { BundleView } from "#app/ports/bundle-stock-book.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { Database } from "#app/ports/database.ts";
import type { InstallStore } from "#app/ports/install-store.ts";
import type { RateLimiter } from "#app/ports/rate-limit.ts";
import type { RuleCatalog } from "#app/ports/rule-catalog.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { ReviewPorts } from "#app/review/review-ports.ts";

export type { ActiveInstall } from "#app/ports/install-store.ts";

export interface DashboardDependencies {
  readonly database: Database;
  readonly settingsStore: SettingsStore;
  readonly apiTokenStore: ApiTokenStore;
  readonly installStore: Pick<InstallStore, "active">;
  readonly catalog: RuleCatalog;
  readonly budget: Pick<CostBudget, "standing">;
  readonly bundleView: BundleView;
  readonly review: ReviewPorts;
  readonly alerts: Pick<AlertPorts, "secrets" | "channels" | "clock" | "limits" | "apiKey">;
  readonly waker: { wake(shop: string): Promise<unknown> };
  readonly clock: { now(): Date };
  readonly logger: { error(fields: object, message: string): void };
}

export interface ApiDependencies extends DashboardDependencies {
  readonly rateLimiter: RateLimiter;
  /** Left out: nobody is kept from guessing. */
  readonly tokenGuesses?: TokenGuesses;
}

// Joins the dashboard's and the API's routes to the process's composition; nothing else in these rooms reaches for it.

import { registerInstall } from "#app/adapters/shopify/register-install.server.ts";
import { createTokenBucketRateLimiter } from "#app/adapters/system/token-bucket-rate-limiter.ts";
import { composition } from "#app/composition.server.ts";
import type { RateLimiter } from "#app/ports/rate-limit.ts";
import type { ReservationApiDependencies } from "#app/api/reservation-dependencies.ts";
import { createTokenGuesses, type TokenGuesses } from "#app/api/token-guesses.ts";

import type { SettingsPorts } from "./change-settings.server.ts";
import type { CompareItemPorts } from "./compare-item.server.ts";
import type { CheckStockPorts, CorrectionActPorts } from "./correction-acts.server.ts";
import type { BusyPorts } from "./busy-page.server.ts";
import { listSoon } from "./busy-locks.server.ts";
import type { ActiveInstall, ApiDependencies, DashboardDependencies } from "./dependencies.ts";
import { type ExportPorts, slotsOfProcess } from "./export/serve-export.server.ts";
import type { HoldActPorts } from "./hold-acts.server.ts";
import type { UndeliveredPorts } from "./undelivered-page.server.ts";

let rateLimiter: RateLimiter | null = null;
let tokenGuesses: TokenGuesses | null = null;

export function dashboardDependencies(): DashboardDependencies {
  return composition();
}

/** For acts on oversells. */
export function oversellPorts() {
  const { detection } = composition();
  return detection;
}

/** For the page of busy items. */
export function busyPorts(): BusyPorts {
  const { database, clock, lock } = composition();
  return { database, clock, listLocks: (shop) => listSoon(lock, clock, shop) };
}

/** For acts on holds. */
export function holdPorts(): HoldActPorts {
  return composition().reservations;
}

/** For decisions on overwritten stock and mismatches, and to ask for a comparison. */
export function correctionPorts(): CorrectionActPorts & CheckStockPorts {
  return composition().reconcile;
}

/** To compare one item with Shopify. */
export function comparePorts(): CompareItemPorts {
  const { reconcile, database, logger } = composition();
  return { reconcile, database, logger };
}

/** For acts on pushes and alerts that were not taken. */
export function undeliveredPorts(): UndeliveredPorts {
  const { external, alertDesk, logger } = composition();
  return { pushes: external.desk, alertDesk, logger };
}

/** For downloads: addresses that are signed, and one at a time for each install. */
export function exportPorts(): ExportPorts {
  const { config, installStore, clock, logger } = composition();
  const { apiSecret, apiSecretPrevious } = config.shopify;
  const secrets = [apiSecret, ...(apiSecretPrevious === null ? [] : [apiSecretPrevious])] as const;
  return { secrets, installStore, clock, logger, slots: slotsOfProcess() };
}

/** For secrets that the settings make, and the download of everything. */
export function settingsPorts(): SettingsPorts {
  return { externalDesk: composition().external.desk, exports: exportPorts() };
}

/** Whom merchants may ask, for the help page. */
export function supportContact() {
  return composition().config.support;
}

/** Asks Shopify about the install and puts it on record; null when Shopify does not let us. */
export async function recordInstall(shop: string): Promise<ActiveInstall | null> {
  const { shopify, installStore } = composition();
  const registration = await registerInstall({ adminApi: shopify.adminApi, installStore }, { shop });
  return registration.kind === "registered" ? installStore.active(shop) : null;
}

export function apiDependencies(): ApiDependencies {
  const composed = composition();
  rateLimiter ??= createTokenBucketRateLimiter({
    requestsPerSecond: composed.config.apiRateLimitPerSecond,
    monotonicMs: () => composed.clock.monotonicMs(),
  });
  tokenGuesses ??= createTokenGuesses(() => composed.clock.monotonicMs());
  return { ...composed, rateLimiter, tokenGuesses };
}

export function reservationApiDependencies(): ReservationApiDependencies {
  return { ...apiDependencies(), reservations: composition().reservations };
}

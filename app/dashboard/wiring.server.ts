// Joins the dashboard's and the API's routes to the process's composition; nothing else in these rooms reaches for it.

import { createTokenBucketRateLimiter } from "#app/adapters/system/token-bucket-rate-limiter.ts";
import { composition } from "#app/composition.server.ts";
import type { RateLimiter } from "#app/ports/rate-limit.ts";

import type { ApiDependencies, DashboardDependencies } from "./dependencies.ts";

let rateLimiter: RateLimiter | null = null;

export function dashboardDependencies(): DashboardDependencies {
  return composition();
}

export function apiDependencies(): ApiDependencies {
  const composed = composition();
  rateLimiter ??= createTokenBucketRateLimiter({
    requestsPerSecond: composed.config.apiRateLimitPerSecond,
    monotonicMs: () => composed.clock.monotonicMs(),
  });
  return { ...composed, rateLimiter };
}

// Port of the shop's locations as last read from Shopify: names for people, and which are active.

import type { LocationFacts } from "./shopify-inventory.ts";

export interface LocationBook {
  /** True when they were never read, or longer ago than `maxAgeMs`. */
  isStale(installId: bigint, maxAgeMs: number): Promise<boolean>;
  /** Replaces what is known; locations that are gone become inactive. */
  store(installId: bigint, locations: readonly LocationFacts[]): Promise<void>;
}

// What the use cases of this room are given, and the bounds and waits of a comparison.

import type { BulkOperations } from "#app/ports/bulk-operations.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { LocationBook } from "#app/ports/location-book.ts";
import type { ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import type { DriftBook, ScanSchedule, StockScanBook } from "#app/ports/stock-scan.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import type { Timings } from "#app/ports/timings.ts";

const MINUTE_MS = 60_000;

export interface ScanLimits extends ScanSchedule {
  /** A difference is read once more after this; a change younger than this is left for later: its notification may be on its way. */
  readonly settleMs: number;
  /** Looks at one difference before it is left to the next scan: an item in constant demand never holds still. */
  readonly looksMax: number;
  /** First and longest wait between two looks at an operation, doubled in between. */
  readonly pollMsMin: number;
  readonly pollMsMax: number;
  /** An operation that writes no line for this long is called off. */
  readonly stillMsMax: number;
  /** Operations of one scan; after them it has failed. */
  readonly operationsMax: number;
  /** Levels of one read that confirms differences: 4 points each. */
  readonly confirmMax: number;
  /** Calls in doubt that one scan judges. */
  readonly callsMax: number;
}

export const SCAN_LIMITS: ScanLimits = {
  stockEveryMs: 24 * 60 * MINUTE_MS,
  failedAfterMs: 60 * MINUTE_MS,
  settleMs: MINUTE_MS,
  looksMax: 5,
  pollMsMin: 2_000,
  pollMsMax: MINUTE_MS,
  stillMsMax: 30 * MINUTE_MS,
  operationsMax: 4,
  confirmMax: 50,
  callsMax: 50,
};

export interface ReconcilePorts {
  readonly scans: StockScanBook;
  readonly drifts: DriftBook;
  readonly bulk: BulkOperations;
  readonly shopifyInventory: Pick<ShopifyInventory, "readLevels" | "readLocations" | "limits">;
  readonly locations: Pick<LocationBook, "isStale" | "store">;
  readonly budget: CostBudget;
  readonly clock: Pick<Clock, "now">;
  readonly timings: Pick<Timings, "shopUnavailableDelayMs" | "readRetryDelayMs" | "travelLimitMs">;
  readonly limits: ScanLimits;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly ownerId: string;
  /** A fresh UUID. */
  readonly uuid: () => string;
}

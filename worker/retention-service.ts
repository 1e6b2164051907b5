// Removes history that is older than its shop wants to keep: step by step with pauses, so that nobody's work waits for it.

import type { Clock } from "#app/ports/clock.ts";
import { RETENTION_TABLES, type Retention, type RetentionPlace, type RetentionShop, type RetentionTable } from "#app/ports/retention.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

/** Looked at in one transaction of some ten milliseconds. */
const ROWS_PER_STEP = 500;
/** Between steps that removed something: a million rows take about half an hour. */
const PAUSE_MS = 1_000;
/** A pass over all shops a day is what "kept for 90 days" needs; several workers make it a few, and the later ones find little. */
const PASS_EVERY_MS = 24 * 3_600_000;
const SHOPS_PER_PAGE = 50;

export interface RetentionPorts {
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Place {
  readonly shop: RetentionShop;
  readonly table: RetentionTable;
  readonly after: RetentionPlace | null;
}

/** One pass over all shops as a series of steps: `next` does one and answers how many rows it removed, null when the pass is over. */
export function startPass({ retention, logger }: Pick<RetentionPorts, "retention"> & { readonly logger: Pick<Logger, "info"> }, rowsPerStep = ROWS_PER_STEP): { next(): Promise<number | null> } {
  let shops: RetentionShop[] = [];
  let lastInstallId: bigint | null = null;
  let place: Place | null = null;
  let removedOfShop = 0;

  async function nextPlace(): Promise<Place | null> {
    if (shops.length === 0) shops = [...(await retention.shops(lastInstallId, SHOPS_PER_PAGE))];
    const shop = shops.shift();
    if (shop === undefined) return null;
    lastInstallId = shop.installId;
    removedOfShop = 0;
    return { shop, table: RETENTION_TABLES[0], after: null };
  }

  return {
    async next() {
      place ??= await nextPlace();
      if (place === null) return null;
      const { shop, table } = place;
      const { removedCount, next } = await retention.sweep({ ...place, rowsMax: rowsPerStep });
      removedOfShop += removedCount;
      const following = RETENTION_TABLES[RETENTION_TABLES.indexOf(table) + 1];
      if (next !== null) place = { shop, table, after: next };
      else if (following !== undefined) place = { shop, table: following, after: null };
      else {
        if (removedOfShop > 0) logger.info({ shop: shop.shop, removedCount: removedOfShop, retentionDays: shop.retentionDays }, "history that was old enough was removed");
        place = null;
      }
      return removedCount;
    },
  };
}

export function startRetentionService(ports: RetentionPorts): RunningService {
  let pass = startPass(ports);
  return repeat({
    clock: ports.clock,
    logger: ports.logger,
    name: "retention",
    everyMs: PAUSE_MS,
    step: async () => {
      // A step that fails is tried again at the same place.
      for (;;) {
        const removedCount = await pass.next();
        if (removedCount === null) {
          pass = startPass(ports);
          return PASS_EVERY_MS;
        }
        if (removedCount > 0) return PAUSE_MS;
      }
    },
  });
}

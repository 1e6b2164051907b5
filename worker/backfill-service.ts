// Looks for orders whose notifications never came, shop after shop.

import pMap from "p-map";

import type { Composition } from "#app/composition.server.ts";
import { backfillOrders, type BackfillPorts } from "#app/pipeline/backfill-orders.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

const EVERY_MS = 5_000;
/** Shops of one step, the longest waiting first; one that has more to look through goes to the end. */
const SHOPS_MAX = 40;
const SHOPS_AT_ONCE = 4;
/** What a step with much to read takes at most. After it another worker may take a shop, which does no harm: both look at the same. */
const LEASE_MS = 5 * 60_000;

/** One step; answers how many orders were found missing. A shop whose round fails is tried again, and stops no other. */
export function createBackfillStep(ports: BackfillPorts): (signal: AbortSignal) => Promise<number> {
  return async (signal) => {
    const scans = await ports.scans.takeDue(SHOPS_MAX, LEASE_MS);
    const found = await pMap(
      scans,
      async (scan) => {
        let dueInMs = ports.timings.shopUnavailableDelayMs;
        try {
          const round = await backfillOrders(ports, { scan, signal, actor: "holdfast", keepPosition: true, dryRun: null });
          dueInMs = round.dueInMs;
          return round.missed.unseen.length + round.missed.changed.length;
        } catch (cause) {
          ports.logger.error({ shop: scan.shop, cause }, "a round of the back-fill failed; it is repeated");
          return 0;
        } finally {
          await ports.scans.release(scan.installId, dueInMs);
        }
      },
      { concurrency: SHOPS_AT_ONCE },
    );
    return found.reduce((sum, count) => sum + count, 0);
  };
}

export function startBackfillService(composed: Pick<Composition, "backfill" | "clock" | "logger">): RunningService {
  const { backfill, clock, logger } = composed;
  const stopping = new AbortController();
  const step = createBackfillStep(backfill);
  const running = repeat({ clock, logger, name: "backfill", everyMs: EVERY_MS, step: async () => void (await step(stopping.signal)) });
  return {
    stop() {
      stopping.abort();
      return running.stop();
    },
  };
}

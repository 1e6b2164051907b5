// Compares shops with Shopify: day one after the install, then once a day, and whenever somebody asks.

import pMap from "p-map";

import type { Composition } from "#app/composition.server.ts";
import type { ReconcilePorts } from "#app/reconcile/reconcile-ports.ts";
import { SCAN_LEASE_MS, scanRound } from "#app/reconcile/scan-shop.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

const EVERY_MS = 2_000;
/** Shops compared at once in this process: each holds one piece of one file. */
const SHOPS_AT_ONCE = 2;

/** One step; answers how many scans it worked on. A shop whose round fails is tried again, and stops no other. */
export function createReconcileStep(ports: ReconcilePorts): (signal: AbortSignal) => Promise<number> {
  return async (signal) => {
    const scans = await ports.scans.takeDue({ ownerId: ports.ownerId, limit: SHOPS_AT_ONCE, leaseMs: SCAN_LEASE_MS, schedule: ports.limits });
    await pMap(
      scans,
      async (scan) => {
        try {
          await scanRound(ports, scan, signal);
        } catch (cause) {
          ports.logger.error({ shop: scan.shop, scanId: scan.id, cause }, "a round of a comparison failed; it is repeated");
        }
      },
      { concurrency: SHOPS_AT_ONCE },
    );
    return scans.length;
  };
}

export function startReconcileService(composed: Pick<Composition, "reconcile" | "clock" | "logger">): RunningService {
  const { reconcile, clock, logger } = composed;
  const stopping = new AbortController();
  const step = createReconcileStep(reconcile);
  const running = repeat({ clock, logger, name: "reconcile", everyMs: EVERY_MS, step: async () => void (await step(stopping.signal)) });
  return {
    stop() {
      stopping.abort();
      return running.stop();
    },
  };
}

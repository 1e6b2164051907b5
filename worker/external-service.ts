// Pushes applied changes to merchants' stock systems: each shop in a run of its own, so that a receiver that hangs holds up no other.

import type { Composition } from "#app/composition.server.ts";
import { type ExternalPorts, pushChanges } from "#app/external/push-changes.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

const EVERY_MS = 500;
/** Shops of one process that are pushed to at once. */
const SHOPS_AT_ONCE = 16;

export interface ExternalStep {
  /** Starts runs for shops with something due, as many as there is room for; answers how many it started. Does not wait for them. */
  start(signal: AbortSignal): Promise<number>;
  /** Until every run that was started is over. */
  settled(): Promise<void>;
}

/**
 * Shops are taken in the order of their installs, each look going on where the last one ended: one with endless work comes once a round.
 * A shop has one run at a time in this process; other processes keep out of its way item by item.
 */
export function createExternalStep(ports: ExternalPorts, shopsAtOnce = SHOPS_AT_ONCE): ExternalStep {
  const running = new Map<bigint, Promise<void>>();
  let afterInstallId: bigint | null = null;

  async function run(system: Parameters<typeof pushChanges>[1], signal: AbortSignal): Promise<void> {
    try {
      await pushChanges(ports, system, signal);
    } catch (cause) {
      ports.logger.error({ shop: system.shop, cause }, "a run of pushes failed; it is repeated when its leases end");
    } finally {
      running.delete(system.installId);
    }
  }

  return {
    async start(signal) {
      const room = shopsAtOnce - running.size;
      if (room <= 0 || signal.aborted) return 0;
      // Those that run already are among what is found: asked for on top, so that they do not hide the others.
      const found = [...(await ports.externalPushes.shopsDue(shopsAtOnce * 2, afterInstallId))];
      if (found.length < shopsAtOnce * 2 && afterInstallId !== null) {
        const known = new Set(found.map(({ installId }) => installId));
        found.push(...(await ports.externalPushes.shopsDue(shopsAtOnce * 2, null)).filter(({ installId }) => !known.has(installId)));
      }
      const chosen = found.filter(({ installId }) => !running.has(installId)).slice(0, room);
      for (const system of chosen) running.set(system.installId, run(system, signal));
      afterInstallId = chosen.at(-1)?.installId ?? null;
      return chosen.length;
    },
    async settled() {
      await Promise.all(running.values());
    },
  };
}

export function startExternalService({ external, clock, logger, sharedLooks }: Pick<Composition, "external" | "clock" | "logger" | "sharedLooks">): RunningService {
  const stopping = new AbortController();
  const step = createExternalStep(external.ports);
  const looking = repeat({ clock, logger, name: "external", everyMs: EVERY_MS, among: sharedLooks, step: async () => void (await step.start(stopping.signal)) });
  return {
    async stop() {
      stopping.abort();
      await looking.stop();
      await step.settled();
    },
  };
}

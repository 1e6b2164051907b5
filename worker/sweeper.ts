// The sweeper: finds shops with work that nobody was woken for (Redis was away, a process died) and wakes them.

import type { Composition } from "#app/composition.server.ts";
import type { InstallStore } from "#app/ports/install-store.ts";
import type { Waker } from "#app/ports/waker.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

/** Shops woken by one sweep; the next one goes on after the last of them. */
const SHOPS_MAX = 1_000;

export interface SweeperParts {
  readonly installStore: Pick<InstallStore, "withWork">;
  readonly waker: Pick<Waker, "wakeMany">;
}

/**
 * One sweep a call; answers how many shops were woken. Each sweep starts after the last shop of the one before and goes round once, so that
 * shops whose work never ends (Shopify refuses it, a bug) cannot keep the others from being found. Wakes are deduplicated per shop:
 * several sweepers, each with a place of its own, do no harm.
 */
export function createSweep({ installStore, waker }: SweeperParts, shopsMax = SHOPS_MAX): () => Promise<number> {
  let lastId: bigint | null = null;
  return async () => {
    const found = [...(await installStore.withWork(shopsMax, lastId))];
    if (found.length < shopsMax && lastId !== null) {
      const startId = lastId;
      const wrapped = await installStore.withWork(shopsMax - found.length, null);
      found.push(...wrapped.filter(({ installId }) => installId <= startId));
    }
    lastId = found.at(-1)?.installId ?? null;
    if (found.length > 0) await waker.wakeMany(found.map(({ shop }) => shop));
    return found.length;
  };
}

export function startSweeper(composed: Pick<Composition, "installStore" | "waker" | "clock" | "logger" | "timings">): RunningService {
  const sweep = createSweep(composed);
  return repeat({ clock: composed.clock, logger: composed.logger, name: "sweeper", everyMs: composed.timings.sweepEveryMs, step: async () => void (await sweep()) });
}

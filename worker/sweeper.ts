// The sweeper: finds shops with work that nobody was woken for (Redis was away, a process died) and wakes them.

import type { Composition } from "#app/composition.server.ts";
import type { InstallStore } from "#app/ports/install-store.ts";
import type { Waker } from "#app/ports/waker.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

/** A lost wake costs at most this much delay. */
export const SWEEP_EVERY_MS = 5_000;
/** Shops woken by one sweep; the next one wakes the rest. */
const SHOPS_MAX = 1_000;

/** Wakes are deduplicated per shop, so several sweepers do no harm. */
export async function sweepOnce({ installStore, waker }: { installStore: Pick<InstallStore, "withWork">; waker: Pick<Waker, "wakeMany"> }): Promise<number> {
  const shops = await installStore.withWork(SHOPS_MAX);
  if (shops.length > 0) await waker.wakeMany(shops.map(({ shop }) => shop));
  return shops.length;
}

export function startSweeper(composed: Pick<Composition, "installStore" | "waker" | "clock" | "logger">): RunningService {
  return repeat({ clock: composed.clock, logger: composed.logger, name: "sweeper", everyMs: SWEEP_EVERY_MS, step: async () => void (await sweepOnce(composed)) });
}

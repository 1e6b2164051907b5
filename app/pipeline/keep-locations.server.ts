// Beside stage 1: keeps the shop's locations known, so that people read names instead of ids.

import { callWithinBudget } from "./call-within-budget.server.ts";
import type { Turn } from "./turn-context.ts";

const AGE_MS_MAX = 24 * 3_600_000;

/** Never holds anything up: what cannot be read now is read in a later turn. */
export async function keepLocations(turn: Turn): Promise<void> {
  const { locations, shopifyInventory } = turn.ports;
  if (!(await locations.isStale(turn.install.installId, AGE_MS_MAX))) return;
  const called = await callWithinBudget(turn.ports, turn.install.shop, shopifyInventory.limits.locations.estimateCost(1), () =>
    shopifyInventory.readLocations({ shop: turn.install.shop, signal: turn.signal }),
  );
  if (called.kind === "called" && called.result.kind === "ok") await locations.store(turn.install.installId, called.result.found);
}

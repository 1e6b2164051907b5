// Between stages 2 and 3, and again after stage 8: bundles whose own stock follows their items are compared with them, and what differs is asked for.

import { decideBundleStock } from "#app/domain/bundle-stock.ts";
import type { Settings } from "#app/domain/settings.ts";
import type { Turn } from "./turn-context.ts";

/**
 * State, not events: one look a bundle and location, however many changes came since the last. Whoever dies here has asked for nothing or for
 * all of it; the next turn looks again, and at the latest the one that the back-fill asks for at the end of each of its passes. Answers whether anything is to be done differently now.
 *
 * @param settings as the turn read them last; whether it may write is decided anew by the claim.
 */
export async function followBundles(turn: Turn, { mode, bundles }: Pick<Settings, "mode" | "bundles">): Promise<boolean> {
  const following = mode === "enforce" ? bundles.filter(({ parentStock }) => parentStock === "derive") : [];
  if (following.length === 0 || turn.signal.aborted) return false;
  const { bundleStock, metrics, uuid } = turn.ports;
  const look = await bundleStock.follow(turn.install.installId, following, decideBundleStock, uuid());
  if (look.withdrawnCount > 0) metrics.change("cancelled", look.withdrawnCount);
  if (look.askedCount > 0) metrics.change("waiting", look.askedCount);
  return look.askedCount + look.withdrawnCount > 0;
}

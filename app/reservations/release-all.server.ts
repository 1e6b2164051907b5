// A person ends every hold of a shop: before the app is uninstalled, or when a checkout holds what it should not.

import type { ActiveInstall } from "#app/ports/install-store.ts";
import type { BlockBook } from "#app/ports/reservation-book.ts";
import type { Metrics } from "#app/ports/telemetry.ts";
import type { Waker } from "#app/ports/waker.ts";

export interface ReleaseAllPorts {
  readonly blocks: Pick<BlockBook, "releaseAll">;
  readonly waker: Pick<Waker, "wakeMany">;
  readonly metrics: Pick<Metrics, "reservation">;
}

export interface ReleasedAll {
  readonly reservations: number;
  /** Units of them. What Shopify keeps aside goes back by the shop's next turn. */
  readonly units: number;
}

/** Safe to repeat: what has ended is not ended again. */
export async function releaseAllHolds({ blocks, waker, metrics }: ReleaseAllPorts, { install, actor }: { readonly install: Pick<ActiveInstall, "installId">; readonly actor: string }): Promise<ReleasedAll> {
  const { reservations, units, shopsToWake } = await blocks.releaseAll(install.installId, actor);
  if (reservations > 0) metrics.reservation("released", reservations);
  // Without the wake the moves back would wait for the sweeper.
  if (shopsToWake.length > 0) await waker.wakeMany(shopsToWake);
  return { reservations, units };
}

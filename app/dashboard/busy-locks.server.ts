// Asks the lock service who holds what, and does not wait long for it: a page must not hang because Redis does.

import type { Clock } from "#app/ports/clock.ts";
import type { Lock, LockListing } from "#app/ports/lock.ts";

/** A listing takes a few ms; a page that waits longer than this for a look at the present is worse than one without it. */
const LISTING_MS_MAX = 300;

/** Rejects after `LISTING_MS_MAX`. */
export async function listSoon(lock: Pick<Lock, "listLocks">, clock: Pick<Clock, "setTimer">, shop: string): Promise<LockListing> {
  const late = Promise.withResolvers<never>();
  const timer = clock.setTimer(LISTING_MS_MAX, () => late.reject(new Error("the lock service does not answer")));
  return Promise.race([lock.listLocks(shop), late.promise]).finally(() => timer.cancel());
}

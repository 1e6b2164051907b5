// Stocks of which nothing is known are read once for all who ask for them at the same moment, and not again for a while.

import type { Clock } from "#app/ports/clock.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import type { ObserveStocks, ReservingInstall } from "./reservation-ports.ts";

/** An item that Shopify does not stock at the place stays unknown: whoever asks for it again and again must not spend the shop's points. */
export const READ_AGAIN_AFTER_MS = 5_000;
const PLACES_KEPT_MAX = 10_000;

/** @param read false: Shopify could not be asked. */
export function createObserveOnce(read: (install: ReservingInstall, places: readonly StockPlace[]) => Promise<boolean>, clock: Pick<Clock, "monotonicMs">): ObserveStocks {
  const readAt = new Map<string, number>();
  const underWay = new Map<string, Promise<boolean>>();

  return async (install, places) => {
    const keyOf = ({ inventoryItemId, locationId }: StockPlace): string => `${install.installId}/${inventoryItemId}@${locationId}`;
    const distinct = [...new Map(places.map((place) => [keyOf(place), { inventoryItemId: place.inventoryItemId, locationId: place.locationId }])).entries()];
    const open = distinct.filter(([key]) => !underWay.has(key) && clock.monotonicMs() - (readAt.get(key) ?? -READ_AGAIN_AFTER_MS) >= READ_AGAIN_AFTER_MS);
    if (open.length > 0) {
      const reading = read(install, open.map(([, place]) => place))
        .then((done) => {
          if (done) for (const [key] of open) remember(key);
          return done;
        })
        .finally(() => open.forEach(([key]) => underWay.delete(key)));
      for (const [key] of open) underWay.set(key, reading);
    }
    const answers = await Promise.all(distinct.map(([key]) => underWay.get(key) ?? true));
    return { kind: answers.every(Boolean) ? "observed" : "unavailable" };
  };

  function remember(key: string): void {
    readAt.delete(key);
    readAt.set(key, clock.monotonicMs());
    for (const oldest of readAt.keys()) {
      if (readAt.size <= PLACES_KEPT_MAX) break;
      readAt.delete(oldest);
    }
  }
}

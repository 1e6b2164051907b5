// From which location a line without one is promised: decided here, from what is known of the item's stocks. Pure.

import { type KnownLocation, promisableOf, type StockState } from "#app/ports/stock-view.ts";

export interface LocationQuestion {
  readonly locations: readonly KnownLocation[];
  /** What is known of the item, wherever. */
  readonly states: readonly StockState[];
  readonly quantity: number;
  /** False: any place will do. */
  readonly counts: boolean;
  /** Whether the item's stocks were just read: then what is not known is not there. */
  readonly observed: boolean;
}

export type LocationChoice =
  | { readonly kind: "chosen"; readonly locationId: string }
  /** These were never observed, and the choice hangs on them. */
  | { readonly kind: "observe"; readonly locationIds: readonly string[] }
  /** No active location ships, or none of those stocks the item. */
  | { readonly kind: "none" };

/** The one at which everything is kept; null when there are several, or none, and what is known of the item's stocks decides. */
export function onlyLocation(locations: readonly KnownLocation[]): string | null {
  const shipping = locations.filter((location) => location.active && location.ships);
  return shipping.length === 1 ? (shipping[0]?.locationId ?? null) : null;
}

/** The only active location that ships and stocks the item; of several the one with most units to promise, of equals the lowest id. */
export function chooseLocation({ locations, states, quantity, counts, observed }: LocationQuestion): LocationChoice {
  const shipping = locations.filter((location) => location.active && location.ships).map((location) => location.locationId);
  const [first] = shipping;
  if (first === undefined) return { kind: "none" };
  if (shipping.length === 1) return { kind: "chosen", locationId: first };
  const known = states.filter((state) => shipping.includes(state.locationId));
  const best = known.filter(isStocked).toSorted((a, b) => promisableOf(b) - promisableOf(a) || compareIds(a.locationId, b.locationId))[0];
  if (!counts) return { kind: "chosen", locationId: best?.locationId ?? first };
  const unknown = shipping.filter((locationId) => !known.some((state) => state.locationId === locationId));
  const enough = best !== undefined && promisableOf(best) >= quantity;
  if (!enough && unknown.length > 0 && !observed) return { kind: "observe", locationIds: unknown };
  return best === undefined ? { kind: "none" } : { kind: "chosen", locationId: best.locationId };
}

function isStocked(state: StockState): boolean {
  return state.held > 0 || (state.stocked && state.available !== null);
}

/** Decimal ids without leading zeros: the shorter one is the smaller. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

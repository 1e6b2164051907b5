// Is more promised of an item than there is? Looks at all its locations at once.

export interface LocationStock {
  readonly locationId: string;
  /** Shopify's number; null: not stocked or not tracked. */
  readonly available: number | null;
  /** Orders can be fulfilled from here, so its units can cover what another location lacks. */
  readonly ships: boolean;
  /** Our changes that are not in Shopify yet, as they would move it. */
  readonly pending: number;
  /** Units that a foreign write put back over orders it had not seen, ≥ 0. */
  readonly hidden: number;
  /** Units that preorders took from here, ≥ 0: a lack of them is none. Left out: none. */
  readonly preordered?: number;
}

export type OversellKind = "oversold" | "move_stock" | "likely_oversold";

export interface FoundOversell {
  readonly locationId: string;
  readonly kind: OversellKind;
  /** Units promised here beyond what is here, > 0. */
  readonly depth: number;
  /** Of them, what other locations cannot cover. */
  readonly short: number;
  /** Where units could come from, and how many of each. */
  readonly movable: readonly { readonly locationId: string; readonly available: number }[];
}

/** One finding for each location that is short; what one location has covers another's lack only once. */
export function findOversells(stocks: readonly LocationStock[]): FoundOversell[] {
  const counted = stocks.flatMap((stock) => (stock.available === null ? [] : [{ ...stock, effective: lackOf(stock, stock.available + stock.pending - stock.hidden), shown: lackOf(stock, stock.available + stock.pending) }]));
  const givers = counted.filter(({ ships, effective }) => ships && effective > 0).toSorted((a, b) => b.effective - a.effective || compare(a.locationId, b.locationId));
  const left = new Map(givers.map(({ locationId, effective }) => [locationId, effective]));
  const lacking = counted.filter(({ effective }) => effective < 0).toSorted((a, b) => a.effective - b.effective || compare(a.locationId, b.locationId));
  return lacking.map(({ locationId, effective, shown }) => {
    let short = -effective;
    const movable: { locationId: string; available: number }[] = [];
    for (const [giver, units] of left) {
      const taken = Math.min(units, short);
      if (taken === 0) continue;
      movable.push({ locationId: giver, available: taken });
      left.set(giver, units - taken);
      short -= taken;
    }
    return { locationId, kind: short === 0 ? "move_stock" : shown < 0 ? "oversold" : "likely_oversold", depth: -effective, short, movable };
  });
}

/** Preorders wait for units to come: they make up for a lack, and never for more than that. */
function lackOf({ preordered = 0 }: LocationStock, units: number): number {
  return units < 0 ? Math.min(0, units + preordered) : units;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

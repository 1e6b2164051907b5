// What a seeded store sells: plain goods, scarce ones, one that may be oversold, and a set that is made of others.

export interface SeedProduct {
  readonly handle: string;
  readonly title: string;
  readonly sku: string;
  readonly price: string;
  readonly policy: "DENY" | "CONTINUE";
  /** Units at the first location and at the second, if there is one. */
  readonly units: readonly [number, number];
}

/** On products and orders: what carries it was made by the command, and is removed by it. */
export const SEED_TAG = "holdfast-seed";
export const SEED_LOCATION = "Holdfast seed warehouse";
/** Orders name it as their source: the one to switch protection on for. */
export const SEED_SOURCE = "holdfast-seed";

const GOODS = ["Beeswax candle", "Gift box", "Stoneware mug", "Linen towel", "Oak tray", "Wool throw", "Glass carafe", "Tea tin", "Cedar soap", "Brass hook"];

/** The same names for the same count, so that a second run finds what the first one made. */
export function seedCatalogue(count: number): SeedProduct[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / GOODS.length);
    const name = GOODS[index % GOODS.length] ?? "Thing";
    const title = round === 0 ? name : `${name} ${round + 1}`;
    // Every fourth is scarce, every seventh may be sold beyond its stock.
    const first = index % 4 === 3 ? 2 : 100 + index * 10;
    return {
      handle: `${SEED_TAG}-${index + 1}`,
      title: `${title} (seed)`,
      sku: `SEED-${String(index + 1).padStart(3, "0")}`,
      price: `${10 + index}.00`,
      policy: index % 7 === 6 ? "CONTINUE" : "DENY",
      units: [first, index % 2 === 0 ? 40 : 0],
    };
  });
}

// How much a seeded shop holds, and the names by which the statements that make it know it.

export interface ShopSize {
  readonly orders: number;
  readonly items: number;
  readonly locations: number;
  readonly deliveries: number;
  readonly duplicates: number;
  readonly auditEntries: number;
  readonly reservations: number;
  /** Incidents of each kind, and how many of them are still open. */
  readonly oversells: number;
  readonly conflicts: number;
  readonly drifts: number;
  readonly openOfEach: number;
  readonly parked: number;
  readonly holdsForPerson: number;
  readonly days: number;
}

/** What issue 6 asks the pages to stand: a million audit entries, 200,000 notifications, 500 incidents. */
export const BIG_SHOP: ShopSize = {
  orders: 300_000,
  items: 4_000,
  locations: 10,
  deliveries: 200_000,
  duplicates: 20_000,
  auditEntries: 1_000_000,
  reservations: 150_000,
  oversells: 180,
  conflicts: 160,
  drifts: 160,
  openOfEach: 45,
  parked: 300,
  holdsForPerson: 30,
  days: 90,
};

/** The neighbour: what it has must show nowhere in the other's pages or plans. */
export const SMALL_SHOP: ShopSize = {
  orders: 2_000,
  items: 60,
  locations: 2,
  deliveries: 2_000,
  duplicates: 100,
  auditEntries: 6_000,
  reservations: 500,
  oversells: 6,
  conflicts: 4,
  drifts: 4,
  openOfEach: 2,
  parked: 5,
  holdsForPerson: 1,
  days: 90,
};

export interface SeededShop extends ShopSize {
  readonly installId: bigint;
  readonly shop: string;
}

/** First ids of Shopify's objects; as long as real ones. */
const BASES = { order: 5_600_000_000_000, line: 14_000_000_000_000, item: 47_000_000_000_000, variant: 45_000_000_000_000, location: 81_000_000_000 } as const;

/** SQL that names an object by its number, as text. */
export const idSql = (of: keyof typeof BASES, number: string) => `(${BASES[of]} + ${number})::text`;

export const idOf = (of: keyof typeof BASES, number: number) => String(BASES[of] + number);

/** SQL of a uuid that is always the same for the same words. */
export const uuidSql = (...words: readonly string[]) => `md5(${words.join(" || ")})::uuid`;

/** SQL of an item's SKU and title by its number. */
export const skuSql = (number: string) => `'SKU-' || lpad((${number})::text, 5, '0')`;

const ADJECTIVES = ["Linen", "Stoneware", "Beeswax", "Oak", "Merino", "Copper", "Recycled", "Hand-thrown", "Organic", "Washed"];
const NOUNS = ["shirt", "mug", "candle", "board", "blanket", "kettle", "tote bag", "bowl", "towel", "cushion"];
const SIZES = ["S", "M", "L", "XL"];

const pick = (words: readonly string[], number: string) => `(ARRAY[${words.map((word) => `'${word}'`).join(", ")}])[1 + (${number}) % ${words.length}]`;

export const titleSql = (number: string) => `${pick(ADJECTIVES, number)} || ' ' || ${pick(NOUNS, `(${number}) / 10`)} || ' - ' || ${pick(SIZES, `(${number}) / 100`)}`;

export const LOCATION_NAMES = ["Main warehouse", "Berlin Mitte", "Hamburg", "Munich", "Vienna", "Zurich", "Amsterdam", "Outlet", "Returns", "Pop-up"];

export const locationNameSql = (number: string) => pick(LOCATION_NAMES, `(${number}) - 1`);

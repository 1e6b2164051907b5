// What the buyers of the race lab will do, drawn from a seed before anything runs: the same seed is the same sale, whoever handles it.
import { createRandom } from "#simulator/world/random.ts";

/** Index 0 is the one that everybody wants. */
export const PRODUCTS = [
  { title: "Beeswax candle", sku: "LAB-CANDLE", available: 300 },
  { title: "Stoneware mug", sku: "LAB-MUG", available: 200 },
  { title: "Linen towel", sku: "LAB-TOWEL", available: 200 },
] as const;
export const HOT = 0;
export const LAST_UNITS = { title: "Limited lamp", sku: "LAB-LAMP", available: 6 } as const;

export type PlannedLine = { product: number; quantity: number };
export type LabSale = {
  seed: number;
  /** Through the channel whose orders take no stock by themselves; one line each. */
  channel: PlannedLine[];
  /** In the online store, where Shopify takes the stock itself; all of the hot product, so that they come between two calls. */
  web: PlannedLine[];
  /** Everybody wants one lamp, all at the same moment. */
  counterBuyers: string[];
};

const HOT_ORDERS = 20;
const OTHER_ORDERS = 8;
const WEB_ORDERS = 8;
const COUNTER_BUYERS = 12;

export function drawLabSale(seed: number): LabSale {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random.next() * limit);
  const quantity = () => 1 + below(3);
  const hot = Array.from({ length: HOT_ORDERS }, () => ({ product: HOT, quantity: quantity() }));
  const others = Array.from({ length: OTHER_ORDERS }, () => ({ product: 1 + below(PRODUCTS.length - 1), quantity: quantity() }));
  const channel = [...hot];
  for (const order of others) channel.splice(below(channel.length + 1), 0, order);
  return {
    seed,
    channel,
    web: Array.from({ length: WEB_ORDERS }, () => ({ product: HOT, quantity: quantity() })),
    counterBuyers: Array.from({ length: COUNTER_BUYERS }, (_, index) => `buyer-${index + 1}`),
  };
}

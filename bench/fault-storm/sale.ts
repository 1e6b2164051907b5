// What the buyers do in a seed: rounds of orders in every shop at once, and a second writer that sets absolute numbers beside them.
import { writeBuyersScript } from "#simulator/scenarios/buyers-script.ts";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { playSale } from "#simulator/scenarios/play-sale.ts";
import type { Simulator } from "#simulator/start.ts";
import type { RecordedOrder } from "#simulator/verdict/effects.ts";
import type { SeededRandom } from "#tests/setup/seeded-random.ts";
import { CATALOGUE_SIZE, type StormShop } from "./seed-shops.ts";

const ROUND_ORDERS = 20;
/** What follows while a fault is still owed its strikes. */
const EXTRA_ROUND_ORDERS = 4;
const PAUSE_MS = 700;
const WRITER_EVERY_MS = 250;
const WRITER_UNITS = { min: 900_000, max: 1_100_000 } as const;

/** What the network does to webhooks; times on Shopify's clock. */
function mischief(seed: number) {
  return { seed, duplicates: { rate: 0.1, copies: 1 }, late: { rate: 0.08, delayMs: 40_000 }, reorder: { rate: 0.3, withinMs: 30_000 } };
}

export interface Sale {
  /** Every order placed so far, shop by shop. */
  readonly orders: ReadonlyMap<string, readonly RecordedOrder[]>;
  /** Resolves when every planned order was placed and acted on. */
  readonly planned: Promise<void>;
  /** No further round; resolves when the last one has ended. */
  stop(): Promise<void>;
}

export function startSale(simulator: Simulator, shops: readonly StormShop[], input: { seed: number; orders: number; random: SeededRandom }): Sale {
  const orders = new Map<string, RecordedOrder[]>(shops.map(({ shop }) => [shop, []]));
  const perShop = Math.ceil(input.orders / shops.length);
  const control = controlClient(simulator.origin);
  let stopped = false;
  const plannedRounds: Promise<void>[] = [];
  const all = shops.map((shop, index) => {
    const planned = Promise.withResolvers<void>();
    plannedRounds.push(planned.promise);
    return sellIn(shop, index, planned);
  });
  const writer = setInterval(() => overwrite(simulator, shops, input.random), WRITER_EVERY_MS);

  async function sellIn({ shop, catalogue }: StormShop, index: number, planned: PromiseWithResolvers<void>): Promise<void> {
    try {
      for (let round = 0, left = perShop; left > 0 || !stopped; round += 1) {
        if (left === 0) planned.resolve();
        const count = left > 0 ? Math.min(left, ROUND_ORDERS) : EXTRA_ROUND_ORDERS;
        left = Math.max(0, left - count);
        const roundSeed = input.seed * 1_000_003 + index * 1_009 + round;
        const script = writeBuyersScript(roundSeed, { orders: count, bursts: 1, ...CATALOGUE_SIZE });
        const placed = await playSale({ control, catalogue, script, mischief: mischief(roundSeed), pauseMs: PAUSE_MS, say: () => undefined, strikes: [], strike: async () => undefined });
        orders.get(shop)?.push(...placed);
      }
      planned.resolve();
    } catch (error) {
      planned.reject(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  return {
    orders,
    planned: Promise.all(plannedRounds).then(() => undefined),
    async stop() {
      stopped = true;
      await Promise.all(all);
      clearInterval(writer);
    },
  };
}

/** The best-documented cause of overselling: a number that was read before the last orders, written over them. */
function overwrite(simulator: Simulator, shops: readonly StormShop[], random: SeededRandom): void {
  const { shop, catalogue } = random.pick(shops);
  const { inventoryItemId } = random.pick(catalogue.plain);
  simulator.control.setLevel(shop, { inventoryItemId, locationId: catalogue.locations[0] ?? "", available: random.between(WRITER_UNITS.min, WRITER_UNITS.max), writer: "erp" });
}

// What the buyers do in a seed: rounds of orders in every shop at once, and a second writer that sets absolute numbers beside them.
import { writeBuyersScript, type BuyersScript } from "#simulator/scenarios/buyers-script.ts";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { playSale } from "#simulator/scenarios/play-sale.ts";
import type { Simulator } from "#simulator/start.ts";
import type { RecordedOrder } from "#simulator/verdict/effects.ts";
import type { SeededRandom } from "#tests/setup/seeded-random.ts";
import { CATALOGUE_SIZE, type StormShop } from "./seed-shops.ts";

const ROUND_ORDERS = 10;

const PAUSE_MS = 600;
const WRITER_EVERY_MS = 700;
const WRITER_UNITS = { min: 900_000, max: 1_100_000 } as const;

/** What the network does to webhooks; times on Shopify's clock. */
function mischief(seed: number) {
  return { seed, duplicates: { rate: 0.1, copies: 1 }, late: { rate: 0.08, delayMs: 8_000 }, reorder: { rate: 0.3, withinMs: 5_000 } };
}

export interface Sale {
  /** Every order placed so far, shop by shop. */
  readonly orders: ReadonlyMap<string, readonly RecordedOrder[]>;
  /** Resolves when every planned order was placed and acted on. */
  readonly planned: Promise<void>;
  /** No further round; resolves when the last one has ended. */
  stop(): Promise<void>;
}

export function startSale(simulator: Simulator, shops: readonly StormShop[], input: { seed: number; orders: number; random: SeededRandom; hot: boolean }): Sale {
  const orders = new Map<string, RecordedOrder[]>(shops.map(({ shop }) => [shop, []]));
  const perShop = Math.ceil(input.orders / shops.length);
  const control = controlClient(simulator.origin);
  const size = input.hot ? { ...CATALOGUE_SIZE, plainProducts: 1 } : CATALOGUE_SIZE;
  const stopping = new AbortController();
  const plannedRounds: Promise<void>[] = [];
  const all = shops.map((shop, index) => {
    const planned = Promise.withResolvers<void>();
    plannedRounds.push(planned.promise);
    return sellIn(shop, index, planned);
  });
  const writer = setInterval(() => overwrite(simulator, shops, input.random), WRITER_EVERY_MS);

  async function sellIn({ shop, catalogue }: StormShop, index: number, planned: PromiseWithResolvers<void>): Promise<void> {
    try {
      for (let round = 0, left = perShop; left > 0 || !stopping.signal.aborted; round += 1) {
        if (left === 0) planned.resolve();
        const count = Math.min(left, ROUND_ORDERS);
        left -= count;
        const roundSeed = input.seed * 1_000_003 + index * 1_009 + round;
        const script = count > 0 ? writeBuyersScript(roundSeed, { orders: count, bursts: 1, ...size }) : oneMoreOrder(input.random, size.plainProducts);
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
      stopping.abort();
      await Promise.all(all);
      clearInterval(writer);
    },
  };
}

/** What follows while a fault is still owed its strikes: an order that is a change of stock for sure. */
function oneMoreOrder(random: SeededRandom, plainProducts: number): BuyersScript {
  const quantity = random.between(1, 3);
  const line = { product: "plain" as const, index: random.between(0, plainProducts - 1), quantity };
  return { bursts: [[{ kind: "bypassed", lines: [line], later: random.chance(0.2) ? [{ act: "edit", quantity: quantity + 1 }] : [], atOnce: true, createdLate: false }]], orders: 1 };
}

/** The best-documented cause of overselling: a number that was read before the last orders, written over them. */
function overwrite(simulator: Simulator, shops: readonly StormShop[], random: SeededRandom): void {
  const { shop, catalogue } = random.pick(shops);
  const { inventoryItemId } = random.pick(catalogue.plain);
  simulator.control.setLevel(shop, { inventoryItemId, locationId: catalogue.locations[0] ?? "", available: random.between(WRITER_UNITS.min, WRITER_UNITS.max), writer: "erp" });
}

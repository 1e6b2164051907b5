// A whole Holdfast whose PostgreSQL and Redis are a test's own, with workers that run real turns through BullMQ while the servers are in trouble.
import { expect } from "vitest";

import { compose, type Composition } from "#app/composition.server.ts";
import type { DecoratePort, SteppedPorts } from "#app/steps.ts";
import { scaledTimings } from "#app/ports/timings.ts";
import { openHouse, type House, type HouseOptions, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { startOwnPostgres, type OwnPostgres } from "#tests/setup/own-postgres.ts";
import { startOwnRedis, type OwnRedis } from "#tests/setup/own-redis.ts";
import { startSweeper } from "../../../worker/sweeper.ts";
import { startTurns } from "../../../worker/turns.ts";

/** Recovery a tenth as long as in production: a worker that died is missed after 1.5 s instead of 15. */
const TIMINGS = scaledTimings(0.1);
/** Longest wait for the house to come to rest after a trouble; recovery takes a few seconds, a busy machine more. */
const REST_LIMIT_MS = 45_000;
const POLL_MS = 50;

export interface TroubledShop extends HouseShop {
  readonly variants: readonly { readonly variantId: string; readonly inventoryItemId: string }[];
  /** Units that buyers took so far, by item. */
  readonly sold: Map<string, number>;
}

export interface TroubledHouse {
  readonly house: House;
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis;
  openShop(): Promise<TroubledShop>;
  /** `count` orders of one or two units each, whose webhooks leave at once. */
  sell(shop: TroubledShop, count: number): void;
  /** The turns and the sweeper of a worker, in this process, of this composition or of another. */
  startWorker(composed?: Composition): Promise<{ stop(): Promise<void> }>;
  /** A second process of the same version, as far as PostgreSQL and Redis can tell. */
  anotherProcess(): Promise<Composition>;
  /** The most turns of the shop that ran at the same time, over all processes. */
  overlapMax(shop: TroubledShop): number;
  forgetOverlap(shop: TroubledShop): void;
  /** The shop's next turn waits at its beginning until it is released; others of the shop go on beside it. */
  holdNextTurn(shop: TroubledShop): { readonly begun: Promise<void>; release(): void };
  /** Answers of the webhook endpoint so far, by status. */
  answers(): Record<string, number>;
  /** Resolves when the condition holds. */
  until(what: string, isMet: () => Promise<boolean> | boolean): Promise<void>;
  /**
   * Delivers every webhook, retries included, waits until nothing is left to do, and answers what is not as it must be: each unit sold
   * moved once, ledger = Shopify's truth, nothing parked, rejected or given up.
   */
  differencesAtRest(shop: TroubledShop): Promise<string[]>;
  close(): Promise<void>;
}

export async function openTroubledHouse(options: HouseOptions = {}): Promise<TroubledHouse> {
  const postgres = await startOwnPostgres({ settings: ["max_connections=50"] });
  const redis = await startOwnRedis();
  const turns = new WatchedTurns();
  const house = await openHouse({ timings: TIMINGS, databaseUrl: postgres.url, redisUrl: redis.url, decorate: turns.decorate, ...options });
  const { control } = house.simulator;
  const stops: (() => Promise<void>)[] = [];
  const others: Composition[] = [];

  const troubled: TroubledHouse = {
    house,
    postgres,
    redis,
    async openShop() {
      const shop = await house.openShop();
      const levels = [{ locationId: shop.locationIds[0] ?? "", available: 1_000 }];
      const { variants } = control.createProduct(shop.shop, { title: "Kettle", variants: ["A", "B", "C", "D"].map((sku) => ({ sku, levels })) });
      await house.protect(shop);
      return { ...shop, variants, sold: new Map() };
    },
    sell(shop, count) {
      for (let index = 0; index < count; index += 1) {
        const variant = shop.variants[index % shop.variants.length];
        const quantity = 1 + (index % 2);
        if (!variant) throw new Error("the shop sells something");
        const placed = control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: variant.variantId, quantity }] });
        if ("refused" in placed) throw new Error("the order was refused");
        shop.sold.set(variant.inventoryItemId, (shop.sold.get(variant.inventoryItemId) ?? 0) + quantity);
      }
    },
    async startWorker(composed = house.composed) {
      const worker = await startTurns(composed);
      const sweeper = startSweeper(composed);
      let stopped: Promise<void> | undefined;
      const stop = (): Promise<void> => (stopped ??= Promise.all([sweeper.stop(), worker.stop()]).then(() => undefined));
      stops.push(stop);
      return { stop };
    },
    async anotherProcess() {
      const composed = compose(house.environment, "worker", { timings: TIMINGS, redisPrefix: house.redisPrefix, decorate: turns.decorate });
      await composed.redis.connected();
      others.push(composed);
      return composed;
    },
    overlapMax: ({ shop }) => turns.of(shop).max,
    forgetOverlap: ({ shop }) => void (turns.of(shop).max = 0),
    holdNextTurn: ({ shop }) => turns.hold(shop),
    answers: () => Object.fromEntries([...Map.groupBy(control.webhookLog({ limit: 10_000 }).items, ({ status }) => String(status))].map(([status, sent]) => [status, sent.length])),
    until: async (what, isMet) => void (await expect.poll(async () => isMet(), { timeout: REST_LIMIT_MS, interval: POLL_MS, message: what }).toBe(true)),
    async differencesAtRest(shop) {
      await control.drainWebhooks({ skipAhead: true });
      await expect.poll(() => workLeft(troubled, shop), { timeout: REST_LIMIT_MS, interval: POLL_MS }).toEqual([]);
      return differences(troubled, shop);
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()));
      for (const composed of others) await composed.close();
      await house.close();
      await redis.close();
      await postgres.close();
    },
  };
  return troubled;
}

interface TurnsOfShop {
  now: number;
  max: number;
  held: { readonly begun: () => void; readonly released: Promise<void> } | null;
}

/** Stands around the turns of every process, counts those of a shop that overlap, and holds one back when told to. */
class WatchedTurns {
  readonly #shops = new Map<string, TurnsOfShop>();

  readonly decorate: DecoratePort = (name, port) => (name === "turn" ? { ...port, ...this.#around(port as SteppedPorts["turn"]) } : port);

  of(shop: string): TurnsOfShop {
    const turns = this.#shops.get(shop) ?? { now: 0, max: 0, held: null };
    this.#shops.set(shop, turns);
    return turns;
  }

  hold(shop: string): { begun: Promise<void>; release: () => void } {
    const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.of(shop).held = { begun: begun.resolve, released: released.promise };
    return { begun: begun.promise, release: released.resolve };
  }

  #around({ take }: SteppedPorts["turn"]): SteppedPorts["turn"] {
    return {
      take: async (shop, context) => {
        const turns = this.of(shop);
        turns.now += 1;
        turns.max = Math.max(turns.max, turns.now);
        const held = turns.held;
        turns.held = null;
        held?.begun();
        await held?.released;
        return take(shop, context).finally(() => {
          turns.now -= 1;
        });
      },
    };
  }
}

const WORK = `
SELECT (SELECT count(*) FROM deliveries WHERE install_id = $1 AND state = 'pending')::int AS pending,
  (SELECT count(*) FROM orders WHERE install_id = $1)::int AS orders,
  (SELECT count(*) FROM orders WHERE install_id = $1 AND state <> 'settled')::int AS unsettled,
  (SELECT count(*) FROM changes WHERE install_id = $1 AND state IN ('waiting', 'claimed'))::int AS unfinished,
  (SELECT count(*) FROM mutations WHERE install_id = $1 AND state = 'open')::int AS open`;

/** What is not done yet, in words. A database that cannot be asked is one word more. */
async function workLeft({ house }: TroubledHouse, shop: TroubledShop): Promise<string[]> {
  try {
    const [row] = await house.composed.database.query<Record<string, number>>(WORK, shop.installId);
    const { orders = 0, ...left } = row ?? {};
    const missing = house.simulator.control.orders(shop.shop).length - orders;
    return Object.entries({ ...left, missing }).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what}`]));
  } catch (error) {
    return [`the database: ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function differences({ house }: TroubledHouse, shop: TroubledShop): Promise<string[]> {
  const { database } = house.composed;
  const parked = await database.query<{ reason: string }>(`SELECT reason FROM changes WHERE install_id = $1 AND state = 'parked'`, shop.installId);
  const rejected = await database.query<{ reason: string }>(`SELECT reason FROM deliveries WHERE install_id = $1 AND state = 'rejected'`, shop.installId);
  const { abandoned } = house.simulator.control.webhookCounters();
  const unitsWrong = shop.variants.flatMap(({ inventoryItemId }) => {
    const [moved, sold] = [unitsMoved(house, shop, inventoryItemId), shop.sold.get(inventoryItemId) ?? 0];
    return moved + sold === 0 ? [] : [`${inventoryItemId}: ${sold} sold, ${-moved} moved`];
  });
  return [
    ...parked.map(({ reason }) => `parked: ${reason}`),
    ...rejected.map(({ reason }) => `rejected: ${reason}`),
    ...(abandoned > 0 ? [`${abandoned} webhooks were given up`] : []),
    ...unitsWrong,
    ...(await ledgerDifferences(house, shop)),
  ];
}

// Goal: who waits for a busy item is counted, once each, whichever process looks; and counting costs nobody anything who does not wait.
// Method: a whole Holdfast whose call to Shopify is held back while orders of the same item come in and a second turn runs.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createContentionBook } from "#app/adapters/prisma/contention.server.ts";
import { stockKey } from "#app/pipeline/stock-key.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

interface Shelf {
  readonly shop: HouseShop;
  readonly variantId: string;
  readonly place: { readonly inventoryItemId: string; readonly locationId: string };
}

const digits = (gid: string) => gid.split("/").at(-1) ?? "";

async function openShelf(): Promise<Shelf> {
  const shop = await house.openShop();
  const locationId = shop.locationIds[0] ?? "";
  const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Blue mug", variants: [{ sku: "MUG", levels: [{ locationId, available: 500 }] }] });
  await house.protect(shop);
  return { shop, variantId: variants[0]?.variantId ?? "", place: { inventoryItemId: digits(variants[0]?.inventoryItemId ?? ""), locationId: digits(locationId) } };
}

const order = ({ shop, variantId }: Shelf) => house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 1 }] });

interface Hour {
  readonly cause: string;
  readonly waits: number;
  readonly wait_ms_max: number;
  readonly wait_counts: number[];
  readonly hold_ms_max: number;
  readonly hold_counts: number[];
  readonly lost: number;
}
const hours = ({ shop }: Shelf, { inventoryItemId, locationId }: Shelf["place"] | { inventoryItemId: ""; locationId: "" }) =>
  house.composed.database.query<Hour>(
    `SELECT cause, waits, wait_ms_max, wait_counts, hold_ms_max, hold_counts, lost FROM contention_hours WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 ORDER BY cause`,
    shop.installId,
    inventoryItemId,
    locationId,
  );
const ALL = { inventoryItemId: "", locationId: "" } as const;
const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);

/** A turn whose call reaches Shopify only when it is let go. */
function heldTurn(shelf: Shelf) {
  const [reached, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { shopifyInventory } = house.composed.turnPorts;
  const held: TurnPorts["shopifyInventory"] = {
    ...shopifyInventory,
    adjustQuantities: async (...parameters) => {
      reached.resolve();
      await letGo.promise;
      return shopifyInventory.adjustQuantities(...parameters);
    },
  };
  return { done: house.turn(shelf.shop.shop, { shopifyInventory: held }), reached: reached.promise, letGo: letGo.resolve };
}

describe("orders of an item whose call is under way", () => {
  it("are each counted as having waited, from acceptance to their own call, and the call in their way as what held the item", async () => {
    const shelf = await openShelf();
    order(shelf);
    await house.delivered();
    const first = heldTurn(shelf);
    await first.reached;
    for (let count = 0; count < 12; count += 1) order(shelf);
    await house.delivered();
    // A second turn takes the orders in and finds their item taken.
    await house.turn(shelf.shop.shop);
    first.letGo();
    await first.done;
    await house.settle(shelf.shop.shop);
    await house.composed.contention.flush();

    const [truth] = await house.composed.database.query<{ waited: number; longest: number; held: number }>(
      `SELECT count(*)::int AS waited, ceil(max(extract(epoch FROM m.claimed_at - c.accepted_at)) * 1000)::int AS longest,
         (SELECT ceil(extract(epoch FROM finished_at - claimed_at) * 1000)::int FROM mutations WHERE install_id = $1 ORDER BY claimed_at LIMIT 1) AS held
       FROM changes c JOIN mutations m ON m.id = c.mutation_id
       WHERE c.install_id = $1 AND c.accepted_at < (SELECT finished_at FROM mutations WHERE install_id = $1 ORDER BY claimed_at LIMIT 1)
         AND m.claimed_at > (SELECT min(claimed_at) FROM mutations WHERE install_id = $1)`,
      shelf.shop.installId,
    );
    const [hour, ...others] = await hours(shelf, shelf.place);
    expect(others).toEqual([]);
    expect(hour).toMatchObject({ cause: "orders", waits: 12, wait_ms_max: truth?.longest, hold_ms_max: truth?.held, lost: 0 });
    expect(truth?.waited).toBe(12);
    expect(sum(hour?.wait_counts)).toBe(12);
    expect(sum(hour?.hold_counts)).toBe(1);
    expect(await hours(shelf, ALL)).toEqual([hour]);

    await house.composed.contention.flush();
    expect(await hours(shelf, shelf.place)).toEqual([hour]);
  });

  it("leave no trace when none of them met another", async () => {
    const shelf = await openShelf();
    for (let count = 0; count < 3; count += 1) {
      order(shelf);
      await house.settle(shelf.shop.shop);
    }
    await house.composed.contention.flush();
    expect(await hours(shelf, ALL)).toEqual([]);
  });
});

describe("an item that is locked by somebody else", () => {
  it("is counted as waited for, though no call stood in the way", async () => {
    const shelf = await openShelf();
    const taken = await house.composed.lock.tryAcquireFree({ keys: [stockKey(shelf.shop.shop, shelf.place)], purpose: "person", leaseMs: 60_000 });
    if (taken.kind !== "acquired") throw new Error("nobody else locks it");
    order(shelf);
    await house.delivered();
    await house.turn(shelf.shop.shop);
    await taken.hold.release();
    await house.settle(shelf.shop.shop);
    await house.composed.contention.flush();
    expect(await hours(shelf, shelf.place)).toMatchObject([{ cause: "orders", waits: 1, hold_ms_max: 0 }]);
  });

  it("is counted as lost when its lease goes to nobody before the work ends", async () => {
    const shelf = await openShelf();
    const taken = await house.composed.turnPorts.lock.tryAcquireFree({ keys: [stockKey(shelf.shop.shop, shelf.place)], purpose: "turn", leaseMs: 100 });
    if (taken.kind !== "acquired") throw new Error("nobody else locks it");
    const lost = new Promise((resolve) => taken.hold.signal.addEventListener("abort", resolve, { once: true }));
    // As after a restart of a Redis that kept nothing.
    const { commands } = house.composed.redis;
    const keys = await commands.keys(`${house.redisPrefix}*${shelf.shop.shop}*`);
    await commands.del(...keys);
    await lost;
    await house.composed.contention.flush();
    expect(await hours(shelf, shelf.place)).toMatchObject([{ cause: "orders", waits: 0, lost: 1 }]);
  });
});

describe("others who wait", () => {
  it("are counted by their cause: a buyer for units to be put aside, the comparison for an item in motion", async () => {
    const shelf = await openShelf();
    const { reservations, reconcile, contention } = house.composed;
    await reservations.watch.wait({ installId: shelf.shop.installId, lines: [{ ...shelf.place, requested: 1 }] }, { ms: 60_000, signal: AbortSignal.abort() });
    const nothing = { scanId: null, seenBy: "read" as const, actor: "test", settled: [], differences: [], looksMax: 1 };
    await reconcile.drifts.record({ ...nothing, installId: shelf.shop.installId, later: [shelf.place], laterMs: 5_000 });
    await reconcile.drifts.record({ ...nothing, installId: shelf.shop.installId, later: [], laterMs: 5_000 });
    await contention.flush();
    expect(await hours(shelf, shelf.place)).toMatchObject([{ cause: "reconciliation", waits: 1, wait_ms_max: 5_000 }, { cause: "reservations", waits: 1 }]);
  });
});

describe("processes that write at the same moment", () => {
  it("lose none of their counts", async () => {
    const shelf = await openShelf();
    const book = createContentionBook(house.composed.database);
    const batch = (n: number) => ({
      mutationIds: [],
      busy: [],
      losses: [{ installId: shelf.shop.installId, ...shelf.place, cause: "orders" as const }],
      waits: [1, 2, 3].map((item) => ({ shop: shelf.shop.shop, inventoryItemId: String(item), locationId: "1", cause: "orders" as const, waitMs: n * 100 })),
    });
    await Promise.all(Array.from({ length: 24 }, (_, n) => book.add(batch(n))));
    const [all] = await hours(shelf, ALL);
    expect(all).toMatchObject({ waits: 72, wait_ms_max: 2_300, lost: 24 });
    expect(sum(all?.wait_counts)).toBe(72);
    expect(await hours(shelf, { inventoryItemId: "2", locationId: "1" })).toMatchObject([{ waits: 24, lost: 0 }]);
  });

  it("write nothing for a shop that has left", async () => {
    await createContentionBook(house.composed.database).add({ mutationIds: [], busy: [], losses: [], waits: [{ shop: "gone.myshopify.com", inventoryItemId: "1", locationId: "1", cause: "person", waitMs: 1 }, { installId: 999_999n, inventoryItemId: "1", locationId: "1", cause: "person", waitMs: 1 }] });
    expect(await house.composed.database.query(`SELECT 1 FROM contention_hours WHERE install_id = 999999 OR cause = 'person'`)).toEqual([]);
  });
});

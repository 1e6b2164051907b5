// Goal: units move between `available` and a block in `reserved` exactly once, whatever happens on the way. Real PostgreSQL, Redis and
// simulator; a move is asked for as a grant or a settlement asks for it, and turns are taken by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { askForMoves } from "#app/adapters/prisma/hold-moves.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences } from "#tests/setup/ledger-and-truth.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

interface Store {
  readonly shop: HouseShop;
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
}

const tail = (gid: string) => gid.split("/").at(-1) ?? "";

/** A protected shop with 100 kettles, the level known. */
async function openStore(available = 100): Promise<Store> {
  const shop = await house.openShop();
  const locationId = shop.locationIds[0] ?? "";
  const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId, available }] }] });
  const [variant] = variants;
  if (!variant) throw new Error("the product has a variant");
  await house.protect(shop);
  await house.settle(shop.shop);
  await house.composed.database.execute(
    `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source) VALUES ($1, $2, $3, $4, now() - interval '1 hour', 'read')
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET available = excluded.available`,
    shop.installId,
    tail(variant.inventoryItemId),
    tail(locationId),
    available,
  );
  return { shop, variantId: variant.variantId, inventoryItemId: tail(variant.inventoryItemId), locationId: tail(locationId) };
}

async function ask({ shop, inventoryItemId, locationId }: Store, ...deltas: number[]): Promise<void> {
  await house.composed.database.transaction(async (tx) => {
    await tx.execute(`INSERT INTO stock_blocks (install_id, inventory_item_id, location_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, shop.installId, inventoryItemId, locationId);
    await tx.query(`SELECT 1 FROM stock_blocks WHERE install_id = $1 FOR UPDATE`, shop.installId);
    await askForMoves(tx, shop.installId, deltas.map((delta) => ({ inventoryItemId, locationId, delta, traceId: "trace" })));
  });
}

const block = async ({ shop }: Store) =>
  (await house.composed.database.query(`SELECT held, growing, leaving FROM stock_blocks WHERE install_id = $1`, shop.installId))[0];
const moves = ({ shop }: Store) =>
  house.composed.database.query<{ state: string; reason: string | null; delta: number; before: number | null; after: number | null }>(
    `SELECT state, reason, delta, before, after FROM changes WHERE install_id = $1 AND quantity_name = 'hold' ORDER BY id`,
    shop.installId,
  );
const quantities = ({ shop, inventoryItemId, locationId }: Store) => {
  const { items } = house.simulator.control.truth(shop.shop, { after: 0, limit: 5_000 }) as { items: { inventoryItemId: string; locationId: string; name: string; delta: number }[] };
  const of = (name: string) => items.filter((entry) => entry.name === name && tail(entry.inventoryItemId) === inventoryItemId && tail(entry.locationId) === locationId).reduce((sum, { delta }) => sum + delta, 0);
  return { available: of("available"), reserved: of("reserved") };
};

describe("a move", () => {
  it("takes units out of sale in Shopify and counts them as held once they are", async () => {
    const store = await openStore();
    await ask(store, 10);
    expect(await block(store)).toEqual({ held: 0, growing: 10, leaving: 0 });
    await house.turn(store.shop.shop);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 0 });
    expect(await moves(store)).toEqual([{ state: "applied", reason: null, delta: 10, before: 100, after: 90 }]);
    expect(quantities(store)).toEqual({ available: 90, reserved: 10 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("gives them back", async () => {
    const store = await openStore();
    await ask(store, 10);
    await house.turn(store.shop.shop);
    await ask(store, -4);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 4 });
    await house.turn(store.shop.shop);
    expect(await block(store)).toEqual({ held: 6, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 94, reserved: 6 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
});

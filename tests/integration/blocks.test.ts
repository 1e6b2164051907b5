// Goal: no unit stays out of sale that nobody is promised: blocks give back when idle, when protection or mirroring is switched off, when a
// person says so, and after the app was installed anew. What waits between an order and its hold's return is no oversell.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createBlockBook } from "#app/adapters/prisma/block-book.server.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { ledgerDifferences } from "#tests/setup/ledger-and-truth.ts";
import { detectionStage } from "./detection-fixture.ts";
import { movesStage, type Store } from "./moves-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { openStore, ask, block, moves, quantities, sql } = movesStage(() => house);
const { judged, oversells, moment } = detectionStage(() => house);
const book = () => createBlockBook(house.composed.database);
const setBlock = ({ shop }: Store, columns: string) => sql(`UPDATE stock_blocks SET ${columns} WHERE install_id = $1`, shop.installId);

/** A shop whose block holds 20 kettles. */
async function holding(): Promise<Store> {
  const store = await openStore();
  await ask(store, 20);
  await house.settle(store.shop.shop);
  return store;
}

/** As the round of the worker does: look, then the woken shop's turns. */
async function look(store: Store): Promise<boolean> {
  const { shopsToWake } = await book().resizeDue(100);
  await house.settle(store.shop.shop);
  return shopsToWake.includes(store.shop.shop);
}

/** One active reservation of so many units. */
async function reserve({ shop, inventoryItemId, locationId }: Store, quantity: number): Promise<void> {
  const [made] = await sql<{ id: string }>(
    `INSERT INTO reservations (id, install_id, shop, idempotency_key, body_hash, expires_at, trace_id) VALUES (gen_random_uuid(), $1, $2, gen_random_uuid()::text, 'h', now() + interval '1 hour', 't') RETURNING id::text`,
    shop.installId,
    shop.shop,
  );
  await sql(
    `INSERT INTO reservation_lines (reservation_id, position, install_id, inventory_item_id, location_id, quantity, counts) VALUES ($1::uuid, 0, $2, $3, $4, $5, true)`,
    made?.id ?? "",
    shop.installId,
    inventoryItemId,
    locationId,
    quantity,
  );
  await sql(`UPDATE stock_blocks SET granted = granted + $2, last_granted_at = now() WHERE install_id = $1`, shop.installId, quantity);
}

describe("a block", () => {
  it("that nobody drew on for a while gives back what is free, and is not looked at before", async () => {
    const store = await holding();
    await reserve(store, 3);
    expect(await look(store)).toBe(false);
    await setBlock(store, "look_at = now()");
    expect(await look(store)).toBe(false);
    await setBlock(store, "look_at = now(), last_granted_at = now() - interval '6 minutes'");
    expect(await look(store)).toBe(true);
    expect(await block(store)).toEqual({ held: 3, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 97, reserved: 3 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it.each([
    ["protection", { mode: "observe" as const }, {}],
    ["showing holds in Shopify", {}, { mirrorInShopify: false }],
  ])("gives back at once what is free when %s is switched off, and the rest as it becomes free", async (_what, over, reservations) => {
    const store = await holding();
    await reserve(store, 3);
    await house.settings(store.shop, (settings) => ({ ...settings, ...over, reservations: { ...settings.reservations, ...reservations } }));
    expect(await look(store)).toBe(true);
    expect(quantities(store)).toEqual({ available: 97, reserved: 3 });
    await setBlock(store, "granted = 0, look_at = now()");
    expect(await look(store)).toBe(true);
    expect(quantities(store)).toEqual({ available: 100, reserved: 0 });
    expect(await sql(`SELECT look_at FROM stock_blocks WHERE install_id = $1`, store.shop.installId)).toEqual([{ look_at: null }]);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("and two workers that look at it at once give back once", async () => {
    const store = await holding();
    await setBlock(store, "look_at = now()");
    await Promise.all([book().resizeDue(100), book().resizeDue(100)]);
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 0, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 100, reserved: 0 });
  });
});

describe("\"release all\"", () => {
  it("ends every active hold, drops what was still to be taken, and keeps what is owed to orders", async () => {
    const store = await holding();
    await reserve(store, 5);
    await reserve(store, 2);
    await setBlock(store, "settling = 4");
    await ask(store, 10);
    expect(await book().releaseAll(store.shop.installId, "staff:1")).toEqual({ reservations: 2, units: 7, shopsToWake: [store.shop.shop] });
    await house.settle(store.shop.shop);
    expect(quantities(store)).toEqual({ available: 96, reserved: 4 });
    expect(await block(store)).toEqual({ held: 4, growing: 0, leaving: 0 });
    expect((await moves(store)).map(({ delta, state }) => [delta, state])).toEqual([[20, "applied"], [10, "cancelled"], [-16, "applied"]]);
    expect(await sql(`SELECT actor, detail->>'units' AS units FROM audit_entries WHERE install_id = $1 AND kind = 'holds_released'`, store.shop.installId)).toEqual([{ actor: "staff:1", units: "7" }]);
    expect(await book().releaseAll(store.shop.installId, "staff:1")).toEqual({ reservations: 0, units: 0, shopsToWake: [] });
  });
});

describe("an uninstall", () => {
  it("says which units it leaves behind, and the next life gives them back", async () => {
    const store = await holding();
    house.simulator.control.uninstall(store.shop.shop);
    await house.settle(store.shop.shop);
    const said = await sql(`SELECT inventory_item_id, location_id, (detail->>'units')::int AS units FROM audit_entries WHERE install_id = $1 AND kind = 'units_stranded'`, store.shop.installId);
    expect(said).toEqual([{ inventory_item_id: store.inventoryItemId, location_id: store.locationId, units: 20 }]);
    await book().resizeDue(100);
    expect(quantities(store)).toEqual({ available: 80, reserved: 20 });
    const installId = await house.install(store.shop.shop);
    await look(store);
    expect(quantities(store)).toEqual({ available: 100, reserved: 0 });
    expect(await sql(`SELECT held, leaving FROM stock_blocks WHERE install_id = $1`, installId)).toEqual([{ held: 0, leaving: 0 }]);
    expect(await sql(`SELECT held FROM stock_blocks WHERE install_id = $1`, store.shop.installId)).toEqual([{ held: 0 }]);
  });
});

describe("an order that takes its stock before the units of its hold come back", () => {
  it("opens no oversell, and none of our moves is taken for another writer's", async () => {
    const store = await openStore(5);
    await ask(store, 5);
    await judged(store.shop);
    // All five are sold through one hold: it was committed, its order comes, and only then the units return.
    await setBlock(store, "settling = 5");
    moment();
    house.simulator.control.placeOrder(store.shop.shop, { channel: "api", sourceName: "web", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines: [{ variantId: store.variantId, quantity: 5 }] });
    await judged(store.shop);
    expect(quantities(store)).toEqual({ available: -5, reserved: 5 });
    expect(await oversells(store.shop)).toEqual([]);
    await setBlock(store, "settling = 0");
    moment();
    await ask(store, -5);
    await judged(store.shop);
    expect(quantities(store)).toEqual({ available: 0, reserved: 0 });
    expect(await oversells(store.shop)).toEqual([]);
    const verdicts = await sql<{ verdict: string }>(`SELECT DISTINCT verdict FROM stock_observations WHERE install_id = $1`, store.shop.installId);
    expect(verdicts.map(({ verdict }) => verdict)).not.toContain("another_writer");
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("is an oversell when the same units are promised to somebody else", async () => {
    const store = await openStore(5);
    await ask(store, 5);
    await judged(store.shop);
    await setBlock(store, "granted = 5");
    moment();
    house.simulator.control.placeOrder(store.shop.shop, { channel: "api", sourceName: "web", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines: [{ variantId: store.variantId, quantity: 5 }] });
    await judged(store.shop);
    expect((await oversells(store.shop)).map(({ depth, state }) => [depth, state])).toEqual([[5, "open"]]);
  });

  it("that takes more than was held is one of the rest", async () => {
    const store = await openStore(5);
    await ask(store, 5);
    await judged(store.shop);
    await setBlock(store, "settling = 5");
    moment();
    house.simulator.control.placeOrder(store.shop.shop, { channel: "api", sourceName: "web", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines: [{ variantId: store.variantId, quantity: 7 }] });
    await judged(store.shop);
    expect((await oversells(store.shop)).map(({ depth, state }) => [depth, state])).toEqual([[2, "open"]]);
  });
});

// Goal: every applied change reaches the merchant's stock system, in order per item, signed, once by its own account. Real PostgreSQL,
// simulator and HTTP; runs are taken by hand, waits are passed by moving their ends.
import { describe, expect, it } from "vitest";

import { PUSH_ATTEMPTS_MAX } from "#app/external/judge-answer.ts";
import { createReceiverClient } from "#app/adapters/external/receiver-client.server.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences } from "#tests/setup/ledger-and-truth.ts";
import { connect, passTime, pushEverything, receiverDifferences, run, type StockSystem, useStockSystem } from "./external-fixture.ts";

let house: House;
let system: StockSystem;
useStockSystem((opened) => ({ house, system } = opened));

async function shopWithKettles({ connected = true, locations = 1 } = {}) {
  const shop = await house.openShop({ locations });
  const product = house.simulator.control.createProduct(shop.shop, {
    title: "Kettle",
    variants: ["KETTLE", "LID"].map((sku) => ({ sku, levels: shop.locationIds.map((locationId) => ({ locationId, available: 100 })) })),
  });
  const [kettle, lid] = product.variants;
  if (!kettle || !lid) throw new Error("the product has two variants");
  await house.protect(shop);
  if (connected) await connect(house, shop, system);
  return { shop, kettle, lid };
}

function order(shop: HouseShop, variantId: string, quantity = 1) {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
}

const pushes = (shop: HouseShop) =>
  house.composed.database.query<{ id: bigint; state: string; reason: string | null; sequence: bigint; attempts: number }>(
    `SELECT id, state, reason, sequence, attempt_count AS attempts FROM external_pushes WHERE install_id = $1 ORDER BY inventory_item_id, sequence`,
    shop.installId,
  );

describe("a change that was applied", () => {
  it("reaches the stock system with what moved, where, why and its number, under a signature", async () => {
    const { shop, kettle } = await shopWithKettles();
    const placed = order(shop, kettle.variantId, 3);
    await house.settle(shop.shop);
    await pushEverything(house, shop);
    expect(JSON.parse(system.requests[0]?.body ?? "{}")).toMatchObject({
      type: "stock.change_applied", shop: shop.shop, sequence: 1, inventoryItemId: kettle.inventoryItemId, locationId: shop.locationIds[0], sku: "KETTLE",
      delta: -3, before: 100, after: 97, orderId: placed.orderId, cause: "order", quantityName: "available",
    });
    expect(system.requests[0]?.headers).toMatchObject({ "x-holdfast-sequence": "1", "x-holdfast-shop": shop.shop });
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("is numbered per item in the transaction that books it, over all locations and calls", async () => {
    const { shop, kettle, lid } = await shopWithKettles({ locations: 2 });
    for (let count = 0; count < 6; count += 1) {
      order(shop, kettle.variantId);
      order(shop, lid.variantId, 2);
      if (count % 2 === 0) await house.settle(shop.shop);
    }
    await house.settle(shop.shop);
    expect((await pushes(shop)).map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
    await pushEverything(house, shop);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("is told although it was netted: two changes that cancel out are two pushes without quantities", async () => {
    const { shop, kettle } = await shopWithKettles();
    await order(shop, kettle.variantId, 2);
    await house.settle(shop.shop);
    // A take and a return that meet before any call: both waiting, sum zero.
    await house.composed.database.execute(
      `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, delta, state, trace_id)
       SELECT $1, $2, 'netted' || d, 'order', inventory_item_id, location_id, d, 'waiting', 't' FROM changes, unnest(ARRAY[-4, 4]) d WHERE install_id = $1`,
      shop.installId,
      shop.shop,
    );
    await house.settle(shop.shop);
    await pushEverything(house, shop);
    expect(system.taken.map(({ delta, after }) => [delta, after])).toEqual([[-2, 98], [-4, null], [4, null]]);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("is not queued while the connection is off, and what came before it was on stays untold", async () => {
    const { shop, kettle } = await shopWithKettles({ connected: false });
    order(shop, kettle.variantId);
    await house.settle(shop.shop);
    for (const table of ["external_pushes", "external_lanes", "external_systems"]) {
      expect(await house.composed.database.query(`SELECT 1 FROM ${table} WHERE install_id = $1`, shop.installId)).toEqual([]);
    }
    await connect(house, shop, system);
    order(shop, kettle.variantId, 5);
    await house.settle(shop.shop);
    await pushEverything(house, shop);
    expect(system.taken.map(({ delta, sequence }) => [delta, sequence])).toEqual([[-5, 1]]);
  });

  it("is told from the start when the operator asks for it, each change once", async () => {
    const { shop, kettle } = await shopWithKettles({ connected: false });
    for (const quantity of [1, 2, 3]) {
      order(shop, kettle.variantId, quantity);
      await house.settle(shop.shop);
    }
    await connect(house, shop, system);
    const ask = (dryRun: boolean) => house.composed.external.desk.queueHistory({ installId: shop.installId, afterChangeId: 0n, limit: 100, dryRun });
    expect(await ask(true)).toMatchObject({ queuedCount: 3 });
    expect(await pushes(shop)).toEqual([]);
    expect(await Promise.all([ask(false), ask(false)]).then((answers) => answers.reduce((sum, { queuedCount }) => sum + queuedCount, 0))).toBe(3);
    await pushEverything(house, shop);
    expect(system.taken.map(({ delta }) => delta)).toEqual([-1, -2, -3]);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("is not told when it is a correction: that mends Shopify's number, not the goods", async () => {
    const { shop, kettle } = await shopWithKettles();
    order(shop, kettle.variantId);
    await house.settle(shop.shop);
    await house.composed.database.execute(
      `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, delta, state, trace_id)
       SELECT install_id, shop, 'mended', 'correction', inventory_item_id, location_id, 1, 'waiting', 't' FROM changes WHERE install_id = $1`,
      shop.installId,
    );
    await house.settle(shop.shop);
    await pushEverything(house, shop);
    expect(system.taken.map(({ delta }) => delta)).toEqual([-1]);
  });
});

describe("a stock system that refuses", () => {
  it.each([400, 401, 404, 422])("with %s has the push parked at once, and the item's later ones wait behind it while other items go on", async (status) => {
    const { shop, kettle, lid } = await shopWithKettles();
    for (const variant of [kettle, kettle, lid]) {
      order(shop, variant.variantId);
      await house.settle(shop.shop);
    }
    system.fault = (push) => (push.inventoryItemId === kettle.inventoryItemId ? { when: "before", status } : null);
    await pushEverything(house, shop);
    expect(system.taken.map(({ inventoryItemId }) => inventoryItemId)).toEqual([lid.inventoryItemId]);
    expect((await pushes(shop)).map(({ state, reason }) => [state, reason]).toSorted()).toEqual([["delivered", null], ["parked", `http_${status}`], ["pending", null]]);

    const parked = (await pushes(shop)).filter(({ state }) => state === "parked").map(({ id }) => id);
    system.fault = () => null;
    const asked = { installId: shop.installId, pushIds: parked, act: "retry" as const, actor: "operator", note: "" };
    expect(await house.composed.external.desk.act({ ...asked, dryRun: true })).toEqual({ doneIds: parked, refused: [] });
    expect(await run(house, shop)).toBeNull();
    await house.composed.external.desk.act({ ...asked, dryRun: false });
    expect(await house.composed.external.desk.act({ ...asked, dryRun: false })).toEqual({ doneIds: [], refused: [{ id: parked[0], refusal: "not_parked" }] });
    await pushEverything(house, shop);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("can be passed over: a skipped push is never sent, its item goes on after it, and both are in the audit trail with the reason", async () => {
    const { shop, kettle } = await shopWithKettles();
    for (const quantity of [1, 2, 3]) {
      order(shop, kettle.variantId, quantity);
      await house.settle(shop.shop);
    }
    system.fault = (push) => (push.delta === -2 ? { when: "before", status: 422 } : null);
    await pushEverything(house, shop);
    const parked = (await pushes(shop)).filter(({ state }) => state === "parked").map(({ id }) => id);
    await house.composed.external.desk.act({ installId: shop.installId, pushIds: parked, act: "skip", actor: "operator", note: "entered by hand", dryRun: false });
    await pushEverything(house, shop);
    expect(system.taken.map(({ delta }) => delta)).toEqual([-1, -3]);
    const audit = await house.composed.database.query<{ kind: string; note: string | null }>(
      `SELECT kind, detail->>'note' AS note FROM audit_entries WHERE install_id = $1 AND kind LIKE 'external_push_%' ORDER BY id`,
      shop.installId,
    );
    expect(audit).toEqual([{ kind: "external_push_parked", note: null }, { kind: "external_push_skipped", note: "entered by hand" }]);
  });

  it("for a while is asked again with growing waits, and after the limit a person is asked", async () => {
    const { shop, kettle } = await shopWithKettles();
    order(shop, kettle.variantId);
    await house.settle(shop.shop);
    system.fault = () => ({ when: "before", status: 503 });
    await pushEverything(house, shop);
    expect(system.requests).toHaveLength(PUSH_ATTEMPTS_MAX);
    expect(await pushes(shop)).toMatchObject([{ state: "parked", reason: "attempts_used_up:http_503", attempts: PUSH_ATTEMPTS_MAX }]);
    expect(new Set(system.requests.map(({ key }) => key)).size).toBe(1);
  });

  it("with Retry-After is left in peace for that long, all of its items", async () => {
    const { shop, kettle, lid } = await shopWithKettles();
    order(shop, kettle.variantId);
    order(shop, lid.variantId);
    await house.settle(shop.shop);
    system.fault = () => ({ when: "before", status: 429, retryAfter: "3600" });
    await run(house, shop);
    expect(await run(house, shop)).toBeNull();
    const [paused] = await house.composed.database.query<{ long: boolean; reason: string }>(
      `SELECT paused_until > now() + interval '50 minutes' AS long, pause_reason AS reason FROM external_systems WHERE install_id = $1`,
      shop.installId,
    );
    expect(paused).toEqual({ long: true, reason: "http_429" });
    system.fault = () => null;
    await passTime(house, shop);
    await pushEverything(house, shop);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("by redirecting is not followed", async () => {
    const { shop, kettle } = await shopWithKettles();
    order(shop, kettle.variantId);
    await house.settle(shop.shop);
    system.fault = () => ({ when: "before", status: 307 });
    await pushEverything(house, shop);
    expect(await pushes(shop)).toMatchObject([{ state: "parked", reason: "redirect_refused" }]);
  });
});

describe("an address that is not public", () => {
  it("gets nothing outside of development", async () => {
    const { shop, kettle } = await shopWithKettles();
    order(shop, kettle.variantId);
    await house.settle(shop.shop);
    const receiver = createReceiverClient({ privateAddressesAllowed: false });
    await run(house, shop, { externalReceiver: receiver });
    await receiver.close();
    expect(system.requests).toEqual([]);
    expect(await pushes(shop)).toMatchObject([{ state: "parked", reason: "address_refused:not_https" }]);
  });
});

describe("the secret", () => {
  it("lies encrypted in the database, and nothing is sent without one", async () => {
    const { shop, kettle } = await shopWithKettles({ connected: false });
    await house.settings(shop, (settings) => ({ ...settings, external: { enabled: true, url: system.url } }));
    order(shop, kettle.variantId);
    await house.settle(shop.shop);
    await run(house, shop);
    expect(system.requests).toEqual([]);
    await connect(house, shop, system);
    const [row] = await house.composed.database.query<{ sealed: string }>(`SELECT secret_sealed AS sealed FROM external_systems WHERE install_id = $1`, shop.installId);
    expect(row?.sealed).toMatch(/^hf1\./);
    expect(row?.sealed).not.toContain(system.secret);
    await pushEverything(house, shop);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("is not moved into another shop's row by whoever can write to the database", async () => {
    const [one, two] = [await shopWithKettles(), await shopWithKettles()];
    await house.composed.database.execute(
      `UPDATE external_systems SET secret_sealed = (SELECT secret_sealed FROM external_systems WHERE install_id = $1) WHERE install_id = $2`,
      one.shop.installId,
      two.shop.installId,
    );
    order(two.shop, two.kettle.variantId);
    await house.settle(two.shop.shop);
    await run(house, two.shop);
    expect(system.requests).toEqual([]);
  });
});

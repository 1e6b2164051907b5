// Goal: units move between `available` and a block in `reserved` exactly once, whatever happens on the way. Real PostgreSQL, Redis and
// simulator; a move is asked for as a grant or a settlement asks for it, and turns are taken by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { ledgerDifferences } from "#tests/setup/ledger-and-truth.ts";
import { movesStage, tail } from "./moves-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { openStore, ask, block, moves, quantities, sql, level, fault, judge } = movesStage(() => house);

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

  it("and one that gives back at the same time are one call of the difference, or none", async () => {
    const store = await openStore();
    await ask(store, 10);
    await house.turn(store.shop.shop);
    await ask(store, -4, 6);
    await house.turn(store.shop.shop);
    expect(await block(store)).toEqual({ held: 12, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 88, reserved: 12 });
    await ask(store, -4, 4);
    await house.turn(store.shop.shop);
    expect(await block(store)).toEqual({ held: 12, growing: 0, leaving: 0 });
    expect((await moves(store)).map(({ state, reason }) => `${state}:${reason}`)).toEqual(["applied:null", "applied:null", "applied:null", "applied:netted", "applied:netted"]);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("goes in a call of its own, before the adjustments that wait, and lets them have the next", async () => {
    const store = await openStore();
    const other = house.simulator.control.createProduct(store.shop.shop, { title: "Lid", variants: [{ sku: "LID", levels: [{ locationId: store.shop.locationIds[0] ?? "", available: 50 }] }] }).variants[0];
    house.simulator.control.placeOrder(store.shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: other?.variantId ?? "", quantity: 1 }] });
    house.simulator.control.placeOrder(store.shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: store.variantId, quantity: 1 }] });
    await house.delivered();
    await ask(store, 10);
    await house.settle(store.shop.shop);
    expect(quantities(store)).toEqual({ available: 89, reserved: 10 });
    const calls = await house.composed.database.query<{ operation: string }>(`SELECT operation FROM mutations WHERE install_id = $1 ORDER BY claimed_at`, store.shop.installId);
    expect(calls.map(({ operation }) => operation).slice(0, 2)).toEqual(["move", "adjust"]);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("is given up when Shopify has another number than was thought, its neighbours go on, and the level is read", async () => {
    const store = await openStore();
    const lid = house.simulator.control.createProduct(store.shop.shop, { title: "Lid", variants: [{ sku: "LID", levels: [{ locationId: store.shop.locationIds[0] ?? "", available: 50 }] }] }).variants[0];
    const beside = { ...store, inventoryItemId: tail(lid?.inventoryItemId ?? "") };
    await house.delivered();
    await house.settle(store.shop.shop);
    await ask(store, 10);
    await ask(beside, 5);
    // Sold while the notification is still on its way.
    await sql(`UPDATE stock_levels SET available = 90 WHERE install_id = $1 AND inventory_item_id = $2`, store.shop.installId, store.inventoryItemId);
    await house.settle(store.shop.shop);
    expect((await moves(store)).map(({ state, reason, delta }) => [delta, state, reason])).toEqual([
      [10, "cancelled", "refused:CHANGE_FROM_QUANTITY_STALE"],
      [5, "applied", null],
    ]);
    expect(quantities(store)).toEqual({ available: 100, reserved: 0 });
    expect(quantities(beside)).toEqual({ available: 45, reserved: 5 });
    expect(await level(store)).toBe(100);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
    // Who asks again is served.
    await ask(store, 10);
    await house.settle(store.shop.shop);
    expect(quantities(store)).toEqual({ available: 90, reserved: 10 });
  });

  it("follows another within the same second, though Shopify's times of both are alike and notifications come between them", async () => {
    const store = await openStore();
    for (const units of [1, 7, 25, 30, 20]) {
      await ask(store, units);
      await house.turn(store.shop.shop);
      // What the call did is known from its answer, not from the notification that follows it.
      expect(await level(store)).toBe(quantities(store).available);
      if (units !== 25) await house.delivered();
    }
    expect((await moves(store)).map(({ state, delta }) => [delta, state])).toEqual([1, 7, 25, 30, 20].map((units) => [units, "applied"]));
    expect(quantities(store)).toEqual({ available: 17, reserved: 83 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("that was refused as stale is told the truth by the read, though the level was read in the second in which it changed", async () => {
    const store = await openStore();
    const stock = { inventoryItemId: `gid://shopify/InventoryItem/${store.inventoryItemId}`, locationId: store.shop.locationIds[0] ?? "" };
    for (const available of [90, 80, 70]) {
      house.simulator.control.setLevel(store.shop.shop, { ...stock, available, writer: "erp" });
      // Its notification never comes.
      await house.delivered();
      await sql(`DELETE FROM deliveries WHERE shop = $1`, store.shop.shop);
      await ask(store, 5);
      await house.turn(store.shop.shop);
      expect(await level(store)).toBe(quantities(store).available);
    }
    expect((await moves(store)).map(({ state }) => state)).toEqual(["cancelled", "cancelled", "cancelled"]);
  });

  it("back that was summed with one that was given up goes on", async () => {
    const store = await openStore();
    await ask(store, 10);
    await house.settle(store.shop.shop);
    await ask(store, 7, -3);
    await sql(`UPDATE stock_levels SET available = 55 WHERE install_id = $1`, store.shop.installId);
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 7, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 93, reserved: 7 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it("is no news for a merchant's stock system: the units are on hand before and after it", async () => {
    const store = await openStore();
    await house.settings(store.shop, (settings) => ({ ...settings, external: { enabled: true, url: "https://stock.example.com/" } }));
    await ask(store, 10);
    house.simulator.control.placeOrder(store.shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: store.variantId, quantity: 1 }] });
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 0 });
    expect(await sql(`SELECT content->>'quantityName' AS name FROM external_pushes WHERE install_id = $1`, store.shop.installId)).toEqual([{ name: "available" }]);
    await ask(store, -10, 10);
    await house.settle(store.shop.shop);
    const history = await house.composed.external.desk.queueHistory({ installId: store.shop.installId, afterChangeId: 0n, limit: 100, dryRun: true });
    expect(history.queuedCount).toBe(0);
  });

  it("is not sent when less is known to be there than it takes, or nothing is known", async () => {
    const store = await openStore(5);
    await ask(store, 6);
    await house.turn(store.shop.shop);
    await sql(`DELETE FROM stock_levels WHERE install_id = $1`, store.shop.installId);
    await ask(store, 1);
    await house.turn(store.shop.shop);
    expect((await moves(store)).map(({ state, reason }) => `${state}:${reason}`)).toEqual(["cancelled:not_enough", "cancelled:level_unknown"]);
    expect(await block(store)).toEqual({ held: 0, growing: 0, leaving: 0 });
    expect(await sql(`SELECT 1 FROM mutations WHERE install_id = $1`, store.shop.installId)).toEqual([]);
  });

  it("that Shopify refuses for good is given up on the way in, and a person's business on the way back", async () => {
    const store = await openStore();
    await ask(store, 10);
    await house.turn(store.shop.shop);
    fault(store, { kind: "user_error", code: "INVALID_LOCATION", index: 0 });
    await ask(store, 5);
    await house.turn(store.shop.shop);
    fault(store, { kind: "user_error", code: "INVALID_LOCATION", index: 0 });
    await ask(store, -5);
    await house.turn(store.shop.shop);
    expect((await moves(store)).map(({ state, reason }) => `${state}:${reason}`)).toEqual(["applied:null", "cancelled:refused:INVALID_LOCATION", "parked:refused:INVALID_LOCATION"]);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 5 });
    await judge(store, "retry");
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 5, growing: 0, leaving: 0 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
});

describe("a move whose sender is killed", () => {
  it.each(["before", "after"] as const)("%s Shopify carried it out is sent again under the same key and counts once", async (moment) => {
    const store = await openStore();
    const { inventory } = house.composed.shopify;
    const moveQuantities: typeof inventory.moveQuantities = async (...call) => {
      if (moment === "after") await inventory.moveQuantities(...call);
      throw new Error("killed");
    };
    await ask(store, 10);
    await expect(house.turn(store.shop.shop, { shopifyInventory: { ...inventory, moveQuantities } })).rejects.toThrow("killed");
    expect(await block(store)).toEqual({ held: 0, growing: 10, leaving: 0 });
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 90, reserved: 10 });
    expect(await sql(`SELECT DISTINCT key FROM mutations WHERE install_id = $1`, store.shop.installId)).toHaveLength(1);
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });

  it.each(["before_commit", "after_commit", "cut", "http_5xx"] as const)("or whose answer is lost (%s) counts once", async (kind) => {
    const store = await openStore();
    fault(store, { kind });
    await ask(store, 10);
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 90, reserved: 10 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
});

describe("two workers", () => {
  it("at one stock move it once", async () => {
    const store = await openStore();
    await ask(store, 10);
    await Promise.all([house.turn(store.shop.shop), house.turn(store.shop.shop)]);
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 0 });
    expect(quantities(store)).toEqual({ available: 90, reserved: 10 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
});

describe("a move whose outcome nobody knows", () => {
  const unknown = async (kind: "before_commit" | "after_commit", delta: number) => {
    const store = await openStore();
    await ask(store, 20);
    await house.turn(store.shop.shop);
    fault(store, { kind });
    await ask(store, delta);
    await house.turn(store.shop.shop);
    await sql(`UPDATE mutations SET first_sent_at = now() - interval '23 hours 1 second', resend_at = now() WHERE install_id = $1 AND state = 'open'`, store.shop.installId);
    await sql(`UPDATE attempts SET sent_at = sent_at - interval '24 hours' WHERE install_id = $1`, store.shop.installId);
    await house.turn(store.shop.shop);
    return store;
  };
  it("stays counted as on its way until a person has said that it was carried out", async () => {
    const store = await unknown("after_commit", 10);
    expect(await block(store)).toEqual({ held: 20, growing: 10, leaving: 0 });
    await judge(store, "resolve_applied");
    expect(await block(store)).toEqual({ held: 30, growing: 0, leaving: 0 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
  it("is sent anew once a person has said that it was not", async () => {
    const store = await unknown("before_commit", -10);
    expect(await block(store)).toEqual({ held: 20, growing: 0, leaving: 10 });
    await judge(store, "resolve_not_applied");
    await house.settle(store.shop.shop);
    expect(await block(store)).toEqual({ held: 10, growing: 0, leaving: 0 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
  it("and was called not applied, but was, leaves the block with what Shopify holds", async () => {
    const store = await unknown("after_commit", 10);
    const [call] = await sql<{ id: string; key: string; token: bigint }>(
      `SELECT m.id::text, m.key::text, e.token FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id WHERE m.install_id = $1 AND m.state = 'parked'`,
      store.shop.installId,
    );
    await judge(store, "resolve_not_applied");
    await house.settle(store.shop.shop);
    const { inventoryItemId, locationId } = store;
    const heard = {
      mutationId: call?.id ?? "", operation: "move" as const, key: call?.key ?? "", traceId: "t", attemptNumber: 1, firstSentAt: new Date(0), firstAttempt: false, unsettledSince: null, unsettledCount: 0,
      entries: [{ inventoryItemId, locationId, position: 0, delta: 10, changeFrom: 80, token: call?.token ?? 0n }],
    };
    const answer = { groupId: "gid://shopify/InventoryAdjustmentGroup/1", createdAt: "2026-11-01T10:00:00Z", entries: [{ inventoryItemId, locationId, after: 70 }] };
    expect(await house.composed.turnPorts.ledger.recordApplied(heard, answer)).toEqual({ kind: "applied_after_retirement" });
    expect(await block(store)).toMatchObject({ held: quantities(store).reserved, growing: 0, leaving: 0 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
});

describe("a Shopify that forgets its keys", () => {
  it("does not get a move a second time that it has carried out", async () => {
    const store = await openStore();
    await ask(store, 10);
    await house.turn(store.shop.shop);
    house.simulator.control.setAssumptions({ keysHonoured: false });
    try {
      fault(store, { kind: "after_commit" });
      await ask(store, 10);
      await house.settle(store.shop.shop);
    } finally {
      house.simulator.control.setAssumptions({ keysHonoured: true });
    }
    expect(quantities(store)).toEqual({ available: 80, reserved: 20 });
    expect((await moves(store)).map(({ state, reason }) => `${state}:${reason}`)).toEqual(["applied:null", "parked:key_forgotten"]);
    expect(await block(store)).toEqual({ held: 10, growing: 10, leaving: 0 });
  });
});

describe("a shop that only watches", () => {
  const watching = async () => {
    const store = await openStore();
    await ask(store, 10);
    await house.turn(store.shop.shop);
    await house.settings(store.shop, (settings) => ({ ...settings, mode: "observe" }));
    return store;
  };
  it("gives back, takes nothing, and leaves adjustments waiting", async () => {
    const store = await watching();
    await ask(store, -10, 5);
    expect(await house.composed.installStore.withWork(10, 0n)).toContainEqual(expect.objectContaining({ shop: store.shop.shop }));
    await house.settle(store.shop.shop);
    expect((await moves(store)).map(({ state, reason }) => `${state}:${reason}`)).toEqual(["applied:null", "applied:null", "cancelled:not_protecting"]);
    expect(quantities(store)).toEqual({ available: 100, reserved: 0 });
    expect(await block(store)).toEqual({ held: 0, growing: 0, leaving: 0 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
  it("keeps what it cannot give back for want of the permission, asks again after a while, and gives it back when it may", async () => {
    const store = await watching();
    const reads = ["read_inventory", "read_orders", "read_products", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders"];
    house.simulator.control.setScopes(store.shop.shop, { granted: reads });
    await ask(store, -10);
    // What Shopify tells of the scopes and of the move before is work, too, when it comes in the middle of the turn.
    await house.delivered();
    const { again } = await house.turn(store.shop.shop);
    expect(again).toEqual({ afterMs: expect.any(Number) });
    expect(await sql(`SELECT state FROM mutations WHERE install_id = $1 ORDER BY claimed_at`, store.shop.installId)).toEqual([{ state: "applied" }, { state: "open" }]);
    house.simulator.control.setScopes(store.shop.shop, { granted: ["write_inventory"] });
    await house.settle(store.shop.shop);
    expect(quantities(store)).toEqual({ available: 100, reserved: 0 });
    expect(await ledgerDifferences(house, store.shop)).toEqual([]);
  });
});

describe("an older version of the app", () => {
  it("that resumes a move as the adjustment it takes it for is refused by the database", async () => {
    const store = await openStore();
    fault(store, { kind: "before_commit" });
    await ask(store, 10);
    await house.turn(store.shop.shop);
    const older = sql(`INSERT INTO attempts (mutation_id, number, install_id) SELECT id, 2, install_id FROM mutations WHERE install_id = $1`, store.shop.installId);
    await expect(older).rejects.toThrow(/attempts_of_the_operation/);
  });
});

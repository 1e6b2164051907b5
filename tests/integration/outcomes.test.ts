// Goal: whatever Shopify answers, a change takes effect at most once, and nothing is lost: it is applied, waits, or is parked with its reason.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function openStore(items = 1) {
  const shop = await house.openShop();
  const product = house.simulator.control.createProduct(shop.shop, {
    title: "Kettle",
    variants: Array.from({ length: items }, (_, index) => ({ sku: `K-${index}`, levels: [{ locationId: shop.locationIds[0] ?? "", available: 100 }] })),
  });
  await house.protect(shop);
  return { shop, variants: product.variants };
}
const buy = (shop: HouseShop, variantId: string, quantity = 1) => {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
};
const states = async (shop: HouseShop) =>
  (await house.composed.database.query<{ state: string; reason: string | null }>(`SELECT state, reason FROM changes WHERE install_id = $1 ORDER BY id`, shop.installId)).map(
    ({ state, reason }) => (reason === null ? state : `${state}:${reason}`),
  );
const attempts = async (shop: HouseShop) =>
  (await house.composed.database.query<{ outcome: string | null }>(`SELECT outcome FROM attempts WHERE install_id = $1 ORDER BY sent_at, number`, shop.installId)).map(({ outcome }) => outcome);

describe("an answer that is not a plain success", () => {
  it.each(["before_commit", "after_commit", "http_5xx", "html", "half_body", "cut"] as const)("%s: the same call is sent again under the same key and counts once", async (kind) => {
    const { shop, variants } = await openStore();
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind, times: 1, shop: shop.shop });
    buy(shop, variants[0]?.variantId ?? "");
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
    expect(unitsMoved(house, shop, variants[0]?.inventoryItemId ?? "")).toBe(-1);
    expect(await attempts(shop)).toEqual(["unknown", "applied"]);
    const keys = await house.composed.database.query(`SELECT DISTINCT key FROM mutations WHERE install_id = $1`, shop.installId);
    expect(keys).toHaveLength(1);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it.each(["http_429", "throttled"] as const)("%s: waits and sends the same key again", async (kind) => {
    const { shop, variants } = await openStore();
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind, times: 1, shop: shop.shop });
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    await house.turn(shop.shop);
    expect(await attempts(shop)).toEqual(["throttled"]);
    await house.composed.redis.commands.flushdb();
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
    expect(await attempts(shop)).toEqual(["throttled", "applied"]);
  });

  it("parks the entry that Shopify names and applies its neighbours under a new key", async () => {
    const { shop, variants } = await openStore(3);
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code: "INVALID_INVENTORY_ITEM", index: 1, times: 1, shop: shop.shop });
    for (const variant of variants) buy(shop, variant.variantId);
    await house.settle(shop.shop);
    expect((await states(shop)).toSorted()).toEqual(["applied", "applied", "parked:refused:INVALID_INVENTORY_ITEM"]);
    expect(await house.composed.database.query(`SELECT DISTINCT key FROM mutations WHERE install_id = $1`, shop.installId)).toHaveLength(2);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("takes a rule that names an item which is gone out of the way of the others", async () => {
    const { shop, variants } = await openStore(2);
    const [kettle, other] = variants;
    await house.settings(shop, (settings) => ({
      ...settings,
      bundles: [{ variantId: kettle?.variantId ?? "", parentStock: "leave", components: [{ inventoryItemId: "gid://shopify/InventoryItem/999999999", quantity: 1 }] }],
    }));
    buy(shop, kettle?.variantId ?? "");
    buy(shop, other?.variantId ?? "");
    await house.settle(shop.shop);
    expect((await states(shop)).toSorted()).toEqual(["applied", "parked:refused:INVALID_INVENTORY_ITEM"]);
  });

  it("falls back to watching when the scope is withdrawn, keeps the changes waiting, and goes on when it is granted again", async () => {
    const { shop, variants } = await openStore();
    house.simulator.control.setScopes(shop.shop, { granted: ["read_inventory", "read_orders", "read_products", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders"] });
    buy(shop, variants[0]?.variantId ?? "");
    await house.settle(shop.shop);
    expect((await house.composed.settingsStore.current(shop.installId)).mode).toBe("observe");
    expect(await states(shop)).toEqual(["waiting"]);
    house.simulator.control.setScopes(shop.shop, { granted: ["write_inventory"] });
    await house.settings(shop, (settings) => ({ ...settings, mode: "enforce" }));
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
    expect(unitsMoved(house, shop, variants[0]?.inventoryItemId ?? "")).toBe(-1);
  });

  it("parks a change whose outcome is unknown and whose key is too old to be sent again, and builds nothing on it", async () => {
    const { shop, variants } = await openStore();
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "cut", times: 1, shop: shop.shop });
    const placed = buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    await house.turn(shop.shop);
    await house.composed.database.execute(`UPDATE mutations SET first_sent_at = now() - interval '23 hours 1 second', resend_at = now() WHERE install_id = $1`, shop.installId);
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["parked:outcome_unknown"]);
    house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: true });
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["parked:outcome_unknown"]);
  });
});

describe("a worker that is gone", () => {
  it("is succeeded by another that sends the same content under the same key", async () => {
    const { shop, variants } = await openStore();
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    // The worker dies after the claim was committed and before anything was sent.
    const died = house.turn(shop.shop, { shopifyInventory: { ...house.composed.shopify.inventory, adjustQuantities: () => Promise.reject(new Error("killed")) } });
    await expect(died).rejects.toThrow("killed");
    expect(await states(shop)).toEqual(["claimed"]);
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
    expect(unitsMoved(house, shop, variants[0]?.inventoryItemId ?? "")).toBe(-1);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("decides nothing when it comes back, but what it heard from Shopify is booked", async () => {
    const { shop, variants } = await openStore();
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    const { ledger } = house.composed.turnPorts;
    const stock = { inventoryItemId: variants[0]?.inventoryItemId.split("/").at(-1) ?? "", locationId: shop.locationIds[0]?.split("/").at(-1) ?? "" };
    // Only the intake half of a turn: protection is paused for its length.
    await house.settings(shop, (settings) => ({ ...settings, mode: "enforce" }));
    await house.turn(shop.shop, { ledger: { ...ledger, waitingStocks: async () => [] } });
    const claim = await ledger.claim({ installId: shop.installId, shop: shop.shop, ownerId: "old", operation: "adjust", stocks: [stock], mutationId: randomUUID(), key: randomUUID() });
    if (claim.kind !== "claimed") throw new Error("the change could not be claimed");
    await house.composed.database.execute(`UPDATE mutations SET resend_at = now() WHERE id = $1::uuid`, claim.mutation.mutationId);
    const taken = await ledger.takeOver(shop.installId, claim.mutation.mutationId, "new");
    if (taken.kind !== "taken") throw new Error("the mutation could not be taken over");

    expect(await ledger.recordRefused(claim.mutation, { kind: "rekey", reason: "x" })).toEqual({ kind: "lost" });
    expect(await ledger.recordRefused(claim.mutation, { kind: "split", reason: "x" })).toEqual({ kind: "lost" });
    expect(await ledger.recordRefused(claim.mutation, { kind: "park_unknown", reason: "x" })).toEqual({ kind: "lost" });
    expect(await ledger.recordRefused(claim.mutation, { kind: "park_entries", entries: [{ position: 0, reason: "x" }] })).toEqual({ kind: "lost" });
    expect(await ledger.postpone(claim.mutation, 1)).toBe("lost");
    expect(await states(shop)).toEqual(["claimed"]);

    const booked = await ledger.recordApplied(claim.mutation, { groupId: "gid://shopify/InventoryAdjustmentGroup/1", createdAt: "2026-11-01T10:00:00Z", entries: [{ ...stock, after: 99 }] });
    expect(booked.kind).toBe("applied");
    expect(await states(shop)).toEqual(["applied"]);
    expect(await ledger.recordApplied(taken.mutation, { groupId: "gid://shopify/InventoryAdjustmentGroup/1", createdAt: "2026-11-01T10:00:00Z", entries: [] })).toEqual({ kind: "already_applied" });
  });

  it("cannot be joined by a second open mutation of the same item, whatever the lock says", async () => {
    const { shop, variants } = await openStore();
    const stock = { inventoryItemId: variants[0]?.inventoryItemId.split("/").at(-1) ?? "", locationId: shop.locationIds[0]?.split("/").at(-1) ?? "" };
    const { ledger } = house.composed.turnPorts;
    const claim = () => ledger.claim({ installId: shop.installId, shop: shop.shop, ownerId: "x", operation: "adjust", stocks: [stock], mutationId: randomUUID(), key: randomUUID() });
    const without = { ...ledger, waitingStocks: async () => [] };
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    await house.turn(shop.shop, { ledger: without });
    expect((await claim()).kind).toBe("claimed");
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    await house.turn(shop.shop, { ledger: without });
    expect((await claim()).kind).toBe("conflict");
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied", "applied"]);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });
});

describe("what cannot be worked on", () => {
  it("is set aside with its reason and holds up none of its neighbours", async () => {
    const { shop, variants } = await openStore(1);
    const rotten = (webhookId: string, payload: string) =>
      house.composed.database.execute(
        `INSERT INTO deliveries (install_id, shop, webhook_id, topic, order_id, payload, trace_id) VALUES ($1, $2, $3, 'orders/create', '77', $4::jsonb, 't')`,
        shop.installId,
        shop.shop,
        webhookId,
        payload,
      );
    // Past the projection, as only a fault of ours would let it: one trips our code, the other PostgreSQL.
    await rotten(`rotten-1-${shop.shop}`, '{"kind":"order","version":{"id":"77","lines":null,"refunds":null}}');
    await rotten(`rotten-2-${shop.shop}`, '{"kind":"level","inventoryItemId":"1","locationId":"1","available":99999999999,"updatedAt":null,"connected":true}');
    buy(shop, variants[0]?.variantId ?? "");
    await house.settle(shop.shop);
    expect(await states(shop)).toContain("applied");
    const rejected = await house.composed.database.query(`SELECT reason FROM deliveries WHERE install_id = $1 AND state = 'rejected' ORDER BY id`, shop.installId);
    expect(rejected).toHaveLength(2);
  });

  it("is read again without keeping the orders beside it from being derived", async () => {
    const { shop, variants } = await openStore(1);
    const variantId = variants[0]?.variantId ?? "";
    await house.composed.database.execute(
      `INSERT INTO deliveries (install_id, shop, webhook_id, topic, order_id, payload, trace_id) VALUES ($1, $2, $3, 'orders/edited', '88', '{"kind":"edited"}'::jsonb, 't')`,
      shop.installId,
      shop.shop,
      `edited-${shop.shop}`,
    );
    buy(shop, variantId);
    await house.delivered();
    const { orders } = house.composed.shopify;
    const unreadable = { ...orders, readOrders: async () => ({ kind: "unknown" as const, cause: "half a body", stage: "sent" as const }) };
    await house.composed.database.execute(`UPDATE orders SET due_at = now() WHERE install_id = $1`, shop.installId);
    await house.turn(shop.shop, { shopifyOrders: unreadable });
    await house.composed.database.execute(`UPDATE orders SET due_at = now() WHERE install_id = $1 AND state = 'due'`, shop.installId);
    await house.turn(shop.shop, { shopifyOrders: unreadable });
    expect(await states(shop)).toEqual(["applied"]);
  });

  it("waits for its location through an outage of Shopify, however long", async () => {
    const { shop, variants } = await openStore(1);
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    const { orders } = house.composed.shopify;
    const away = { ...orders, readOrderLocations: async () => ({ kind: "unknown" as const, cause: "no answer", stage: "sent" as const }) };
    await house.turn(shop.shop, { shopifyOrders: away });
    await house.composed.database.execute(`UPDATE orders SET due_at = now(), first_seen_at = now() - interval '2 hours' WHERE install_id = $1`, shop.installId);
    await house.turn(shop.shop, { shopifyOrders: away });
    expect(await states(shop)).toEqual([]);
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
  });

  it("goes on under another key when nothing was sent for a day, because nobody could have applied it", async () => {
    const { shop, variants } = await openStore(1);
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    const refusing = { ...house.composed.shopify.inventory, adjustQuantities: async () => ({ kind: "unknown" as const, cause: "no token", stage: "not_sent" as const }) };
    await house.turn(shop.shop, { shopifyInventory: refusing });
    await house.composed.database.execute(`UPDATE mutations SET first_sent_at = now() - interval '24 hours', resend_at = now() WHERE install_id = $1`, shop.installId);
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });
});

describe("an order that was blocked while a turn beside its own booked the change it waited for", () => {
  it("asks for another turn", async () => {
    const { shop, variants } = await openStore(1);
    const placed = buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    const sent = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { inventory } = house.composed.shopify;
    const slow = { ...inventory, adjustQuantities: async (...args: Parameters<typeof inventory.adjustQuantities>) => (sent.resolve(), await goOn.promise, inventory.adjustQuantities(...args)) };
    const first = house.turn(shop.shop, { shopifyInventory: slow });
    await sent.promise;
    house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: true });
    await house.delivered();
    const second = await house.turn(shop.shop);
    goOn.resolve();
    const outcomes = [await first, second];
    expect(outcomes.some(({ again }) => again !== "no")).toBe(true);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, variants[0]?.inventoryItemId ?? "")).toBe(0);
  });
});

describe("an uninstall", () => {
  it("stops the work, removes the tokens, and the next life starts with nothing of the old", async () => {
    const { shop, variants } = await openStore();
    buy(shop, variants[0]?.variantId ?? "");
    house.simulator.control.uninstall(shop.shop);
    await house.settle(shop.shop);
    expect(await house.composed.installStore.active(shop.shop)).toBeNull();
    expect(await house.composed.database.query(`SELECT 1 FROM "Session" WHERE shop = $1`, shop.shop)).toEqual([]);
    expect(unitsMoved(house, shop, variants[0]?.inventoryItemId ?? "")).toBe(0);
    const again = await house.install(shop.shop);
    expect(again).not.toBe(shop.installId);
    expect((await house.composed.settingsStore.current(again)).mode).toBe("observe");
  });

  it("whose notice arrives after the app was installed again does not end the new life", async () => {
    const { shop } = await openStore();
    house.simulator.control.planWebhooks({ seed: 1, late: { rate: 1, delayMs: 600_000 } });
    house.simulator.control.uninstall(shop.shop);
    const again = await house.install(shop.shop);
    house.simulator.control.planWebhooks({ seed: 1 });
    house.simulator.control.setClock({ advanceMs: 700_000 });
    await house.settle(shop.shop);
    expect((await house.composed.installStore.active(shop.shop))?.installId).toBe(again);
  });

  it("is followed by deleting every row of the shop's ended lives when Shopify asks for it", async () => {
    const { shop, variants } = await openStore();
    buy(shop, variants[0]?.variantId ?? "");
    await house.settle(shop.shop);
    house.simulator.control.uninstall(shop.shop);
    await house.settle(shop.shop);
    house.simulator.control.sendCompliance(shop.shop, { topic: "shop/redact" });
    await house.delivered();
    await house.composed.compliance.completeOpen(10, house.composed.shopify.lookForApp);
    const tables = await house.composed.database.query<{ name: string }>(`SELECT table_name::text AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'install_id'`);
    for (const { name } of tables) {
      expect([name, await house.composed.database.query(`SELECT 1 FROM ${name} WHERE install_id = $1`, shop.installId)]).toEqual([name, []]);
    }
  });
});

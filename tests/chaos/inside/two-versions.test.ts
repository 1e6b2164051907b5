// Goal: during a deploy two versions run beside each other on the newest schema; neither loses what the other wrote. Method: what a newer
// version would write (kinds, states, fields, jobs that this one does not know) is laid before this one, which must leave it alone or pass
// it on; and the writes of the first version, as it wrote them, are run on the newest schema.
import { randomUUID } from "node:crypto";

import { Queue } from "bullmq";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { TURNS_QUEUE } from "#app/adapters/bullmq/queue-settings.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import type { Settings } from "#app/domain/settings.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { createSweep } from "../../../worker/sweeper.ts";
import { FIRST_VERSION_WRITES } from "./first-version-writes.ts";

let house: House;
let shop: HouseShop;
let variant: { variantId: string; inventoryItemId: string };
beforeAll(async () => {
  house = await openHouse();
});
beforeEach(async () => {
  shop = await house.openShop();
  const levels = [{ locationId: shop.locationIds[0] ?? "", available: 100 }];
  const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels }] });
  if (!variants[0]) throw new Error("the product has a variant");
  variant = variants[0];
  await house.protect(shop);
  await house.settle(shop.shop);
});
afterAll(() => house.close());

const sql = <Row>(statement: string, ...values: Parameters<House["composed"]["database"]["query"]>[1][]) => house.composed.database.query<Row>(statement, ...values);
const sell = (quantity: number) => house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: variant.variantId, quantity }] });
const wokenBySweep = async (): Promise<string[]> => {
  const woken: string[] = [];
  await createSweep({ installStore: house.composed.installStore, waker: { wakeMany: async (shops) => (woken.push(...shops), { kind: "woken" }) } })();
  return woken;
};

describe("what a newer version wrote", () => {
  it("as a delivery of a kind that this one does not know waits for that version, and wakes nobody here", async () => {
    await sql(
      `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id, payload) VALUES ($1, $2, 'newer', 'returns/approve', 't', '{"kind": "return", "lines": []}')`,
      shop.installId,
      shop.shop,
    );
    sell(2);
    await house.settle(shop.shop);
    expect(await sql(`SELECT state FROM deliveries WHERE install_id = $1 AND webhook_id = 'newer'`, shop.installId)).toEqual([{ state: "pending" }]);
    expect(unitsMoved(house, shop, variant.inventoryItemId)).toBe(-2);
    expect((await house.turn(shop.shop)).again).toBe("no");
    expect(await wokenBySweep()).not.toContain(shop.shop);
  });

  it("as a state of a change: its order is neither derived anew nor lost", async () => {
    await sql(`ALTER TABLE changes DROP CONSTRAINT changes_state`);
    sell(1);
    await house.delivered();
    const [delivery] = await sql<{ order_id: string; line: string }>(
      `SELECT order_id, payload->'version'->'lines'->0->>'id' AS line FROM deliveries WHERE install_id = $1 AND topic = 'orders/create'`,
      shop.installId,
    );
    await sql(
      `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, line_id, inventory_item_id, location_id, delta, state, trace_id)
       VALUES ($1, $2, $3, 'order', $4, $5, '1', '2', -1, 'held', 't')`,
      shop.installId,
      shop.shop,
      randomUUID(),
      delivery?.order_id ?? "",
      delivery?.line ?? "",
    );
    await house.turn(shop.shop);
    await house.turn(shop.shop);
    expect(await sql(`SELECT state FROM changes WHERE install_id = $1`, shop.installId)).toEqual([{ state: "held" }]);
    expect(await sql(`SELECT state, due_at > now() AS later FROM orders WHERE install_id = $1`, shop.installId)).toEqual([{ state: "due", later: true }]);
    // The newer version finishes it its way; then this one goes on.
    await sql(`DELETE FROM changes WHERE install_id = $1`, shop.installId);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, variant.inventoryItemId)).toBe(-1);
  });

  it("as a change of another quantity is not sent as if it were ours", async () => {
    await sql(
      `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, quantity_name, delta, state, trace_id)
       VALUES ($1, $2, $3, 'count', $4, $5, 'on_hand', 5, 'waiting', 't')`,
      shop.installId,
      shop.shop,
      randomUUID(),
      variant.inventoryItemId.split("/").at(-1) ?? "",
      (shop.locationIds[0] ?? "").split("/").at(-1) ?? "",
    );
    sell(3);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, variant.inventoryItemId)).toBe(-3);
    expect(await sql(`SELECT state FROM changes WHERE install_id = $1 AND quantity_name = 'on_hand'`, shop.installId)).toEqual([{ state: "waiting" }]);
    expect((await house.turn(shop.shop)).again).toBe("no");
  });

  it("as a mutation in a state of its own keeps its stock to itself", async () => {
    await sql(`ALTER TABLE mutations DROP CONSTRAINT mutations_state`);
    const [item, location] = [variant.inventoryItemId.split("/").at(-1) ?? "", (shop.locationIds[0] ?? "").split("/").at(-1) ?? ""];
    const mutationId = randomUUID();
    await sql(`INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id) VALUES ($1::uuid, $2, $3, gen_random_uuid(), 'verifying', 't', 'newer')`, mutationId, shop.installId, shop.shop);
    await sql(`INSERT INTO mutation_entries (mutation_id, position, install_id, inventory_item_id, location_id, delta, token) VALUES ($1::uuid, 0, $2, $3, $4, -1, 1)`, mutationId, shop.installId, item, location);
    sell(1);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, variant.inventoryItemId)).toBe(0);
    expect(await sql(`SELECT state FROM mutations WHERE install_id = $1`, shop.installId)).toEqual([{ state: "verifying" }]);
    await sql(`UPDATE mutation_entries SET open = false WHERE mutation_id = $1::uuid`, mutationId);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, variant.inventoryItemId)).toBe(-1);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("into the settings stays when this version saves them", async () => {
    await sql(
      `INSERT INTO settings_versions (install_id, version, document, created_by)
       SELECT install_id, version + 1, document || '{"version": 3, "pickup": {"on": true}}' || jsonb_build_object('deduct', document->'deduct' || '{"rounding": "up"}'), 'newer'
       FROM settings_versions WHERE install_id = $1 ORDER BY version DESC LIMIT 1`,
      shop.installId,
    );
    const known = await house.composed.settingsStore.current(shop.installId);
    const form: Settings = { version: known.version, mode: known.mode, deduct: { sources: [], on: "orders/paid", location: "order" }, bundles: [], restock: known.restock, reservations: known.reservations, oversell: known.oversell, alerts: [], retentionDays: 30 };
    expect(await house.composed.settingsStore.save({ installId: shop.installId, expectedVersion: known.version, document: form, actor: "t" })).toMatchObject({ kind: "saved" });
    expect(await house.composed.settingsStore.current(shop.installId)).toMatchObject({ retentionDays: 30, pickup: { on: true }, deduct: { on: "orders/paid", sources: [], rounding: "up" } });
  });

  it("into the queue: a job with more fields is a turn, one without a shop is dropped, and neither comes back", async () => {
    const { turnQueue } = house.composed;
    const taken: string[] = [];
    const again = Promise.withResolvers<void>();
    const connection = house.composed.redis.queue;
    const queue = new Queue(TURNS_QUEUE, { connection, prefix: redisKeys(house.redisPrefix).queuePrefix });
    await queue.obliterate({ force: true });
    await queue.add("sweep-region", { region: "eu" });
    await queue.add("turn", { shop: shop.shop, priority: "high", since: 1 });
    const runner = turnQueue.runTurns(
      async (name) => {
        taken.push(name);
        again.resolve();
        return { again: "no" };
      },
      { concurrency: 1 },
    );
    await again.promise;
    await runner.stop({ timeoutMs: 5_000 });
    expect(taken).toEqual([shop.shop]);
    expect(await queue.getJobCounts("wait", "active", "failed", "delayed")).toEqual({ wait: 0, active: 0, failed: 0, delayed: 0 });
    await queue.close();
  });

  it("as a lock for a purpose of its own is respected", async () => {
    const { redis, lock } = house.composed;
    const key = redisKeys(house.redisPrefix).lock(shop.shop, "stock/1@2");
    await redis.commands.hset(key, { owner: "newer/1", purpose: "audit", since: "0", lease: "60000", region: "eu" });
    await redis.commands.pexpire(key, 60_000);
    expect(await lock.tryAcquireFree({ keys: [{ shop: shop.shop, resource: "stock/1@2" }], purpose: "turn", leaseMs: 10_000 })).toMatchObject({ kind: "none_free" });
    expect(await redis.commands.hget(key, "owner")).toBe("newer/1");
  });
});

describe("the first version on the newest schema", () => {
  it.each(FIRST_VERSION_WRITES)("still %s", async (_what, statements) => {
    await expect(
      house.composed.database.transaction(async (tx) => {
        for (const statement of statements) await tx.execute(statement);
        await tx.execute("SET CONSTRAINTS ALL IMMEDIATE");
        throw new Error("every statement went through");
      }),
    ).rejects.toThrow("every statement went through");
  });
});

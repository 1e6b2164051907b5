// Goal: the templates of docs/templates can be copied: each does what it says, against a real PostgreSQL, Redis and the simulated Shopify.
// Method: the files themselves are imported. Where a guard is what counts, the test takes it away first and shows the damage.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { Redis } from "ioredis";
import { Pool } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";
import { createTestRedis, type TestRedis } from "#tests/setup/test-redis.ts";
import { orderBody, TEST_SECRET, TEST_SHOP, webhookRequest } from "#tests/setup/webhook-request.ts";

import { type AdminGraphql, applyEffect, type Effect, planEffects } from "../../docs/templates/adjust-inventory.ts";
import { databaseOf, type Database } from "../../docs/templates/database.ts";
import { withLock } from "../../docs/templates/lock.ts";
import { effectsOfChannel, wireWeb, wireWorker } from "../../docs/templates/together.ts";
import { createWebhookAction } from "../../docs/templates/webhook-action.ts";
import { takeTurn, type WorkerDependencies } from "../../docs/templates/worker.ts";
import { ROOT } from "./read-documents.ts";

let testDatabase: TestDatabase;
let testRedis: TestRedis;
let pool: Pool;
let database: Database;
let redis: Redis;
let house: House;
beforeAll(async () => {
  [testDatabase, testRedis, house] = await Promise.all([createTestDatabase(), createTestRedis(), openHouse()]);
  pool = new Pool({ connectionString: testDatabase.url, options: "-c search_path=templates" });
  await pool.query("CREATE SCHEMA templates");
  await pool.query(await readFile(join(ROOT, "docs/templates/schema.sql"), "utf8"));
  database = databaseOf(pool);
  redis = new Redis(testRedis.url);
});
afterAll(async () => {
  await redis.quit();
  await pool.end();
  await Promise.all([testDatabase.drop(), testRedis.close(), house.close()]);
});
beforeEach(() => pool.query("TRUNCATE webhook_deliveries, stock_effects"));

/** Everybody who arrives waits until `count` have. */
function barrier(count: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((pass) => {
      waiting.push(pass);
      if (waiting.length >= count) for (const release of waiting) release();
    });
}

describe("the webhook action", () => {
  const action = (over: Partial<Parameters<typeof createWebhookAction>[0]> = {}) => createWebhookAction({ database, secrets: [TEST_SECRET], wake: async () => undefined, ...over });
  const rows = () => database.query<{ shop: string; facts: { orderId: string; lines: { variantId: string; quantity: number }[] } }>("SELECT shop, facts FROM webhook_deliveries");
  const statusOf = async (request: Request, over: Parameters<typeof action>[0] = {}) => (await action(over)({ request })).status;

  it("stores one delivery of three copies that arrive at the same instant, and wakes its shop", async () => {
    const woken: string[] = [];
    const answers = await Promise.all([1, 2, 3].map(() => statusOf(webhookRequest(orderBody(), { webhookId: "same" }), { wake: async (shop) => void woken.push(shop) })));
    expect(answers).toEqual([200, 200, 200]);
    expect(await rows()).toHaveLength(1);
    expect(new Set(woken)).toEqual(new Set([TEST_SHOP]));
  });

  it("keeps every digit of long ids, and nobody's name", async () => {
    const body = JSON.stringify(orderBody({ line_items: [{ id: 1, variant_id: "LONG", quantity: 2 }] })).replace('"LONG"', "271878346596884015");
    await statusOf(webhookRequest(body));
    const [row] = await rows();
    expect(row?.facts.lines).toEqual([{ id: "1", variantId: "271878346596884015", quantity: 2 }]);
    expect(JSON.stringify(row)).not.toMatch(/secret|example\.com/i);
  });

  it("refuses what is not signed by a secret in force, and takes the former secret for as long as it is named", async () => {
    const request = () => webhookRequest(orderBody(), { secret: "former-secret" });
    expect(await statusOf(request())).toBe(401);
    expect(await statusOf(request(), { secrets: [TEST_SECRET, "former-secret"] })).toBe(200);
    expect(await statusOf(webhookRequest("no json"))).toBe(400);
    expect(await statusOf(webhookRequest("", { method: "GET" }))).toBe(405);
    expect(await statusOf(webhookRequest(orderBody(), { headers: { "X-Shopify-Webhook-Id": null } }))).toBe(400);
  });

  it("asks Shopify to send again only when nothing was stored: a queue that is away does not matter", async () => {
    const away = async () => Promise.reject(new Error("away"));
    expect(await statusOf(webhookRequest(orderBody()), { wake: away })).toBe(200);
    expect(await statusOf(webhookRequest(orderBody()), { database: { query: away, transaction: away } })).toBe(503);
  });
});

/** A shop with one item, and the way to change it. */
async function openStore(available = 10) {
  const { shop, locationIds } = await house.openShop();
  const locationId = locationIds[0] ?? "";
  const [variant] = house.simulator.control.createProduct(shop, { title: "Lamp", variants: [{ sku: "LAMP", levels: [{ locationId, available }] }] }).variants;
  if (variant === undefined) throw new Error("the product has a variant");
  const admin: AdminGraphql = async (document, { variables }) => {
    const answer = await house.composed.shopify.adminApi.send({ shop, document, variables });
    if (answer.kind !== "ok") throw new Error(answer.kind);
    return { json: async () => ({ data: answer.data }) };
  };
  const effect = (key: string, delta = -1): Effect => ({ key, inventoryItemId: variant.inventoryItemId, locationId, delta });
  const left = () => Number((house.simulator.control.levels(shop).find((level) => level["inventoryItemId"] === variant.inventoryItemId) as { quantities?: { available?: number } }).quantities?.available);
  return { shop, variantId: variant.variantId, admin, effect, left };
}

describe("the mutation wrapper", () => {
  const loseAnswer = (shop: string) => house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "after_commit", times: 1, shop });

  it("takes a unit twice when a lost answer is asked for under a new key", async () => {
    const { shop, admin, effect, left } = await openStore();
    await planEffects(database, shop, [effect("order 1 line 1")]);
    loseAnswer(shop);
    expect(await applyEffect(database, admin, shop, "order 1 line 1")).toEqual({ kind: "later" });
    await pool.query("UPDATE stock_effects SET idempotency_key = gen_random_uuid()");
    await applyEffect(database, admin, shop, "order 1 line 1");
    expect(left()).toBe(8);
  });

  it("takes it once under the stored key, and never again", async () => {
    const { shop, admin, effect, left } = await openStore();
    await planEffects(database, shop, [effect("order 1 line 1")]);
    loseAnswer(shop);
    expect(await applyEffect(database, admin, shop, "order 1 line 1")).toEqual({ kind: "later" });
    expect(await applyEffect(database, admin, shop, "order 1 line 1")).toEqual({ kind: "applied" });
    expect(await applyEffect(database, admin, shop, "order 1 line 1")).toEqual({ kind: "lost" });
    expect(left()).toBe(9);
  });

  it("loses nothing of ten at the same instant, and counts an effect once that two webhooks tell of", async () => {
    const { shop, admin, effect, left } = await openStore(20);
    const keys = Array.from({ length: 10 }, (_, index) => `order ${index} line 1`);
    await Promise.all([planEffects(database, shop, keys.map((key) => effect(key))), planEffects(database, shop, keys.toReversed().map((key) => effect(key)))]);
    await Promise.all(keys.map((key) => applyEffect(database, admin, shop, key)));
    expect(left()).toBe(10);
  });

  it("parks for a person what Shopify refuses, and what is too old for its key", async () => {
    const { shop, admin, effect, left } = await openStore();
    await planEffects(database, shop, [{ ...effect("gone"), inventoryItemId: "gid://shopify/InventoryItem/1" }, effect("old")]);
    expect(await applyEffect(database, admin, shop, "gone")).toMatchObject({ kind: "parked", reason: expect.stringContaining("INVENTORY_ITEM") as string });
    await pool.query("UPDATE stock_effects SET first_sent_at = now() - interval '24 hours' WHERE effect_key = 'old'");
    expect(await applyEffect(database, admin, shop, "old")).toMatchObject({ kind: "parked" });
    expect(left()).toBe(10);
  });

  it("lets a sender that was overtaken decide nothing, and book what it knows to have happened", async () => {
    const { shop, admin, effect } = await openStore();
    await planEffects(database, shop, [effect("a"), { ...effect("b"), inventoryItemId: "gid://shopify/InventoryItem/1" }]);
    const overtaken: AdminGraphql = async (...request) => {
      const answer = await admin(...request);
      await pool.query("UPDATE stock_effects SET attempt = attempt + 1");
      return answer;
    };
    expect(await applyEffect(database, overtaken, shop, "b")).toEqual({ kind: "lost" });
    expect(await applyEffect(database, overtaken, shop, "a")).toEqual({ kind: "applied" });
  });
});

describe("the lock", () => {
  const OPTIONS = { leaseMs: 300, waitLimitMs: 5_000 };
  let number = 0;
  const nextKey = () => `lock:{shop}:${(number += 1)}`;
  const sellOne = async (pause: () => Promise<void>) => {
    const stock = Number(await redis.get("stock"));
    await pause();
    await redis.set("stock", stock - 1);
  };
  const atOnce = async () => undefined;

  it("is what keeps two who read, calculate and write from each other", async () => {
    await redis.set("stock", 10);
    const together = barrier(2);
    await Promise.all([sellOne(together), sellOne(together)]);
    expect(await redis.get("stock")).toBe("9");

    await redis.set("stock", 10);
    const key = nextKey();
    const sales = await Promise.all(Array.from({ length: 8 }, () => withLock(redis, [key], OPTIONS, () => sellOne(atOnce))));
    expect(sales.every(({ kind }) => kind === "done")).toBe(true);
    expect(await redis.get("stock")).toBe("2");
  });

  it("takes all keys or none, so that opposite orders cannot wait for each other", async () => {
    const [a, b] = [nextKey(), nextKey()];
    const both = await Promise.all([withLock(redis, [a, b], OPTIONS, atOnce), withLock(redis, [b, a], OPTIONS, atOnce)]);
    expect(both.map(({ kind }) => kind)).toEqual(["done", "done"]);
    const inside = await withLock(redis, [a], OPTIONS, async () => {
      expect(await withLock(redis, [a, b], { ...OPTIONS, waitLimitMs: 0 }, atOnce)).toEqual({ kind: "busy" });
      return await redis.exists(b);
    });
    expect(inside).toEqual({ kind: "done", value: 0 });
  });

  it("is noticed when it is lost, and leaves the lock of whoever came after alone", async () => {
    const key = nextKey();
    const outcome = await withLock(redis, [key], OPTIONS, async (signal) => {
      await redis.set(key, "somebody else");
      await once(signal, "abort");
    });
    expect(outcome).toEqual({ kind: "lost" });
    expect(await redis.get(key)).toBe("somebody else");
    await redis.del(key);
  });

  it("is renewed for as long as the work takes, and free afterwards, also when the work throws", async () => {
    const key = nextKey();
    await expect(
      withLock(redis, [key], { ...OPTIONS, leaseMs: 90 }, async (signal) => {
        // A renewal is seen when the time that is left grows.
        for (let left = await redis.pttl(key); ; ) {
          const now = await redis.pttl(key);
          if (now > left) break;
          left = now;
        }
        expect(signal.aborted).toBe(false);
        throw new Error("work failed");
      }),
    ).rejects.toThrow("work failed");
    expect(await redis.exists(key)).toBe(0);
  });
});

describe("all four together", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** The template's action where the simulated Shopify sends webhooks to. */
  async function listen(action: ReturnType<typeof createWebhookAction>): Promise<string> {
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const headers = new Headers(Object.entries(incoming.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as [string, string]] : [])));
        const request = new Request(`http://127.0.0.1${incoming.url ?? "/"}`, { method: "POST", headers, body: Buffer.concat(chunks) });
        void action({ request }).then(({ status }) => outgoing.writeHead(status).end());
      });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    closing.push(
      () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        }),
    );
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** The channel's orders take no stock by themselves; created and updated mean the same units. */
  const partsOf = ({ admin, effect, variantId }: Awaited<ReturnType<typeof openStore>>): Pick<WorkerDependencies, "admin" | "effectsOf"> => {
    const { inventoryItemId, locationId } = effect("any");
    return { admin: async () => admin, effectsOf: effectsOfChannel("my-channel", async (_shop, id) => (variantId.endsWith(`/${id}`) ? { inventoryItemId, locationId } : null)) };
  };

  it("take each unit of a sale once, although every webhook comes three times and answers are lost", async () => {
    const store = await openStore(50);
    const wiring = { pool, redisUrl: testRedis.url, prefix: testRedis.keyPrefix };
    const worker = wireWorker({ ...wiring, ...partsOf(store) });
    const web = wireWeb({ ...wiring, secrets: [house.environment.shopify.apiSecret] });
    closing.push(worker.close, web.close);
    house.simulator.setAppUrl(await listen(web.action));
    house.simulator.control.planWebhooks({ seed: 5, duplicates: { rate: 1, copies: 2 } });
    house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "after_commit", times: 3, shop: store.shop });
    for (let count = 0; count < 12; count += 1) house.simulator.control.placeOrder(store.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: store.variantId, quantity: 2 }] });
    house.simulator.control.placeOrder(store.shop, { channel: "web", lines: [{ variantId: store.variantId, quantity: 1 }] });
    await house.delivered();
    await expect
      .poll(async () => {
        await worker.sweep();
        return await pool.query("SELECT 1 FROM stock_effects WHERE state <> 'applied' UNION ALL SELECT 1 FROM webhook_deliveries WHERE done_at IS NULL").then(({ rowCount }) => rowCount);
      })
      .toBe(0);
    house.simulator.control.planWebhooks({ seed: 5 });
    // Shopify took the one unit of its own store by itself.
    expect(store.left()).toBe(50 - 12 * 2 - 1);
    expect((await pool.query("SELECT count(*)::int AS count FROM stock_effects")).rows).toEqual([{ count: 12 }]);
  });

  it("do not need the wake: a turn finds what is stored, also what another turn left half-way", async () => {
    const store = await openStore();
    const dependencies = { database, redis, prefix: testRedis.keyPrefix, ...partsOf(store) };
    const action = createWebhookAction({ database, secrets: [TEST_SECRET], wake: async () => Promise.reject(new Error("the queue is away")) });
    const order = orderBody({ line_items: [{ id: 7, variant_id: Number(store.variantId.split("/").at(-1)), quantity: 3 }] });
    await action({ request: webhookRequest(order, { shop: store.shop }) });
    const dying = { ...dependencies, admin: async () => Promise.reject(new Error("killed")) };
    await expect(takeTurn(dying, store.shop)).rejects.toThrow("killed");
    expect(store.left()).toBe(10);
    await takeTurn(dependencies, store.shop);
    await takeTurn(dependencies, store.shop);
    expect(store.left()).toBe(7);
  });
});

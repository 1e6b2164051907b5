// Goal: show why the recipes that are copied most count twice, or lose. Method: each recipe as it is usually written, against the simulated
// Shopify and a real Redis, with the one interleaving that it does not survive put in by hand: an expiry is forced, a death is an early
// return. docs/reference/races.md draws the same interleavings as tables. Nothing here is random.
import { randomUUID } from "node:crypto";
import { Queue, QueueEvents, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { LabLife } from "#dev/demo/lab/lab-life.ts";
import { labShopify } from "#dev/demo/lab/lab-shopify.ts";
import type { LabShopify, Stock } from "#dev/demo/lab/lab-shopify.ts";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import type { ControlClient } from "#simulator/scenarios/control-client.ts";
import { exchangeToken } from "#simulator/scenarios/naive-shopify.ts";
import { startSimulator } from "#simulator/start.ts";
import type { Simulator } from "#simulator/start.ts";
import { createTestRedis } from "#tests/setup/test-redis.ts";
import type { TestRedis } from "#tests/setup/test-redis.ts";

const IDENTITY = { apiKey: "key", apiSecret: "secret" };
/** Nobody answers there: what matters is what Shopify would have sent. */
const NOBODY = "http://127.0.0.1:9";

let simulator: Simulator;
let control: ControlClient;
let redis: TestRedis;
let commands: Redis;
let shop: string;
let variantId: string;
let stock: Stock;
let shopify: LabShopify;

beforeAll(async () => {
  const subscriptions = ["/webhooks", "/erp"].map((uri) => ({ topic: "orders/create", uri })).concat({ topic: "orders/paid", uri: "/webhooks" });
  simulator = await startSimulator({ ...IDENTITY, subscriptions, appUrl: NOBODY, scopes: ["read_orders", "read_products", "read_inventory", "read_locations"], optionalScopes: ["write_inventory"], schemaPath: inject("adminSchemaPath"), seed: 1 });
  control = controlClient(simulator.origin);
  redis = await createTestRedis();
  commands = new Redis(redis.url);
});
afterAll(async () => {
  commands.disconnect();
  await redis.close();
  await simulator.close();
});
beforeEach(async () => {
  shop = `recipes-${randomUUID()}.myshopify.com`;
  const { locations } = await control.createShop({ shop, plan: "plus", locations: [{ name: "Main" }] });
  await control.install(shop, ["write_inventory"]);
  const locationId = locations[0]?.id ?? "";
  const { variants } = await control.createProduct(shop, { title: "Mug", variants: [{ sku: "MUG", levels: [{ locationId, available: 10 }] }] });
  variantId = variants[0]?.variantId ?? "";
  stock = { inventoryItemId: variants[0]?.inventoryItemId ?? "", locationId };
  const token = await exchangeToken({ control, ...IDENTITY }, shop);
  shopify = labShopify({ origin: simulator.origin, shop, token, apiVersion: "2026-10" }, new LabLife());
});

const takeOne = async (nextKey: () => string = randomUUID) => await shopify.write({ stock, content: { kind: "adjust", delta: -1 }, reference: "recipe:take", nextKey });
const available = async () => await shopify.readAvailable(stock);
const buyNative = async (quantity: number) => await control.placeOrders(shop, [{ channel: "web", lines: [{ variantId, quantity }] }]);

describe("subtracting on every orders/create", () => {
  it("counts a native order twice: Shopify has taken its stock when the notification comes", async () => {
    await buyNative(1);
    expect(await available()).toBe(9);
    await takeOne();
    expect(await available()).toBe(8);
  });
});

describe("SET NX around the handler", () => {
  const handle = async (webhookId: string, diesBeforeTheCall: boolean) => {
    if ((await commands.set(`recipe:${webhookId}`, "seen", "EX", 3_600, "NX")) === null) return "seen before";
    if (diesBeforeTheCall) return "died";
    await takeOne();
    return "done";
  };

  it("loses the unit of a handler that dies after the mark: the retry finds the mark and goes home", async () => {
    const id = randomUUID();
    expect([await handle(id, true), await handle(id, false)]).toEqual(["died", "seen before"]);
    expect(await available()).toBe(10);
  });

  it("takes the unit twice when the mark is gone before the last retry, four hours later", async () => {
    const id = randomUUID();
    expect(await handle(id, false)).toBe("done");
    // An hour passes.
    await commands.del(`recipe:${id}`);
    expect(await handle(id, false)).toBe("done");
    expect(await available()).toBe(8);
  });
});

describe("the webhook id as the only key", () => {
  it("takes one order twice through two subscriptions: each delivery has an id of its own", async () => {
    await control.placeOrders(shop, [{ channel: "api", sourceName: "my-channel", inventoryBehaviour: "BYPASS", lines: [{ variantId, quantity: 1 }] }]);
    await expect.poll(() => sentOf("orders/create").length).toBeGreaterThanOrEqual(2);
    const seen = new Set<string>();
    for (const { webhookId } of sentOf("orders/create")) {
      if (seen.has(webhookId)) continue;
      seen.add(webhookId);
      await takeOne();
    }
    expect(await available()).toBe(8);
  });
});

describe("the event id as the only key", () => {
  it("drops real work: one act of a buyer is one event id for all its topics", async () => {
    await buyNative(1);
    await expect.poll(() => [sentOf("orders/create"), sentOf("orders/paid")].every((sent) => sent.length > 0)).toBe(true);
    const seen = new Set<string>();
    const workedOn: string[] = [];
    for (const topic of ["orders/create", "orders/paid"]) {
      for (const { eventId } of sentOf(topic)) {
        if (seen.has(eventId)) continue;
        seen.add(eventId);
        workedOn.push(topic);
      }
    }
    expect(workedOn).toEqual(["orders/create"]);
  });
});

describe("a lock with a fixed time to live and DEL at the end", () => {
  const take = async (owner: string) => (await commands.set("recipe:lock", owner, "PX", 60_000, "NX")) === "OK";

  it("lets two in when the first is slower than its lease, and a third when the first says goodbye", async () => {
    expect([await take("A"), await take("B")]).toEqual([true, false]);
    // A's lease ends while A is still at work.
    await commands.pexpire("recipe:lock", 0);
    expect(await take("B")).toBe(true);
    // A finishes and removes what is B's by now.
    await commands.del("recipe:lock");
    expect(await take("C")).toBe(true);
    await commands.del("recipe:lock");
  });
});

describe("the order's id as the id of its job", () => {
  it("runs a redelivery again once the first job has been completed and removed", async () => {
    const settings = { prefix: redis.keyPrefix };
    const [one, two, three] = [connect(), connect(), connect()];
    const queue = new Queue("orders", { connection: one, ...settings });
    const events = new QueueEvents("orders", { connection: three, ...settings });
    let runs = 0;
    const worker = new Worker("orders", async () => void (runs += 1), { connection: two, ...settings });
    await events.waitUntilReady();
    for (const _ of ["first delivery", "redelivery"]) {
      const job = await queue.add("order", {}, { jobId: "order-1001", removeOnComplete: true });
      await job.waitUntilFinished(events);
    }
    expect(runs).toBe(2);
    await worker.close();
    await events.close();
    await queue.close();
    for (const connection of [one, two, three]) connection.disconnect();
  });
});

describe("a retry after a lost answer", () => {
  const loseTheAnswer = () => simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "after_commit", shop });

  it("under a new key takes the unit twice", async () => {
    loseTheAnswer();
    await takeOne();
    expect(await available()).toBe(8);
  });

  it("under the same key takes it once", async () => {
    loseTheAnswer();
    const key = randomUUID();
    await takeOne(() => key);
    expect(await available()).toBe(9);
  });
});

describe("a nightly job that sets Shopify to its own number", () => {
  it("puts units back on sale that the online store sold while it was calculating", async () => {
    const ownNumber = (await available()) - 1;
    await buyNative(2);
    await shopify.write({ stock, content: { kind: "set", quantity: ownNumber }, reference: "recipe:nightly", nextKey: randomUUID });
    // Three were sold of ten.
    expect(await available()).toBe(9);
  });
});

function sentOf(topic: string): { webhookId: string; eventId: string }[] {
  const page = simulator.control.webhookLog({ limit: 10_000 });
  return page.items.filter((entry) => entry.topic === topic && entry.shop === shop);
}

function connect(): Redis {
  return new Redis(redis.url, { maxRetriesPerRequest: null });
}

// Goal: a webhook answered 2xx is durable (invariant 1), whatever is wrong with it or beside it. Real PostgreSQL; no mocks.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createDeliveryIntake } from "#app/adapters/prisma/delivery-intake.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { ACCEPT_STATUS, acceptWebhook, type AcceptDependencies } from "#app/pipeline/accept/accept-webhook.server.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { createDeliveryBatcher } from "#app/pipeline/accept/delivery-batcher.server.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";
import { orderBody, TEST_SECRET, TEST_SHOP, webhookRequest, type WebhookOverrides } from "#tests/setup/webhook-request.ts";

let testDatabase: TestDatabase;
let database: OpenDatabase;
let dependencies: AcceptDependencies;
const woken: string[][] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url, connectionsMax: 8 });
  await database.execute(`INSERT INTO installs (shop, epoch) VALUES ($1, 1)`, TEST_SHOP);
  const intake = createDeliveryIntake(database);
  dependencies = { secrets: [TEST_SECRET, "previous-secret"], intake, batcher: createDeliveryBatcher(intake, (shops) => woken.push([...shops]), systemClock) };
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const accept = async (body: unknown, overrides: WebhookOverrides = {}) => {
  const result = await acceptWebhook(webhookRequest(body, overrides), dependencies);
  return { ...result, status: ACCEPT_STATUS[result.outcome] };
};
const stored = (webhookId: string) =>
  database.query<{ state: string; reason: string | null; order_id: string | null; payload: unknown }>(
    `SELECT state, reason, order_id, payload FROM deliveries WHERE webhook_id = $1`,
    webhookId,
  );

describe("accepting a webhook", () => {
  it("stores it before it answers, and wakes its shop", async () => {
    woken.length = 0;
    expect(await accept(orderBody(), { webhookId: "w-1" })).toMatchObject({ outcome: "accepted", status: 200 });
    expect(await stored("w-1")).toMatchObject([{ state: "pending", order_id: "450789469" }]);
    expect(woken).toEqual([[TEST_SHOP]]);
  });

  it("stores no customer data, not even in line properties", async () => {
    await accept(orderBody(), { webhookId: "w-private" });
    expect(JSON.stringify(await stored("w-private"))).not.toMatch(/secret|buyer@example/i);
  });

  it("answers a copy 200 and counts it", async () => {
    await accept(orderBody(), { webhookId: "w-2" });
    expect(await accept(orderBody(), { webhookId: "w-2" })).toMatchObject({ outcome: "duplicate", status: 200 });
    expect(await database.query(`SELECT 1 FROM delivery_duplicates WHERE webhook_id = 'w-2'`)).toHaveLength(1);
  });

  it("accepts exactly one of 60 copies that arrive at the same instant", async () => {
    const outcomes = await Promise.all(Array.from({ length: 60 }, () => accept(orderBody(), { webhookId: "w-3" })));
    expect(outcomes.filter(({ outcome }) => outcome === "accepted")).toHaveLength(1);
    expect(outcomes.every(({ status }) => status === 200)).toBe(true);
    expect(await database.query(`SELECT 1 FROM delivery_duplicates WHERE webhook_id = 'w-3'`)).toHaveLength(59);
  });

  it("does not deadlock when batches of the same rows come over many connections in opposite orders", async () => {
    const intake = createDeliveryIntake(database);
    const batchers = Array.from({ length: 6 }, () => createDeliveryBatcher(intake, () => undefined, systemClock));
    const ids = Array.from({ length: 40 }, (_, index) => `w-d${index}`);
    const results = await Promise.all(
      batchers.flatMap((batcher, index) =>
        (index % 2 === 0 ? ids : ids.toReversed()).map(async (webhookId) =>
          acceptWebhook(webhookRequest(orderBody(), { webhookId }), { ...dependencies, batcher }),
        ),
      ),
    );
    expect(results.filter(({ outcome }) => outcome === "accepted")).toHaveLength(ids.length);
    expect(results.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(ids.length * 5);
  });

  it("keeps ids beyond 2^53 to the last digit", async () => {
    const raw = JSON.stringify(orderBody()).replace('"id":450789469', '"id":9223372036854775807').replace('"variant_id":11', '"variant_id":271878346596884015');
    await accept(raw, { webhookId: "w-big" });
    expect(await stored("w-big")).toMatchObject([{ order_id: "9223372036854775807", payload: { version: { lines: [{ variantId: "271878346596884015" }] } } }]);
  });

  it("takes the previous secret while it is configured", async () => {
    expect(await accept(orderBody(), { secret: "previous-secret" })).toMatchObject({ status: 200 });
  });

  it.each<[string, unknown, WebhookOverrides, number]>([
    ["a method other than POST", "", { method: "GET" }, 405],
    ["a body of 5 MB", "x".repeat(5 * 1024 * 1024), {}, 413],
    ["a missing webhook id", orderBody(), { headers: { "X-Shopify-Webhook-Id": null } }, 400],
    ["a missing signature", orderBody(), { headers: { "X-Shopify-Hmac-Sha256": null } }, 400],
    ["a shop that is no shop's domain", orderBody(), { shop: "evil.example.com" }, 400],
    ["a wrong signature", orderBody(), { secret: "guess" }, 401],
    ["malformed JSON", "{not json", {}, 400],
    ["bytes that are not UTF-8", new Uint8Array([0xff, 0xfe, 0x7b]), {}, 400],
  ])("answers %s as interfaces.md says", async (_case, body, overrides, status) => {
    expect((await accept(body, overrides)).status).toBe(status);
  });

  it("checks size before signature and signature before JSON", async () => {
    expect((await accept("x".repeat(5 * 1024 * 1024), { secret: "guess" })).status).toBe(413);
    expect((await accept("{not json", { secret: "guess" })).status).toBe(401);
  });

  it("answers for a shop that is not installed and stores nothing", async () => {
    expect(await accept(orderBody(), { shop: "stranger.myshopify.com", webhookId: "w-stranger" })).toMatchObject({ outcome: "not_installed", status: 200 });
    expect(await stored("w-stranger")).toEqual([]);
  });

  it("records an unknown topic as ignored", async () => {
    expect(await accept({ a: 1 }, { topic: "no/such_topic", webhookId: "w-topic" })).toMatchObject({ outcome: "ignored", status: 200 });
    expect(await stored("w-topic")).toMatchObject([{ state: "ignored", reason: "unknown_topic", payload: null }]);
  });

  it("records a body that is not what its topic promises, with the reason", async () => {
    expect(await accept({ no: "order" }, { webhookId: "w-odd" })).toMatchObject({ outcome: "rejected", status: 200 });
    expect(await stored("w-odd")).toMatchObject([{ state: "rejected", reason: "order_without_id" }]);
    expect(await accept([1, 2], { webhookId: "w-array" })).toMatchObject({ outcome: "rejected" });
  });

  it("keeps an order with a NUL byte in a SKU, or half a surrogate pair in a name", async () => {
    const lines = [{ id: 1, variant_id: 11, sku: "A\u0000B", name: "broken \ud800 pair", quantity: 1 }];
    expect(await accept(orderBody({ line_items: lines }), { webhookId: "w-nul" })).toMatchObject({ outcome: "accepted" });
    expect(await stored("w-nul")).toMatchObject([{ state: "pending", payload: { version: { lines: [{ sku: "A\uFFFDB" }] } } }]);
  });

  it("stores a row that PostgreSQL refuses as such, and its neighbours as they are", async () => {
    // Past the projection, as a fault of ours would be: the batch is refused as a whole and the row at fault must be found.
    const intake = createDeliveryIntake(database);
    const row = (webhookId: string, topic = "orders/create") => ({
      shop: TEST_SHOP, webhookId, eventId: null, topic, apiVersion: null, triggeredAt: null, orderId: "1", payload: '{"kind":"edited"}', state: "pending" as const, reason: null, traceId: "t",
    });
    const result = await intake.store([row("n-1"), { ...row("n-2"), payload: '{"kind":"edi\\u0000ted"}' }, row("n-3")]);
    expect(result).toEqual({ kind: "stored", outcomes: ["accepted", "rejected", "accepted"] });
    expect(await stored("n-2")).toMatchObject([{ state: "rejected", reason: "unstorable:22P05", payload: null }]);
    expect(await stored("n-3")).toMatchObject([{ state: "pending" }]);
  });

  it("answers 503 when it could not be made durable, and accepts the same webhook afterwards", async () => {
    const closed = openDatabase({ url: "postgresql://nobody:none@127.0.0.1:1/none", connectionsMax: 1 });
    const intake = createDeliveryIntake(closed);
    const away = { ...dependencies, intake, batcher: createDeliveryBatcher(intake, () => undefined, systemClock) };
    expect((await acceptWebhook(webhookRequest(orderBody(), { webhookId: "w-503" }), away)).outcome).toBe("unavailable");
    await closed.close();
    expect(await accept(orderBody(), { webhookId: "w-503" })).toMatchObject({ outcome: "accepted" });
  });

  it("does not take any signed body for an uninstall: headers are not signed", async () => {
    expect(await accept(orderBody(), { topic: "app/uninstalled", webhookId: "u-1" })).toMatchObject({ outcome: "rejected", status: 200 });
    expect(await stored("u-1")).toMatchObject([{ state: "rejected", reason: "body_names_another_shop" }]);
    expect(await accept({ id: 1, myshopify_domain: TEST_SHOP }, { topic: "app/uninstalled", webhookId: "u-2" })).toMatchObject({ outcome: "accepted" });
  });

  it("keeps a privacy request apart, by the shop in its signed body", async () => {
    const body = { shop_id: 1, shop_domain: "gone.myshopify.com" };
    expect(await accept(body, { topic: "shop/redact", webhookId: "c-1" })).toMatchObject({ outcome: "accepted", status: 200 });
    expect(await accept(body, { topic: "shop/redact", webhookId: "c-1" })).toMatchObject({ outcome: "duplicate", status: 200 });
    expect(await database.query(`SELECT shop FROM compliance_requests WHERE webhook_id = 'c-1'`)).toEqual([{ shop: "gone.myshopify.com" }]);
  });
});

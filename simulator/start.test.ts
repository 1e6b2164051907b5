import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestApp, SHOP } from "./testing/running-simulator.ts";
import type { TestApp } from "./testing/running-simulator.ts";

describe("the control API over HTTP", () => {
  let app: TestApp;
  let receiver: Server;
  let received: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(app.simulator.origin + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, text, body: JSON.parse(text) as Record<string, unknown> };
  };
  const onShop = (path: string, body: unknown) => call("POST", `/sim/shops/${SHOP}/${path}`, body);

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => {
        body += chunk;
      });
      request.on("end", () => {
        received.push({ url: request.url ?? "", headers: request.headers, body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    app = await startTestApp({ subscriptions: [{ topic: "orders/create", uri: "/webhooks/orders", includeFields: ["id", "line_items"] }, { topic: "app/uninstalled", uri: "/webhooks/app" }, { topic: "shop/redact", uri: "/webhooks/compliance" }] }, { bigIds: true });
    app.simulator.setAppUrl(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await app.simulator.close();
    receiver.closeAllConnections();
    receiver.close();
  });
  beforeEach(() => {
    received = [];
  });

  it("sells a product and delivers the order with only the subscribed fields, ids of any size intact", async () => {
    const [locationId] = app.locationIds;
    const product = await onShop("products", { title: "Mug", variants: [{ sku: "MUG", levels: [{ locationId, available: 5 }] }] });
    const [variant] = product.body["variants"] as { variantId: string }[];
    const placed = await onShop("orders", { channel: "web", lines: [{ variantId: variant?.variantId, quantity: 2 }] });
    const drained = await call("POST", "/sim/webhooks/drain", {});
    expect(drained.body).toMatchObject({ pending: 0, inFlight: 0 });
    expect(received).toHaveLength(1);
    expect(received[0]?.url).toBe("/webhooks/orders");
    const id = String(placed.body["orderId"]).split("/").at(-1);
    expect(received[0]?.body.startsWith(`{"id":${id},"line_items":[`)).toBe(true);
    expect(received[0]?.body).not.toContain("Norman");
    const whole = await call("GET", `/sim/shops/${SHOP}/orders/${encodeURIComponent(String(placed.body["orderId"]))}`);
    expect(whole.text).toContain(`"id":${id},`);
    expect(whole.text).toContain("Norman");
    const refused = await onShop("orders", { channel: "web", lines: [{ variantId: variant?.variantId, quantity: 4 }] });
    expect(refused.body).toMatchObject({ refused: "out_of_stock" });
  });

  it("places many orders in one call and pages the truth", async () => {
    const [locationId] = app.locationIds;
    const product = await onShop("products", { title: "Cup", variants: [{ sku: "CUP", levels: [{ locationId, available: 3 }] }] });
    const [variant] = product.body["variants"] as { variantId: string }[];
    const order = { channel: "web", lines: [{ variantId: variant?.variantId, quantity: 2 }] };
    const bulk = await onShop("orders/bulk", { orders: [order, order] });
    expect(bulk.body["items"]).toMatchObject([{ name: expect.stringMatching(/^#/) }, { refused: "out_of_stock" }]);
    const first = await call("GET", `/sim/shops/${SHOP}/truth?limit=1`);
    const next = Number(first.body["next"]);
    const rest = await call("GET", `/sim/shops/${SHOP}/truth?after=${next}`);
    expect((rest.body["items"] as { seq: number }[])[0]?.seq).toBe(next + 1);
  });

  it("sends a hand-made webhook byte for byte and tells what the app answered", async () => {
    const sent = await call("POST", "/sim/webhooks/send", { shop: SHOP, topic: "orders/create", rawBody: "{not json", headers: { "X-Shopify-Webhook-Id": "mine", "X-Shopify-Event-Id": null } });
    expect(sent.body).toMatchObject({ status: 200 });
    expect(received[0]).toMatchObject({ body: "{not json", headers: { "x-shopify-webhook-id": "mine" } });
    expect(received[0]?.headers["x-shopify-event-id"]).toBeUndefined();
  });

  it("puts the whole world aside and back: stock, orders, truth and assumptions, and not the time", async () => {
    const [locationId] = app.locationIds;
    const product = await onShop("products", { title: "Vase", variants: [{ sku: "VASE", levels: [{ locationId, available: 5 }] }] });
    const [variant] = product.body["variants"] as { variantId: string }[];
    const look = async () => {
      const [levels, orders, truth] = await Promise.all(["levels", "orders", "truth?limit=10000"].map((path) => call("GET", `/sim/shops/${SHOP}/${path}`)));
      return { levels: levels?.text, orders: orders?.text, truth: truth?.text };
    };
    const before = await look();
    const { body: snapshot } = await call("POST", "/sim/snapshot", {});
    await onShop("orders", { channel: "web", lines: [{ variantId: variant?.variantId, quantity: 2 }] });
    await call("POST", "/sim/assumptions", { keysHonoured: false });
    await call("POST", "/sim/clock", { advanceMs: 60_000 });
    const { body: later } = await call("GET", "/sim/clock");
    expect(await look()).not.toEqual(before);
    // The same snapshot again and again: each test of a suite may begin at it.
    for (let times = 0; times < 2; times += 1) {
      await call("POST", "/sim/restore", snapshot);
      expect(await look()).toEqual(before);
      expect((await call("GET", "/sim/assumptions")).body).toMatchObject({ keysHonoured: true });
      await onShop("orders", { channel: "web", lines: [{ variantId: variant?.variantId, quantity: 5 }] });
    }
    await call("POST", "/sim/restore", snapshot);
    expect(Date.parse(String((await call("GET", "/sim/clock")).body["now"]))).toBeGreaterThanOrEqual(Date.parse(String(later["now"])));
    received = [];
  });

  it("tells of the uninstallation once and asks for erasure 48 hours later", async () => {
    const other = "leaving.myshopify.com";
    await call("POST", "/sim/shops", { shop: other });
    await call("POST", `/sim/shops/${other}/install`, {});
    await call("POST", `/sim/shops/${other}/uninstall`, {});
    await call("POST", "/sim/webhooks/drain", {});
    expect(received.map(({ headers }) => [headers["x-shopify-topic"], headers["x-shopify-shop-domain"]])).toEqual([["app/uninstalled", other]]);
    await call("POST", "/sim/clock", { advanceMs: 48 * 3_600_000 });
    await call("POST", "/sim/webhooks/drain", {});
    expect(received.slice(1).map(({ headers, body }) => [headers["x-shopify-topic"], JSON.parse(body)])).toMatchObject([["shop/redact", { shop_domain: other }]]);
  });

  it.each([
    ["POST", "/sim/shops", { shop: "not a shop" }, 422, "invalid_input"],
    ["POST", "/sim/shops", { shop: SHOP }, 409, "shop_exists"],
    ["POST", "/sim/shops/nobody.myshopify.com/install", {}, 404, "unknown_shop"],
    ["POST", `/sim/shops/${SHOP}/orders`, { channel: "web", lines: [{ variantId: "gid://shopify/ProductVariant/1", quantity: 1 }] }, 404, "unknown_id"],
    ["POST", "/sim/assumptions", { wishful: true }, 422, "unknown_assumption"],
    ["POST", "/sim/restore", { id: "none" }, 404, "unknown_snapshot"],
    ["GET", "/sim/nothing", undefined, 404, "not_found"],
  ])("answers %s %s with a code and a sentence", async (method, path, body, status, code) => {
    expect(await call(method, path, body)).toMatchObject({ status, body: { error: { code, message: expect.any(String) as string } } });
  });
});

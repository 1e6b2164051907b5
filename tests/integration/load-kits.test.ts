// Goal: the load and chaos kits do what they say. Method: the k6 scripts are executed on the stand-in of k6's modules, in a process of their own,
// against a real house behind HTTP; the chaos script's way is played on the same house. Each is also shown to fail where it must.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Readable } from "node:stream";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { receiptEndpoint } from "#app/api/receipt-endpoint.server.ts";
import { ACCEPT_STATUS, acceptWebhook } from "#app/pipeline/accept/accept-webhook.server.ts";
import { openJournal } from "#simulator/checkout/journal.ts";
import { holdfastClient } from "#simulator/checkout/holdfast-client.ts";
import { paymentClient } from "#simulator/checkout/payment-client.ts";
import { startPaymentProvider } from "#simulator/checkout/payment-provider.ts";
import { openShopFront } from "#simulator/checkout/shop-front.ts";
import { shopifyClient } from "#simulator/checkout/shopify-client.ts";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { exchangeToken } from "#simulator/scenarios/naive-shopify.ts";
import { playChaos, type ChaosOptions } from "../../load/chaos/play-chaos.ts";
import { openReservationsFixture, type ApiShop, type ReservationsFixture } from "./reservations-api-fixture.ts";

interface Report {
  ok: boolean;
  counters: Record<string, number>;
  checks: Record<string, { passed: number; failed: number }>;
  failedChecks: string[];
  unexpected: { status: number }[];
  broken: string[];
}

let fixture: ReservationsFixture;
let shop: ApiShop;
let web: Server;
let url: string;
let folder: string;

const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join() : (value ?? ""));

/** What the scripts ask of the web process: webhooks, the API of holds, receipts. */
async function answer(request: Request): Promise<Response> {
  const { composed } = fixture.house;
  const { pathname, search } = new URL(request.url);
  if (pathname === "/webhooks") return new Response(null, { status: ACCEPT_STATUS[(await acceptWebhook(request, composed.accept)).outcome] });
  const order = /^\/api\/v1\/orders\/([^/]+)\/receipt$/.exec(pathname)?.[1];
  if (order !== undefined) return await receiptEndpoint({ request, params: { orderId: decodeURIComponent(order) } }, () => fixture.dependencies);
  // What the payment provider tells the checkout.
  if (pathname === "/told") return new Response(null, { status: 204 });
  const body = request.method === "POST" ? await request.text() : undefined;
  const { status, body: answered } = await fixture.call({ token: shop.token }, request.method, pathname.slice("/api/v1".length) + search, body);
  return Response.json(answered, { status });
}

beforeAll(async () => {
  fixture = await openReservationsFixture();
  shop = await fixture.openShop({ scopes: ["write_inventory", "write_orders"] });
  folder = await mkdtemp(join(tmpdir(), "load-kits-"));
  web = createServer((incoming, outgoing) => {
    const headers = new Headers(Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, textOf(value)]));
    const body = incoming.method === "POST" ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" as const } : {};
    const request = new Request(`http://127.0.0.1${incoming.url ?? "/"}`, { method: incoming.method ?? "GET", headers, ...body });
    void answer(request).then(async (response) => outgoing.writeHead(response.status).end(await response.text()));
  });
  await new Promise<void>((listening) => web.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterAll(async () => {
  web.closeAllConnections();
  web.close();
  await fixture.close();
  await rm(folder, { recursive: true, force: true });
});

function runScript(script: string, env: Record<string, string>, args: string[] = []): Promise<Report> {
  const command = ["--import", "./load/stand-in/register.ts", "load/stand-in/run.ts", `load/k6/${script}.ts`, ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { env: { NODE_ENV: "test", PATH: process.env.PATH ?? "", HOLDFAST_URL: url, ...env } }, (error, stdout, stderr) => {
      const line = stdout.split("\n").findLast((text) => text.startsWith("{"));
      if (line === undefined) reject(new Error(`${script}: ${stderr || String(error)}`));
      else resolve(JSON.parse(line) as Report);
    });
  });
}

describe("webhook-burst.ts", () => {
  const settings = () => ({ SHOP: shop.shop, SHOPIFY_API_SECRET: fixture.house.environment.shopify.apiSecret, HOLDFAST_TOKEN: shop.token });

  it("sends three copies of each order; all are answered, and each counts once", async () => {
    const report = await runScript("webhook-burst", settings());
    expect(report).toMatchObject({ ok: true, counters: { webhooks_accepted: 6, counted_twice: 0 }, checks: { "each copy was answered 200": { passed: 6, failed: 0 }, "three copies are one notification": { passed: 3, failed: 0 } } });
    const [counted] = await fixture.house.composed.database.query<{ deliveries: number; duplicates: number }>(
      `SELECT (SELECT count(*)::int FROM deliveries WHERE shop = $1 AND webhook_id LIKE 'k6-%') AS deliveries, (SELECT count(*)::int FROM delivery_duplicates WHERE shop = $1 AND webhook_id LIKE 'k6-%') AS duplicates`,
      shop.shop,
    );
    expect(counted).toEqual({ deliveries: 6, duplicates: 12 });
  });

  it("says so when webhooks are refused", async () => {
    const report = await runScript("webhook-burst", { ...settings(), SHOPIFY_API_SECRET: "another app's" }, ["--vus", "1", "--iterations", "1"]);
    expect(report).toMatchObject({ ok: false, failedChecks: ["each copy was answered 200"] });
    expect(report.unexpected.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it("names the setting that is missing", async () => {
    await expect(runScript("webhook-burst", { SHOP: shop.shop })).rejects.toThrow("SHOPIFY_API_SECRET is missing");
  });
});

describe("reservations.ts", () => {
  it("holds, asks again and releases, and everything is promisable again", async () => {
    const { itemId } = await fixture.stock(shop, { sku: "LOAD", levels: [4] });
    const report = await runScript("reservations", { HOLDFAST_TOKEN: shop.token, INVENTORY_ITEM_ID: itemId });
    expect(report).toMatchObject({ ok: true, counters: { holds_granted: 6, holds_refused: 0 } });
    expect(report.checks["everything is promisable again"]).toEqual({ passed: 1, failed: 0 });
  });

  it("commits as many as it is told to, and takes a refusal for what it is", async () => {
    const { itemId } = await fixture.stock(shop, { sku: "FEW", levels: [4] });
    const report = await runScript("reservations", { HOLDFAST_TOKEN: shop.token, INVENTORY_ITEM_ID: itemId, COMMIT_PERCENT: "100" });
    expect(report).toMatchObject({ ok: true, counters: { holds_granted: 4, holds_refused: 2 } });
  });
});

describe("checkout.ts", () => {
  it("buys with double clicks until nothing is left, and nothing is sold twice", async () => {
    const { house } = fixture;
    const { apiKey, apiSecret } = house.environment.shopify;
    const { variantId } = await fixture.stock(shop, { sku: "LAMP", levels: [3] });
    const control = controlClient(house.simulator.origin);
    const provider = await startPaymentProvider({ chargeMs: 1 });
    const shopify = shopifyClient({ origin: house.simulator.origin, shop: shop.shop, token: await exchangeToken({ control, apiKey, apiSecret }, shop.shop), apiVersion: "2026-10" });
    await shopify.defineUniqueId();
    const patience = { sleep: async () => undefined, signal: new AbortController().signal };
    const payments = paymentClient({ url: provider.origin, tell: `${url}/told` });
    const front = await openShopFront({
      orderBy: "checkout",
      naive: { payments, shopify, patience },
      parts: { journal: openJournal(join(folder, "journal")), payments, shopify, patience, holdfast: holdfastClient({ url, token: shop.token }), ttlSeconds: 600, chargeNeedsMs: 5_000, nowMs: Date.now },
      product: { title: "lamp", variantId, deliver: async () => undefined },
    });
    const report = await runScript("checkout", { CHECKOUT_URL: front.origin });
    await front.close();
    await provider.close();
    expect(report).toMatchObject({ ok: true, broken: [], counters: { purchases_sold: 3, purchases_sold_out: 3, sold_beyond_stock: 0, told_two_things: 0 } });
    expect(report.checks["no more was sold than there was"]).toEqual({ passed: 1, failed: 0 });
  });
});

describe("chaos.ts", () => {
  const SLOW_MS = 6_000;
  const play = async (more: Partial<ChaosOptions> = {}) => {
    const { house } = fixture;
    const { variantId } = await fixture.stock(shop, { sku: `CHAOS-${more.sourceName ?? ""}`, levels: [500] });
    await house.protect(shop);
    // Shopify's five seconds pass in a quarter of one.
    house.simulator.control.setClock({ scale: 20 });
    const sleep = async (ms: number) => {
      // An answer that is kept back is never heard: Shopify hangs up first. Everything else is time in which Holdfast works.
      if (ms === SLOW_MS) return await new Promise<void>(() => undefined);
      await house.turn(shop.shop);
    };
    const verdict = await playChaos({
      control: controlClient(house.simulator.origin), shop: shop.shop, holdfastUrl: url, holdfastToken: shop.token, sourceName: "my-channel", variantId,
      orders: 12, seed: 1, slowRate: 0.4, dropRate: 0.3, slowMs: SLOW_MS, sleep, say: () => undefined, ...more,
    });
    house.simulator.control.setClock({ scale: 1 });
    return verdict;
  };

  it("finds one effect per order although most answers came late or never", async () => {
    const verdict = await play();
    expect(verdict).toMatchObject({ ok: true, orders: 12, lost: [], doublyApplied: [], notedTwice: [], unitsTaken: 24, unitsOrdered: 24 });
    expect(Math.min(verdict.answersSlow, verdict.answersDropped, verdict.repeated)).toBeGreaterThan(0);
    expect(verdict.requests).toBeGreaterThan(24);
  });

  it("says which orders nothing was done for", async () => {
    const verdict = await play({ sourceName: "a-channel-without-a-rule", orders: 2, slowRate: 0, dropRate: 0, looksMax: 5 });
    expect(verdict).toMatchObject({ ok: false, unitsTaken: 0 });
    expect(verdict.lost).toHaveLength(2);
  });
});

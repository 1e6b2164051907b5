// The recipe of the guide: an app made by Shopify's own library, as it comes, that knows nothing of the simulator and works against it.
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import { afterAll, beforeAll, expect, it } from "vitest";
import { redirectShopRequests } from "./redirect.ts";
import { startTestApp, API_KEY, API_SECRET, SHOP } from "./testing/running-simulator.ts";
import type { TestApp } from "./testing/running-simulator.ts";

const APP_URL = "https://any-app.example";

let app: TestApp;
let takeOff: () => void;

beforeAll(async () => {
  app = await startTestApp();
  takeOff = redirectShopRequests(app.simulator.origin);
});
afterAll(async () => {
  takeOff();
  await app.simulator.close();
});

/** Sessions in memory, as in the smallest app. */
function memoryStorage(): SessionStorage {
  type Session = Parameters<SessionStorage["storeSession"]>[0];
  const sessions = new Map<string, Session>();
  return {
    storeSession: async (session) => Boolean(sessions.set(session.id, session)),
    loadSession: async (id) => sessions.get(id),
    deleteSession: async (id) => sessions.delete(id),
    deleteSessions: async (ids) => ids.map((id) => sessions.delete(id)).every(Boolean),
    findSessionsByShop: async (shop) => [...sessions.values()].filter((session) => session.shop === shop),
  };
}

it("any shopifyApp() opens, reads, and takes webhooks, once its requests are redirected", async () => {
  // Imported after the redirection, as with `node --import`: the library keeps the fetch that it finds.
  await import("@shopify/shopify-app-remix/adapters/node");
  const { ApiVersion, AppDistribution, LogSeverity, shopifyApp } = await import("@shopify/shopify-app-remix/server");
  const shopify = shopifyApp({
    apiKey: API_KEY,
    apiSecretKey: API_SECRET,
    apiVersion: ApiVersion.October26,
    scopes: ["read_products"],
    appUrl: APP_URL,
    authPathPrefix: "/auth",
    sessionStorage: memoryStorage(),
    distribution: AppDistribution.AppStore,
    future: { unstable_newEmbeddedAuthStrategy: true },
    logger: { level: LogSeverity.Error, log: () => undefined },
  });
  const { token } = app.simulator.control.sessionToken(SHOP);
  const { admin, session } = await shopify.authenticate.admin(new Request(`${APP_URL}/app/data`, { headers: { authorization: `Bearer ${token}` } }));
  expect(session.shop).toBe(SHOP);
  const answer = await admin.graphql(`query { shop { myshopifyDomain } locations(first: 5) { nodes { name } } }`);
  expect(await answer.json()).toMatchObject({ data: { shop: { myshopifyDomain: SHOP }, locations: { nodes: [{ name: "Main" }, { name: "Second" }] } } });

  // A webhook that the simulator sends is one that the library accepts.
  const received: Request[] = [];
  const { createServer } = await import("node:http");
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      received.push(new Request(`${APP_URL}${incoming.url ?? ""}`, { method: "POST", headers: incoming.headers as Record<string, string>, body: new Uint8Array(Buffer.concat(chunks)) }));
      outgoing.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  app.simulator.setAppUrl(`http://127.0.0.1:${port}`);
  await app.simulator.control.sendWebhook({ shop: SHOP, topic: "orders/create", payload: { id: 1 } });
  const [webhook] = received;
  if (!webhook) throw new Error("no webhook came");
  expect(await shopify.authenticate.webhook(webhook)).toMatchObject({ topic: "ORDERS_CREATE", shop: SHOP, payload: { id: 1 } });
  server.closeAllConnections();
  server.close();
}, 30_000);

it("leaves every other address alone", async () => {
  const answer = await fetch(`${app.simulator.origin}/sim/shops`);
  expect(answer.status).toBe(200);
});

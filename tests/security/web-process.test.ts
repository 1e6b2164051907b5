// Goal: the web process as it is deployed gives attackers nothing: headers, redirects, markup of strangers, secrets that change, and a thousand malformed requests.
// Method: the built server as a process of its own, a shop whose products are called what an attacker would call them, sockets that write what no client would.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type FuzzHouse, openFuzzHouse } from "#bench/fuzz/fuzz-house.ts";
import { runFuzz } from "#bench/fuzz/run-fuzz.ts";
import { requireBuild } from "#tests/setup/e2e/whole-app.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";
import { createTestRedis } from "#tests/setup/test-redis.ts";

const SEED = 4_711;
const REQUESTS = 1_000;
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

let database: TestDatabase;
let redis: Awaited<ReturnType<typeof createTestRedis>>;
let fuzzed: FuzzHouse;

beforeAll(async () => {
  await requireBuild();
  database = await createTestDatabase();
  redis = await createTestRedis();
  fuzzed = await openFuzzHouse({ databaseUrl: database.url, redisUrl: redis.url, apiSecretPrevious: "the secret before" });
}, 120_000);
afterAll(async () => {
  await fuzzed.close();
  await redis.close();
  await database.drop();
});

const at = (path: string, init: RequestInit = {}) => fetch(`${fuzzed.web.origin}${path}`, { redirect: "manual", ...init, headers: { "User-Agent": BROWSER, Accept: "text/html", ...init.headers } });
const host = (name: string) => Buffer.from(name).toString("base64");

/** As the admin opens a page of the app. */
function embedded(path: string, token = fuzzed.credentials.sessionToken()): Promise<Response> {
  const query = new URLSearchParams({ embedded: "1", shop: fuzzed.shop.shop, host: host("admin.shopify.com/store/fuzz"), locale: "en", id_token: token });
  return at(`${path}?${query}`);
}

describe("markup in the name of a product", () => {
  it("is text on every page that shows it, and in the data that pages are drawn from", async () => {
    const { house, shop, known } = fuzzed;
    const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: `gid://shopify/ProductVariant/${known.variantId}`, quantity: 1 }] });
    if ("refused" in placed) throw new Error("the order was refused");
    await house.settle(shop.shop);
    let shown = 0;
    for (const path of ["/app", "/app/history", "/app/history/notifications", "/app/oversells"]) {
      const page = await embedded(path);
      const html = await page.text();
      expect({ path, status: page.status, runs: html.includes("<img src=x") || html.includes("</script><img") }).toEqual({ path, status: 200, runs: false });
      if (html.includes("onerror")) shown += 1;
    }
    expect(shown, "pages that show the product").toBeGreaterThan(0);
    // The same name where a page is put together from text, and where its data is JSON within a script.
    const [{ title = "" }] = (await house.composed.database.query<{ title: string }>("SELECT title FROM changes WHERE sku = 'FUZZ' LIMIT 1")) as [{ title: string }];
    expect([`<td>${title}</td>`, `<script>data = ${JSON.stringify({ title })}</script>`].every((html) => html.includes("<img src=x") && html.includes("</script><img"))).toBe(true);
  });
});

describe("what a page says of itself", () => {
  it("is that the shop's own admin may frame it and nobody else, and that a browser guesses nothing", async () => {
    const page = await embedded("/app");
    await page.text();
    expect(page.headers.get("Content-Security-Policy")).toMatch(/^frame-ancestors [^;']*https:\/\/fuzz\.myshopify\.com https:\/\/admin\.shopify\.com[^;']*;$/);
    expect([page.headers.get("X-Content-Type-Options"), page.headers.get("Referrer-Policy"), page.headers.getSetCookie()]).toEqual(["nosniff", "strict-origin-when-cross-origin", []]);
  });

  it.each(["/", "/auth/login", "/app?shop=evil.example", "/no/such/page", "/auth/session-token?shop=evil.example", "/auth/session-token?shop=x.myshopify.com%3B%20script-src%20*"])("lets nobody frame %s", async (path) => {
    const page = await at(path);
    await page.text();
    expect(page.headers.get("Content-Security-Policy") ?? "").toMatch(/frame-ancestors 'none'/);
    expect([page.headers.get("Content-Security-Policy")?.includes("evil"), page.status < 500]).toEqual([false, true]);
  });

  it.each(["/healthz", "/api/v1/changes", "/exports/changes.csv", "/favicon.svg"])("is that %s is what it is called and no page", async (path) => {
    const answer = await at(path);
    await answer.text();
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });
});

describe("a redirect", () => {
  const shop = "fuzz.myshopify.com";
  it.each([
    `/?shop=${shop}&host=${host("evil.example")}`, "/?shop=evil.example", `/app?shop=${shop}&host=${host("evil.example/.shopify.com")}`, `/app?shop=${shop}&host=${host("attacker.myshopify.com/pages/gift")}`, `/app?shop=${shop}&host=%00`,
    `/auth/session-token?shop=${shop}&shopify-reload=https%3A%2F%2Fevil.example`, `/auth/exit-iframe?shop=${shop}&exitIframe=https%3A%2F%2Fevil.example`, `/auth/exit-iframe?shop=${shop}&exitIframe=javascript%3Aalert(1)`, "//evil.example/app", "/auth/login?shop=evil.example",
    "/app?return=https://evil.example&returnTo=//evil.example&redirect=//evil.example", `/auth/login?shop=${shop}%0d%0aX-Injected:%201`,
  ])("leads nowhere else: %s", async (path) => {
    const answer = await at(path, { headers: { "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https" } });
    const text = await answer.text();
    const location = answer.headers.get("Location");
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.has("X-Injected")).toBe(false);
    const to = location === null ? null : new URL(location, fuzzed.web.origin);
    expect(to === null || to.origin === fuzzed.web.origin || to.origin === "https://admin.shopify.com", `it leads to ${location}`).toBe(true);
    expect(text).not.toMatch(/window\.open\("https?:\/\/evil|url=https?:\/\/evil|href="(https?:)?\/\/evil/);
  });
});

describe("the app's secret, while it is replaced", () => {
  it("lets pages in under both, and under no third", async () => {
    const token = fuzzed.credentials.sessionToken();
    const content = token.slice(0, token.lastIndexOf("."));
    const under = (secret: string) => `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
    const status = async (secret: string) => {
      const answer = await at("/app/holds.data", { headers: { Authorization: `Bearer ${under(secret)}` } });
      await answer.text();
      return answer.status;
    };
    expect([await status(fuzzed.credentials.apiSecret), await status("the secret before"), await status("guessed")]).toEqual([200, 200, 401]);
  });

  it("lets webhooks in under both, and under no third", async () => {
    const body = JSON.stringify({ id: 9, sku: "S", tracked: true });
    const status = async (secret: string) => {
      const headers = { "X-Shopify-Topic": "inventory_items/update", "X-Shopify-Shop-Domain": fuzzed.shop.shop, "X-Shopify-API-Version": "2026-10", "X-Shopify-Webhook-Id": `rotation-${secret}`, "X-Shopify-Hmac-Sha256": createHmac("sha256", secret).update(body).digest("base64") };
      return (await at("/webhooks", { method: "POST", headers, body })).status;
    };
    expect([await status(fuzzed.credentials.apiSecret), await status("the secret before"), await status("guessed")]).toEqual([200, 200, 401]);
  });
});

describe("a form of another origin", () => {
  it("is refused, with the session of a person in it", async () => {
    const post = (origin: string) => at("/app/holds", { method: "POST", headers: { Origin: origin, "Content-Type": "application/x-www-form-urlencoded", Authorization: `Bearer ${fuzzed.credentials.sessionToken()}` }, body: "act=none" });
    expect((await post("https://evil.example")).status).toBe(403);
    expect((await post(fuzzed.web.origin)).status).not.toBe(403);
  });
});

describe(`${REQUESTS} malformed requests over every public route`, () => {
  it("leave the same process up, the database clean, and a good webhook working", { timeout: 180_000 }, async () => {
    const run = await runFuzz(fuzzed, { seed: SEED, requests: REQUESTS, connections: 16, signal: new AbortController().signal });
    expect(run.faults, `seed ${SEED}`).toEqual([]);
    expect(run.routes).toBeGreaterThan(50);
    expect(Object.keys(run.answers).length).toBeGreaterThan(30);
  });
});

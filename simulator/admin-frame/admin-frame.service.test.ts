// The simulated admin and the stand-in for App Bridge, used by a small embedded app in a real browser.
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { launchBrowser, openPage } from "../../tests/setup/browser.ts";
import { startSimulator } from "../start.ts";
import type { Simulator } from "../start.ts";

const shop = "frame-test.myshopify.com";

/** A page of the app: what Holdfast's own pages do with App Bridge, without a framework around it. */
function appPage(simulatorOrigin: string, path: string): string {
  return `<!doctype html><title>app</title><script data-api-key="key" src="${simulatorOrigin}/app-bridge.js"></script>
<ui-nav-menu><a href="/app" rel="home">Home</a><a href="/app/history">Stock history</a><a href="/app/settings">Settings</a></ui-nav-menu>
<ui-title-bar title="Title of ${path}"></ui-title-bar>
<h1>${path}</h1><output id="out"></output>
<ui-save-bar id="bar"><button variant="primary" id="save">Save</button><button id="discard">Discard</button></ui-save-bar>
<button id="fetch">fetch</button><button id="pick">pick</button><button id="toast">toast</button><button id="scopes">scopes</button><button id="edit">edit</button>
<button id="push">push</button><button id="stale">stale</button>
<script>
const out = (value) => { document.querySelector("#out").textContent = JSON.stringify(value); };
const on = (id, act) => document.querySelector(id).addEventListener("click", async () => { try { out(await act()); } catch (error) { out("error: " + error.message); } });
on("#fetch", async () => (await fetch("/data")).json());
on("#stale", async () => (await fetch("/stale")).json());
on("#pick", async () => (await shopify.resourcePicker({ type: "variant", multiple: true }))?.map((variant) => variant.sku) ?? "closed");
on("#toast", async () => shopify.toast.show("Settings saved"));
on("#scopes", async () => (await shopify.scopes.request(["write_inventory"])).result);
on("#edit", async () => document.querySelector("#bar").show());
on("#push", async () => history.pushState(null, "", "/app/history?state=parked"));
on("#save", async () => { document.querySelector("#bar").hide(); return "saved"; });
on("#discard", async () => { document.querySelector("#bar").hide(); return "discarded"; });
</script>`;
}

let simulator: Simulator;
let app: Server;
let browser: Browser;
let page: Page;
let frame: FrameLocator;
let staleAnswers = 0;

function answerApp(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://app");
  const json = (value: unknown, status = 200, headers: Record<string, string> = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
  const bearer = request.headers.authorization?.split(".").length === 3;
  if (url.pathname === "/data") return json({ bearer });
  if (url.pathname === "/stale") {
    staleAnswers += 1;
    return staleAnswers === 1 ? json({}, 401, { "X-Shopify-Retry-Invalid-Session-Request": "1" }) : json({ asked: staleAnswers, bearer });
  }
  if (url.pathname === "/bounce") {
    response.writeHead(200, { "content-type": "text/html" });
    return void response.end(`<script data-api-key="key" src="${simulator.origin}/app-bridge.js"></script>`);
  }
  if (!url.searchParams.has("id_token")) {
    const target = `http://127.0.0.1:${(app.address() as AddressInfo).port}${url.pathname}${url.search}`;
    response.writeHead(302, { location: `/bounce?shopify-reload=${encodeURIComponent(target)}` });
    return void response.end();
  }
  response.writeHead(200, { "content-type": "text/html" });
  response.end(appPage(simulator.origin, url.pathname));
}

beforeAll(async () => {
  simulator = await startSimulator({ apiKey: "key", apiSecret: "secret", scopes: ["read_orders"], optionalScopes: ["write_inventory"], schemaPath: inject("adminSchemaPath") });
  app = createServer(answerApp);
  await new Promise<void>((listening) => app.listen(0, "127.0.0.1", listening));
  simulator.setAppUrl(`http://127.0.0.1:${(app.address() as AddressInfo).port}`);
  const { locations } = simulator.control.createShop({ shop, plan: "plus", locations: [{ name: "Main" }] });
  simulator.control.createProduct(shop, { title: "Candle", variants: [{ sku: "CANDLE", levels: [{ locationId: locations[0]?.id ?? "", available: 10 }] }] });
  simulator.control.createProduct(shop, { title: "Mug", variants: [{ sku: "MUG", levels: [{ locationId: locations[0]?.id ?? "", available: 5 }] }] });
  simulator.control.install(shop);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await simulator?.close();
  app?.closeAllConnections();
  await new Promise((closed) => app?.close(closed));
});

beforeEach(async () => {
  page = await openPage(browser);
  await page.goto(`${simulator.origin}/store/${shop}/apps/holdfast/app`);
  frame = page.frameLocator("#app-frame");
  await page.waitForSelector("iframe[data-ready]");
});

afterEach(async () => {
  await page.close();
});

async function result(): Promise<string> {
  const out = frame.locator("#out:not(:empty)");
  await out.waitFor({ state: "attached" });
  return (await out.textContent()) ?? "";
}

describe("the simulated admin", () => {
  it("puts a session token on the app's requests to itself", async () => {
    await frame.locator("#fetch").click();
    expect(await result()).toBe('{"bearer":true}');
  });

  it("asks again with a fresh token when the app calls the old one stale", async () => {
    staleAnswers = 0;
    await frame.locator("#stale").click();
    expect(await result()).toBe('{"asked":2,"bearer":true}');
  });

  it("shows the app's navigation and follows it, address bar and back button included", async () => {
    await page.getByRole("link", { name: "Stock history" }).click();
    await frame.getByRole("heading", { name: "/app/history" }).waitFor();
    await page.waitForURL("**/apps/holdfast/app/history");
    expect(await page.locator("#app-title").textContent()).toBe("Title of /app/history");
    await page.reload();
    await frame.getByRole("heading", { name: "/app/history" }).waitFor();
  });

  it("follows the app's own navigation, and back again", async () => {
    await frame.locator("#push").click();
    await page.waitForURL("**/apps/holdfast/app/history?state=parked");
    await page.goBack();
    await page.waitForURL("**/apps/holdfast/app");
    expect(page.url()).toBe(`${simulator.origin}/store/${shop}/apps/holdfast/app`);
  });

  it("leaves the app's bounce page with a fresh token", async () => {
    // A full load of a page without a token is what the app answers with its bounce page.
    await page.evaluate(() => document.querySelector("iframe")?.setAttribute("src", `${document.querySelector("iframe")?.src.split("?")[0]}/bounced?embedded=1`));
    await frame.getByRole("heading", { name: "/app/bounced" }).waitFor();
    expect(await frame.getByRole("heading").textContent()).toBe("/app/bounced");
  });

  it("lets the merchant pick variants out of the shop's real products", async () => {
    await frame.locator("#pick").click();
    await page.getByRole("checkbox", { name: "Mug" }).check();
    await page.getByRole("button", { name: "Add", exact: true }).click();
    expect(await result()).toBe('["MUG"]');
  });

  it("tells the app when the picker was closed", async () => {
    await frame.locator("#pick").click();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await result()).toBe('"closed"');
  });

  it("shows toasts", async () => {
    await frame.locator("#toast").click();
    expect(await page.locator(".toast").textContent()).toContain("Settings saved");
  });

  it("asks the merchant for optional permissions and grants them", async () => {
    await frame.locator("#scopes").click();
    await page.getByRole("button", { name: "Update" }).click();
    expect(await result()).toBe('"granted-all"');
    expect(simulator.control.listShops()[0]?.granted).toEqual(["read_orders", "write_inventory"]);
  });

  it("shows the save bar, keeps unsaved changes from being left, and presses the app's buttons", async () => {
    await frame.locator("#edit").click();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Stay" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.locator("#save-bar").waitFor({ state: "hidden" });
    expect(await result()).toBe('"saved"');
    expect(await frame.getByRole("heading").textContent()).toBe("/app");
  });

  it("sells through the API channel and shows the stock as Shopify has it", async () => {
    await page.locator('tr[data-sku="CANDLE"]').getByRole("button", { name: "Buy 1 through the API channel" }).click();
    await page.getByText("my-channel: 1 × Candle").first().waitFor();
    // Bypassed: Shopify takes nothing, which is what the app is for.
    expect(await page.locator('tr[data-sku="CANDLE"] [data-available]').textContent()).toBe("10");
  });
});

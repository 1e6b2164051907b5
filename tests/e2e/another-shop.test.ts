// Two merchants use the same Holdfast: neither page nor API of one ever shows anything of the other.
import { beforeAll, describe, expect, it } from "vitest";
import { BROWSER } from "#tests/setup/app-routes.ts";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { callApi, openApi } from "#tests/setup/e2e/settings-by-api.ts";
import type { Api, ListedChange } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";
import type { SmallShop } from "#tests/setup/e2e/small-shop.ts";

describe("another shop", () => {
  const merchant = merchantInChromium();
  let first: SmallShop;
  let other: SmallShop;
  let otherApi: Api;
  let change: ListedChange;

  beforeAll(async () => {
    first = openSmallShop(merchant.whole, "one-merchant", { scopes: ["write_inventory"] });
    other = openSmallShop(merchant.whole, "other-merchant", { scopes: ["write_inventory"] });
    await merchant.whole.firstVisit(first.shop);
    await merchant.whole.firstVisit(other.shop);
    const api = await openApi(merchant.whole, first.shop);
    otherApi = await openApi(merchant.whole, other.shop);
    await api.protect();
    first.order(first.candle);
    const [found] = await api.reached("applied", 1);
    if (found === undefined) throw new Error("the first shop's change is gone");
    change = found;
  });

  it("sees nothing of the first one's changes, on its pages or through its API", async () => {
    const { app, goTo } = await merchant.open(other.shop);
    await app.getByText("Ready, waiting for the first order").waitFor();
    await goTo("Stock history");
    await app.getByText("No stock has changed yet").waitFor();
    expect(await otherApi.changes()).toEqual([]);
    expect(await otherApi.changes(`&orderId=${encodeURIComponent(change.orderId)}`)).toEqual([]);
    expect((await callApi(merchant.whole, otherApi.token, `/orders/${encodeURIComponent(change.orderId)}/receipt`)).status).toBe(404);
  });

  it("gets a page with a way back for a change, and for an order, of the first one", async () => {
    merchant.expect(/^404 GET /);
    const { app } = await merchant.open(other.shop, `/app/history/${change.id}`);
    await app.getByText("There is nothing here").waitFor();
    expect(await app.locator("body").innerText()).not.toContain("Beeswax");
    await app.getByRole("link", { name: "Stock history" }).last().click();
    await app.getByText("No stock has changed yet").waitFor();

    const orderNumber = change.orderId.split("/").at(-1);
    const second = await merchant.open(other.shop, `/app/history/orders/${orderNumber}`);
    await second.app.getByText("There is nothing here").waitFor();
    expect(await second.app.locator("body").innerText()).not.toContain("Beeswax");
  });

  it("is told nothing of it in the blocks of Shopify's admin, which ask from Shopify's origin for extensions", async () => {
    const orderNumber = change.orderId.split("/").at(-1);
    const address = `${merchant.whole.webUrl}/extension/orders/${orderNumber}`;
    const origin = { Origin: "https://extensions.shopifycdn.com", "User-Agent": BROWSER };
    const ask = async (shop: string, init: RequestInit = {}) =>
      await fetch(address, { ...init, headers: { ...origin, Authorization: `Bearer ${merchant.whole.simulator.control.sessionToken(shop, {}).token}` } });
    const beforehand = await fetch(address, { method: "OPTIONS", headers: { ...origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type" } });
    expect([beforehand.status, beforehand.headers.get("Access-Control-Allow-Origin")]).toEqual([204, "*"]);
    const shown = await ask(first.shop);
    expect([shown.status, shown.headers.get("Access-Control-Allow-Origin")]).toEqual([200, "*"]);
    expect(await shown.text()).toContain("Beeswax");
    const act = { method: "POST", body: new URLSearchParams({ act: "hold", oversell: "1" }) };
    expect(await (await ask(first.shop, act)).json()).toMatchObject({ kind: "scope_missing" });
    for (const init of [{}, act]) expect((await ask(other.shop, init)).status).toBe(404);
  });
});

// A merchant's first day: Holdfast watches, says what to do first, and shows what it would have done without doing it.
import { describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { CHANNEL, openSmallShop } from "#tests/setup/e2e/small-shop.ts";

describe("the first day", () => {
  const merchant = merchantInChromium();

  it("begins with a Home that says Holdfast watches, changes nothing, and what to do first", async () => {
    const { shop } = openSmallShop(merchant.whole, "first-morning");
    const { app, admin } = await merchant.open(shop);
    await app.getByRole("heading", { level: 1, name: "Home" }).waitFor();
    await app.getByText("Watch only", { exact: true }).waitFor();
    await app.getByText("Ready, waiting for the first order").waitFor();
    await app.getByRole("heading", { name: "From watching to protecting" }).waitFor();
    expect(await app.getByRole("link", { name: "See notifications" }).count()).toBe(1);
    expect(await admin.locator("#app-title").textContent()).toBe("Home");
  });

  it("is not spoilt by an old address: it says that there is nothing, and leads back", async () => {
    merchant.expect(/^404 GET .*no-such-page/);
    const { shop } = openSmallShop(merchant.whole, "old-bookmark");
    const { app, path } = await merchant.open(shop, "/app/no-such-page");
    await app.getByText("There is nothing here").waitFor();
    await app.getByRole("link", { name: "Home" }).last().click();
    await app.getByText("Ready, waiting for the first order").waitFor();
    expect(path()).toBe("/app");
  });

  it("shows an order of the merchant's channel by itself as something that would have changed, while no stock moves", async () => {
    const small = openSmallShop(merchant.whole, "first-order");
    const { app, goTo, admin, path } = await merchant.open(small.shop, "/app/settings/sources");
    await app.getByRole("button", { name: "Add a source" }).click();
    await app.getByRole("textbox", { name: "Source name" }).fill(CHANNEL);
    await app.getByRole("checkbox", { name: "I have checked that these orders do not reduce stock in Shopify" }).check();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByText("Settings saved").waitFor();

    await goTo("Holdfast");
    await app.getByRole("link", { name: /^Would have changed\s*0/ }).waitFor();
    const order = small.order(small.candle, 3);
    await app.getByRole("link", { name: /^Would have changed\s*1/ }).waitFor();
    await app.getByText("No known problems").waitFor();
    await app.getByText("Holdfast is watching. It changes no stock until you turn protection on.").waitFor();

    await app.getByRole("link", { name: /^Would have changed/ }).click();
    await app.getByRole("heading", { level: 1, name: "Stock history" }).waitFor();
    expect(path()).toBe("/app/history?state=shadow&when=today");
    const row = app.getByRole("row").filter({ hasText: order.name });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/Beeswax candle[\s\S]*-3|−3/);
    await row.getByText("Would change").waitFor();
    expect(small.available(small.candle)).toBe(400);
    expect(small.changesByApp()).toEqual([]);
  });
});

// What a person expects of any page: lists as they were left, the way back, the focus on the heading, help that can be sent, and a clear no.
import { describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";

describe("a person", () => {
  const merchant = merchantInChromium();

  it("comes back to a list as it was left, by the navigation and by going back, until the filters are cleared; an address that says its own filters wins", async () => {
    const { shop } = openSmallShop(merchant.whole, "left");
    const visit = await merchant.open(shop, "/app/history?state=parked");
    const heading = (name: string) => visit.app.getByRole("heading", { level: 1, name }).waitFor();
    await heading("Stock history");
    await visit.goTo("Help");
    await heading("Help");
    await visit.goTo("Stock history");
    await heading("Stock history");
    expect(visit.path()).toBe("/app/history?state=parked");
    await visit.admin.goBack();
    await heading("Help");
    await visit.admin.goForward();
    await heading("Stock history");
    await visit.app.getByRole("link", { name: "Clear the filters" }).click();
    await expect.poll(() => visit.path()).toBe("/app/history");
    await visit.goTo("Help");
    await heading("Help");
    await visit.goTo("Stock history");
    await heading("Stock history");
    expect(visit.path()).toBe("/app/history");
    const other = await merchant.open(shop, "/app/history?state=applied");
    await other.app.getByRole("heading", { level: 1, name: "Stock history" }).waitFor();
    expect(other.path()).toBe("/app/history?state=applied");
  });

  it("who uses the keyboard goes on at the heading of the page that a link led to", async () => {
    const { shop } = openSmallShop(merchant.whole, "heading");
    const { app, frame } = await merchant.open(shop, "/app/help");
    await app.getByRole("link", { name: "Stock history" }).first().focus();
    await app.getByRole("link", { name: "Stock history" }).first().press("Enter");
    await app.getByRole("heading", { level: 1, name: "Stock history" }).waitFor();
    await expect.poll(async () => (await frame()).evaluate(() => document.activeElement?.textContent)).toBe("Stock history");
  });

  it("who waits for a page sees its outline and hears that it loads, while what was typed on the old page is still there", async () => {
    const { shop } = openSmallShop(merchant.whole, "waiting");
    const visit = await merchant.open(shop, "/app/settings/tokens");
    // Not by its role: while the outline is shown it has none.
    const name = visit.app.locator('input[name="label"]');
    await name.fill("half typed");
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    await visit.admin.route(/\/app\/help\.data/, async (route) => {
      await released;
      await route.continue();
    });
    await visit.goTo("Help");
    await visit.app.locator(".hf-page-outline").waitFor();
    expect(await visit.app.getByRole("status").filter({ hasText: "Loading" }).count()).toBe(1);
    expect(await name.inputValue()).toBe("half typed");
    release();
    await visit.app.getByRole("heading", { level: 1, name: "Help" }).waitFor();
    expect(await visit.app.locator(".hf-page-outline").count()).toBe(0);
  });

  it("finds the words with what they are called elsewhere, and diagnostics without a secret", async () => {
    const { shop } = openSmallShop(merchant.whole, "helped");
    const { app } = await merchant.open(shop, "/app/help");
    await app.getByText("Technical term: lock contention").waitFor();
    const diagnostics = await app.getByRole("region", { name: "diagnostics" }).innerText();
    expect(diagnostics).toContain(`shop: ${shop}`);
    expect(diagnostics).toContain("mode: observe");
    expect(diagnostics).not.toMatch(/shp(at|ua|rt)_|hf_|secret/);
  });

  it("who may not manage inventory in Shopify is told so where the act is, and nothing is done", async () => {
    const small = openSmallShop(merchant.whole, "viewer", { scopes: ["write_inventory"] });
    merchant.whole.simulator.control.setStaff(small.shop, { id: "42", scopes: ["read_orders", "read_products", "read_inventory", "read_locations"] });
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    const { app } = await merchant.open(small.shop, "/app/settings/tokens");
    await app.getByRole("button", { name: /^Revoke / }).click();
    await app.getByRole("button", { name: "Revoke for good" }).click();
    await app.getByText("Nothing was done: your account may not manage inventory").waitFor();
    expect(await api.settings()).toMatchObject({ version: 1 });
    await app.getByRole("textbox", { name: "Name of the new token" }).fill("mine");
    await app.getByRole("button", { name: "Create token" }).click();
    await app.getByText("Nothing was done: your account may not manage inventory").first().waitFor();
    expect(await app.getByText("Copy the token").count()).toBe(0);
  });
});

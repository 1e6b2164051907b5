// Home in a browser: an order that is short of stock found in two clicks, the calm with its proof, the numbers with their evidence, and the set-up guide that asks for what it needs.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import type { Visit } from "#tests/setup/e2e/merchant.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { CHANNEL, openSmallShop } from "#tests/setup/e2e/small-shop.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe("Home", () => {
  const merchant = merchantInChromium();
  let axe: string;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  });

  const barriers = async (visit: Visit) => {
    const frame = await visit.frame();
    await frame.evaluate(axe);
    const { violations } = await frame.evaluate(async () => {
      const { run } = (globalThis as typeof globalThis & { axe: { run: () => Promise<AxeResults> } }).axe;
      return await run();
    });
    return violations.map(({ id, help, nodes }) => `${id} (${help}), ${nodes.length} times: ${nodes[0]?.html.slice(0, 300) ?? ""}`);
  };

  it("is calm with its proof, then names the order that is short and leads to it in two clicks, on a phone, too", async () => {
    const small = openSmallShop(merchant.whole, "home-short", { scopes: ["write_inventory"] });
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.protect();
    const order = small.order(small.mug, 251);
    await api.reached("applied", 1);
    const visit = await merchant.open(small.shop);
    const { app } = visit;
    // One unit more was sold than there was.
    const title = `Order ${order.name} is short of 1 × Stoneware mug`;
    await app.getByText(title).waitFor({ timeout: 60_000 });
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("link", { name: "See what to do" }).click();
    await app.getByRole("heading", { level: 1 }).filter({ hasText: "Stoneware mug" }).waitFor();
    expect(visit.path()).toMatch(/^\/app\/oversells\/[0-9]+$/);
    await app.getByRole("link", { name: new RegExp(order.name) }).first().waitFor();

    const phone = await merchant.open(small.shop, "/app", PHONE);
    await phone.app.getByText(title).waitFor();
    const width = await (await phone.frame()).evaluate(() => ({ content: document.documentElement.scrollWidth, window: window.innerWidth }));
    expect(width.content).toBeLessThanOrEqual(width.window);
    await phone.app.getByRole("listitem").filter({ hasText: "Background worker" }).getByText("Good").waitFor();
  });

  it("opens each number into what it counts, and says so when nothing was prevented", async () => {
    const small = openSmallShop(merchant.whole, "home-numbers", { scopes: ["write_inventory"] });
    const { control } = merchant.whole.simulator;
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.protect();
    control.planWebhooks({ seed: 7, duplicates: { rate: 1, copies: 1 } });
    small.order(small.candle, 3);
    await control.drainWebhooks();
    control.planWebhooks({ seed: 7 });
    await api.reached("applied", 1);
    const { app, path, goTo } = await merchant.open(small.shop);
    const row = app.getByRole("row").filter({ hasText: "Orders told twice, counted once" });
    await expect.poll(async () => Number((await row.getByRole("cell").first().innerText()).trim()), { timeout: 60_000 }).toBeGreaterThan(0);
    await row.getByRole("link").first().click();
    await app.getByRole("heading", { level: 1, name: "Notifications" }).waitFor();
    expect(path()).toBe("/app/history/notifications?duplicated=yes&about=orders");
    await goTo("Holdfast");
    await app.getByRole("link", { name: "Lost answers, asked for again safely" }).click();
    await app.getByRole("heading", { level: 1, name: "What was prevented" }).waitFor();
    await app.getByText("Every call was answered").waitFor();
  });

  it("leads from watching to protecting: what would have been done, then the permission, then protection; and goes when it is dismissed", async () => {
    const small = openSmallShop(merchant.whole, "home-guide");
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.save((settings) => ({ ...settings, deduct: { ...settings.deduct, sources: [{ sourceName: CHANNEL, confirmedBypass: true }] } }));
    small.order(small.candle, 3);
    await api.reached("shadow", 1);
    const { app, admin } = await merchant.open(small.shop);
    await app.getByText("In the last 24 hours Holdfast would have made 1 change for 1 order, and taken 3 units.").waitFor();
    await app.getByRole("button", { name: "Allow Holdfast to change inventory" }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await app.getByText("The permission was not granted, so nothing has changed.").first().waitFor();
    await app.getByRole("button", { name: "Allow Holdfast to change inventory" }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "Update" }).click();
    await app.getByRole("link", { name: "Turn protection on" }).click();
    // The guide's own step has the same name: until the settings are there, the words would be found on it.
    await app.getByRole("heading", { level: 1, name: "What Holdfast does" }).waitFor();
    await app.getByText("Protect", { exact: true }).click();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByText("Settings saved").waitFor();
    const { app: home } = await merchant.open(small.shop, "/app?guide=shown");
    await home.getByText("3 of 3 done").waitFor();
    expect(merchant.whole.simulator.control.listShops().find(({ shop }) => shop === small.shop)?.granted).toContain("write_inventory");
    await home.getByRole("button", { name: "Dismiss this guide" }).click();
    await home.getByRole("heading", { name: "From watching to protecting" }).waitFor({ state: "hidden" });
  });
});

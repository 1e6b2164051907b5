// Busy items in a browser: the page before anything was waited for, a rush on one item and what follows from it, and the item's own hours.
import { createRequire } from "node:module";
import { mkdir, readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import type { Visit } from "#tests/setup/e2e/merchant.ts";
import { busyAddress, seedBusyHours } from "#tests/setup/e2e/seed-busy-hours.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";
import type { SmallShop } from "#tests/setup/e2e/small-shop.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** Beside the simulated admin's own columns the app is as wide as on a merchant's desk. */
const DESK = { viewport: { width: 1700, height: 1000 } };

describe("busy items", () => {
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
  const fits = async (visit: Visit) => {
    const width = await (await visit.frame()).evaluate(() => ({ content: document.documentElement.scrollWidth, window: window.innerWidth }));
    expect(width.content).toBeLessThanOrEqual(width.window);
  };
  /** Screenshots, where a folder for them is named. */
  const show = async (visit: Visit, name: string) => {
    const folder = process.env["BUSY_SCREENS"];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    const frame = await visit.frame();
    const height = await frame.evaluate(() => document.documentElement.scrollHeight);
    const size = visit.admin.viewportSize();
    if (size) await visit.admin.setViewportSize({ width: size.width, height: Math.max(size.height, height + 120) });
    await visit.admin.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  };

  async function openStore(name: string): Promise<SmallShop> {
    const small = openSmallShop(merchant.whole, name, { scopes: ["write_inventory"] });
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.protect();
    for (const item of [small.mug, small.candle]) small.order(item);
    await api.reached("applied", 2);
    return small;
  }

  it("are explained before anything was ever waited for", async () => {
    const small = await openStore("busy-none");
    // Two orders at one moment may have met.
    await merchant.whole.query(`DELETE FROM contention_hours USING installs WHERE installs.id = install_id AND shop = $1`, [small.shop]);
    const visit = await merchant.open(small.shop, "/app", DESK);
    await visit.goTo("Busy items");
    await visit.app.getByText("No item was ever waited for").waitFor();
    await visit.app.getByText("No item is being changed at this moment.").waitFor();
    expect(await barriers(visit)).toEqual([]);
    await show(visit, "busy-none");
  });

  it("name the item that is sold too fast, why nothing is lost, and lead to its hours and its changes", async () => {
    const small = await openStore("busy-rush");
    await seedBusyHours(merchant.whole, small, small.mug, { waits: [120, 340, 12, 0, 0, 4], bucket: 6, longestMs: 4_800, holdMs: 2_100 });
    await seedBusyHours(merchant.whole, small, small.candle, { waits: [0, 9, 3], cause: "reservations", lost: 1 });
    const visit = await merchant.open(small.shop, "/app/busy", DESK);
    const { app } = visit;
    await app.getByText("Stoneware mug is sold faster than Shopify lets its stock change").waitFor();
    await app.getByText("A lock ended before its work in the last 24 hours").waitFor();
    await app.getByRole("row", { name: /Stoneware mug.*476/ }).waitFor();
    await app.getByRole("img", { name: /In the last 24 hours: 488 waits/ }).waitFor();
    await app.getByRole("button", { name: "Show as a table" }).click();
    await app.getByRole("region", { name: "Waits by hour" }).getByRole("cell", { name: "349" }).waitFor();
    expect(await barriers(visit)).toEqual([]);
    await show(visit, "busy-rush");
    const small1280 = await merchant.open(small.shop, "/app/busy", { viewport: { width: 1280, height: 900 } });
    await small1280.app.getByText("Stoneware mug is sold faster").waitFor();
    await show(small1280, "busy-rush-1280");

    await app.getByRole("button", { name: "7 days" }).click();
    await app.getByRole("heading", { name: "Last 7 days", exact: true }).waitFor();
    expect(visit.path()).toBe("/app/busy?span=week");
    await app.getByRole("row", { name: /Stoneware mug/ }).getByRole("link").click();
    await app.getByRole("heading", { level: 1, name: "Stoneware mug" }).waitFor();
    expect(visit.path()).toBe(`${busyAddress(small, small.mug)}&span=week`);
    expect(await barriers(visit)).toEqual([]);
    await show(visit, "busy-item");
    await app.getByRole("link", { name: "Its changes in Stock history" }).click();
    await app.getByRole("heading", { level: 1, name: "Stock history" }).waitFor();
    await app.getByText("Stoneware mug").first().waitFor();
    expect(await app.getByText("Beeswax candle").count()).toBe(0);
  });

  it("can be read on a phone, and an item of no shop is said to be nothing", async () => {
    const small = await openStore("busy-phone");
    await seedBusyHours(merchant.whole, small, small.mug, { waits: [40, 8], bucket: 3, longestMs: 450, holdMs: 300 });
    const visit = await merchant.open(small.shop, "/app/busy", PHONE);
    await visit.app.getByText("Everything is normal: the longest wait in the last 24 hours was 450 ms").waitFor();
    await fits(visit);
    expect(await barriers(visit)).toEqual([]);
    await show(visit, "busy-phone");
    await visit.app.getByRole("link", { name: /Stoneware mug.*48 waits/s }).click();
    await visit.app.getByRole("heading", { level: 1, name: "Stoneware mug" }).waitFor();
    await fits(visit);
    await show(visit, "busy-item-phone");

    merchant.expect(/404 GET .*item=1&location=1/);
    const nothing = await merchant.open(small.shop, "/app/busy?item=1&location=1", PHONE);
    await nothing.app.getByText("There is nothing here").waitFor();
  });
});

// The race lab in a browser, at a desk and on a phone: switch a protection off, start the sale, see what it was for, read why.
import { createRequire } from "node:module";
import { mkdir, readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createLabWorld } from "#dev/demo/lab/lab-world.ts";
import { runLabHandler } from "#dev/demo/lab/run-lab-handler.ts";
import { serveLab } from "#dev/demo/lab/serve-lab.ts";
import type { LabServer } from "#dev/demo/lab/serve-lab.ts";
import { launchBrowser, openPage } from "#tests/setup/browser.ts";
import { createTestRedis } from "#tests/setup/test-redis.ts";
import type { TestRedis } from "#tests/setup/test-redis.ts";

const DESK = { viewport: { width: 1280, height: 900 } };
/** A sale on a busy machine. */
const RUN_MS = 60_000;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe("the race lab", () => {
  let redis: TestRedis;
  let world: Awaited<ReturnType<typeof createLabWorld>>;
  let lab: LabServer;
  let browser: Browser;
  let axe: string;
  beforeAll(async () => {
    redis = await createTestRedis();
    world = await createLabWorld({ schemaPath: inject("adminSchemaPath"), databaseUrl: inject("databaseUrl"), redisUrl: redis.url, apiVersion: "2026-10", graphqlMs: 40, limitMs: 60_000 });
    lab = await serveLab({ runHandler: async (switches, seed) => await runLabHandler(world, switches, seed), runHoldfast: null, adminUrl: "http://127.0.0.1:9/" });
    browser = await launchBrowser();
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  });
  afterAll(async () => {
    await browser.close();
    await lab.close();
    await world.close();
    await redis.close();
  });

  const barriers = async (page: Page) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(async () => {
      const { run } = (globalThis as typeof globalThis & { axe: { run: () => Promise<AxeResults> } }).axe;
      return await run();
    });
    return violations.map(({ id, help, nodes }) => `${id} (${help}), ${nodes.length} times: ${nodes[0]?.html.slice(0, 300) ?? ""}`);
  };
  /** A phone's window grows with a page that is too wide: what counts is the screen. */
  const fits = async (page: Page) => (await page.evaluate(() => document.documentElement.scrollWidth)) <= (page.viewportSize()?.width ?? 0);
  /** Screenshots, where a folder for them is named. */
  const show = async (page: Page, name: string) => {
    const folder = process.env["LAB_SCREENS"];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  };

  it("shows the damage of a protection that is off, and that there is none with it", async () => {
    const page = await openPage(browser, DESK);
    await page.goto(lab.origin);
    await page.getByLabel("Idempotency", { exact: true }).uncheck();
    await page.getByRole("button", { name: "Start the sale" }).click();
    await page.getByRole("heading", { name: "Without idempotency, seed 1" }).waitFor({ timeout: RUN_MS });
    await expect.poll(async () => await page.locator("#status").textContent()).toContain("Ready.");
    expect(await page.locator(".verdict").first().textContent()).toContain("taken too often");
    // The form keeps what was chosen.
    expect(await page.getByLabel("Idempotency", { exact: true }).isChecked()).toBe(false);
    await page.getByLabel("Idempotency", { exact: true }).check();
    await page.getByRole("button", { name: "Start the sale" }).click();
    await page.getByRole("heading", { name: "All five on, seed 1" }).waitFor({ timeout: RUN_MS });
    expect(await page.locator(".verdict").first().textContent()).toBe("No unit is wrong.");
    // Both stay side by side.
    expect(await page.getByRole("rowheader").count()).toBe(2);
    expect(await page.getByRole("img").first().getAttribute("aria-label")).toContain("every order and lamp is as it should be");
    await show(page, "lab.desk");
    expect([await barriers(page), await fits(page)]).toEqual([[], true]);
  });

  it("fits on a phone, and leads to why each switch matters", async () => {
    const page = await openPage(browser, PHONE);
    await page.goto(lab.origin);
    await show(page, "lab.phone");
    expect([await barriers(page), await fits(page)]).toEqual([[], true]);
    await page.getByRole("link", { name: "Why: lock" }).click();
    await page.getByRole("heading", { name: "Look, then take" }).waitFor();
    await show(page, "guide.phone");
    expect([await barriers(page), await fits(page)]).toEqual([[], true]);
  });
});

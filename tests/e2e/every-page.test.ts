// What holds for every page: it can be used without seeing it, on a phone, and nothing jumps while it loads.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import type { Frame } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import type { Visit } from "#tests/setup/e2e/merchant.ts";
import { openShopOfPages, PAGES } from "#tests/setup/e2e/pages.ts";
import type { PageIds } from "#tests/setup/e2e/pages.ts";
import type { SmallShop } from "#tests/setup/e2e/small-shop.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** Built for Shopify wants no more, at the 75th percentile. */
const LAYOUT_SHIFT_MAX = 0.1;

describe("every page", () => {
  const merchant = merchantInChromium();
  let small: SmallShop;
  let ids: PageIds;
  let axe: string;

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    ({ small, ids } = await openShopOfPages(merchant.whole, "every-page"));
  });

  const openPage = async (path: string, heading: string | RegExp, options = {}): Promise<Visit> => {
    const visit = await merchant.open(small.shop, path, options);
    await visit.app.getByRole("heading", { level: 1, name: heading }).waitFor();
    return visit;
  };

  it.each(PAGES)("%s does not jump while it loads, has a heading, names for everything that can be used, and no other barrier that a machine can find", async (_, heading, path) => {
    // Nothing is cached: that is when pages jump.
    const visit = await openPage(path(ids), heading, { first: true });
    expect(await layoutShift(await visit.frame())).toBeLessThanOrEqual(LAYOUT_SHIFT_MAX);
    const violations = await findBarriers(await visit.frame(), axe);
    expect(violations).toEqual([]);
    expect(await visit.app.getByRole("heading").first().evaluate((found) => found.tagName)).toBe("H1");
    expect(await visit.app.getByRole("heading", { level: 1 }).count()).toBe(1);
  });

  it.each(PAGES)("%s needs no sideways scrolling on a phone", async (_, heading, path) => {
    const visit = await openPage(path(ids), heading, PHONE);
    const width = await (await visit.frame()).evaluate(() => ({ content: document.documentElement.scrollWidth, window: window.innerWidth }));
    expect(width.window).toBeLessThanOrEqual(390);
    expect(width.content).toBeLessThanOrEqual(width.window);
  });

  it("lets a merchant without a mouse change a setting and save it", async () => {
    const { admin, app } = await openPage("/app/settings/mode", "What Holdfast does");
    const protect = app.getByRole("radio", { name: "Protect" });
    await protect.focus();
    await admin.keyboard.press("ArrowUp");
    expect(await app.getByRole("radio", { name: "Watch only" }).isChecked()).toBe(true);
    await admin.locator("#save-bar").waitFor();
    const save = admin.getByRole("button", { name: "Save", exact: true });
    // The bar stands before the frame in the admin: back through the app's fields, and out of it.
    await expect
      .poll(async () => {
        await admin.keyboard.press("Shift+Tab");
        return await save.evaluate((button) => document.activeElement === button);
      }, { timeout: 20_000, interval: 1 })
      .toBe(true);
    await admin.keyboard.press("Enter");
    await admin.getByText("Settings saved").waitFor();
  });
});

async function findBarriers(frame: Frame, axe: string): Promise<string[]> {
  await frame.evaluate(axe);
  const { violations } = await frame.evaluate(async () => {
    const { run } = (globalThis as typeof globalThis & { axe: { run: () => Promise<AxeResults> } }).axe;
    return await run();
  });
  return violations.map(({ id, help, nodes }) => `${id} (${help}), ${nodes.length} times: ${nodes[0]?.html.slice(0, 300) ?? ""}`);
}

/** The sum of all shifts since the document began, those of the app's first renders included. */
async function layoutShift(frame: Frame): Promise<number> {
  return await frame.evaluate(async () => {
    // Two frames later everything that belongs to the load has been drawn.
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const observer = new PerformanceObserver(() => undefined);
    observer.observe({ type: "layout-shift", buffered: true });
    const shifts = observer.takeRecords() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[];
    observer.disconnect();
    return shifts.reduce((sum, shift) => sum + (shift.hadRecentInput ? 0 : shift.value), 0);
  });
}

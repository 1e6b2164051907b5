// Holds in a browser: the empty page, stock put aside by a checkout, a decision on a sale whose order nobody saw, and everything released.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import { beforeAll, describe, expect, it } from "vitest";
import { holdInCheckout, payForHold } from "#tests/setup/e2e/hold-in-checkout.ts";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import type { Visit } from "#tests/setup/e2e/merchant.ts";
import { type Api, openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";
import type { SmallShop } from "#tests/setup/e2e/small-shop.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** Beside the simulated admin's own columns the app is as wide as on a merchant's desk. */
const DESK = { viewport: { width: 1700, height: 1000 } };

describe("holds", () => {
  const merchant = merchantInChromium();
  let axe: string;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  });

  async function openStore(name: string): Promise<{ small: SmallShop; api: Api }> {
    const small = openSmallShop(merchant.whole, name, { scopes: ["write_inventory"] });
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.protect();
    return { small, api };
  }

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

  it("are explained to a merchant who never had one, who is led to what they need", async () => {
    const store = await openStore("holds-none");
    const visit = await merchant.open(store.small.shop);
    await visit.goTo("Holds");
    await visit.app.getByText("No checkout has asked for a hold yet").waitFor();
    expect(await barriers(visit)).toEqual([]);
    await visit.app.getByRole("link", { name: "See how it works" }).click();
    await visit.app.getByRole("heading", { name: "Holds for a checkout of your own" }).waitFor();
    await visit.app.getByText("Before you uninstall Holdfast, release all holds").waitFor();
  });

  it("are seen item by item, released one by one and all together, and Shopify has its stock back", async () => {
    const store = await openStore("holds-release");
    const first = await holdInCheckout(merchant.whole, store.api.token, store.small.candle, 2, "cart-1");
    await holdInCheckout(merchant.whole, store.api.token, store.small.mug, 3, "cart-2");
    expect(store.small.available(store.small.candle)).toBeLessThanOrEqual(398);

    const visit = await merchant.open(store.small.shop, "/app", DESK);
    const { app } = visit;
    await app.getByRole("link", { name: /^On hold in checkouts/ }).click();
    await app.getByRole("row", { name: /Beeswax candle/ }).waitFor();
    await app.getByRole("row", { name: /Stoneware mug/ }).waitFor();
    expect(await barriers(visit)).toEqual([]);

    await app.getByRole("link", { name: "All holds" }).click();
    await app.getByRole("link", { name: /2 × Beeswax candle.*cart-1/s }).click();
    await app.getByRole("heading", { level: 1, name: "2 × Beeswax candle" }).waitFor();
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("button", { name: "Release this hold" }).click();
    await app.getByText("Its units may be promised to the next buyer.").waitFor();
    expect(visit.path()).toBe(`/app/holds/${first}`);

    await visit.goTo("Holds");
    await app.getByRole("button", { name: "Release all" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByText("3 units on hold lose them").waitFor();
    expect(await barriers(visit)).toEqual([]);
    await dialog.getByRole("button", { name: "Release all" }).click();
    await app.getByText("1 hold with 3 units released").waitFor();
    await expect.poll(() => [store.small.available(store.small.candle), store.small.available(store.small.mug)]).toEqual([400, 250]);
    await app.getByText("Nothing is put aside right now").waitFor();
  });

  it("wait for a person when they were paid for and no order came; a phone is enough to decide", async () => {
    const store = await openStore("holds-decide");
    const holdId = await holdInCheckout(merchant.whole, store.api.token, store.small.candle, 2, "cart-9");
    await payForHold(merchant.whole, store.api.token, holdId, "pay-9");
    // A day later.
    await merchant.whole.query(`UPDATE reservations SET settlement = 'person', settle_at = NULL WHERE id = $1::uuid`, [holdId]);
    const visit = await merchant.open(store.small.shop, "/app", PHONE);
    const { app } = visit;
    await app.getByText("1 hold needs your decision").waitFor();
    await app.getByRole("link", { name: "Decide" }).first().click();
    await fits(visit);
    await app.getByRole("link", { name: /2 × Beeswax candle/ }).click();
    await app.getByText("no order that names it took its stock").waitFor();
    await fits(visit);
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("button", { name: "Put back on sale" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByRole("button", { name: "Put back on sale" }).click();
    await dialog.getByText("Give a reason").waitFor();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("The payment was given back");
    await dialog.getByRole("button", { name: "Put back on sale" }).click();
    await app.getByText("Decided: it goes back on sale").waitFor();
    const overview = await merchant.open(store.small.shop, "/app/holds", PHONE);
    await overview.app.getByRole("heading", { level: 1, name: "Holds" }).waitFor();
    await fits(overview);
    expect(await barriers(overview)).toEqual([]);
  });
});

// What needs review in a browser: a merchant reads why, retries, discards with a reason, says what happened, singly and all at once.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import type { Visit } from "#tests/setup/e2e/merchant.ts";
import { type Api, openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";
import type { SmallShop, StockedItem } from "#tests/setup/e2e/small-shop.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe("what needs review", () => {
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

  /** Orders of one item, each refused by Shopify in a call of its own. */
  async function refuse({ small, api }: { small: SmallShop; api: Api }, item: StockedItem, count: number, already = 0) {
    const orders = [];
    for (let index = 1; index <= count; index += 1) {
      merchant.whole.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code: "INVALID_LOCATION", index: 0, times: 1, shop: small.shop });
      orders.push(small.order(item));
      await api.reached("parked", already + index);
    }
    return orders;
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

  it("is led to from Home, says why and what to do, and goes on after a retry", async () => {
    const store = await openStore("review-retry");
    const [order] = await refuse(store, store.small.candle, 1);
    const visit = await merchant.open(store.small.shop);
    const { app, goTo } = visit;
    await app.getByRole("link", { name: "Review", exact: true }).click();
    await app.getByRole("heading", { level: 1, name: "Needs review" }).waitFor();
    await app.getByText("Mend the cause in Shopify").waitFor();
    await app.getByRole("link", { name: `−1 Beeswax candle · order ${order?.name}` }).waitFor();
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("button", { name: /^Retry: −1 Beeswax candle/ }).click();
    await app.getByText("1 change sent for another try").waitFor();
    await store.api.reached("applied", 1);
    expect(store.small.available(store.small.candle)).toBe(399);
    await goTo("Needs review");
    await app.getByText("Nothing needs review").waitFor();
  });

  it("is ended with a reason for those that were selected, which the change's own page then tells", async () => {
    const store = await openStore("review-discard");
    const orders = await refuse(store, store.small.mug, 3);
    const visit = await merchant.open(store.small.shop, "/app/review");
    const { app } = visit;
    const row = (name: string) => app.getByRole("listitem").filter({ hasText: `order ${name}` });
    await row(orders[0]?.name ?? "").getByRole("checkbox").check();
    await row(orders[1]?.name ?? "").getByRole("checkbox").check();
    await app.getByRole("button", { name: "Discard: what is selected" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByText("This is final.").waitFor();
    expect(await barriers(visit)).toEqual([]);
    await dialog.getByRole("button", { name: "Discard" }).click();
    await dialog.getByText("Give a reason").waitFor();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Counted by hand this morning");
    await dialog.getByRole("button", { name: "Discard" }).click();
    await app.getByText("2 changes discarded").waitFor();
    await store.api.reached("rejected", 2);
    await store.api.reached("parked", 1);

    await app.getByRole("link", { name: /^−1 Stoneware mug/ }).click();
    await app.getByRole("heading", { name: "Needs review: refused by shopify" }).waitFor();
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("button", { name: "Discard", exact: true }).click();
    await app.getByRole("dialog").getByRole("textbox", { name: "Reason" }).fill("Damaged, written off");
    await app.getByRole("dialog").getByRole("button", { name: "Discard" }).click();
    await app.getByText("1 change discarded").waitFor();
    await app.getByText("Damaged, written off").waitFor();
    await app.getByText(/By Staff member/).first().waitFor();
    expect(store.small.available(store.small.mug)).toBe(250);
  });

  it("is done for everything that matches, more than one page of it, and says why some was not", async () => {
    const store = await openStore("review-all");
    await refuse(store, store.small.candle, 1);
    const { whole } = merchant;
    // A rush that Shopify refuses as a whole, entry by entry, is slow to make: most of it is written as the worker would have left it.
    await whole.query(
      `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, order_name, sku, title, inventory_item_id, location_id, delta, state, reason, outcome_unknown, trace_id)
       SELECT id, shop, 'rush/' || n, 'order', n::text, '#R' || n, 'MUG', 'Stoneware mug', $2, $3, -1, 'parked', CASE WHEN n > 300 THEN 'outcome_unknown' ELSE 'refused:INVALID_LOCATION' END, n > 300, 't'
       FROM installs, generate_series(1, 302) AS n WHERE shop = $1 AND state = 'active'`,
      [store.small.shop, store.small.mug.inventoryItemId.split("/").at(-1), store.small.locationId.split("/").at(-1)],
    );
    const visit = await merchant.open(store.small.shop, "/app/review");
    const { app } = visit;
    await app.getByRole("button", { name: "All (303)" }).waitFor();
    await app.getByRole("checkbox", { name: "Select all 50 changes on this page" }).check();
    await app.getByRole("button", { name: "Select all changes that match" }).click();
    await app.getByRole("button", { name: "Retry: what is selected" }).click();
    await app.getByText("301 changes sent for another try, 2 not").waitFor();
    await app.getByText("2 changes may have taken effect").waitFor();
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("button", { name: "Outcome unknown (2)" }).click();
    await app.getByText("Look in the item's inventory history in Shopify").waitFor();
    await app.getByRole("button", { name: /^It was not applied: −1 Stoneware mug · order #R302/ }).waitFor();
    await store.api.reached("parked", 2);
    expect(store.small.available(store.small.candle)).toBe(399);
  });

  it("fits a phone, and a notification can be worked on once more from there", async () => {
    const store = await openStore("review-phone");
    await refuse(store, store.small.candle, 1);
    const visit = await merchant.open(store.small.shop, "/app/review", PHONE);
    await visit.app.getByText("Mend the cause in Shopify").waitFor();
    const width = async () => (await visit.frame()).evaluate(() => ({ content: document.documentElement.scrollWidth, window: window.innerWidth }));
    const review = await width();
    expect(review.content).toBeLessThanOrEqual(review.window);
    expect(await barriers(visit)).toEqual([]);

    const desk = await merchant.open(store.small.shop, "/app/history/notifications?about=orders");
    await desk.app.getByRole("button", { name: /^Work on it again: Order placed/ }).click();
    await desk.app.getByText("1 notification will be worked on once more").waitFor();
    await desk.app.getByText(/Worked on once more/).first().waitFor();
    expect(await barriers(desk)).toEqual([]);
    await store.api.reached("parked", 1);
  });
});

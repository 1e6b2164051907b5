// Stock history with more changes than fit on a page: filters, pages, the address, the browser's back button, nothing found.
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import type { Visit } from "#tests/setup/e2e/merchant.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";
import type { PlacedOrder, SmallShop } from "#tests/setup/e2e/small-shop.ts";

/** The page shows 50. */
const CANDLE_ORDERS = 55;

const rows = ({ app }: Visit) => app.getByRole("row").filter({ has: app.getByRole("cell") });
const orderNames = async (visit: Visit) => await rows(visit).locator("td:nth-child(2)").allInnerTexts();

describe("stock history", () => {
  const merchant = merchantInChromium();
  let small: SmallShop;
  let mugOrder: PlacedOrder;

  beforeAll(async () => {
    small = openSmallShop(merchant.whole, "long-history", { scopes: ["write_inventory"] });
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.protect();
    for (let count = 0; count < CANDLE_ORDERS; count += 1) small.order(small.candle);
    mugOrder = small.order(small.mug, 2);
    await api.reached("applied", CANDLE_ORDERS + 1);
    // Shown only: protection is off again.
    await api.save((settings) => ({ ...settings, mode: "observe" }));
    small.order(small.mug, 5);
    await api.reached("shadow", 1);
  });

  it("goes to older changes and back without missing or repeating one", async () => {
    const visit = await merchant.open(small.shop, "/app/history");
    const { app } = visit;
    await app.getByRole("link", { name: "Older" }).waitFor();
    const first = await orderNames(visit);
    expect(first).toHaveLength(50);
    await app.getByRole("link", { name: "Older" }).click();
    await app.getByRole("link", { name: "Newer" }).waitFor();
    const second = await orderNames(visit);
    expect(new Set([...first, ...second]).size).toBe(CANDLE_ORDERS + 2);
    expect(await app.getByRole("button", { name: "Older" }).isDisabled()).toBe(true);
    await app.getByRole("link", { name: "Newer" }).click();
    await app.getByRole("link", { name: "Older" }).waitFor();
    expect(await orderNames(visit)).toEqual(first);
  });

  it("finds changes by order, by SKU and by state, and keeps the filters in the address", async () => {
    const visit = await merchant.open(small.shop, "/app/history");
    const { app, admin } = visit;
    const filter = app.getByRole("search");
    await filter.getByRole("textbox", { name: "Order" }).fill(mugOrder.name);
    await filter.getByRole("button", { name: "Filter", exact: true }).click();
    await admin.waitForURL(`**/app/history?*order=${encodeURIComponent(mugOrder.name)}*`);
    await expect.poll(() => orderNames(visit)).toEqual([mugOrder.name]);

    await filter.getByRole("link", { name: "Clear" }).click();
    await expect.poll(async () => (await orderNames(visit)).length).toBe(50);
    await filter.getByRole("textbox", { name: "SKU or item" }).fill("MUG");
    await filter.getByRole("button", { name: "Filter", exact: true }).click();
    await expect.poll(async () => (await orderNames(visit)).length).toBe(2);
    await filter.getByRole("combobox", { name: "State" }).selectOption({ label: "Would change" });
    await filter.getByRole("button", { name: "Filter", exact: true }).click();
    await expect.poll(async () => (await orderNames(visit)).length).toBe(1);
    const address = new URLSearchParams(visit.path().split("?")[1]);
    expect([address.get("item"), address.get("state")]).toEqual(["MUG", "shadow"]);

    await admin.reload();
    await expect.poll(async () => (await orderNames(visit)).length).toBe(1);
    expect(await filter.getByRole("textbox", { name: "SKU or item" }).inputValue()).toBe("MUG");
  });

  it("returns to the filters with the browser's back button, from a change and from a wider filter", async () => {
    const visit = await merchant.open(small.shop, "/app/history?item=MUG&state=applied");
    const { app, admin } = visit;
    await rows(visit).first().getByRole("link").click();
    await app.getByRole("heading", { level: 1, name: `· order ${mugOrder.name}` }).waitFor();
    await admin.goBack();
    await app.getByRole("heading", { level: 1, name: "Stock history" }).waitFor();
    expect(visit.path()).toBe("/app/history?item=MUG&state=applied");
    await expect.poll(() => orderNames(visit)).toEqual([mugOrder.name]);
    expect(await app.getByRole("textbox", { name: "SKU or item" }).inputValue()).toBe("MUG");

    await app.getByRole("search").getByRole("link", { name: "Clear" }).click();
    await expect.poll(async () => (await orderNames(visit)).length).toBe(50);
    await admin.goBack();
    await expect.poll(() => orderNames(visit)).toEqual([mugOrder.name]);
    expect(await app.getByRole("combobox", { name: "State" }).inputValue()).toBe("applied");
  });

  it("says when nothing matches and leads back to everything", async () => {
    const visit = await merchant.open(small.shop, "/app/history?order=%239999");
    await visit.app.getByText("No change matches these filters").waitFor();
    await visit.app.getByRole("link", { name: "Clear the filters" }).click();
    await expect.poll(async () => (await orderNames(visit)).length).toBe(50);
  });

  it("of a shop without changes says what will be there and what to do", async () => {
    const empty = openSmallShop(merchant.whole, "empty-history");
    const { app, path } = await merchant.open(empty.shop, "/app/history");
    await app.getByText("No stock has changed yet").waitFor();
    await app.getByRole("link", { name: "Set your rules" }).click();
    await app.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    expect(path()).toBe("/app/settings");
  });
});

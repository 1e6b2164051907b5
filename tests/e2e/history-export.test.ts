// Stock history as a merchant searches it: filters as tags, a download through the browser, an order's stock record, a notification and what it led to.
import { readFile } from "node:fs/promises";
import type { Download } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";
import type { PlacedOrder, SmallShop } from "#tests/setup/e2e/small-shop.ts";

const DESK = { viewport: { width: 1700, height: 1000 } };

describe("what a merchant looks up in the stock history", () => {
  const merchant = merchantInChromium();
  let small: SmallShop;
  let mugOrder: PlacedOrder;

  beforeAll(async () => {
    small = openSmallShop(merchant.whole, "history-export", { scopes: ["write_inventory"] });
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.protect();
    for (let count = 0; count < 3; count += 1) small.order(small.candle);
    mugOrder = small.order(small.mug, 2);
    await api.reached("applied", 4);
  });

  it("narrows the list by tags that can be taken away one by one", async () => {
    const visit = await merchant.open(small.shop, `/app/history?item=MUG&location=${small.locationId}&mode=watch`, DESK);
    const { app } = visit;
    await app.getByText("No change matches these filters").waitFor();
    const tags = app.getByRole("group", { name: "Filters in use" });
    await tags.getByText("Location: Main warehouse").waitFor();
    await tags.getByRole("button", { name: "Remove Mode: Watch only" }).click();
    await app.getByRole("link", { name: /change of Stoneware mug/ }).waitFor();
    expect(visit.path()).toBe(`/app/history?item=MUG&location=${small.locationId.split("/").at(-1)}`);
  });

  it("downloads what the filters find as a file, after saying how much it is", async () => {
    const visit = await merchant.open(small.shop, "/app/history?item=candle", DESK);
    const { app, admin } = visit;
    await app.getByRole("button", { name: "Export" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByText("3 changes that match the filters.").waitFor();
    // In a tab of its own, so that a refusal would have a place; the browser closes the tab when it is a file.
    const downloaded = new Promise<Download>((resolve) => {
      admin.on("download", resolve);
      admin.context().on("page", (tab) => tab.on("download", resolve));
    });
    await dialog.getByRole("link", { name: "Download CSV" }).click();
    const file = await downloaded;
    expect(file.suggestedFilename()).toMatch(/^stock-history-history-export-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await file.path(), "utf8");
    expect(text.trimEnd().split("\r\n")).toHaveLength(4);
    expect(text).toContain(",Beeswax candle,CANDLE,Main warehouse,-1,");
  });

  it("shows an order's stock record: what was taken, under which key, and why it counted once", async () => {
    const { app } = await merchant.open(small.shop, `/app/history/orders/${mugOrder.orderId.split("/").at(-1)}`, DESK);
    await app.getByText("This order's stock counted exactly once").waitFor();
    await app.getByText("2 units taken", { exact: true }).waitFor();
    await app.getByText("Sent", { exact: true }).waitFor();
    await app.getByText("once, took effect once").waitFor();
    expect(await app.getByRole("button", { name: "Copy the stock record" }).isEnabled()).toBe(true);
  });

  it("leads from the notifications to one of them, to the change it led to, and has it worked on again after asking", async () => {
    const visit = await merchant.open(small.shop, "/app/history/notifications", DESK);
    const { app } = visit;
    await app.getByRole("combobox", { name: "About" }).selectOption("orders/create");
    await app.getByRole("search").getByRole("button", { name: "Filter", exact: true }).click();
    await app.getByRole("group", { name: "Filters in use" }).getByText("About: Order placed").waitFor();
    // Notifications arrive in any order.
    const ofMugs = app.getByRole("listitem").filter({ hasText: `Order ${mugOrder.name}` });
    await ofMugs.getByRole("link", { name: /^Order placed ?: notification/ }).click();
    await app.getByRole("heading", { level: 1, name: `Order placed · order ${mugOrder.name}` }).waitFor();
    await app.getByText(/ led to 1 change of stock/).waitFor();
    await app.getByRole("button", { name: "Work on it again" }).click();
    await app.getByRole("dialog").getByRole("button", { name: "Work on it again" }).click();
    await app.getByText("1 notification will be worked on once more").waitFor();
    expect(small.available(small.mug)).toBe(248);
  });
});

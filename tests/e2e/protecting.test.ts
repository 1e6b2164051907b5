// A merchant switches protection on, and follows one change from the notification to Shopify's answer.
import { describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { CHANNEL, openSmallShop } from "#tests/setup/e2e/small-shop.ts";

describe("protecting", () => {
  const merchant = merchantInChromium();

  it("is not switched on while the merchant refuses the permission, and says so where the merchant is", async () => {
    const small = openSmallShop(merchant.whole, "undecided");
    const { app, admin } = await merchant.open(small.shop, "/app/settings/mode");
    await app.getByText("Protect", { exact: true }).click();
    await app.getByText("When you save, Shopify asks you for the permission to change inventory.").waitFor();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await app.getByText("Not saved: protection needs the permission to change inventory").waitFor();
    expect(await app.getByRole("radio", { name: "Protect" }).isChecked()).toBe(true);
    expect(merchant.whole.simulator.control.listShops().find(({ shop }) => shop === small.shop)?.granted).not.toContain("write_inventory");

    await admin.getByRole("button", { name: "Discard" }).click();
    await admin.locator("#save-bar").waitFor({ state: "hidden" });
    expect(await app.getByRole("radio", { name: "Watch only" }).isChecked()).toBe(true);
  });

  it("asks for the permission, then changes stock exactly once although every notification comes twice", async () => {
    const small = openSmallShop(merchant.whole, "protected");
    const { control } = merchant.whole.simulator;
    const { app, admin, goTo } = await merchant.open(small.shop, "/app/settings/mode");
    await app.getByText("Protect", { exact: true }).click();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    const dialog = admin.getByRole("dialog");
    await dialog.getByText("write_inventory").waitFor();
    await dialog.getByRole("button", { name: "Update" }).click();
    await app.getByText("Saved as version 2").waitFor();
    await goTo("Settings");
    await app.getByRole("link", { name: /^Order sources/ }).click();
    await app.getByRole("button", { name: "Add a source" }).click();
    await app.getByRole("textbox", { name: "Source name" }).fill(CHANNEL);
    await app.getByRole("checkbox", { name: "I have checked that these orders do not reduce stock in Shopify" }).check();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await app.getByText("Saved as version 3").waitFor();
    await admin.locator("#save-bar").waitFor({ state: "hidden" });

    control.planWebhooks({ seed: 7, duplicates: { rate: 1, copies: 1 } });
    const order = small.order(small.candle, 3);
    await control.drainWebhooks();
    control.planWebhooks({ seed: 7 });
    await goTo("Stock history");
    const state = app.getByRole("row").filter({ hasText: order.name }).getByText("Applied", { exact: true });
    const api = await openApi(merchant.whole, small.shop);
    await api.reached("applied", 1);
    await goTo("Stock history");
    await state.waitFor();

    const [change, ...more] = small.changesByApp();
    expect(more).toEqual([]);
    expect(change).toMatchObject({ delta: -3, after: 397, inventoryItemId: small.candle.inventoryItemId });
    expect(small.available(small.candle)).toBe(397);
    const row = app.getByRole("row").filter({ hasText: order.name });
    expect((await row.innerText()).replaceAll(/\s+/g, " ")).toMatch(/Beeswax candle .*−3.* 400 → 397/);

    await row.getByRole("link").click();
    await app.getByRole("heading", { level: 1, name: `· order ${order.name}` }).waitFor();
    const story = app.getByRole("list").filter({ has: app.getByRole("heading", { name: "Notification received" }) });
    const steps = await story.getByRole("heading", { level: 3 }).allInnerTexts();
    expect(steps).toEqual([
      "Notification received",
      `Order ${order.name} read`,
      "Decided: −3",
      "Key and content fixed before sending",
      "Try 1: Shopify applied it",
      "Applied: 400 → 397",
      "Written to the audit trail: Stock changed in Shopify",
    ]);
    const text = await story.innerText();
    expect(text).toContain("It came 2 times; only the first counted.");
    expect(text).toContain(CHANNEL);
    expect(text).toContain(change?.cause.idempotencyKey);
    expect(text).toContain(change?.cause.adjustmentGroupId?.split("/").at(-1));

    await goTo("Holdfast");
    await app.getByText("Holdfast is protecting your stock.").waitFor();
    const duplicates = control.webhookCounters().copies;
    await app.getByRole("link", { name: new RegExp(`^Duplicates stopped\\s*${duplicates}\\b`) }).waitFor();
    await app.getByRole("link", { name: /^Changes applied\s*1\b/ }).waitFor();
  });

  it("takes the parts of a bundle that was sold in the online store, and shows each under its own name", async () => {
    const small = openSmallShop(merchant.whole, "bundled", { scopes: ["write_inventory"] });
    const { control } = merchant.whole.simulator;
    await merchant.whole.firstVisit(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    const parts = [{ inventoryItemId: small.candle.inventoryItemId, quantity: 2 }, { inventoryItemId: small.mug.inventoryItemId, quantity: 1 }];
    await api.save((settings) => ({ ...settings, mode: "enforce", bundles: [{ variantId: small.giftSet.variantId, parentStock: "leave", components: parts }] }));
    control.placeOrder(small.shop, { channel: "web", lines: [{ variantId: small.giftSet.variantId, quantity: 1 }] });
    await api.reached("applied", 2);
    expect([small.candle, small.mug, small.giftSet].map(small.available)).toEqual([398, 249, 119]);

    const { app } = await merchant.open(small.shop, "/app/history");
    await app.getByRole("row").filter({ hasText: "Beeswax candle" }).getByText("400 → 398").waitFor();
    await app.getByRole("row").filter({ hasText: "Stoneware mug" }).getByText("250 → 249").waitFor();
    await app.getByRole("textbox", { name: "SKU or item" }).fill("MUG");
    await app.getByRole("button", { name: "Filter", exact: true }).click();
    await app.getByRole("row").filter({ hasText: "Beeswax candle" }).waitFor({ state: "hidden" });
    expect(await app.getByRole("row").filter({ hasText: "Stoneware mug" }).count()).toBe(1);
  });

  it("gives back what it took when the order is cancelled, and once only", async () => {
    const small = openSmallShop(merchant.whole, "giving-back", { scopes: ["write_inventory"] });
    const { app, goTo } = await merchant.open(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    await api.protect();
    const { control } = merchant.whole.simulator;
    const order = small.order(small.mug, 2);
    await expect.poll(() => small.available(small.mug), { timeout: 20_000 }).toBe(248);
    control.cancelOrder(small.shop, order.orderId, { restock: true });
    await api.reached("applied", 2);
    await goTo("Stock history");
    // A cancellation is told twice, as such and as the refund it makes; whichever was worked on first is the cause that is shown.
    await app.getByRole("row").filter({ hasText: /Order cancelled|Refund/ }).getByText("248 → 250").waitFor();
    expect(small.available(small.mug)).toBe(250);
    expect(small.changesByApp().map(({ delta }) => delta)).toEqual([-2, 2]);
  });
});

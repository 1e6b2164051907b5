// The settings page: what is refused stands beside its field, what is typed is never lost, and saving goes through the admin's save bar.
import { describe, expect, it } from "vitest";
import { holdInCheckout, leaveOrderToHoldfast } from "#tests/setup/e2e/hold-in-checkout.ts";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { CHANNEL, openSmallShop } from "#tests/setup/e2e/small-shop.ts";

describe("the settings", () => {
  const merchant = merchantInChromium();

  it("refuse a source whose stock Shopify takes itself, beside the field, and keep everything typed", async () => {
    const { shop } = openSmallShop(merchant.whole, "native-source");
    const { app, admin } = await merchant.open(shop, "/app/settings");
    await app.getByRole("button", { name: "Add a source" }).click();
    const field = app.getByRole("textbox", { name: "Source name" });
    await field.fill("web");
    await app.getByRole("spinbutton", { name: "Keep history for" }).fill("120");
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await app.getByText("Not saved: 1 thing to correct").waitFor();
    const described = (await field.getAttribute("aria-describedby"))?.split(" ") ?? [];
    const messages = await Promise.all(described.map((id) => app.locator(`[id="${id}"]`).innerText()));
    expect(messages.join(" ")).toContain(`Shopify itself takes the stock of "web" orders`);
    expect(await field.getAttribute("aria-invalid")).toBe("true");

    await field.fill(CHANNEL);
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByText("Settings saved").waitFor();
    await app.getByText("Not saved: 1 thing to correct").waitFor({ state: "hidden" });
    const saved = await (await openApi(merchant.whole, shop)).settings();
    expect(saved).toMatchObject({ deduct: { sources: [{ sourceName: CHANNEL, confirmedBypass: false }] }, retentionDays: 120 });
  });

  it("take a bundle whose parts were chosen with the resource picker", async () => {
    const small = openSmallShop(merchant.whole, "bundles");
    const { app, admin } = await merchant.open(small.shop, "/app/settings");
    const picker = admin.getByRole("dialog");
    await app.getByRole("button", { name: "Add a bundle" }).click();
    await picker.getByRole("radio", { name: "Cosy evening set" }).check();
    await picker.getByRole("button", { name: "Select" }).click();
    await app.getByRole("heading", { name: "Cosy evening set" }).waitFor();
    await app.getByRole("button", { name: "Add items" }).click();
    await picker.getByRole("checkbox", { name: "Beeswax candle" }).check();
    await picker.getByRole("checkbox", { name: "Stoneware mug" }).check();
    await picker.getByRole("button", { name: "Add", exact: true }).click();
    await app.getByRole("spinbutton", { name: "Beeswax candle" }).fill("2");
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByText("Settings saved").waitFor();

    const { bundles } = await (await openApi(merchant.whole, small.shop)).settings();
    expect(bundles).toEqual([
      {
        variantId: small.giftSet.variantId,
        parentStock: "leave",
        components: [
          { inventoryItemId: small.candle.inventoryItemId, quantity: 2 },
          { inventoryItemId: small.mug.inventoryItemId, quantity: 1 },
        ],
      },
    ]);
  });

  it("say that somebody else saved meanwhile, and keep what was typed until the merchant decides", async () => {
    const { shop } = openSmallShop(merchant.whole, "two-editors");
    const { app, admin } = await merchant.open(shop, "/app/settings");
    const api = await openApi(merchant.whole, shop);
    const days = app.getByRole("spinbutton", { name: "Keep history for" });
    await days.fill("200");
    await api.save((settings) => ({ ...settings, retentionDays: 365 }));
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await app.getByText("Somebody else saved these settings meanwhile").waitFor();
    expect(await days.inputValue()).toBe("200");
    expect((await api.settings()).retentionDays).toBe(365);

    await app.getByRole("button", { name: "Keep what I typed" }).click();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByText("Settings saved").waitFor();
    expect((await api.settings()).retentionDays).toBe(200);
  });

  it("are not left with unsaved changes unless the merchant says so", async () => {
    const { shop } = openSmallShop(merchant.whole, "unsaved");
    const { app, admin, goTo } = await merchant.open(shop, "/app/settings");
    const days = app.getByRole("spinbutton", { name: "Keep history for" });
    await days.fill("200");
    await admin.locator("#save-bar").waitFor();
    await goTo("Help");
    await admin.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
    expect(await days.inputValue()).toBe("200");
    await goTo("Help");
    await admin.getByRole("dialog").getByRole("button", { name: "Leave page" }).click();
    await app.getByRole("heading", { level: 1, name: "Help" }).waitFor();
    await admin.locator("#save-bar").waitFor({ state: "hidden" });
  });

  it("ask for the permission to create orders where holds are set up; without it a checkout is refused, with it the order is there", async () => {
    const { shop, candle } = openSmallShop(merchant.whole, "order-creation", { scopes: ["write_inventory"] });
    const { app, admin } = await merchant.open(shop, "/app/settings");
    const { token, protect } = await openApi(merchant.whole, shop);
    await protect();
    const holds = app.getByRole("region", { name: "Holds for your own checkout" });
    const holdId = await holdInCheckout(merchant.whole, token, candle, 2);
    expect(await leaveOrderToHoldfast(merchant.whole, token, holdId)).toMatchObject({ status: 409, answer: { error: { code: "order_not_allowed" } } });

    await holds.getByRole("button", { name: "Allow creating orders" }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await holds.getByText("Shopify asked, and the permission was not granted.").waitFor();
    await holds.getByText("Not allowed", { exact: true }).waitFor();

    await holds.getByRole("button", { name: "Allow creating orders" }).click();
    await admin.getByRole("dialog").getByText("write_orders").waitFor();
    await admin.getByRole("dialog").getByRole("button", { name: "Update" }).click();
    await holds.getByText("Allowed", { exact: true }).waitFor();
    expect(await leaveOrderToHoldfast(merchant.whole, token, holdId)).toMatchObject({ status: 200, answer: { orderId: expect.stringContaining("gid://shopify/Order/") } });

    await holds.getByRole("button", { name: "Withdraw the permission" }).click();
    await holds.getByText("The permission to create orders was withdrawn").waitFor();
    const next = await holdInCheckout(merchant.whole, token, candle, 1);
    expect(await leaveOrderToHoldfast(merchant.whole, token, next)).toMatchObject({ status: 409, answer: { error: { code: "order_not_allowed" } } });
  });

  it("say what holds are promised from right now, and lead to what is missing", async () => {
    const { shop } = openSmallShop(merchant.whole, "hold-promise");
    const { app, admin } = await merchant.open(shop, "/app/settings");
    const holds = app.getByRole("region", { name: "Holds for your own checkout" });
    await holds.getByText("Promised from the stock last seen").waitFor();
    await holds.getByText("Holdfast only watches, so it moves no stock in Shopify.").waitFor();
    await holds.getByRole("button", { name: "Go to protection" }).click();
    expect(await app.getByRole("radio", { name: "Protect" }).evaluate((radio) => radio === document.activeElement)).toBe(true);

    await app.getByText("Protect", { exact: true }).click();
    await holds.getByText("Promised from the stock last seen").waitFor();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "Update" }).click();
    await admin.getByText("Settings saved").waitFor();
    await holds.getByText("Kept aside in Shopify").waitFor();

    await holds.getByRole("checkbox", { name: "Show held stock in Shopify as reserved" }).uncheck();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await holds.getByText("Showing held stock in Shopify is switched off.").waitFor();
    await holds.getByRole("button", { name: "Show held stock in Shopify" }).click();
    expect(await holds.getByRole("checkbox", { name: "Show held stock in Shopify as reserved" }).isChecked()).toBe(true);
  });
});

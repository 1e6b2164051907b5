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
    const { app, admin } = await merchant.open(shop, "/app/settings/sources");
    await app.getByRole("button", { name: "Add a source" }).click();
    const field = app.getByRole("textbox", { name: "Source name" });
    await field.fill("web");
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
    expect(saved).toMatchObject({ deduct: { sources: [{ sourceName: CHANNEL, confirmedBypass: false }] } });
  });

  it("take a bundle whose parts were chosen with the resource picker", async () => {
    const small = openSmallShop(merchant.whole, "bundles");
    const { app, admin } = await merchant.open(small.shop, "/app/settings/bundles");
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

  it("keep a bundle's own stock at what its items allow, when the merchant says so", async () => {
    const small = openSmallShop(merchant.whole, "bundle-follows");
    await merchant.open(small.shop);
    const api = await openApi(merchant.whole, small.shop);
    const bundle = { variantId: small.giftSet.variantId, parentStock: "leave", components: [{ inventoryItemId: small.candle.inventoryItemId, quantity: 2 }] };
    await api.save((settings) => ({ ...settings, bundles: [bundle] }));
    const { app, admin } = await merchant.open(small.shop, "/app/settings/bundles");
    await app.getByRole("combobox", { name: "Stock of the bundle itself" }).selectOption({ label: "Keep it at the complete sets that its items allow" });
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByText("Settings saved").waitFor();
    expect((await api.settings()).bundles).toEqual([{ ...bundle, parentStock: "derive" }]);
    // Saved, its number is told, and what becomes of it; a shop that only watches is told that nothing does.
    await app.getByText("Nothing of this is changed while Holdfast only watches.").or(app.getByText("Its own stock is not known yet", { exact: false })).waitFor();
  });

  it("say that somebody else saved meanwhile, and keep what was typed until the merchant decides", async () => {
    const { shop } = openSmallShop(merchant.whole, "two-editors");
    const { app, admin } = await merchant.open(shop, "/app/settings/history");
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
    const { app, admin, goTo } = await merchant.open(shop, "/app/settings/history");
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
    const { app, admin } = await merchant.open(shop, "/app/settings/holds");
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
    const { app, admin, path, goTo } = await merchant.open(shop, "/app/settings/holds");
    const holds = app.getByRole("region", { name: "Holds for your own checkout" });
    await holds.getByText("Promised from the stock last seen").waitFor();
    await holds.getByText("Holdfast only watches, so it moves no stock in Shopify.").waitFor();
    await holds.getByRole("link", { name: "Go to protection" }).click();
    await app.getByRole("heading", { level: 1, name: "What Holdfast does" }).waitFor();
    expect(path()).toBe("/app/settings/mode");

    await app.getByText("Protect", { exact: true }).click();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByRole("dialog").getByRole("button", { name: "Update" }).click();
    await admin.getByText("Settings saved").waitFor();
    await goTo("Settings");
    await app.getByRole("link", { name: /^Holds for your own checkout/ }).click();
    await holds.getByText("Kept aside in Shopify").waitFor();

    await holds.getByRole("checkbox", { name: "Show held stock in Shopify as reserved" }).uncheck();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await holds.getByText("Showing held stock in Shopify is switched off.").waitFor();
    await holds.getByRole("button", { name: "Show held stock in Shopify" }).click();
    expect(await holds.getByRole("checkbox", { name: "Show held stock in Shopify as reserved" }).isChecked()).toBe(true);
  });

  it("show before saving what new rules would have done, and take a save back", async () => {
    const small = openSmallShop(merchant.whole, "preview");
    const { app, admin } = await merchant.open(small.shop, "/app/settings/sources");
    const api = await openApi(merchant.whole, small.shop);
    const order = small.order(small.candle, 2);
    small.order(small.mug);
    await expect.poll(async () => {
      await app.getByRole("button", { name: /^Try (these rules|again)$/ }).click();
      await app.getByRole("button", { name: "Try again" }).waitFor();
      return await app.getByText(/^Of the 2 orders/).count();
    }, { timeout: 30_000, interval: 200 }).toBe(1);
    await app.getByText("these rules would have changed stock for none").waitFor();

    await app.getByRole("button", { name: "Add a source" }).click();
    await app.getByRole("textbox", { name: "Source name" }).fill(CHANNEL);
    await app.getByRole("checkbox", { name: "I have checked that these orders do not reduce stock in Shopify" }).check();
    await app.getByRole("button", { name: "Try again" }).click();
    await app.getByText("Of the 2 orders of the last 24 hours, these rules would have changed stock for 2, taking 3 units.").waitFor();
    await app.getByRole("listitem").filter({ hasText: order.name }).filter({ hasText: "−2 Beeswax candle" }).getByRole("link").waitFor();
    expect((await api.settings()).deduct.sources).toEqual([]);

    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await app.getByText("Saved as version 2").waitFor();
    await app.getByRole("button", { name: "Undo" }).click();
    await app.getByText("Taken back: version 3 says what was in force before").waitFor();
    expect((await api.settings()).deduct.sources).toEqual([]);
    expect(await app.getByRole("textbox", { name: "Source name" }).count()).toBe(0);

    await app.getByRole("link", { name: "Earlier versions" }).click();
    await app.getByRole("link", { name: /^Version 2/ }).click();
    await app.getByRole("button", { name: "Restore this version" }).click();
    await app.getByText("Restored as version 4.").waitFor();
    expect((await api.settings()).deduct.sources).toEqual([{ sourceName: CHANNEL, confirmedBypass: true }]);
  });

  it("ask for the permissions to hold fulfilment when it is switched on, tell somebody by e-mail from a figure on, and go out and in as a file", async () => {
    const { shop } = openSmallShop(merchant.whole, "alerts-and-oversells");
    const { app, admin, goTo } = await merchant.open(shop, "/app/settings/oversells");
    const api = await openApi(merchant.whole, shop);
    await app.getByRole("checkbox", { name: "Put the fulfilment of orders that are short on hold by itself" }).check();
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await admin.getByRole("dialog").getByText("write_third_party_fulfillment_orders").waitFor();
    await admin.getByRole("dialog").getByRole("button", { name: "Update" }).click();
    await app.getByText("Saved as version 2").waitFor();
    await app.getByText("Allowed", { exact: true }).waitFor();

    await goTo("Settings");
    await app.getByRole("link", { name: /^Alerts/ }).click();
    await app.getByRole("button", { name: "Add somebody to tell" }).click();
    await app.getByRole("textbox", { name: "E-mail address" }).fill("nobody");
    await app.getByRole("spinbutton", { name: "Stock mismatch: from" }).fill("5");
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await app.getByText("This is not an e-mail address.").first().waitFor();
    await app.getByRole("textbox", { name: "E-mail address" }).fill("stock@example.com");
    await admin.getByRole("button", { name: "Save", exact: true }).click();
    await app.getByText("Saved as version 3").waitFor();
    await app.getByText("Nothing had to be told yet.").waitFor();
    const saved = await api.settings();
    expect(saved.alerts).toMatchObject([{ kind: "email", target: "stock@example.com", threshold: { driftUnits: 5 } }]);

    await goTo("Settings");
    await app.getByRole("link", { name: /^Import and export/ }).click();
    await app.getByRole("textbox", { name: "Settings as JSON" }).fill(JSON.stringify({ ...saved, alerts: [] }));
    await app.getByRole("button", { name: "Check the file" }).click();
    await app.getByText("E-mail: stock@example.com").waitFor();
    expect((await api.settings()).alerts).toHaveLength(1);
    await app.getByRole("button", { name: "Save these settings" }).click();
    await app.getByText("Imported and saved as version 4").waitFor();
    expect((await api.settings()).alerts).toEqual([]);
  });
});

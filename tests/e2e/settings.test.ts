// The settings page: what is refused stands beside its field, what is typed is never lost, and saving goes through the admin's save bar.
import { describe, expect, it } from "vitest";
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
});

// The app is removed while the merchant looks at it, and installed again: the pages lead to a fresh install, never to an error.
import { describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";

describe("removing and installing again", () => {
  const merchant = merchantInChromium();

  it("begins anew: watching, with no history of the former life, and old tokens worth nothing", async () => {
    const small = openSmallShop(merchant.whole, "comes-back", { scopes: ["write_inventory"] });
    const { control } = merchant.whole.simulator;
    await merchant.whole.firstVisit(small.shop);
    const before = await openApi(merchant.whole, small.shop);
    await before.protect();
    small.order(small.candle);
    await expect.poll(() => small.available(small.candle), { timeout: 20_000 }).toBe(399);
    await before.reached("applied", 1);

    control.uninstall(small.shop);
    await control.drainWebhooks();
    control.install(small.shop);
    const { app, goTo } = await merchant.open(small.shop);
    await app.getByRole("heading", { level: 1, name: "Home" }).waitFor();
    await app.getByText("Watch only", { exact: true }).waitFor();
    await app.getByRole("heading", { name: "From watching to protecting" }).waitFor();
    await goTo("Stock history");
    await app.getByText("No stock has changed yet").waitFor();
    await expect(before.changes()).rejects.toThrow(/answered 401/);

    small.order(small.candle);
    await control.drainWebhooks();
    await goTo("Holdfast");
    await app.getByRole("link", { name: /^Notifications\s*[1-9]/ }).waitFor();
    expect(small.available(small.candle)).toBe(399);
  });

  it("also while its pages are open in the merchant's browser", async () => {
    const small = openSmallShop(merchant.whole, "open-tab");
    const { control } = merchant.whole.simulator;
    const { app, goTo, path } = await merchant.open(small.shop);
    await app.getByRole("heading", { level: 1, name: "Home" }).waitFor();
    control.uninstall(small.shop);
    control.install(small.shop);
    await control.drainWebhooks();
    await goTo("Stock history");
    await app.getByText("No stock has changed yet").waitFor();
    await goTo("Settings");
    await app.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    expect(path()).toBe("/app/settings");
  });
});

// API tokens: shown once, good for the shop's history, and worth nothing after they were revoked.
import { describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { callApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";

describe("API tokens", () => {
  const merchant = merchantInChromium();

  it("are shown once, work until they are revoked, and never after", async () => {
    const { shop } = openSmallShop(merchant.whole, "tokens");
    const { app, admin } = await merchant.open(shop, "/app/settings");
    await app.getByRole("link", { name: /^API tokens/ }).click();
    await app.getByText("No token yet").waitFor();
    await app.getByRole("textbox", { name: "Name of the new token" }).fill("Warehouse dashboard");
    await app.getByRole("button", { name: "Create token" }).click();
    await app.getByText("Copy the token “Warehouse dashboard” now").waitFor();
    const token = /hf_[A-Za-z0-9_-]+/.exec(await app.locator("body").innerText())?.[0] ?? "";
    expect((await callApi(merchant.whole, token, "/changes")).status).toBe(200);

    await admin.reload();
    await app.getByRole("heading", { level: 1, name: "API tokens" }).waitFor();
    await app.getByText("Warehouse dashboard").waitFor();
    expect(await app.locator("html").innerHTML()).not.toContain(token);

    await app.getByRole("button", { name: "Revoke Warehouse dashboard" }).click();
    await app.getByText("Programs that use it stop working.").waitFor();
    await app.getByRole("button", { name: "Revoke for good" }).click();
    await app.getByText("Revoked", { exact: true }).waitFor();
    const refused = await callApi(merchant.whole, token, "/changes");
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: "unauthorized" } });
  });
});

// Overwritten stock and stock mismatches in a browser: a writer that forgets orders is found, shown and corrected, taken back, left as it is; and all stock is checked at once.
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { doubleCall } from "#tests/setup/e2e/problem-rows.ts";
import { type Api, openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop, type SmallShop } from "#tests/setup/e2e/small-shop.ts";

/** Beside the simulated admin's own columns the app is as wide as on a merchant's desk. */
const DESK = { viewport: { width: 1700, height: 1000 } };
/** Detection and comparisons have waits of their own; a test machine may be busy. */
const PATIENCE = { timeout: 60_000 };

describe("stock problems", () => {
  const merchant = merchantInChromium();
  let small: SmallShop;
  let api: Api;
  beforeAll(async () => {
    small = openSmallShop(merchant.whole, "stock-problems", { scopes: ["write_inventory"] });
    await merchant.whole.firstVisit(small.shop);
    api = await openApi(merchant.whole, small.shop);
    await api.protect();
  });

  it("teach what they are while there are none, and lead from one to the other", async () => {
    const visit = await merchant.open(small.shop, "/app/overwritten", DESK);
    await visit.app.getByText("No stock is overwritten").waitFor();
    await visit.app.getByRole("button", { name: "Stock mismatches" }).click();
    await visit.app.getByText("Nothing differs").waitFor();
    expect(visit.path()).toBe("/app/mismatches");
    // What is told of from now on is told against numbers that were seen.
    await visit.app.getByText(/items were checked/).waitFor(PATIENCE);
  });

  it("a writer that forgets orders is found; what it put back is taken again, and that can be taken back", async () => {
    const { control } = merchant.whole.simulator;
    // Later than the stock's first second, in which what is reserved counts as changed, too.
    control.setClock({ advanceMs: 10_000 });
    const sold = control.placeOrder(small.shop, { channel: "web", lines: [{ variantId: small.candle.variantId, quantity: 3 }] });
    if ("refused" in sold) throw new Error("there is stock");
    await expect.poll(() => small.available(small.candle)).toBe(397);
    control.setClock({ advanceMs: 2_000 });
    control.setLevel(small.shop, { inventoryItemId: small.candle.inventoryItemId, locationId: small.locationId, available: 400, writer: "erp" });

    const visit = await merchant.open(small.shop, "/app/overwritten", DESK);
    const { app } = visit;
    await app.getByRole("row", { name: /Beeswax candle/ }).getByText("397 → 400").waitFor(PATIENCE);
    await app.getByRole("row", { name: /Beeswax candle/ }).getByRole("link").click();
    await app.getByText("another app or a person wrote 400 again").waitFor();
    await app.getByRole("link", { name: sold.name }).waitFor();
    await app.getByRole("button", { name: "Show as a table" }).click();
    await app.getByRole("cell", { name: "Another app or a person" }).waitFor();

    await app.getByRole("button", { name: "Correct by −3…" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByText("400 → 397 (−3)").waitFor();
    expect(small.available(small.candle)).toBe(400);
    await dialog.getByRole("button", { name: "Send −3" }).click();
    await dialog.getByText("Give a reason").waitFor();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("The ERP had not seen the order");
    await dialog.getByRole("button", { name: "Send −3" }).click();
    await app.getByText("The correction is on its way to Shopify").waitFor();
    await expect.poll(() => small.available(small.candle), PATIENCE).toBe(397);

    await app.getByRole("button", { name: "Take the correction back…" }).click(PATIENCE);
    await dialog.getByText("397 → 400 (+3)").waitFor();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("The order was a test");
    await dialog.getByRole("button", { name: "Send +3" }).click();
    await expect.poll(() => small.available(small.candle), PATIENCE).toBe(400);
    await app.getByText("The order was a test").waitFor();
    await app.getByRole("heading", { name: "Taken back" }).waitFor();
  });

  it("a mismatch is opened by whoever only watches, who is told what to do, and left as it is with a reason", async () => {
    await api.save((settings) => ({ ...settings, mode: "observe" }));
    const { id } = await doubleCall(merchant.whole, small, small.mug, 249);
    const visit = await merchant.open(small.shop, "/app/mismatches", DESK);
    const { app } = visit;
    await app.getByText("1 mismatch has a correction to send").waitFor();
    await app.getByRole("row", { name: /A change counted twice/ }).getByRole("link").click();
    await app.getByText("Holdfast only watches here and changes no stock: change it by +1 in Shopify yourself").waitFor();
    expect(visit.path()).toBe(`/app/mismatches/${id}`);
    await app.getByRole("button", { name: "Compare with Shopify" }).click();
    await app.getByText("Shopify and Holdfast have the same number.").waitFor();
    await app.getByRole("button", { name: "Leave as it is…" }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Counted by hand");
    await dialog.getByRole("button", { name: "Leave as it is" }).click();
    await app.getByText("Left as it is").first().waitFor();
    await app.getByText("Counted by hand").waitFor();
    await api.protect();
  });

  it("all stock is checked when somebody asks for it, and the page says how far it is and what came of it", async () => {
    const visit = await merchant.open(small.shop, "/app/mismatches", DESK);
    const { app } = visit;
    const check = app.getByRole("button", { name: "Check stock now" });
    // The comparison of day one may be under way still.
    await expect.poll(() => check.isEnabled(), PATIENCE).toBe(true);
    await check.click();
    await app.getByText("Stock is being compared with Shopify").waitFor();
    await app.getByText(/asked for by Staff member/).first().waitFor();
    await app.getByText(/All 3 items were checked/).first().waitFor(PATIENCE);
    await app.getByText(/It was asked for by Staff member/).waitFor(PATIENCE);
  });
});

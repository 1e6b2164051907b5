// Oversells in a browser: who goes short is found in two clicks, its fulfilment is held and released, the incident is marked as handled; a phone is enough, and nobody without the permission gets through.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { AxeResults } from "axe-core";
import { beforeAll, describe, expect, it } from "vitest";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import type { Visit } from "#tests/setup/e2e/merchant.ts";
import { openOversoldShop, type OversoldShop } from "#tests/setup/e2e/oversold-shop.ts";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const DESK = { viewport: { width: 1700, height: 1000 } };
/** Whose session token the simulated admin gives. */
const STAFF_ID = "42";
const OWN = "write_merchant_managed_fulfillment_orders";

describe("oversells", () => {
  const merchant = merchantInChromium();
  let axe: string;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  });

  const barriers = async (visit: Visit) => {
    const frame = await visit.frame();
    await frame.evaluate(axe);
    const { violations } = await frame.evaluate(async () => {
      const { run } = (globalThis as typeof globalThis & { axe: { run: () => Promise<AxeResults> } }).axe;
      return await run();
    });
    return violations.map(({ id, help, nodes }) => `${id} (${help}), ${nodes.length} times: ${nodes[0]?.html.slice(0, 300) ?? ""}`);
  };
  /** In Shopify, by whoever packs it. */
  const ship = ({ small, last }: OversoldShop) => merchant.whole.simulator.control.fulfillOrder(small.shop, last.orderId);
  const fits = async (visit: Visit) => {
    const width = await (await visit.frame()).evaluate(() => ({ content: document.documentElement.scrollWidth, window: window.innerWidth }));
    expect(width.content).toBeLessThanOrEqual(width.window);
  };

  it("lead to the order that is short in two clicks, whose fulfilment is held, released, and the incident handled", async () => {
    const store = await openOversoldShop(merchant.whole, "oversells-hold", { scopes: ["write_inventory", OWN] });
    const { last } = store;
    const visit = await merchant.open(store.small.shop, "/app", DESK);
    const { app } = visit;
    await visit.goTo("Oversells");
    await app.getByText(`${last.name} is short of stock.`).waitFor();
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("link", { name: /1 unit of Blue mug too many was sold/ }).click();
    await app.getByRole("heading", { level: 1, name: "1 unit of Blue mug too many was sold" }).waitFor();
    await app.getByRole("img", { name: /its lowest was −1/ }).waitFor();
    expect(await barriers(visit)).toEqual([]);

    await app.getByRole("button", { name: `Hold fulfilment of ${last.name}` }).click();
    const dialog = app.getByRole("dialog");
    await dialog.getByText("is 1 unit short").waitFor();
    expect(await barriers(visit)).toEqual([]);
    await dialog.getByRole("button", { name: "Hold fulfilment" }).click();
    await app.getByText(`The fulfilment of ${last.name} is on hold`).waitFor();
    expect(() => ship(store)).toThrow("on hold");
    await app.getByText("Fulfilment put on hold").waitFor();

    await app.getByRole("button", { name: `Release ${last.name}` }).click();
    await dialog.getByRole("button", { name: "Release" }).click();
    await app.getByText(`${last.name} may be shipped again`).waitFor();

    await app.getByRole("button", { name: "Mark as handled" }).click();
    await dialog.getByRole("button", { name: "Mark as handled" }).click();
    await dialog.getByText("Give a reason").waitFor();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Wrote to the buyer");
    await dialog.getByRole("button", { name: "Mark as handled" }).click();
    await app.getByText("Wrote to the buyer").first().waitFor();
    await visit.goTo("Oversells");
    await app.getByText("1 oversell is handled and not over yet.").waitFor();
    await app.getByRole("button", { name: "Handled or over" }).click();
    await app.getByRole("searchbox").fill(last.name);
    await app.getByRole("button", { name: "Search" }).click();
    await app.getByRole("link", { name: /Blue mug/ }).click();
    await app.getByRole("button", { name: "It is not handled" }).click();
    await app.getByText("It is among the open ones again").waitFor();

    // The buyer gives up; the page hears of it by itself.
    merchant.whole.simulator.control.cancelOrder(store.small.shop, store.last.orderId, { restock: true });
    await app.getByText("Over", { exact: true }).first().waitFor({ timeout: 60_000 });
    await app.getByText("what is left is enough").first().waitFor();
  });

  it("ask for the permission where it is missing, and work on a phone", async () => {
    const store = await openOversoldShop(merchant.whole, "oversells-ask", { scopes: ["write_inventory"] });
    const { last } = store;
    const visit = await merchant.open(store.small.shop, "/app/oversells", PHONE);
    const { app, admin } = visit;
    await fits(visit);
    await app.getByRole("link", { name: /Blue mug/ }).click();
    await app.getByText("Holdfast may not hold orders in this shop yet").waitFor();
    await fits(visit);
    expect(await barriers(visit)).toEqual([]);
    await app.getByRole("button", { name: `Hold fulfilment of ${last.name}` }).click();
    await app.getByRole("dialog").getByRole("button", { name: "Hold fulfilment" }).click();
    await app.getByText("Nothing was done: Holdfast may not hold fulfilment in this shop yet").waitFor();
    await app.getByRole("button", { name: "Allow holding orders" }).click();
    await admin.getByRole("dialog").getByText(OWN).waitFor();
    await admin.getByRole("dialog").getByRole("button", { name: "Update" }).click();
    await app.getByText("Holdfast may not hold orders in this shop yet").waitFor({ state: "detached" });
    await app.getByRole("button", { name: `Hold fulfilment of ${last.name}` }).click();
    await app.getByRole("dialog").getByRole("button", { name: "Hold fulfilment" }).click();
    await app.getByText(`The fulfilment of ${last.name} is on hold`).waitFor();
    expect(() => ship(store)).toThrow("on hold");
  });

  it("refuse a person who may not, in words, and tell of an unknown one with a way back", async () => {
    const store = await openOversoldShop(merchant.whole, "oversells-staff", { scopes: ["write_inventory", OWN] });
    const { last } = store;
    merchant.whole.simulator.control.setStaff(store.small.shop, { id: STAFF_ID, accountOwner: false, scopes: ["read_orders"] });
    const visit = await merchant.open(store.small.shop, `/app/oversells/${store.oversellId}`);
    const { app } = visit;
    await app.getByRole("button", { name: `Hold fulfilment of ${last.name}` }).click();
    await app.getByRole("dialog").getByRole("button", { name: "Hold fulfilment" }).click();
    await app.getByText("your Shopify account may not do this").waitFor();
    expect(() => ship(store)).not.toThrow();

    merchant.expect(/404 GET .*\/app\/oversells\/999999/);
    const lost = await merchant.open(store.small.shop, "/app/oversells/999999");
    await lost.app.getByText("There is nothing here").waitFor();
    await lost.app.getByRole("link", { name: "Oversells" }).first().click();
    await lost.app.getByRole("heading", { level: 1, name: "Oversells" }).waitFor();
  });
});

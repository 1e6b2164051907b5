// @vitest-environment happy-dom
/// <reference types="@shopify/ui-extensions/admin.order-details.block.render" />
// The block on an order's page, drawn by Shopify's own tester: what a merchant sees, and what is sent when fulfilment is held or released.
import { getExtension } from "@shopify/ui-extensions-tester";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { BlockShortage, OrderActAnswer, OrderStockAnswer } from "../../../app/extension-api/extension-answers.ts";
import words from "../locales/en.default.json" with { type: "json" };
import { translator } from "../../admin-blocks/translator.ts";

const SHORT: BlockShortage = { oversellId: "9", heading: "2 units of Mug too many were sold", text: "2 units short of 3", hold: null, canHold: true, canRelease: false, page: "/app/oversells/9" };
const HELD: BlockShortage = { ...SHORT, hold: { state: "Fulfilment on hold", tone: "info", text: null }, canHold: false, canRelease: true };
const ANSWER: OrderStockAnswer = {
  verdict: { tone: "success", title: "This order's stock counted exactly once", text: "3 units taken. Each change counted once." },
  lines: [{ key: "1/2/3", item: "Mug", location: "Shop", effect: "3 units taken" }],
  moreLines: 0,
  shortages: [SHORT],
  holds: [],
  mayHold: true,
  consequences: { hold: "Shopify puts the units that are short on hold.", release: "It may be shipped again." },
  page: "/app/history/orders/5",
};
const DONE: OrderActAnswer = { kind: "done", tone: "success", title: "The fulfilment of #1044 is on hold", text: "It is in the audit trail." };

const extension = getExtension("admin.order-details.block.render");
const block = () => document.body.querySelector("s-admin-block");
const button = (text: string) => [...document.body.querySelectorAll("s-button")].find((one) => one.textContent === text);
const told = () => [...document.body.querySelectorAll("s-banner")].map((banner) => banner.getAttribute("heading"));

beforeEach(() => {
  extension.setUp();
  // Its type tells text from elements by what is replaced; nothing is replaced here.
  Object.assign(extension.shopify.i18n, { translate: translator(words) });
  extension.shopify.data.selected = [{ id: "gid://shopify/Order/5" }];
});
afterEach(() => extension.tearDown());

async function show(...answers: readonly (Response | (() => Promise<Response>))[]) {
  const fetched = vi.fn<typeof fetch>();
  for (const answer of answers) fetched.mockImplementationOnce(() => (typeof answer === "function" ? answer() : Promise.resolve(answer)));
  extension.fetch = fetched;
  await extension.render();
  return fetched;
}

/** Asks for it, and confirms. */
async function actOn(text: string) {
  await expect.poll(() => button(text)).toBeDefined();
  button(text)?.click();
  await expect.poll(() => button(words.act.cancel)).toBeDefined();
  button(text)?.click();
}

describe("the block on an order's page", () => {
  it("shows the order's stock record and the way to the whole of it", async () => {
    const fetched = await show(Response.json({ ...ANSWER, shortages: [], moreLines: 4 }));
    await expect.poll(() => block()?.textContent).toContain("This order's stock counted exactly once");
    expect(block()?.textContent).toContain("3 units taken · Shop");
    expect(block()?.textContent).toContain(words.record.more);
    expect(button(words.act.hold)).toBeUndefined();
    expect(block()?.getAttribute("collapsedSummary")).toBe(ANSWER.verdict.title);
    expect(fetched.mock.calls.map(([path]) => path)).toEqual(["/extension/orders/5"]);
    expect([...document.body.querySelectorAll("s-link")].at(-1)?.getAttribute("href")).toBe("app:app/history/orders/5");
  });

  it("holds the fulfilment after saying what that does, and shows how it stands then", async () => {
    const fetched = await show(Response.json(ANSWER), Response.json(DONE), Response.json({ ...ANSWER, shortages: [HELD] }));
    await expect.poll(() => button(words.act.hold)).toBeDefined();
    button(words.act.hold)?.click();
    await expect.poll(() => block()?.textContent).toContain(ANSWER.consequences.hold);
    expect(fetched).toHaveBeenCalledTimes(1);
    button(words.act.hold)?.click();
    await expect.poll(told).toEqual([DONE.title]);
    expect(fetched.mock.calls[1]).toMatchObject(["/extension/orders/5", { method: "POST", body: "act=hold&oversell=9" }]);
    expect(block()?.textContent).toContain("Fulfilment on hold");
    await expect.poll(() => button(words.act.release)).toBeDefined();
    expect(button(words.act.hold)).toBeUndefined();
  });

  it("releases what it holds", async () => {
    const fetched = await show(Response.json({ ...ANSWER, shortages: [HELD] }), Response.json({ ...DONE, title: "#1044 may be shipped again" }), Response.json(ANSWER));
    await actOn(words.act.release);
    await expect.poll(told).toEqual(["#1044 may be shipped again"]);
    expect(fetched.mock.calls[1]).toMatchObject(["/extension/orders/5", { body: "act=release&oversell=9" }]);
  });

  it("sends nothing when the person thinks better of it", async () => {
    const fetched = await show(Response.json(ANSWER));
    await expect.poll(() => button(words.act.hold)).toBeDefined();
    button(words.act.hold)?.click();
    await expect.poll(() => button(words.act.cancel)).toBeDefined();
    button(words.act.cancel)?.click();
    await expect.poll(() => button(words.act.cancel)).toBeUndefined();
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it("offers the permission instead of the act where the shop has not given it", async () => {
    await show(Response.json({ ...ANSWER, mayHold: false }));
    await expect.poll(told).toEqual([words.permission.heading]);
    expect(button(words.act.hold)).toBeUndefined();
    expect([...document.body.querySelectorAll("s-link")].map((link) => link.textContent)).toContain(words.permission.open);
  });

  it("says so when Shopify does not let the person do it", async () => {
    const refused: OrderActAnswer = { kind: "not_allowed", tone: "critical", title: "Nothing was done: your Shopify account may not do this", text: "Ask." };
    await show(Response.json(ANSWER), Response.json(refused), Response.json(ANSWER));
    await actOn(words.act.hold);
    await expect.poll(told).toEqual([refused.title]);
    expect(button(words.act.hold)).toBeDefined();
  });

  it("looks again when the answer to an act was lost, for it may have been done", async () => {
    await show(Response.json(ANSWER), () => Promise.reject(new TypeError("Failed to fetch")), Response.json({ ...ANSWER, shortages: [HELD] }));
    await actOn(words.act.hold);
    await expect.poll(told).toEqual([words.act.failed.heading]);
    expect(block()?.textContent).toContain("Fulfilment on hold");
  });

  it("says that nothing was received about an order from before the installation", async () => {
    await show(Response.json({}, { status: 404 }));
    await expect.poll(() => block()?.textContent).toBe(words.nothing);
  });

  it("tells a person without access whom to ask", async () => {
    await show(new Response(null, { status: 403 }));
    await expect.poll(told).toEqual([words.notAllowed.heading]);
  });
});

// @vitest-environment happy-dom
/// <reference types="@shopify/ui-extensions/admin.product-variant-details.block.render" />
// The block on a variant's page, drawn by Shopify's own tester: what a merchant sees for every answer of the server.
import { getExtension } from "@shopify/ui-extensions-tester";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { VariantStockAnswer } from "../../../app/extension-api/extension-answers.ts";
import words from "../locales/en.default.json" with { type: "json" };
import { translator } from "../../admin-blocks/translator.ts";

const ANSWER: VariantStockAnswer = {
  item: "Mug",
  changes: [
    { id: "17", delta: "−2", cause: "Order placed", order: "#1044", location: "Shop", state: "Applied", tone: "success", levels: "12 → 10", when: "14 minutes ago", page: "/app/history/17" },
    { id: "16", delta: "−1", cause: "Refund", order: null, location: null, state: "Withdrawn", tone: "neutral", levels: null, when: "2 hours ago", page: "/app/history/16" },
  ],
  oversells: [{ id: "9", heading: "2 units of Mug too many were sold", text: "#1044 is short of stock.", state: "Oversold", tone: "critical", page: "/app/oversells/9" }],
  holds: [{ id: "h", heading: "2 × Mug", state: "On hold", tone: "info", when: "ends in 4 minutes", page: "/app/holds/h" }],
  page: "/app/history?item=3",
};

const extension = getExtension("admin.product-variant-details.block.render");
const block = () => document.body.querySelector("s-admin-block");
const links = () => [...document.body.querySelectorAll("s-link")].map((link) => link.getAttribute("href"));

beforeEach(() => {
  extension.setUp();
  // Its type tells text from elements by what is replaced; nothing is replaced here.
  Object.assign(extension.shopify.i18n, { translate: translator(words) });
  extension.shopify.data.selected = [{ id: "gid://shopify/ProductVariant/44" }];
});
afterEach(() => extension.tearDown());

async function show(...answers: readonly (Response | (() => Response | Promise<Response>))[]) {
  const fetched = vi.fn<typeof fetch>();
  for (const answer of answers) fetched.mockImplementationOnce(async () => (typeof answer === "function" ? answer() : answer));
  extension.fetch = fetched;
  await extension.render();
  return fetched;
}

describe("the block on a variant's page", () => {
  it("shows what is oversold, on hold and changed, each with its way into the app", async () => {
    const fetched = await show(Response.json(ANSWER));
    await expect.poll(() => block()?.textContent).toContain("#1044 is short of stock.");
    expect(fetched.mock.calls.map(([path]) => path)).toEqual(["/extension/variants/44"]);
    expect(block()?.textContent).toContain("12 → 10 · Shop · 14 minutes ago");
    expect(block()?.textContent).toContain("ends in 4 minutes");
    expect(links()).toEqual(["app:app/oversells/9", "app:app/holds/h", "app:app/history/17", "app:app/history/16", "app:app/history?item=3"]);
    expect(block()?.getAttribute("collapsedSummary")).toBe("2 units of Mug too many were sold");
  });

  it("says that it is asking until the answer is there", async () => {
    const later = Promise.withResolvers<Response>();
    await show(() => later.promise);
    expect(document.body.querySelector("s-spinner")?.getAttribute("accessibilityLabel")).toBe(words.loading);
    later.resolve(Response.json({ ...ANSWER, changes: [], oversells: [], holds: [] }));
    await expect.poll(() => block()?.textContent).toContain(words.changes.none);
    expect(block()?.getAttribute("collapsedSummary")).toBe(words.changes.none);
    expect(document.body.querySelector("s-spinner")).toBeNull();
  });

  it("sums itself up by its newest change when nothing is wrong", async () => {
    await show(Response.json({ ...ANSWER, oversells: [] }));
    await expect.poll(() => block()?.getAttribute("collapsedSummary")).toBe("−2 · Order placed · #1044 · 14 minutes ago");
  });

  it("says that nothing is known of a variant that no order or check brought by", async () => {
    await show(Response.json({ error: { code: "not_found" } }, { status: 404 }));
    await expect.poll(() => block()?.textContent).toBe(words.nothing);
  });

  it("asks nothing where the admin names no variant", async () => {
    extension.shopify.data.selected = [];
    const fetched = await show();
    await expect.poll(() => block()?.textContent).toBe(words.nothing);
    expect(fetched).not.toHaveBeenCalled();
  });

  it.each([401, 403])("tells a person whose session is refused with %i whom to ask", async (status) => {
    await show(new Response(null, { status }));
    await expect.poll(() => document.body.querySelector("s-banner")?.getAttribute("heading")).toBe(words.notAllowed.heading);
  });

  it.each([
    ["fails", () => Response.json({ error: { code: "internal_error" } }, { status: 500 })],
    ["is slowed down", () => Response.json({ error: { code: "rate_limited" } }, { status: 429 })],
    ["sends something else", () => new Response("<html>")],
    ["cannot be reached", () => Promise.reject(new TypeError("Failed to fetch"))],
  ])("offers to try again when the server %s", async (_, answer) => {
    await show(answer, Response.json(ANSWER));
    await expect.poll(() => document.body.querySelector("s-button")?.textContent).toBe(words.failed.retry);
    document.body.querySelector("s-button")?.click();
    await expect.poll(() => block()?.textContent).toContain("#1044 is short of stock.");
  });
});

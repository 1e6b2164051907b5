// What changed between two settings documents, in words.
import { describe, expect, it } from "vitest";

import { DEFAULT_SETTINGS, type Bundle, type Settings } from "#app/domain/settings.ts";

import { describeDifference, differingParts } from "./settings-difference.ts";

const bundle = (variant: number, quantity: number): Bundle => ({ variantId: `gid://shopify/ProductVariant/${variant}`, parentStock: "leave", components: [{ inventoryItemId: "gid://shopify/InventoryItem/5", quantity }] });
const withBundles = (...bundles: Bundle[]): Settings => ({ ...DEFAULT_SETTINGS, bundles });
const names = { "gid://shopify/ProductVariant/1": "Gift set", "gid://shopify/InventoryItem/5": "Candle" };

describe("the difference of two settings documents", () => {
  it("is empty for the same content, whatever the version", () => {
    expect(describeDifference(DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, version: 9 })).toEqual([]);
  });

  it("tells the entries of a list apart by what they name, so that removing the first one is not a change of all", () => {
    expect(describeDifference(withBundles(bundle(1, 2), bundle(2, 1)), withBundles(bundle(2, 3)), names)).toEqual([
      { page: "bundles", changes: [{ label: "Gift set", from: "2 × Candle", to: null }, { label: "ProductVariant/2", from: "1 × Candle", to: "3 × Candle" }] },
    ]);
  });

  it("names the parts in the order of the pages", () => {
    const next: Settings = { ...DEFAULT_SETTINGS, retentionDays: 30, mode: "enforce", external: { enabled: true, url: "https://stock.example.com/" } };
    const parts = describeDifference(DEFAULT_SETTINGS, next);
    expect(differingParts(parts)).toBe("What Holdfast does, Your stock system, History and privacy");
    expect(parts[0]?.changes).toEqual([{ label: "Mode", from: "Watch only", to: "Protect" }]);
  });

  it("says of an alert what it is told of, and from which figure on", () => {
    const alert = { kind: "email" as const, target: "a@example.com", on: ["drift" as const, "oversell" as const], threshold: { driftUnits: 3 }, quietMinutes: 10 };
    expect(describeDifference(DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, alerts: [alert] })).toEqual([
      { page: "alerts", changes: [{ label: "E-mail: a@example.com", from: null, to: "Oversold, Stock mismatch from 3; quiet for 10 minutes" }] },
    ]);
  });

  it("has words for every field of the document", () => {
    const leaves = (value: unknown, path: string): string[] =>
      typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === "" ? name : `${path}.${name}`)) : [path];
    const other: Readonly<Record<string, unknown>> = { location: "gid://shopify/Location/1", on: "orders/paid", refunded: "never", whenShopifyIsAway: "promise_local", shortPolicy: "unpaid_first", mode: "enforce" };
    const lists: Readonly<Record<string, unknown>> = {
      "deduct.sources": [{ sourceName: "x", confirmedBypass: false }],
      bundles: [bundle(1, 1)],
      alerts: [{ kind: "email", target: "a@example.com", on: ["drift"], threshold: {} }],
    };
    const wordless = leaves(DEFAULT_SETTINGS, "").filter((path) => {
      if (path === "version") return false;
      const next = structuredClone(DEFAULT_SETTINGS) as unknown as Record<string, unknown>;
      const steps = path.split(".");
      const last = steps.pop() ?? "";
      const owner = steps.reduce<Record<string, unknown>>((within, step) => within[step] as Record<string, unknown>, next);
      const value = owner[last];
      owner[last] = lists[path] ?? other[last] ?? (typeof value === "boolean" ? !value : Number(value ?? 0) + 1);
      return describeDifference(DEFAULT_SETTINGS, next as unknown as Settings).length !== 1;
    });
    expect(wordless).toEqual([]);
  });
});

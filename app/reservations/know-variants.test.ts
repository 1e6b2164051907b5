// What Shopify says of an item, asked once for all who want to know.
import { describe, expect, it } from "vitest";

import type { VariantFacts } from "#app/ports/shopify-orders.ts";
import type { KnownVariant } from "#app/ports/stock-view.ts";

import { createVariantKnowledge, FRESH_MS } from "./know-variants.server.ts";

const INSTALL = { installId: 1n, shop: "one.myshopify.com", scopes: [] };
const MUG: VariantFacts = { variantId: "1", inventoryItemId: "11", sku: "MUG", title: "Mug", tracked: true, policy: "deny", requiresComponents: false };
const limits = { idsMax: 250, estimateCost: () => 1 };

function stage(over: { readonly answers?: () => boolean } = {}) {
  const rows = new Map<string, KnownVariant>();
  const asked: string[] = [];
  const clock = { now: 0, monotonicMs: () => clock.now };
  const answer = (name: string) => {
    asked.push(name);
    return Promise.resolve(over.answers?.() === false ? { kind: "throttled" as const, waitMs: 1, cost: null } : { kind: "ok" as const, found: name.includes("none") ? [] : [MUG], missing: [], cost: null });
  };
  const knowVariants = createVariantKnowledge({
    view: {
      variants: (_installId: bigint, { variantIds, itemIds, skus }: { variantIds: readonly string[]; itemIds: readonly string[]; skus: readonly string[] }) =>
        Promise.resolve([...rows.values()].filter((row) => variantIds.includes(row.variantId) || itemIds.includes(row.inventoryItemId ?? "") || skus.includes(row.sku ?? ""))),
    },
    orders: {
      storeVariants: (_installId: bigint, variants: readonly { readonly variantId: string }[]) => {
        for (const { variantId } of variants) rows.set(variantId, { ...MUG, variantId, missing: false, ageMs: 0 });
        return Promise.resolve();
      },
    },
    shopifyOrders: {
      readVariants: (_context: unknown, ids: readonly string[]) => answer(`variants ${ids.join()}`),
      readVariantsOfItems: (_context: unknown, ids: readonly string[]) => answer(`items ${ids.join()}`),
      readVariantsBySku: (_context: unknown, sku: string) => answer(`sku ${sku}`),
      limits: { variants: limits, variantsOfItems: limits, variantsBySku: limits },
    },
    budget: { reserve: () => Promise.resolve({ kind: "granted" }), throttled: () => Promise.resolve("recorded") },
    metrics: {},
    logger: { warn: () => undefined },
    clock,
    // Only what is called is doubled; the ports have more.
  } as unknown as Parameters<typeof createVariantKnowledge>[0]);
  return { knowVariants, asked, rows, clock };
}

const wanted = (over: object) => ({ variantIds: [], itemIds: [], skus: [], ...over });

describe("knowing variants", () => {
  it("asks Shopify once for a thousand who want the same, and again when it is no longer fresh", async () => {
    const { knowVariants, asked, rows, clock } = stage();
    await Promise.all(Array.from({ length: 1_000 }, () => knowVariants(INSTALL, wanted({ itemIds: ["11"] }))));
    expect(asked).toEqual(["items 11"]);
    rows.set("1", { ...MUG, missing: false, ageMs: FRESH_MS });
    clock.now = FRESH_MS;
    await knowVariants(INSTALL, wanted({ itemIds: ["11"] }));
    expect(asked).toEqual(["items 11", "items 11"]);
  });

  it("searches for a SKU though a variant with it is cached, because another may have it too", async () => {
    const { knowVariants, asked, rows } = stage();
    rows.set("1", { ...MUG, missing: false, ageMs: 0 });
    await knowVariants(INSTALL, wanted({ skus: ["MUG"] }));
    await knowVariants(INSTALL, wanted({ skus: ["MUG"] }));
    expect(asked).toEqual(["sku MUG"]);
  });

  it("goes on with what is cached, however old, while Shopify cannot be asked, and says so", async () => {
    const { knowVariants, rows } = stage({ answers: () => false });
    rows.set("1", { ...MUG, missing: false, ageMs: FRESH_MS * 10 });
    expect(await knowVariants(INSTALL, wanted({ variantIds: ["1"] }))).toMatchObject({ complete: false, variants: [{ variantId: "1" }] });
  });
});

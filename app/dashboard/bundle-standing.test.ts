// Goal: a merchant reads of a bundle that follows its items where its number is right, where it is about to change, and why nothing is done.
import { describe, expect, it } from "vitest";

import { decideBundleStock, type BundleAtLocation } from "#app/domain/bundle-stock.ts";
import { standingsByBundle, standingText } from "./bundle-standing.ts";

const ITEM = { quantity: 2, available: 12, stocked: true, tracked: true, taking: 0, overwritten: false };
const BUNDLE: BundleAtLocation = { available: 10, tracked: true, native: false, busy: false, unsettled: false, refusedLately: false, components: [ITEM] };
const textOf = (patch: Partial<BundleAtLocation>) => standingText(decideBundleStock({ ...BUNDLE, ...patch }));

describe("standingText", () => {
  it.each([
    [{ available: 6 }, "fine", /^As many as its items allow/],
    [{}, "soon", /^Goes to 6\./],
    [{ busy: true }, "soon", /on its way/],
    [{ available: 2, unsettled: true }, "soon", /some minutes/],
    [{ refusedLately: true }, "soon", /read again/],
    [{ native: true }, "attention", /Shopify makes/],
    [{ tracked: false }, "attention", /does not track the bundle/],
    [{ components: [{ ...ITEM, tracked: false }] }, "attention", /does not track one of its items/],
    [{ components: [{ ...ITEM, available: null }] }, "attention", /not known yet/],
    [{ components: [{ ...ITEM, available: null, stocked: false }] }, "attention", /not stocked here/],
    [{ available: 2, components: [{ ...ITEM, overwritten: true }] }, "attention", /Overwritten stock/],
  ] as const)("says of %o that it is %s", (patch, tone, words) => {
    expect(textOf(patch)).toEqual({ tone, text: expect.stringMatching(words) });
  });
});

describe("standingsByBundle", () => {
  const following = [{ variantId: "gid://shopify/ProductVariant/1" }, { variantId: "gid://shopify/ProductVariant/2" }];
  const decision = { kind: "equal" } as const;

  it("lists each bundle's places by name, also a place whose name is unknown", () => {
    const standings = [
      { variantId: "1", locationId: "7", available: 6, decision },
      { variantId: "1", locationId: "8", available: 0, decision },
    ];
    expect(standingsByBundle(following, standings, [{ locationId: "7", name: "Warehouse" }])).toEqual({
      "gid://shopify/ProductVariant/1": [
        { locationId: "7", place: "Warehouse", available: 6, decision },
        { locationId: "8", place: "Location 8", available: 0, decision },
      ],
      "gid://shopify/ProductVariant/2": [],
    });
  });
});

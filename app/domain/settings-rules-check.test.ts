// The faults that only Shopify's answer can show, and which rules it is asked about.
import { describe, expect, it } from "vitest";

import { checkRules, checkScopes, referencesToCheck, type KnownCatalog } from "./settings-rules-check.ts";
import { DEFAULT_SETTINGS, type Bundle, type Settings } from "./settings.ts";

const variant = (id: number) => `gid://shopify/ProductVariant/${id}`;
const item = (id: number) => `gid://shopify/InventoryItem/${id}`;
const LOCATION = "gid://shopify/Location/1";

const bundleOf = (parent: number, components: readonly number[], parentStock: Bundle["parentStock"] = "leave"): Bundle => ({
  variantId: variant(parent),
  parentStock,
  components: components.map((id) => ({ inventoryItemId: item(id), quantity: 1 })),
});
const settings = (patch: Partial<Settings>): Settings => ({ ...DEFAULT_SETTINGS, ...patch });

/** Variant n has item 100 + n; items 1 to 9 exist. */
function catalogOf(patch: Partial<KnownCatalog> = {}): KnownCatalog {
  const variants = [1, 2].map((id) => ({ variantId: variant(id), inventoryItemId: item(100 + id), requiresComponents: false }));
  const items = [1, 2, 3, 101, 102].map(item);
  return { variants, inventoryItemIds: items, locations: [{ locationId: LOCATION, active: true }], ownAppId: null, ...patch };
}

function faultsOf(next: Settings, catalog = catalogOf()): string[] {
  return checkRules(next, referencesToCheck(DEFAULT_SETTINGS, next), catalog).map((fault) => `${fault.path}: ${fault.code}`);
}

describe("referencesToCheck", () => {
  it("asks about nothing when protection is turned off, whatever the rules say", () => {
    const bundles = [bundleOf(1, [1])];
    const references = referencesToCheck(settings({ mode: "enforce", bundles }), settings({ mode: "observe", bundles }));
    expect(references).toEqual({ variantIds: [], inventoryItemIds: [], locationIds: [], appIds: [] });
  });

  it("asks about every rule when protection is turned on", () => {
    const rules = { bundles: [bundleOf(1, [1])], deduct: { ...DEFAULT_SETTINGS.deduct, location: LOCATION } };
    const references = referencesToCheck(settings(rules), settings({ ...rules, mode: "enforce" }));
    expect(references).toEqual({ variantIds: [variant(1)], inventoryItemIds: [item(1)], locationIds: [LOCATION], appIds: [] });
  });

  it("asks about the components of a changed bundle only, but about every parent", () => {
    const references = referencesToCheck(settings({ bundles: [bundleOf(1, [1])] }), settings({ bundles: [bundleOf(1, [1]), bundleOf(2, [2])] }));
    expect(references).toEqual({ variantIds: [variant(1), variant(2)], inventoryItemIds: [item(2)], locationIds: [], appIds: [] });
  });
});

describe("checkRules", () => {
  it("refuses Holdfast's own app as a source, by its id and by the source name that is the same", () => {
    const sources = (own: { appId: string } | { sourceName: string }) => settings({ deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }, { ...own, confirmedBypass: true }] } });
    const catalog = catalogOf({ ownAppId: "4711" });
    expect(faultsOf(sources({ appId: "4711" }), catalog)).toEqual(["deduct.sources[1].appId: native_source_refused"]);
    expect(faultsOf(sources({ sourceName: "4711" }), catalog)).toEqual(["deduct.sources[1].sourceName: native_source_refused"]);
    expect(faultsOf(sources({ appId: "4712" }), catalog)).toEqual([]);
  });

  it("finds nothing wrong with rules whose parts exist", () => {
    expect(faultsOf(settings({ bundles: [bundleOf(1, [1, 2])], deduct: { ...DEFAULT_SETTINGS.deduct, location: LOCATION } }))).toEqual([]);
  });

  it("names the variant, the item and the location that Shopify does not know", () => {
    const next = settings({ bundles: [bundleOf(7, [77])], deduct: { ...DEFAULT_SETTINGS.deduct, location: "gid://shopify/Location/9" } });
    expect(faultsOf(next)).toEqual(["bundles[0].variantId: variant_not_found", "bundles[0].components[0].inventoryItemId: item_not_found", "deduct.location: location_not_found"]);
  });

  it("refuses a native bundle, because Shopify takes its components itself", () => {
    const variants = [{ variantId: variant(1), inventoryItemId: item(101), requiresComponents: true }];
    expect(faultsOf(settings({ bundles: [bundleOf(1, [1])] }), catalogOf({ variants }))).toEqual(["bundles[0].variantId: native_bundle_refused"]);
  });

  it("refuses a bundle that contains the item it is sold as", () => {
    expect(faultsOf(settings({ bundles: [bundleOf(1, [1, 101])] }))).toEqual(["bundles[0].components[1].inventoryItemId: bundle_contains_itself"]);
  });

  it("refuses as a component a bundle whose own stock follows its components", () => {
    const bundles = [bundleOf(1, [102]), bundleOf(2, [3], "derive")];
    expect(faultsOf(settings({ bundles }))).toEqual(["bundles[0].components[0].inventoryItemId: bundle_component_is_derived"]);
  });

  it("refuses a location that is deactivated", () => {
    const next = settings({ deduct: { ...DEFAULT_SETTINGS.deduct, location: LOCATION } });
    expect(faultsOf(next, catalogOf({ locations: [{ locationId: LOCATION, active: false }] }))).toEqual(["deduct.location: location_inactive"]);
  });
});

describe("checkScopes", () => {
  it("lets anybody watch, and protect only with the write permission", () => {
    expect(checkScopes(settings({ mode: "observe" }), ["read_orders"])).toEqual([]);
    expect(checkScopes(settings({ mode: "enforce" }), ["read_orders", "write_inventory"])).toEqual([]);
    expect(checkScopes(settings({ mode: "enforce" }), ["read_orders", "read_inventory"])).toMatchObject([{ path: "mode", code: "scope_missing" }]);
  });
});

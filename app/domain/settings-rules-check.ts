// The half of settings validation that needs the outside world's answer: do the variants, items and locations of the rules exist,
// may they be used so, and has the merchant granted what the mode needs. Pure: the answer comes in as data.

import type { Fault } from "./document-reader.ts";
import type { Bundle, Settings } from "./settings.ts";

/** Scope without which Shopify refuses every inventory change. */
export const WRITE_SCOPE = "write_inventory";

/** Scope without which Shopify creates no order for the app. */
export const ORDERS_SCOPE = "write_orders";

/** Scopes without which Shopify lets the app hold no fulfilment. */
export const HOLD_SCOPES: readonly string[] = ["write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders"];

export interface RuleReferenceIds {
  readonly variantIds: readonly string[];
  readonly inventoryItemIds: readonly string[];
  readonly locationIds: readonly string[];
  /** Apps that rules name as sources, by id or by the source name that Shopify gives an app's orders: the same digits. */
  readonly appIds: readonly string[];
}

export interface KnownCatalog {
  readonly variants: readonly { readonly variantId: string; readonly inventoryItemId: string | null; readonly requiresComponents: boolean }[];
  readonly inventoryItemIds: readonly string[];
  readonly locations: readonly { readonly locationId: string; readonly active: boolean }[];
  /** Holdfast's own id as an app; null when no app was asked about. */
  readonly ownAppId: string | null;
}

/**
 * What must be checked with Shopify before `next` replaces `current`. Rules that stand already are not asked about again, so that a
 * merchant can always turn protection off, even while Shopify does not answer; turning it on asks about all of them.
 */
export function referencesToCheck(current: Settings, next: Settings): RuleReferenceIds {
  const all = next.mode === "enforce" && current.mode === "observe";
  const standing = new Set(current.bundles.map(contentOf));
  const bundles = next.bundles.filter((bundle) => all || !standing.has(contentOf(bundle)));
  const location = next.deduct.location;
  const asksLocation = location !== "order" && (all || location !== current.deduct.location);
  // A changed bundle may contain, or be contained in, one that stands: the parents' items of all of them are needed then.
  const parents = bundles.length === 0 ? [] : next.bundles;
  return {
    variantIds: distinct(parents.map((bundle) => bundle.variantId)),
    inventoryItemIds: distinct(bundles.flatMap((bundle) => bundle.components.map((component) => component.inventoryItemId))),
    locationIds: asksLocation ? [location] : [],
    appIds: distinct(namedApps(next).filter((id) => all || !namedApps(current).includes(id))),
  };
}

/** A source name that is no number is no app's id. */
function namedApps({ deduct }: Settings): string[] {
  return deduct.sources.map((source) => source.appId ?? source.sourceName ?? "").filter((id) => /^[0-9]+$/.test(id));
}

/** Faults of `next` by what Shopify knows. Only what `references` asked about is judged. */
export function checkRules(next: Settings, references: RuleReferenceIds, catalog: KnownCatalog): Fault[] {
  const faults: Fault[] = [];
  const variants = new Map(catalog.variants.map((variant) => [variant.variantId, variant]));
  const items = new Set(catalog.inventoryItemIds);
  const askedItems = new Set(references.inventoryItemIds);
  const askedVariants = new Set(references.variantIds);
  const derivedItems = new Set(derivedParentItems(next.bundles, variants));
  next.bundles.forEach((bundle, index) => {
    const path = `bundles[${index}]`;
    const variant = variants.get(bundle.variantId);
    if (askedVariants.has(bundle.variantId)) {
      if (variant === undefined) faults.push({ path: `${path}.variantId`, code: "variant_not_found", message: "Shopify knows no such variant." });
      else if (variant.requiresComponents) {
        faults.push({ path: `${path}.variantId`, code: "native_bundle_refused", message: "Shopify takes the components of this bundle itself; taking them again would count every sale twice." });
      }
    }
    bundle.components.forEach((component, position) => {
      const at = `${path}.components[${position}].inventoryItemId`;
      const itemId = component.inventoryItemId;
      if (askedItems.has(itemId) && !items.has(itemId)) faults.push({ path: at, code: "item_not_found", message: "Shopify knows no such inventory item." });
      else if (variant?.inventoryItemId === itemId) faults.push({ path: at, code: "bundle_contains_itself", message: "A bundle cannot contain the item it is sold as." });
      else if (derivedItems.has(itemId)) {
        faults.push({ path: at, code: "bundle_component_is_derived", message: "This item is itself a bundle whose stock follows its components; list those components instead." });
      }
    });
  });
  next.deduct.sources.forEach((source, index) => {
    const id = source.appId ?? source.sourceName ?? "";
    if (catalog.ownAppId === null || id !== catalog.ownAppId || !references.appIds.includes(id)) return;
    const message = "These are the orders that Holdfast creates for reservations: Shopify takes their stock itself, and taking it again would count every sale twice.";
    faults.push({ path: `deduct.sources[${index}].${source.appId === undefined ? "sourceName" : "appId"}`, code: "native_source_refused", message });
  });
  const location = next.deduct.location;
  if (references.locationIds.includes(location)) {
    const known = catalog.locations.find((candidate) => candidate.locationId === location);
    if (known === undefined) faults.push({ path: "deduct.location", code: "location_not_found", message: "Shopify knows no such location." });
    else if (!known.active) faults.push({ path: "deduct.location", code: "location_inactive", message: "This location is deactivated in Shopify." });
  }
  return faults;
}

/** Protecting needs the write permission, which a merchant grants on the settings page. */
export function checkScopes(next: Settings, grantedScopes: readonly string[]): Fault[] {
  if (next.mode === "observe" || grantedScopes.includes(WRITE_SCOPE)) return [];
  return [{ path: "mode", code: "scope_missing", message: `Protecting stock needs the permission ${WRITE_SCOPE}; grant it on Holdfast's settings page in the Shopify admin.` }];
}

/** Equal for equal bundles. Not the JSON: what comes back from the database has its fields in another order. */
function contentOf({ variantId, parentStock, components }: Bundle): string {
  return [variantId, parentStock, ...components.map((component) => `${component.inventoryItemId}x${component.quantity}`)].join(" ");
}

function derivedParentItems(bundles: readonly Bundle[], variants: ReadonlyMap<string, { readonly inventoryItemId: string | null }>): string[] {
  return bundles.flatMap((bundle) => {
    const item = variants.get(bundle.variantId)?.inventoryItemId;
    return bundle.parentStock === "derive" && item ? [item] : [];
  });
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort();
}

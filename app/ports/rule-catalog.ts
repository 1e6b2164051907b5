// The rule-catalogue port: what Shopify knows of the variants, items and locations that a merchant's rules name.

export interface RuleReferences {
  readonly installId: bigint;
  readonly shop: string;
  /** gids; each list is distinct and may be empty. */
  readonly variantIds: readonly string[];
  readonly inventoryItemIds: readonly string[];
  readonly locationIds: readonly string[];
  /** Decimal; asked for only to be told apart from Holdfast's own. */
  readonly appIds: readonly string[];
}

export interface CatalogVariant {
  readonly variantId: string;
  /** Null when the variant keeps no stock item. */
  readonly inventoryItemId: string | null;
  /** A native bundle: Shopify takes its components itself. */
  readonly requiresComponents: boolean;
}

/** What exists of what was asked for, by gid; whatever is not listed does not exist in this shop. */
export interface RuleCatalogAnswer {
  readonly kind: "answered";
  readonly variants: readonly CatalogVariant[];
  readonly inventoryItemIds: readonly string[];
  readonly locations: readonly { readonly locationId: string; readonly active: boolean }[];
  /** Decimal; null when no app was asked about. */
  readonly ownAppId: string | null;
}

export interface RuleCatalog {
  /** `unavailable`: Shopify could not be asked now; nothing may be concluded from it. */
  verifyRules(references: RuleReferences): Promise<RuleCatalogAnswer | { readonly kind: "unavailable"; readonly reason: string }>;
}

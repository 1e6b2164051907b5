// Port of Shopify's privacy requests: answered from what is stored, which is no customer data.

/** Whether the app is in a shop, as Shopify says. */
export type AppPresence =
  | { readonly kind: "installed"; readonly appInstallationGid: string }
  /** Shopify honours none of the shop's tokens, or the shop has none. */
  | { readonly kind: "gone" }
  /** Shopify could not be asked, or its answer says neither. */
  | { readonly kind: "unknown"; readonly cause: string };

export type LookForApp = (shop: string) => Promise<AppPresence>;

/** What one round did. */
export interface ComplianceRound {
  readonly completedCount: number;
  readonly deletedRowCount: number;
  /** Requests that stay open for a later round: more rows than one round deletes, or Shopify does not say whether the app is gone. */
  readonly postponed: readonly { readonly requestId: bigint; readonly reason: string }[];
  /** Requests whose work threw; they stay open too. */
  readonly failed: readonly { readonly requestId: bigint; readonly cause: unknown }[];
}

export interface Compliance {
  /**
   * Works on up to `limit` open requests, each round starting after the last one of the round before, so that none keeps others waiting.
   * `shop/redact` deletes every row of the shop's ended installs, in small steps that a later round goes on with. An install that is still
   * active has lost its uninstall notice, or is a new life: `lookForApp` decides, and what is gone is ended first.
   */
  completeOpen(limit: number, lookForApp: LookForApp): Promise<ComplianceRound>;
}

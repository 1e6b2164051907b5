// The access-token port: the offline token with which background work calls a shop, kept fresh for all processes together.

export type AccessTokenOutcome =
  | { kind: "token"; accessToken: string }
  /** The shop has no token: not installed, or uninstalled. */
  | { kind: "none" }
  /** Shopify no longer honours the refresh token; the shop's sessions were deleted and the next visit of the app makes new ones. */
  | { kind: "revoked" }
  /** No usable token right now; trying again later may help. */
  | { kind: "unavailable"; cause: string };

export interface AccessTokens {
  offlineToken(shop: string): Promise<AccessTokenOutcome>;
  /** Shopify answered 401 to this token: the next `offlineToken` refreshes it, unless somebody replaced it already. */
  reportRefused(shop: string, accessToken: string): Promise<void>;
}

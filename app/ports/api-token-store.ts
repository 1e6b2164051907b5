// The API-token port: bearer tokens of one shop. Only a token's SHA-256 is stored; the token itself is shown once.

export const API_TOKEN_PREFIX = "hf_";
export const API_TOKENS_MAX = 50;
export const API_TOKEN_LABEL_LENGTH_MAX = 100;

export interface ApiTokenSummary {
  readonly id: string;
  readonly label: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Exact to about a minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface TokenBearer {
  readonly tokenId: string;
  readonly installId: bigint;
  readonly shop: string;
}

export interface ApiTokenStore {
  /** `too_many`: the install has `API_TOKENS_MAX` tokens that work. */
  create(request: { installId: bigint; label: string; actor: string }): Promise<{ readonly kind: "created"; readonly id: string; readonly token: string } | { readonly kind: "too_many" }>;
  /** Newest first, revoked ones included; at most 200. */
  list(installId: bigint): Promise<ApiTokenSummary[]>;
  revoke(request: { installId: bigint; id: string; actor: string }): Promise<{ readonly kind: "revoked" | "not_found" }>;
  /** Whose token this is; null when it is unknown, revoked, or its install has ended. */
  authenticate(token: string): Promise<TokenBearer | null>;
}

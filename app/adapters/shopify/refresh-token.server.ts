// Trades a refresh token for a new pair at Shopify; says which answers mean "never again" and which "not now".
import { z } from "zod";

import type { TokenPair } from "./sealed-sessions.server.ts";
import type { ShopifyTransport } from "./shopify-transport.server.ts";

export type TokenRefresh =
  | { kind: "refreshed"; pair: TokenPair }
  /** This refresh token is dead; only the merchant's next visit makes a new one. */
  | { kind: "revoked"; message: string }
  | { kind: "failed"; cause: string };

export type RefreshToken = (shop: string, refreshToken: string, signal?: AbortSignal) => Promise<TokenRefresh>;

export interface RefreshTokenOptions {
  transport: ShopifyTransport;
  apiKey: string;
  apiSecret: string;
  now: () => Date;
}

const TOKEN_PATH = "/admin/oauth/access_token";

/**
 * OAuth codes that are about the token itself. Others with the same status are about us (`invalid_client`: wrong app secret) and must
 * not cost every shop its session.
 */
const DEAD_TOKEN_CODES: ReadonlySet<string> = new Set(["invalid_grant", "invalid_subject_token", "invalid_refresh_token"]);

const pairSchema = z.looseObject({
  access_token: z.string().min(1),
  scope: z.string().optional(),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1),
  refresh_token_expires_in: z.number().positive().optional(),
});
const errorSchema = z.looseObject({ error: z.string(), error_description: z.string().optional() });

export function createRefreshToken({ transport, apiKey, apiSecret, now }: RefreshTokenOptions): RefreshToken {
  return async (shop, refreshToken, signal) => {
    const body = JSON.stringify({ client_id: apiKey, client_secret: apiSecret, grant_type: "refresh_token", refresh_token: refreshToken });
    const outcome = await transport.post({ shop, path: TOKEN_PATH, headers: {}, body, signal });
    if (outcome.kind === "unanswered") return { kind: "failed", cause: outcome.cause };
    return readTokenAnswer(outcome.status, outcome.text, now());
  };
}

export function readTokenAnswer(status: number, text: string, now: Date): TokenRefresh {
  const body = parseOrNull(text);
  if (status === 200) {
    const parsed = pairSchema.safeParse(body);
    if (!parsed.success) return { kind: "failed", cause: "the token answer is not complete" };
    const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
    const { access_token: accessToken, refresh_token: refreshToken, expires_in, refresh_token_expires_in, scope } = parsed.data;
    return {
      kind: "refreshed",
      pair: {
        accessToken,
        refreshToken,
        expires: inSeconds(expires_in),
        refreshTokenExpires: refresh_token_expires_in === undefined ? null : inSeconds(refresh_token_expires_in),
        scope: scope ?? null,
      },
    };
  }
  const fault = errorSchema.safeParse(body);
  const said = fault.success ? `${fault.data.error}${fault.data.error_description === undefined ? "" : `: ${fault.data.error_description}`}` : `HTTP ${status}`;
  if ((status === 400 || status === 401) && fault.success && DEAD_TOKEN_CODES.has(fault.data.error)) return { kind: "revoked", message: said };
  return { kind: "failed", cause: said };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The session token that App Bridge hands to the embedded app: a JWT signed with the app's secret.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Random } from "../world/random.ts";

export const SESSION_TOKEN_SECONDS = 60;
/** The tolerance Shopify's own library allows between two clocks. */
const CLOCK_TOLERANCE_SECONDS = 10;
export const DEFAULT_STAFF_ID = "42";

export interface SessionTokenClaims {
  iss: string;
  dest: string;
  aud: string;
  sub: string;
  exp: number;
  nbf: number;
  iat: number;
  jti: string;
  sid: string;
}

/** Signed on the wall clock, not the simulated one: the app checks it against its own. */
export function signSessionToken(input: { shop: string; apiKey: string; apiSecret: string; staffId?: string; random: Random; nowMs: number }): string {
  const now = Math.floor(input.nowMs / 1000);
  const claims: SessionTokenClaims = {
    iss: `https://${input.shop}/admin`,
    dest: `https://${input.shop}`,
    aud: input.apiKey,
    sub: input.staffId ?? DEFAULT_STAFF_ID,
    exp: now + SESSION_TOKEN_SECONDS,
    nbf: now,
    iat: now,
    jti: input.random.uuid(),
    sid: input.random.uuid(),
  };
  const head = encode({ alg: "HS256", typ: "JWT" });
  const body = encode(claims);
  return `${head}.${body}.${sign(`${head}.${body}`, input.apiSecret)}`;
}

/** The claims of a token that is ours, in time and for this app; null otherwise. */
export function readSessionToken(token: string, input: { apiKey: string; secrets: readonly string[]; nowMs: number }): SessionTokenClaims | null {
  const [head, body, signature] = token.split(".");
  if (!head || !body || !signature) return null;
  if (!input.secrets.some((secret) => same(signature, sign(`${head}.${body}`, secret)))) return null;
  const claims = decode(body);
  const now = input.nowMs / 1000;
  if (!claims || claims.aud !== input.apiKey) return null;
  if (claims.exp + CLOCK_TOLERANCE_SECONDS < now || claims.nbf - CLOCK_TOLERANCE_SECONDS > now) return null;
  return claims;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): SessionTokenClaims | null {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as SessionTokenClaims;
  } catch {
    return null;
  }
}

function sign(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function same(a: string, b: string): boolean {
  const first = Buffer.from(a);
  const second = Buffer.from(b);
  return first.length === second.length && timingSafeEqual(first, second);
}

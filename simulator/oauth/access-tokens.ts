// Access and refresh tokens of one shop: issued in pairs, expiring on the simulated clock, dead with the installation they were made for.
import type { AccessToken, RefreshToken, ShopState } from "../world/state.ts";
import type { World } from "../world/world.ts";

export const ACCESS_TOKEN_SECONDS = 3_600;
export const REFRESH_TOKEN_SECONDS = 7_776_000;
export const ONLINE_TOKEN_SECONDS = 86_400;
/** The replaced refresh token may be retried this long, unless its replacement is used before. */
const REPLACED_LIFE_MS = 30 * 86_400_000;

export function authenticate(world: World, shop: ShopState, text: string | undefined): AccessToken | null {
  const token = text === undefined ? undefined : shop.accessTokens.get(text);
  if (!token || !shop.install || token.installGid !== shop.install.gid) return null;
  if (token.expiresAtMs !== null && token.expiresAtMs <= world.clock.nowMs()) return null;
  if (token.replaces !== null) {
    shop.refreshTokens.delete(token.replaces);
    token.replaces = null;
  }
  return token;
}

/** What the shop granted and, of a person's token, the person's own permissions cover. */
export function scopesOf(shop: ShopState, token: Pick<AccessToken, "userId">): string[] {
  const granted = shop.install?.granted ?? [];
  const person = token.userId === null ? undefined : shop.staff.get(token.userId);
  return person === undefined || person.accountOwner ? granted : granted.filter((scope) => person.scopes.includes(scope));
}

export function issueOnline(world: World, shop: ShopState, installGid: string, userId: string): AccessToken {
  return addAccess(world, shop, { kind: "online", installGid, userId, seconds: ONLINE_TOKEN_SECONDS, replaces: null });
}

export function issueLasting(world: World, shop: ShopState, installGid: string): AccessToken {
  return addAccess(world, shop, { kind: "offline", installGid, userId: null, seconds: null, replaces: null });
}

export function issuePair(world: World, shop: ShopState, installGid: string, replaces: string | null): { access: AccessToken; refresh: RefreshToken } {
  const access = addAccess(world, shop, { kind: "offline", installGid, userId: null, seconds: ACCESS_TOKEN_SECONDS, replaces });
  const refresh: RefreshToken = {
    token: `shprt_${tokenText(world)}`,
    installGid,
    expiresAtMs: world.clock.nowMs() + REFRESH_TOKEN_SECONDS * 1_000,
    replaces,
  };
  shop.refreshTokens.set(refresh.token, refresh);
  return { access, refresh };
}

/** A new pair for a refresh token; the old one stays good until the new pair is first used. Null when it is not good. */
export function rotate(world: World, shop: ShopState, text: string): { access: AccessToken; refresh: RefreshToken } | null {
  const nowMs = world.clock.nowMs();
  const current = shop.refreshTokens.get(text);
  if (!current || !shop.install || current.installGid !== shop.install.gid || current.expiresAtMs <= nowMs) return null;
  if (current.replaces !== null) {
    shop.refreshTokens.delete(current.replaces);
    current.replaces = null;
  }
  current.expiresAtMs = Math.min(current.expiresAtMs, nowMs + REPLACED_LIFE_MS);
  return issuePair(world, shop, current.installGid, current.token);
}

function addAccess(world: World, shop: ShopState, wanted: { kind: AccessToken["kind"]; installGid: string; userId: string | null; seconds: number | null; replaces: string | null }): AccessToken {
  const { seconds, ...rest } = wanted;
  const token: AccessToken = {
    token: `shp${wanted.kind === "online" ? "ua" : "at"}_${tokenText(world)}`,
    expiresAtMs: seconds === null ? null : world.clock.nowMs() + seconds * 1_000,
    ...rest,
  };
  shop.accessTokens.set(token.token, token);
  return token;
}

function tokenText(world: World): string {
  return world.random.uuid().replaceAll("-", "");
}

// Keeps a shop's offline token fresh: whoever finds it near its end refreshes it under the shop's token lock, everybody else waits and reads.
//
// Interleavings this guards against: ten workers find the same token expiring (one request, nine readers); the process dies between
// Shopify's answer and our write (the old refresh token is still stored and Shopify takes it until its successor is used); the merchant
// opens the app and a token exchange stores another pair meanwhile (the conditional write notices, the newer pair stays).
import type { AccessTokenOutcome, AccessTokens } from "#app/ports/access-tokens.ts";
import type { WithTokenLock } from "#app/ports/token-lock.ts";

import type { RefreshToken } from "./refresh-token.server.ts";
import type { OpenedSession, SealedSessions } from "./sealed-sessions.server.ts";

export interface OfflineTokensDependencies {
  sessions: SealedSessions;
  refreshToken: RefreshToken;
  withTokenLock: WithTokenLock;
  now: () => Date;
}

export interface OfflineTokens extends AccessTokens {
  /** The shop's offline session with a fresh token where one can be had; the one at hand otherwise. Null: there is none. */
  freshSession(shop: string): Promise<OpenedSession | null>;
}

/** Shopify's library refreshes, without any lock, what has less than five minutes left; ours never gets that old. */
export const REFRESH_MARGIN_MS = 8 * 60_000;
/** A token this close to its end is no longer handed out: the request could arrive too late. */
const USABLE_MARGIN_MS = 10_000;

/** As Shopify's library names the row. */
export function offlineSessionId(shop: string): string {
  return `offline_${shop}`;
}

type Freshness = { kind: "fresh"; opened: OpenedSession } | { kind: "none" } | { kind: "revoked" } | { kind: "stale"; opened: OpenedSession; cause: string };

export function createOfflineTokens(dependencies: OfflineTokensDependencies): OfflineTokens {
  const { sessions, now } = dependencies;
  const running = new Map<string, Promise<Freshness>>();
  /** Callers of one process share one refresh; the lock is between processes. */
  const freshness = (shop: string): Promise<Freshness> => {
    const started = running.get(shop) ?? bringUpToDate(dependencies, shop).finally(() => running.delete(shop));
    running.set(shop, started);
    return started;
  };
  return {
    async offlineToken(shop) {
      return toOutcome(await freshness(shop), now());
    },
    async freshSession(shop) {
      const found = await freshness(shop);
      return found.kind === "fresh" || found.kind === "stale" ? found.opened : null;
    },
    async reportRefused(shop, accessToken) {
      const opened = await sessions.load(offlineSessionId(shop));
      if (opened === null || opened.session.accessToken !== accessToken || opened.sealedAccessToken === null) return;
      await sessions.expire(opened.session.id, opened.sealedAccessToken);
    },
  };
}

async function bringUpToDate(dependencies: OfflineTokensDependencies, shop: string): Promise<Freshness> {
  const opened = await dependencies.sessions.load(offlineSessionId(shop));
  if (opened === null) return { kind: "none" };
  if (!needsRefresh(opened, dependencies.now())) return { kind: "fresh", opened };
  const locked = await dependencies.withTokenLock(shop, (signal) => refreshUnderLock(dependencies, shop, signal));
  return locked.kind === "completed" ? locked.value : { kind: "stale", opened, cause: locked.cause };
}

async function refreshUnderLock(dependencies: OfflineTokensDependencies, shop: string, signal: AbortSignal): Promise<Freshness> {
  const { sessions, now } = dependencies;
  const id = offlineSessionId(shop);
  const opened = await sessions.load(id);
  if (opened === null) return { kind: "none" };
  if (!needsRefresh(opened, now())) return { kind: "fresh", opened };
  const { refreshToken } = opened.session;
  if (refreshToken === undefined || opened.sealedRefreshToken === null) {
    if (isUsable(opened, now())) return { kind: "fresh", opened };
    await deleteSessionsOf(sessions, shop);
    return { kind: "revoked" };
  }
  const answer = await dependencies.refreshToken(shop, refreshToken, signal);
  switch (answer.kind) {
    case "refreshed": {
      await sessions.replacePair(id, opened.sealedRefreshToken, answer.pair);
      // Read back whether or not ours was written: what is stored is what everybody uses.
      const stored = await sessions.load(id);
      return stored === null ? { kind: "none" } : { kind: "fresh", opened: stored };
    }
    case "revoked": {
      const stored = await sessions.load(id);
      if (stored !== null && stored.sealedRefreshToken !== opened.sealedRefreshToken) return { kind: "fresh", opened: stored };
      await deleteSessionsOf(sessions, shop);
      return { kind: "revoked" };
    }
    case "failed":
      return { kind: "stale", opened, cause: answer.cause };
  }
}

/** The online sessions go too: only then does the next visit exchange its session token for new ones. */
async function deleteSessionsOf(sessions: SealedSessions, shop: string): Promise<void> {
  const ids = (await sessions.listOfShop(shop)).map((session) => session.id);
  await sessions.delete([...new Set([offlineSessionId(shop), ...ids])]);
}

/** A token without an end (apps of single merchants) is never refreshed. */
function needsRefresh({ session }: OpenedSession, now: Date): boolean {
  return session.accessToken === undefined || (session.expires !== undefined && session.expires.getTime() - REFRESH_MARGIN_MS < now.getTime());
}

function isUsable({ session }: OpenedSession, now: Date): boolean {
  return session.accessToken !== undefined && (session.expires === undefined || session.expires.getTime() - USABLE_MARGIN_MS > now.getTime());
}

function toOutcome(found: Freshness, now: Date): AccessTokenOutcome {
  switch (found.kind) {
    case "none":
    case "revoked":
      return found;
    case "fresh":
    case "stale": {
      const { accessToken } = found.opened.session;
      if (accessToken !== undefined && isUsable(found.opened, now)) return { kind: "token", accessToken };
      return { kind: "unavailable", cause: found.kind === "stale" ? found.cause : "the stored token has expired" };
    }
  }
}

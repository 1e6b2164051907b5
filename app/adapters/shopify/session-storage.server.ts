// The session storage that Shopify's library is given: encrypted at rest, and never a reason for the library to refresh a token by itself.
import { Session } from "@shopify/shopify-api";

import { offlineSessionId, type OfflineTokens } from "./offline-tokens.server.ts";
import type { SealedSessions, SessionStorage } from "./sealed-sessions.server.ts";

export function createSessionStorage(sessions: SealedSessions, offlineTokens: OfflineTokens): SessionStorage {
  return {
    async storeSession(session) {
      if (session.isOnline || session.accessToken !== undefined) await sessions.store(await withStoredRefreshToken(sessions, session));
      else await expireStored(sessions, session.id);
      return true;
    },
    async loadSession(id) {
      const shop = shopOfOffline(id);
      const opened = shop === null ? await sessions.load(id) : await offlineTokens.freshSession(shop);
      return opened === null ? undefined : withoutRefreshToken(opened.session);
    },
    async deleteSession(id) {
      await sessions.delete([id]);
      return true;
    },
    async deleteSessions(ids) {
      await sessions.delete(ids);
      return true;
    },
    findSessionsByShop: (shop) => sessions.listOfShop(shop),
  };
}

/** The library refreshes an expiring session only if it sees a refresh token, and it does so without a lock; so it sees none. */
function withoutRefreshToken(session: Session): Session {
  const copy = new Session(session.toObject());
  copy.refreshToken = undefined;
  return copy;
}

/** A session that comes back as it was handed out, without its refresh token, must not wipe the one at rest. */
async function withStoredRefreshToken(sessions: SealedSessions, session: Session): Promise<Session> {
  if (session.isOnline || session.refreshToken !== undefined || session.expires === undefined) return session;
  const stored = await sessions.load(session.id);
  if (stored === null || stored.session.accessToken !== session.accessToken) return session;
  const copy = new Session(session.toObject());
  copy.refreshToken = stored.session.refreshToken;
  return copy;
}

/** The library empties a token that Shopify answered 401 to. Marked as expired, it is refreshed at the next use instead. */
async function expireStored(sessions: SealedSessions, id: string): Promise<void> {
  const stored = await sessions.load(id);
  if (stored !== null && stored.sealedAccessToken !== null) await sessions.expire(id, stored.sealedAccessToken);
}

function shopOfOffline(id: string): string | null {
  const prefix = offlineSessionId("");
  return id.startsWith(prefix) ? id.slice(prefix.length) : null;
}

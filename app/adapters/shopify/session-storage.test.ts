// Races for a shop's offline token: shown first as Shopify's library runs them (everybody refreshes), then under the shop's token lock.
// Method: ten independent instances, as ten processes would be, over one stored row, one lock and one counting token endpoint.
import { Session } from "@shopify/shopify-api";
import { describe, expect, it } from "vitest";

import type { WithTokenLock } from "#app/ports/token-lock.ts";

import { createOfflineTokens, offlineSessionId, REFRESH_MARGIN_MS, type OfflineTokens } from "./offline-tokens.server.ts";
import type { RefreshToken, TokenRefresh } from "./refresh-token.server.ts";
import type { OpenedSession, SealedSessions, SessionStorage } from "./sealed-sessions.server.ts";
import { createSessionStorage } from "./session-storage.server.ts";

const SHOP = "race.myshopify.com";
const ID = offlineSessionId(SHOP);
const NOW = new Date("2026-11-21T12:00:00Z");
const minutesFromNow = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

function opened(session: Session): OpenedSession {
  return { session: new Session(session.toObject()), sealedAccessToken: session.accessToken ?? null, sealedRefreshToken: session.refreshToken ?? null };
}

/** The sessions table without encryption: "sealed" is the token itself. */
function memorySessions(): SealedSessions & { rows: Map<string, Session> } {
  const rows = new Map<string, Session>();
  return {
    rows,
    load(id) {
      const row = rows.get(id);
      return Promise.resolve(row === undefined ? null : opened(row));
    },
    listOfShop: (shop) => Promise.resolve([...rows.values()].filter((session) => session.shop === shop)),
    store: (session) => Promise.resolve(void rows.set(session.id, new Session(session.toObject()))),
    replacePair(id, refreshToken, pair) {
      const row = rows.get(id);
      if (row?.refreshToken !== refreshToken) return Promise.resolve(false);
      rows.set(id, new Session({ ...row.toObject(), accessToken: pair.accessToken, refreshToken: pair.refreshToken, expires: pair.expires }));
      return Promise.resolve(true);
    },
    expire(id, accessToken) {
      const row = rows.get(id);
      if (row?.accessToken === accessToken) rows.set(id, new Session({ ...row.toObject(), expires: new Date(0) }));
      return Promise.resolve();
    },
    delete: (ids) => Promise.resolve(ids.forEach((id) => rows.delete(id))),
  };
}

function offlineSession(token: string, expires: Date | undefined): Session {
  return new Session({ id: ID, shop: SHOP, state: "", isOnline: false, scope: "read_orders", accessToken: `access-${token}`, refreshToken: `refresh-${token}`, ...(expires === undefined ? {} : { expires }) });
}

/** Serves one holder after the other, in order. */
function fairLock(): WithTokenLock {
  let last: Promise<unknown> = Promise.resolve();
  return (_shop, work) => {
    const run = last.then(() => work(new AbortController().signal));
    last = run.catch(() => undefined);
    return run.then((value) => ({ kind: "completed", value }));
  };
}

const noLock: WithTokenLock = async (_shop, work) => ({ kind: "completed", value: await work(new AbortController().signal) });

const lockAway: WithTokenLock = () => Promise.resolve({ kind: "not_held", cause: "the lock service is not reachable" });

function countingEndpoint(answer: (refreshToken: string) => TokenRefresh = (token) => refreshed(`${token}+`)): RefreshToken & { requests: string[] } {
  const requests: string[] = [];
  const endpoint = async (_shop: string, refreshToken: string) => {
    requests.push(refreshToken);
    await Promise.resolve();
    return answer(refreshToken);
  };
  return Object.assign(endpoint, { requests });
}

function refreshed(name: string): TokenRefresh {
  return { kind: "refreshed", pair: { accessToken: `access-${name}`, refreshToken: `refresh-${name}`, expires: minutesFromNow(60), refreshTokenExpires: null, scope: null } };
}

function instances(count: number, sessions: SealedSessions, refreshToken: RefreshToken, withTokenLock: WithTokenLock): OfflineTokens[] {
  return Array.from({ length: count }, () => createOfflineTokens({ sessions, refreshToken, withTokenLock, now: () => NOW }));
}

function only(sessions: SealedSessions, refreshToken: RefreshToken, withTokenLock: WithTokenLock = fairLock()): OfflineTokens {
  return createOfflineTokens({ sessions, refreshToken, withTokenLock, now: () => NOW });
}

function storageOver(sessions: SealedSessions, endpoint: RefreshToken): SessionStorage {
  return createSessionStorage(sessions, only(sessions, endpoint));
}

describe("ten processes that find the same token near its end", () => {
  it("make ten refreshes without the lock, which is how Shopify's library runs", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    const endpoint = countingEndpoint();
    await Promise.all(instances(10, sessions, endpoint, noLock).map((tokens) => tokens.offlineToken(SHOP)));
    expect(endpoint.requests).toHaveLength(10);
  });

  it("make exactly one under the lock, and all use its token", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    const endpoint = countingEndpoint(() => refreshed("new"));
    const outcomes = await Promise.all(instances(10, sessions, endpoint, fairLock()).map((tokens) => tokens.offlineToken(SHOP)));
    expect(endpoint.requests).toEqual(["refresh-old"]);
    expect(outcomes).toEqual(Array.from({ length: 10 }, () => ({ kind: "token", accessToken: "access-new" })));
    expect(sessions.rows.get(ID)?.refreshToken).toBe("refresh-new");
  });

  it("share one refresh within a process even where the lock does not hold them apart", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    const endpoint = countingEndpoint();
    const [tokens] = instances(1, sessions, endpoint, noLock);
    await Promise.all(Array.from({ length: 10 }, () => tokens?.offlineToken(SHOP)));
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe("a refresh", () => {
  it("is not made while the token has enough time left, nor for a token without an end", async () => {
    for (const expires of [new Date(NOW.getTime() + REFRESH_MARGIN_MS + 1), undefined]) {
      const sessions = memorySessions();
      await sessions.store(offlineSession("good", expires));
      const endpoint = countingEndpoint();
      expect(await only(sessions, endpoint).offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-good" });
      expect(endpoint.requests).toEqual([]);
    }
  });

  it("that was answered but never stored is made again with the old refresh token", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    const endpoint = countingEndpoint(() => refreshed("new"));
    const dying: SealedSessions = { ...sessions, replacePair: () => Promise.reject(new Error("the process died here")) };
    await expect(only(dying, endpoint).offlineToken(SHOP)).rejects.toThrow("died");
    expect(await only(sessions, endpoint).offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-new" });
    expect(endpoint.requests).toEqual(["refresh-old", "refresh-old"]);
  });

  it("gives way to a pair that a visit of the merchant stored meanwhile", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    const endpoint: RefreshToken = async () => {
      await sessions.store(offlineSession("visit", minutesFromNow(60)));
      return refreshed("late");
    };
    expect(await only(sessions, endpoint).offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-visit" });
  });

  it("that fails leaves the present token in use as long as it lasts", async () => {
    const sessions = memorySessions();
    const endpoint = countingEndpoint(() => ({ kind: "failed", cause: "HTTP 503" }));
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    expect(await only(sessions, endpoint).offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-old" });
    await sessions.store(offlineSession("dead", minutesFromNow(-1)));
    expect(await only(sessions, endpoint).offlineToken(SHOP)).toEqual({ kind: "unavailable", cause: "HTTP 503" });
  });

  it("is not made without the lock when the lock service is away", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    const endpoint = countingEndpoint();
    expect(await only(sessions, endpoint, lockAway).offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-old" });
    expect(endpoint.requests).toEqual([]);
  });

  it("that Shopify refuses for good deletes every session of the shop, so that the next visit makes new ones", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(1)));
    await sessions.store(new Session({ id: `${SHOP}_1`, shop: SHOP, state: "", isOnline: true, accessToken: "online" }));
    const endpoint = countingEndpoint(() => ({ kind: "revoked", message: "invalid_grant" }));
    expect(await only(sessions, endpoint).offlineToken(SHOP)).toEqual({ kind: "revoked" });
    expect(sessions.rows.size).toBe(0);
    expect(await only(sessions, endpoint).offlineToken(SHOP)).toEqual({ kind: "none" });
  });

  it("follows a token that Shopify answered 401 to, but only that one", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(50)));
    const endpoint = countingEndpoint(() => refreshed("new"));
    const tokens = only(sessions, endpoint);
    await tokens.reportRefused(SHOP, "access-another");
    expect(await tokens.offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-old" });
    await tokens.reportRefused(SHOP, "access-old");
    expect(await tokens.offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-new" });
    expect(endpoint.requests).toEqual(["refresh-old"]);
  });
});

describe("the storage that Shopify's library is given", () => {
  it("refreshes before the library would and shows it no refresh token, so that the library never refreshes", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(6)));
    const session = await storageOver(sessions, countingEndpoint(() => refreshed("new"))).loadSession(ID);
    expect(session?.accessToken).toBe("access-new");
    expect(session?.refreshToken).toBeUndefined();
  });

  it("keeps the refresh token at rest when the library stores a session back", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("good", minutesFromNow(50)));
    const storage = storageOver(sessions, countingEndpoint());
    const session = await storage.loadSession(ID);
    if (session === undefined) throw new Error("not stored");
    session.scope = "read_orders,write_inventory";
    await storage.storeSession(session);
    expect(sessions.rows.get(ID)).toMatchObject({ refreshToken: "refresh-good", scope: "read_orders,write_inventory" });
  });

  it("turns the library's emptied token (after a 401) into one that is refreshed at the next use", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(50)));
    const endpoint = countingEndpoint(() => refreshed("new"));
    const storage = storageOver(sessions, endpoint);
    const session = await storage.loadSession(ID);
    if (session === undefined) throw new Error("not stored");
    session.accessToken = undefined;
    await storage.storeSession(session);
    expect((await storage.loadSession(ID))?.accessToken).toBe("access-new");
  });

  it("replaces the pair when a token exchange brings a new one", async () => {
    const sessions = memorySessions();
    await sessions.store(offlineSession("old", minutesFromNow(50)));
    await storageOver(sessions, countingEndpoint()).storeSession(offlineSession("exchanged", minutesFromNow(60)));
    expect(sessions.rows.get(ID)?.refreshToken).toBe("refresh-exchanged");
  });
});

// Sessions and tokens on a real table: what lies in the database, what the library gets back, and one refresh for ten processes.
import { createServer, type Server } from "node:http";
import { once } from "node:events";

import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma";
import { Session } from "@shopify/shopify-api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createTokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { createOfflineTokens, offlineSessionId } from "#app/adapters/shopify/offline-tokens.server.ts";
import { createRefreshToken } from "#app/adapters/shopify/refresh-token.server.ts";
import { readOfflineSession } from "#app/adapters/shopify/read-offline-session.server.ts";
import { createSealedSessions, type SealedSessions, type TokenPair } from "#app/adapters/shopify/sealed-sessions.server.ts";
import { createSessionStorage } from "#app/adapters/shopify/session-storage.server.ts";
import { createShopifyTransport, type ShopifyTransport } from "#app/adapters/shopify/shopify-transport.server.ts";
import type { WithTokenLock } from "#app/ports/token-lock.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

const SHOP = "sessions.myshopify.com";
const ID = offlineSessionId(SHOP);
const KEY = new Uint8Array(32).fill(5);
const MINUTE_MS = 60_000;

let testDatabase: TestDatabase;
let database: OpenDatabase;
let shopify: Server;
let transport: ShopifyTransport;
let refreshes: { refresh_token: string }[];
let refuse: { status: number; error: string } | null;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url, connectionsMax: 12 });
  // The token endpoint: rotates the pair at each refresh.
  shopify = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      refreshes.push(JSON.parse(body));
      const count = refreshes.length;
      if (refuse !== null) return void response.writeHead(refuse.status).end(JSON.stringify({ error: refuse.error }));
      response.writeHead(200).end(JSON.stringify({ access_token: `access-${count}`, refresh_token: `refresh-${count}`, expires_in: 3600, refresh_token_expires_in: 7_776_000, scope: "read_orders" }));
    });
  });
  shopify.listen(0, "127.0.0.1");
  await once(shopify, "listening");
  const address = shopify.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  transport = createShopifyTransport({ originOverride: `http://127.0.0.1:${address.port}`, totalTimeoutMs: 10_000 });
});

afterAll(async () => {
  await transport.close();
  shopify.closeAllConnections();
  shopify.close();
  await database.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  refreshes = [];
  refuse = null;
  await database.execute(`DELETE FROM "Session"`);
});

function sealedSessions(key = KEY): SealedSessions {
  return createSealedSessions({ storage: () => new PrismaSessionStorage(database.prisma), database, cipher: createTokenCipher([key]) });
}

function now(): Date {
  return new Date();
}

function pairNamed(name: string): TokenPair {
  return { accessToken: `a-${name}`, refreshToken: `r-${name}`, expires: new Date(), refreshTokenExpires: null, scope: null };
}

function processOver(sessions: SealedSessions, withTokenLock: WithTokenLock) {
  const refreshToken = createRefreshToken({ transport, apiKey: "key", apiSecret: "secret", now });
  return createOfflineTokens({ sessions, refreshToken, withTokenLock, now });
}

function offlineSession(expiresInMs: number): Session {
  return new Session({
    id: ID,
    shop: SHOP,
    state: "",
    isOnline: false,
    scope: "read_orders",
    accessToken: "access-old",
    expires: new Date(Date.now() + expiresInMs),
    refreshToken: "refresh-old",
    refreshTokenExpires: new Date(Date.now() + 90 * 24 * 60 * MINUTE_MS),
  });
}

/** Serves one holder after the other, as the Redis lock does for all processes. */
function fairLock(): WithTokenLock {
  let last: Promise<unknown> = Promise.resolve();
  return (_shop, work) => {
    const run = last.then(() => work(new AbortController().signal));
    last = run.catch(() => undefined);
    return run.then((value) => ({ kind: "completed", value }));
  };
}

async function storedText(): Promise<string> {
  const rows = await database.query<{ text: string }>(`SELECT row_to_json("Session")::text AS text FROM "Session"`);
  return rows.map((row) => row.text).join("\n");
}

describe("a stored session", () => {
  it("comes back whole, while neither token can be read in the database", async () => {
    const sessions = sealedSessions();
    const session = offlineSession(50 * MINUTE_MS);
    await sessions.store(session);
    const opened = await sessions.load(ID);
    expect(opened?.session.toObject()).toEqual(session.toObject());
    const text = await storedText();
    expect(text).not.toContain("access-old");
    expect(text).not.toContain("refresh-old");
    expect(text).toContain("hf1.");
  });

  it.each([
    ["with all it can have", { scope: "read_orders,write_inventory", expires: new Date("2027-03-04T05:06:07.089Z"), refreshToken: "refresh", refreshTokenExpires: new Date("2027-06-01T00:00:00Z") }],
    ["with what it must have", {}],
    ["that counts as expired", { expires: new Date("2000-01-01T00:00:00Z"), refreshToken: "refresh" }],
  ])("of a shop is read past the library as the library would read it: %s", async (_which, more) => {
    const library = new PrismaSessionStorage(database.prisma);
    await library.storeSession(new Session({ id: ID, shop: SHOP, state: "state", isOnline: false, accessToken: "token", ...more }));
    const read = await readOfflineSession(database, ID);
    expect(read).toEqual(await library.loadSession(ID));
    expect(read?.toPropertyArray()).toEqual((await library.loadSession(ID))?.toPropertyArray());
    expect(await readOfflineSession(database, offlineSessionId("none.myshopify.com"))).toBeNull();
  });

  it("of a person keeps who it was by id, not by name or e-mail", async () => {
    const online = new Session({
      id: `${SHOP}_42`,
      shop: SHOP,
      state: "",
      isOnline: true,
      accessToken: "online",
      onlineAccessInfo: {
        expires_in: 60,
        associated_user_scope: "read_orders",
        associated_user: { id: 42, first_name: "Ada", last_name: "Byron", email: "ada@example.com", email_verified: true, account_owner: true, locale: "en", collaborator: false },
      },
    });
    await sealedSessions().store(online);
    const text = await storedText();
    for (const secret of ["Ada", "Byron", "ada@example.com", '"online"']) expect(text).not.toContain(secret);
    const opened = await sealedSessions().load(online.id);
    expect(opened?.session.onlineAccessInfo?.associated_user.id).toBe(42);
    expect(opened?.session.onlineAccessInfo?.associated_user.account_owner).toBe(true);
    expect(opened?.session.accessToken).toBe("online");
  });

  it("of a person keeps what that person may do, which can be less than what the app was granted", async () => {
    const person = { id: 43, first_name: "", last_name: "", email: "", email_verified: true, account_owner: false, locale: "en", collaborator: false };
    const online = new Session({
      id: `${SHOP}_43`,
      shop: SHOP,
      state: "",
      isOnline: true,
      accessToken: "online",
      scope: "read_orders,write_inventory",
      onlineAccessInfo: { expires_in: 60, associated_user_scope: "read_orders", associated_user: person },
    });
    await sealedSessions().store(online);
    const first = await sealedSessions().load(online.id);
    expect(first?.session.scope).toBe("read_orders");
    if (first !== null) await sealedSessions().store(first.session);
    expect((await sealedSessions().load(online.id))?.session.scope).toBe("read_orders");
  });

  it("that was stored with another key, or changed by hand, is refused with what to do", async () => {
    await sealedSessions().store(offlineSession(50 * MINUTE_MS));
    await expect(sealedSessions(new Uint8Array(32).fill(6)).load(ID)).rejects.toThrow(/ENCRYPTION_KEY is key .* restore the old key/);
    await database.execute(`UPDATE "Session" SET "accessToken" = "refreshToken"`);
    await expect(sealedSessions().load(ID)).rejects.toThrow(/changed after it was written/);
    await database.execute(`UPDATE "Session" SET "accessToken" = 'shpat_plain'`);
    await expect(sealedSessions().load(ID)).rejects.toThrow(/not written by Holdfast's encryption/);
  });

  it("is replaced as a pair, and only if it is still the one that was refreshed", async () => {
    const sessions = sealedSessions();
    await sessions.store(offlineSession(50 * MINUTE_MS));
    const sealed = (await sessions.load(ID))?.sealedRefreshToken ?? "";
    expect(await sessions.replacePair(ID, sealed, pairNamed("first"))).toBe(true);
    expect(await sessions.replacePair(ID, sealed, pairNamed("late"))).toBe(false);
    const opened = await sessions.load(ID);
    expect([opened?.session.accessToken, opened?.session.refreshToken, opened?.session.scope]).toEqual(["a-first", "r-first", "read_orders"]);
  });
});

describe("a token that Shopify refused", () => {
  it("is refreshed at the next use, though it had long to live", async () => {
    const sessions = sealedSessions();
    await sessions.store(offlineSession(50 * MINUTE_MS));
    const tokens = processOver(sessions, fairLock());
    expect(await tokens.offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-old" });
    await tokens.reportRefused(SHOP, "access-old");
    expect(await tokens.offlineToken(SHOP)).toEqual({ kind: "token", accessToken: "access-1" });
  });
});

describe("ten processes that load the same expiring session", () => {
  it("make exactly one refresh request, and the library's storage hands all of them the new token", async () => {
    const lock = fairLock();
    await sealedSessions().store(offlineSession(2 * MINUTE_MS));
    const storages = Array.from({ length: 10 }, () => {
      const sessions = sealedSessions();
      return createSessionStorage(sessions, processOver(sessions, lock));
    });
    const loaded = await Promise.all(storages.map((storage) => storage.loadSession(ID)));
    expect(refreshes.map((request) => request.refresh_token)).toEqual(["refresh-old"]);
    expect(new Set(loaded.map((session) => session?.accessToken))).toEqual(new Set(["access-1"]));
    expect(loaded.every((session) => session?.isExpired(5 * MINUTE_MS) === false && session.refreshToken === undefined)).toBe(true);
    expect((await sealedSessions().load(ID))?.session.refreshToken).toBe("refresh-1");
  });
});

describe("an answer of the token endpoint", () => {
  it.each([
    [400, "invalid_grant", "revoked", 0],
    [401, "invalid_client", "unavailable", 1],
    [500, "server_error", "unavailable", 1],
    [429, "rate_limited", "unavailable", 1],
  ])("%i %s makes the token %s and leaves %i sessions", async (status, error, kind, left) => {
    refuse = { status, error };
    const sessions = sealedSessions();
    await sessions.store(offlineSession(-MINUTE_MS));
    expect(await processOver(sessions, fairLock()).offlineToken(SHOP)).toMatchObject({ kind });
    expect(await database.query(`SELECT id FROM "Session"`)).toHaveLength(left);
  });
});

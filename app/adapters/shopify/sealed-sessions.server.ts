// Shopify's sessions as they lie in the database: tokens encrypted, staff's names and addresses left out, token pairs replaced atomically.
import type { PrismaClient } from "@prisma/client";
import { Session } from "@shopify/shopify-api";
import type { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma";

import type { TokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import type { Database } from "#app/ports/database.ts";
import { isOfflineSession, readOfflineSession } from "./read-offline-session.server.ts";

/** What Shopify's library asks of a session storage. */
export type SessionStorage = Pick<PrismaSessionStorage<PrismaClient>, "storeSession" | "loadSession" | "deleteSession" | "deleteSessions" | "findSessionsByShop">;

export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  expires: Date;
  refreshTokenExpires: Date | null;
  scope: string | null;
}

/** A session with readable tokens, and the tokens as stored: they are the versions that writes are conditional on. */
export interface OpenedSession {
  session: Session;
  sealedAccessToken: string | null;
  sealedRefreshToken: string | null;
}

export interface SealedSessions {
  /** Throws UnreadableSecretError when the stored tokens cannot be read. */
  load(id: string): Promise<OpenedSession | null>;
  /** Ids and flags only; tokens stay sealed and absent. */
  listOfShop(shop: string): Promise<Session[]>;
  store(session: Session): Promise<void>;
  /** Puts the pair in place of the one it was refreshed from, both halves in one statement. False: another pair is there by now. */
  replacePair(id: string, sealedRefreshToken: string, pair: TokenPair): Promise<boolean>;
  /** Makes the token count as expired, unless another one is there by now. */
  expire(id: string, sealedAccessToken: string): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
}

export interface SealedSessionsDependencies {
  /** Makes the library's storage; called at the first use, because it asks the database as soon as it is made. */
  storage: () => SessionStorage;
  database: Database;
  cipher: TokenCipher;
}

export function createSealedSessions({ storage, database, cipher }: SealedSessionsDependencies): SealedSessions {
  let made: SessionStorage | null = null;
  const inner = (): SessionStorage => (made ??= storage());
  /** The library's storage stays broken once it found no table; the next call makes a new one. */
  const using = async <Result>(work: (storage: SessionStorage) => Promise<Result>): Promise<Result> => {
    try {
      return await work(inner());
    } catch (error) {
      made = null;
      throw error;
    }
  };
  return {
    async load(id) {
      const session = isOfflineSession(id) ? await readOfflineSession(database, id) : await using((sessions) => sessions.loadSession(id));
      return session ? open(session, cipher) : null;
    },
    async listOfShop(shop) {
      const sessions = await using((all) => all.findSessionsByShop(shop));
      return sessions.map((session) => copyOf(session, { accessToken: undefined, refreshToken: undefined }));
    },
    async store(session) {
      await using((sessions) => sessions.storeSession(seal(session, cipher)));
    },
    async replacePair(id, sealedRefreshToken, pair) {
      const replaced = await database.execute(
        `UPDATE "Session" SET "accessToken" = $3, "refreshToken" = $4, expires = $5, "refreshTokenExpires" = $6, scope = COALESCE($7, scope)
         WHERE id = $1 AND "refreshToken" = $2`,
        id,
        sealedRefreshToken,
        cipher.encrypt(pair.accessToken, sessionContext(id, "accessToken")),
        cipher.encrypt(pair.refreshToken, sessionContext(id, "refreshToken")),
        pair.expires,
        pair.refreshTokenExpires,
        pair.scope,
      );
      return replaced === 1;
    },
    async expire(id, sealedAccessToken) {
      // Not the epoch: the library's storage reads a zero as "never expires", and the refused token would be used for ever.
      await database.execute(`UPDATE "Session" SET expires = timestamp '2000-01-01' WHERE id = $1 AND "accessToken" = $2`, id, sealedAccessToken);
    },
    async delete(ids) {
      await using((sessions) => sessions.deleteSessions([...ids]));
    },
  };
}

type TokenField = "accessToken" | "refreshToken";

/** Binds a sealed token to its row and column. */
export function sessionContext(id: string, field: TokenField): string {
  return `session ${id}, ${field}`;
}

function open(session: Session, cipher: TokenCipher): OpenedSession {
  const sealedAccessToken = session.accessToken ?? null;
  const sealedRefreshToken = session.refreshToken ?? null;
  const opened = (sealed: string | null, field: TokenField) => (sealed === null ? undefined : cipher.decrypt(sealed, sessionContext(session.id, field)));
  return {
    session: copyOf(session, { accessToken: opened(sealedAccessToken, "accessToken"), refreshToken: opened(sealedRefreshToken, "refreshToken") }),
    sealedAccessToken,
    sealedRefreshToken,
  };
}

function seal(session: Session, cipher: TokenCipher): Session {
  const sealed = (token: string | undefined, field: TokenField) => (token === undefined ? undefined : cipher.encrypt(token, sessionContext(session.id, field)));
  const copy = copyOf(session, { accessToken: sealed(session.accessToken, "accessToken"), refreshToken: sealed(session.refreshToken, "refreshToken") });
  if (copy.onlineAccessInfo !== undefined) {
    // The library's table has no column for what the person may do. `scope` is it, from here on: what the app was granted stands on the install.
    if (copy.onlineAccessInfo.associated_user_scope !== undefined) copy.scope = copy.onlineAccessInfo.associated_user_scope;
    copy.onlineAccessInfo = withoutPersonalData(copy.onlineAccessInfo);
  }
  return copy;
}

type OnlineAccessInfo = NonNullable<Session["onlineAccessInfo"]>;

/** Who acted is known by the staff id; names and e-mail addresses are not needed, so they are not kept. */
function withoutPersonalData(info: OnlineAccessInfo): OnlineAccessInfo {
  return { ...info, associated_user: { ...info.associated_user, first_name: "", last_name: "", email: "" } };
}

function copyOf(session: Session, changes: { accessToken: string | undefined; refreshToken: string | undefined }): Session {
  const copy = new Session(session.toObject());
  copy.accessToken = changes.accessToken;
  copy.refreshToken = changes.refreshToken;
  return copy;
}

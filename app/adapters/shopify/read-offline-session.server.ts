// A shop's own session, as every call to Shopify needs it: straight from its row, as the library's storage would answer.
import { Session } from "@shopify/shopify-api";

import type { Database } from "#app/ports/database.ts";

/** The library's name for the session of a shop, of which no person is part. */
const OFFLINE = /^offline_/;

interface SessionRow {
  readonly shop: string;
  readonly state: string;
  readonly scope: string | null;
  readonly access_token: string;
  readonly refresh_token: string | null;
  readonly expires: Date | null;
  readonly refresh_token_expires: Date | null;
}

export function isOfflineSession(id: string): boolean {
  return OFFLINE.test(id);
}

/**
 * Through the library and Prisma's client this question is an eighth of a worker's time for an order that comes alone. The columns keep moments
 * without a zone, in UTC.
 */
export async function readOfflineSession(database: Pick<Database, "query">, id: string): Promise<Session | null> {
  const [row] = await database.query<SessionRow>(
    `SELECT shop, state, scope, "accessToken" AS access_token, "refreshToken" AS refresh_token,
       expires AT TIME ZONE 'UTC' AS expires, "refreshTokenExpires" AT TIME ZONE 'UTC' AS refresh_token_expires
     FROM "Session" WHERE id = $1`,
    id,
  );
  if (row === undefined) return null;
  return new Session({
    id,
    shop: row.shop,
    state: row.state,
    isOnline: false,
    ...(row.scope ? { scope: row.scope } : {}),
    ...(row.access_token ? { accessToken: row.access_token } : {}),
    ...(row.expires ? { expires: row.expires } : {}),
    ...(row.refresh_token ? { refreshToken: row.refresh_token } : {}),
    ...(row.refresh_token_expires ? { refreshTokenExpires: row.refresh_token_expires } : {}),
  });
}

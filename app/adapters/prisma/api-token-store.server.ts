// The API-token port over api_tokens: 256 random bits a token, found again by its SHA-256.

import { createHash, randomBytes, randomUUID } from "node:crypto";

import { API_TOKEN_PREFIX, API_TOKENS_MAX, type ApiTokenStore, type ApiTokenSummary } from "#app/ports/api-token-store.ts";
import type { Database } from "#app/ports/database.ts";

/** `hf_` and 32 bytes in base64url. What has another shape is refused without asking the database. */
const TOKEN_PATTERN = /^hf_[A-Za-z0-9_-]{43}$/;
const UUID_PATTERN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LISTED_MAX = 200;
/** `last_used_at` is written at most this often a token, so that reading through the API does not write a row each time. */
const LAST_USED_EVERY = "1 minute";

const INSERT_AUDIT_SQL = `
  INSERT INTO audit_entries (install_id, shop, kind, actor, detail)
  SELECT id, shop, $2, $3, $4::jsonb FROM installs WHERE id = $1`;

export function createApiTokenStore(database: Database): ApiTokenStore {
  return {
    create: ({ installId, label, actor }) =>
      database.transaction(async (tx) => {
        // The install's row is locked so that two concurrent requests cannot both take the last place. Counted in a statement of its own:
        // one that waits for the lock goes on with the count from before its wait.
        await tx.query(`SELECT 1 FROM installs WHERE id = $1 FOR UPDATE`, installId);
        const counted = await tx.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM api_tokens WHERE install_id = $1 AND revoked_at IS NULL`,
          installId,
        );
        if ((counted[0]?.count ?? 0) >= API_TOKENS_MAX) return { kind: "too_many" };
        const id = randomUUID();
        const token = API_TOKEN_PREFIX + randomBytes(32).toString("base64url");
        await tx.execute(
          `INSERT INTO api_tokens (id, install_id, shop, hash, label, created_by)
           SELECT $2::uuid, id, shop, $3, $4, $5 FROM installs WHERE id = $1`,
          installId,
          id,
          hashOf(token),
          label,
          actor,
        );
        await tx.execute(INSERT_AUDIT_SQL, installId, "token_created", actor, JSON.stringify({ tokenId: id, label }));
        return { kind: "created", id, token };
      }),

    list: (installId) =>
      database.query<ApiTokenSummary>(
        `SELECT id::text AS id, label, created_at AS "createdAt", created_by AS "createdBy",
                last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
         FROM api_tokens WHERE install_id = $1 ORDER BY created_at DESC, id LIMIT ${LISTED_MAX}`,
        installId,
      ),

    revoke: async ({ installId, id, actor }) => {
      if (!UUID_PATTERN.test(id)) return { kind: "not_found" };
      return database.transaction(async (tx) => {
        const revoked = await tx.execute(
          "UPDATE api_tokens SET revoked_at = now() WHERE install_id = $1 AND id = $2::uuid AND revoked_at IS NULL",
          installId,
          id,
        );
        if (revoked === 0) return { kind: "not_found" };
        await tx.execute(INSERT_AUDIT_SQL, installId, "token_revoked", actor, JSON.stringify({ tokenId: id }));
        return { kind: "revoked" };
      });
    },

    async authenticate(token) {
      if (!TOKEN_PATTERN.test(token)) return null;
      const rows = await database.query<{ tokenId: string; installId: bigint; shop: string; stale: boolean }>(
        `SELECT t.id::text AS "tokenId", i.id AS "installId", i.shop,
                (t.last_used_at IS NULL OR t.last_used_at < now() - interval '${LAST_USED_EVERY}') AS stale
         FROM api_tokens t JOIN installs i ON i.id = t.install_id
         WHERE t.hash = $1 AND t.revoked_at IS NULL AND i.state = 'active'`,
        hashOf(token),
      );
      const found = rows[0];
      if (found === undefined) return null;
      if (found.stale) await database.execute("UPDATE api_tokens SET last_used_at = now() WHERE id = $1::uuid", found.tokenId);
      return { tokenId: found.tokenId, installId: found.installId, shop: found.shop };
    },
  };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

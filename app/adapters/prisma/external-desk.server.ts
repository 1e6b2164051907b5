// What a person may do about pushes to the external stock system: retry, skip, make a secret, queue what came before.

import { randomBytes } from "node:crypto";

import type { TokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { ExternalDesk, PushActRefusal, PushActRequest } from "#app/ports/external-pushes.ts";
import { auditPushes, secretContext } from "./external-pushes.server.ts";

/** 256 bits, as HMAC-SHA256 takes them whole. */
const SECRET_BYTES = 32;
const SECRET_PREFIX = "hfx_";

export function createExternalDesk(database: Database, cipher: Pick<TokenCipher, "encrypt">): ExternalDesk {
  return {
    act: (request) => database.transaction((tx) => act(tx, request)),

    async renewSecret({ installId, shop, actor }) {
      const secret = `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString("base64url")}`;
      await database.transaction(async (tx) => {
        await tx.execute(
          `INSERT INTO external_systems (install_id, shop, secret_sealed, secret_set_at, secret_set_by) VALUES ($1, $2, $3, now(), $4)
           ON CONFLICT (install_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, secret_set_at = now(), secret_set_by = excluded.secret_set_by,
             failures_in_a_row = 0, paused_until = NULL, pause_reason = NULL`,
          installId,
          shop,
          cipher.encrypt(secret, secretContext(installId)),
          actor,
        );
        await tx.execute(`INSERT INTO audit_entries (install_id, shop, kind, actor) VALUES ($1, $2, 'external_secret_renewed', $3)`, installId, shop, actor);
      });
      return secret;
    },

    async queueHistory({ installId, afterChangeId, limit, dryRun }) {
      const rows = await database.query<{ id: bigint }>(
        `SELECT c.id FROM changes c WHERE c.install_id = $1 AND c.state = 'applied' AND c.cause <> 'correction' AND c.quantity_name NOT IN ('hold', 'bundle') AND c.id > $2
           AND NOT EXISTS (SELECT 1 FROM external_pushes p WHERE p.change_id = c.id) ORDER BY c.id LIMIT $3`,
        installId,
        afterChangeId,
        limit,
      );
      const lastChangeId = rows.at(-1)?.id ?? null;
      if (dryRun || lastChangeId === null) return { queuedCount: rows.length, lastChangeId };
      const [queued] = await database.query<{ count: number }>(
        `SELECT queue_external_pushes($1::bigint[]) AS count`,
        rows.map((row) => row.id),
      );
      return { queuedCount: queued?.count ?? 0, lastChangeId };
    },
  };
}

type PushActAnswer = Awaited<ReturnType<ExternalDesk["act"]>>;

/** Lanes before pushes, sorted, as everybody takes them: whoever is second finds what the first one did. */
async function act(tx: SqlExecutor, { installId, pushIds, act: what, actor, note, dryRun }: PushActRequest): Promise<PushActAnswer> {
  await tx.query(
    `SELECT 1 FROM external_lanes WHERE install_id = $1 AND inventory_item_id IN (SELECT inventory_item_id FROM external_pushes WHERE install_id = $1 AND id = ANY($2))
     ORDER BY inventory_item_id FOR UPDATE`,
    installId,
    pushIds,
  );
  const found = await tx.query<{ id: bigint; state: string }>(
    `SELECT id, state FROM external_pushes WHERE install_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE`,
    installId,
    pushIds,
  );
  const states = new Map(found.map((row) => [row.id, row.state]));
  const doneIds = pushIds.filter((id) => states.get(id) === "parked");
  const refused = pushIds.flatMap((id): { id: bigint; refusal: PushActRefusal }[] => {
    const state = states.get(id);
    return state === "parked" ? [] : [{ id, refusal: state === undefined ? "not_found" : "not_parked" }];
  });
  if (!dryRun && doneIds.length > 0) await (what === "retry" ? retry(tx, doneIds, actor, note) : skip(tx, doneIds, actor, note));
  return { doneIds, refused };
}

async function retry(tx: SqlExecutor, ids: readonly bigint[], actor: string, note: string): Promise<void> {
  await auditPushes(tx, ids, { kind: "external_push_retried", actor, note: note === "" ? null : note });
  await tx.execute(`UPDATE external_pushes SET state = 'pending', attempt_count = 0 WHERE id = ANY($1)`, ids);
  await unblock(tx, ids, 0);
}

/** Its number counts as done, so that the item goes on after it. A parked push is its lane's head: there is one of each item. */
async function skip(tx: SqlExecutor, ids: readonly bigint[], actor: string, note: string): Promise<void> {
  await auditPushes(tx, ids, { kind: "external_push_skipped", actor, note });
  await tx.execute(`UPDATE external_pushes SET state = 'skipped', reason = $2, finished_at = now() WHERE id = ANY($1)`, ids, note);
  await unblock(tx, ids, 1);
}

async function unblock(tx: SqlExecutor, ids: readonly bigint[], step: 0 | 1): Promise<void> {
  await tx.execute(
    `UPDATE external_lanes l SET blocked = false, done_sequence = done_sequence + $2::int, due_at = CASE WHEN done_sequence + $2::int < last_sequence THEN now() END
     FROM external_pushes p WHERE p.id = ANY($1) AND l.install_id = p.install_id AND l.inventory_item_id = p.inventory_item_id`,
    ids,
    step,
  );
}

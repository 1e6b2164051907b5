// The external-pushes port over external_systems, external_lanes and external_pushes: a lane is claimed by a lease, its head is the next number.

import type { TokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { UnreadableSecretError } from "#app/adapters/crypto/token-cipher.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { ExternalLane, ExternalPush, ExternalPushBook, ExternalSystem, PushContent, PushDecision } from "#app/ports/external-pushes.ts";

/** What the sealed secret belongs to; another row's cannot be put in its place. */
export function secretContext(installId: bigint): string {
  return `external_systems.secret_sealed of install ${installId}`;
}

interface SystemRow {
  readonly install_id: bigint;
  readonly shop: string;
  readonly url: string;
  readonly secret_sealed: string | null;
  readonly failures_in_a_row: number;
}

export function createExternalPushBook(database: Database, cipher: Pick<TokenCipher, "decrypt">): ExternalPushBook {
  return {
    async shopsDue(limit, afterInstallId) {
      const rows = await database.query<SystemRow>(
        `SELECT s.install_id, s.shop, s.secret_sealed, s.failures_in_a_row, settings.url
         FROM external_systems s
         JOIN installs ON installs.id = s.install_id AND installs.state = 'active'
         JOIN LATERAL (
           SELECT document->'external'->>'enabled' AS enabled, document->'external'->>'url' AS url FROM settings_versions v
           WHERE v.install_id = s.install_id ORDER BY v.version DESC LIMIT 1) AS settings ON settings.enabled = 'true' AND settings.url IS NOT NULL
         WHERE s.install_id > $2 AND (s.paused_until IS NULL OR s.paused_until <= now())
           AND EXISTS (SELECT 1 FROM external_lanes l WHERE l.install_id = s.install_id AND l.due_at <= now())
         ORDER BY s.install_id LIMIT $1`,
        limit,
        afterInstallId ?? 0n,
      );
      return rows.map((row) => toSystem(row, cipher));
    },

    async claim(installId, lanesMax, leaseMs) {
      const rows = await database.query<{ inventory_item_id: string; lease: bigint }>(
        // Locked first, passing over what somebody has locked: two workers at the same moment take different items.
        `WITH picked AS (
           SELECT inventory_item_id FROM external_lanes WHERE install_id = $1 AND due_at <= now() ORDER BY due_at, inventory_item_id LIMIT $2 FOR UPDATE SKIP LOCKED)
         UPDATE external_lanes l SET lease = l.lease + 1, due_at = now() + $3 * interval '1 millisecond'
         FROM picked WHERE l.install_id = $1 AND l.inventory_item_id = picked.inventory_item_id RETURNING l.inventory_item_id, l.lease`,
        installId,
        lanesMax,
        leaseMs,
      );
      return rows.map((row) => ({ installId, inventoryItemId: row.inventory_item_id, lease: row.lease }));
    },

    next: (lane, limit) => readNext(database, lane, limit),

    settle: (lane, push, decision, leaseMs) => database.transaction((tx) => settle(tx, lane, push, decision, leaseMs)),

    async letGo({ installId, inventoryItemId, lease }) {
      await database.execute(
        `UPDATE external_lanes SET due_at = CASE WHEN done_sequence < last_sequence THEN now() END
         WHERE install_id = $1 AND inventory_item_id = $2 AND lease = $3 AND NOT blocked`,
        installId,
        inventoryItemId,
        lease,
      );
    },

    async reportReceiver(installId, { pauseMs, reason }) {
      await database.execute(
        `UPDATE external_systems SET failures_in_a_row = CASE WHEN $2::int IS NULL THEN 0 ELSE failures_in_a_row + 1 END,
           paused_until = now() + $2::int * interval '1 millisecond', pause_reason = $3 WHERE install_id = $1`,
        installId,
        pauseMs === null ? null : Math.round(pauseMs),
        reason,
      );
    },
  };
}

function toSystem(row: SystemRow, cipher: Pick<TokenCipher, "decrypt">): ExternalSystem {
  return { installId: row.install_id, shop: row.shop, url: row.url, failuresInARow: row.failures_in_a_row, secret: readSecret(row, cipher) };
}

function readSecret({ install_id: installId, secret_sealed: sealed }: SystemRow, cipher: Pick<TokenCipher, "decrypt">): ExternalSystem["secret"] {
  if (sealed === null) return null;
  try {
    return cipher.decrypt(sealed, secretContext(installId));
  } catch (error) {
    if (error instanceof UnreadableSecretError) return "unreadable";
    throw error;
  }
}

async function readNext(database: SqlExecutor, lane: ExternalLane, limit: number): Promise<readonly ExternalPush[]> {
  const rows = await database.query<{ id: bigint; change_id: bigint; key: string; sequence: bigint; shop: string; attempt_count: number; content: PushContent }>(
    // Numbers have no gaps and are done in order: what comes next begins right after the last that is done.
    `SELECT p.id, p.change_id, p.key::text AS key, p.sequence, p.shop, p.attempt_count, p.content
     FROM external_lanes l JOIN external_pushes p
       ON p.install_id = l.install_id AND p.inventory_item_id = l.inventory_item_id AND p.sequence > l.done_sequence
     WHERE l.install_id = $1 AND l.inventory_item_id = $2 AND l.lease = $3 AND NOT l.blocked ORDER BY p.sequence LIMIT $4`,
    lane.installId,
    lane.inventoryItemId,
    lane.lease,
    limit,
  );
  return rows.map((row) => ({
    pushId: row.id,
    changeId: row.change_id,
    key: row.key,
    sequence: row.sequence,
    shop: row.shop,
    inventoryItemId: lane.inventoryItemId,
    attemptCount: row.attempt_count,
    content: row.content,
  }));
}

/**
 * The lane first, and only under its newest lease and at this push's place: who was taken over while its request was on its way writes
 * nothing, however late it wakes.
 */
async function settle(tx: SqlExecutor, lane: ExternalLane, push: ExternalPush, decision: PushDecision, leaseMs: number): Promise<"recorded" | "lost"> {
  const done = decision.kind === "delivered";
  const dueInMs = decision.kind === "delivered" ? leaseMs : decision.kind === "again" ? Math.round(decision.delayMs) : null;
  const moved = await tx.execute(
    `UPDATE external_lanes SET done_sequence = done_sequence + $5::int, blocked = $6::int IS NULL, due_at = now() + $6::int * interval '1 millisecond'
     WHERE install_id = $1 AND inventory_item_id = $2 AND lease = $3 AND done_sequence = $4 - 1 AND NOT blocked`,
    lane.installId,
    lane.inventoryItemId,
    lane.lease,
    push.sequence,
    done ? 1 : 0,
    dueInMs,
  );
  if (moved === 0) return "lost";
  await tx.execute(
    `UPDATE external_pushes SET state = $2, reason = $3, last_status = $4, last_attempt_at = now(), attempt_count = attempt_count + 1,
       finished_at = CASE WHEN $2 = 'delivered' THEN now() END WHERE id = $1`,
    push.pushId,
    decision.kind === "again" ? "pending" : decision.kind,
    decision.kind === "delivered" ? null : decision.reason,
    decision.status,
  );
  if (decision.kind === "parked") await auditPushes(tx, [push.pushId], { kind: "external_push_parked", actor: "holdfast", note: null });
  return "recorded";
}

export async function auditPushes(
  tx: SqlExecutor,
  pushIds: readonly bigint[],
  { kind, actor, note }: { readonly kind: string; readonly actor: string; readonly note: string | null },
): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, trace_id, mutation_id, inventory_item_id, location_id, quantity_name, delta, detail)
     SELECT install_id, shop, $2, $3, change_id, content->>'orderId', content->>'traceId', (content->>'mutationId')::uuid, inventory_item_id,
       content->>'locationId', content->>'quantityName', (content->>'delta')::int,
       jsonb_strip_nulls(jsonb_build_object('note', $4::text, 'pushId', id::text, 'sequence', sequence, 'reason', reason, 'status', last_status, 'attempts', attempt_count))
     FROM external_pushes WHERE id = ANY($1) ORDER BY id`,
    pushIds,
    kind,
    actor,
    note,
  );
}

// Read model of what was decided about a mismatch or an overwrite: the correction that was sent, the one that took it back, and how far each is.

import type { CorrectionSubject } from "#app/ports/corrections.ts";
import type { Database } from "#app/ports/database.ts";

export interface SentCorrection {
  readonly changeId: bigint;
  readonly state: string;
  readonly reason: string | null;
  readonly delta: number;
  readonly before: number | null;
  readonly after: number | null;
  readonly askedAt: Date;
  readonly finishedAt: Date | null;
  readonly askedBy: string;
  readonly note: string;
}

export interface CorrectionStanding {
  readonly correction: SentCorrection | null;
  readonly undoing: SentCorrection | null;
}

interface SentRow extends SentCorrection {
  readonly effectKey: string;
}

export async function readCorrection(database: Database, install: { readonly installId: bigint; readonly shop: string }, { kind, id }: CorrectionSubject): Promise<CorrectionStanding> {
  const key = `correction:${kind}:${id}`;
  const rows = await database.query<SentRow>(
    `SELECT c.effect_key AS "effectKey", c.id AS "changeId", c.state, c.reason, c.delta, c.before, c.after, c.created_at AS "askedAt", c.finished_at AS "finishedAt",
       coalesce(a.actor, '') AS "askedBy", coalesce(a.detail->>'note', '') AS note
     FROM changes c LEFT JOIN LATERAL (
       SELECT actor, detail FROM audit_entries WHERE change_id = c.id AND install_id = $1 AND kind IN ('correction_asked', 'correction_undone') ORDER BY id LIMIT 1) a ON true
     WHERE c.install_id = $1 AND c.shop = $2 AND c.effect_key = ANY($3)`,
    install.installId,
    install.shop,
    [key, `${key}:undo:1`],
  );
  const find = (effectKey: string) => rows.find((row) => row.effectKey === effectKey) ?? null;
  return { correction: find(key), undoing: find(`${key}:undo:1`) };
}

/** A change of stock that went in one call. */
export interface ChangeOfCall {
  readonly id: bigint;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly delta: number;
  readonly state: string;
}

/** Changes of a call that are listed; a call bundles those of one item. */
const CHANGES_OF_CALL_MAX = 50;

/** What one call changed of one stock. */
export async function readChangesOfCall(
  database: Database,
  installId: bigint,
  { mutationId, inventoryItemId, locationId }: { readonly mutationId: string; readonly inventoryItemId: string; readonly locationId: string },
): Promise<readonly ChangeOfCall[]> {
  return database.query<ChangeOfCall>(
    `SELECT id, order_id AS "orderId", order_name AS "orderName", delta, state FROM changes
     WHERE mutation_id = $1::uuid AND install_id = $2 AND inventory_item_id = $3 AND location_id = $4 ORDER BY id LIMIT ${CHANGES_OF_CALL_MAX}`,
    mutationId,
    installId,
    inventoryItemId,
    locationId,
  );
}

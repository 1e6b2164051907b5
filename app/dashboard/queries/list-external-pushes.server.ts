// Read model of the pushes to a shop's external stock system, newest first, and of how the system stands.

import type { Database } from "#app/ports/database.ts";
import type { PushState } from "#app/ports/external-pushes.ts";

import { keysetSql, toPage, type KeysetPage, type PageRequest } from "./keyset-page.ts";
import { SqlParameters } from "./sql-parameters.ts";

export interface PushRow {
  readonly id: bigint;
  readonly changeId: bigint;
  readonly key: string;
  readonly inventoryItemId: string;
  readonly sequence: bigint;
  readonly sku: string | null;
  readonly delta: number;
  readonly orderName: string | null;
  readonly state: PushState;
  readonly reason: string | null;
  readonly attemptCount: number;
  readonly lastStatus: number | null;
  readonly createdAt: Date;
  readonly lastAttemptAt: Date | null;
  readonly finishedAt: Date | null;
}

export async function listExternalPushes(
  database: Database,
  { installId, state, page }: { readonly installId: bigint; readonly state: PushState | undefined; readonly page: PageRequest },
): Promise<KeysetPage<PushRow>> {
  const parameters = new SqlParameters();
  const conditions = [`install_id = ${parameters.bind(installId)}`];
  if (state !== undefined) conditions.push(`state = ${parameters.bind(state)}`);
  const keyset = keysetSql(page, "id", page.direction === "newest" ? "" : parameters.bind(page.cursor));
  const rows = await database.query<PushRow>(
    `SELECT id, change_id AS "changeId", key::text AS key, inventory_item_id AS "inventoryItemId", sequence, content->>'sku' AS sku, (content->>'delta')::int AS delta,
       content->>'orderName' AS "orderName", state, reason, attempt_count AS "attemptCount", last_status AS "lastStatus", created_at AS "createdAt",
       last_attempt_at AS "lastAttemptAt", finished_at AS "finishedAt"
     FROM external_pushes WHERE ${conditions.join(" AND ")} AND ${keyset.where} ORDER BY ${keyset.orderBy} LIMIT ${parameters.bind(page.limit + 1)}::int`,
    ...parameters.values,
  );
  return toPage(rows, page);
}

export interface ExternalStanding {
  readonly secretSetAt: Date | null;
  /** Until then the receiver is left in peace; null: it is not. */
  readonly pausedUntil: Date | null;
  readonly pauseReason: string | null;
  /** Items whose later changes wait behind a parked one. */
  readonly blockedItems: number;
  /** Items with something to push, those behind a parked push included; counted up to 10,000. */
  readonly openItems: number;
}

const OPEN_ITEMS_MAX = 10_000;

export async function readExternalStanding(database: Database, installId: bigint): Promise<ExternalStanding> {
  const [row] = await database.query<ExternalStanding>(
    `WITH open AS (SELECT blocked FROM external_lanes WHERE install_id = $1 AND done_sequence < last_sequence LIMIT ${OPEN_ITEMS_MAX})
     SELECT s.secret_set_at AS "secretSetAt", CASE WHEN s.paused_until > now() THEN s.paused_until END AS "pausedUntil",
       CASE WHEN s.paused_until > now() THEN s.pause_reason END AS "pauseReason",
       (SELECT count(*)::int FROM open WHERE blocked) AS "blockedItems", (SELECT count(*)::int FROM open) AS "openItems"
     FROM (SELECT 1) one LEFT JOIN external_systems s ON s.install_id = $1`,
    installId,
  );
  if (row === undefined) throw new TypeError("one row is always there");
  return row;
}

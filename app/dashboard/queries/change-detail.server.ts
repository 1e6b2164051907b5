// Read model of one change's page: everything between the notification that caused it and Shopify's answer.

import type { Database } from "#app/ports/database.ts";

import { CHANGE_COLUMNS_SQL, CHANGE_JOINS_SQL, type ChangeRow } from "./list-changes.server.ts";
import { readDeliveries, type DeliveryRow } from "./list-deliveries.server.ts";

export interface AttemptRow {
  readonly mutationId: string;
  readonly number: number;
  readonly sentAt: Date;
  readonly finishedAt: Date | null;
  /** Null while it travels. */
  readonly outcome: string | null;
  readonly detail: unknown;
}

export interface MutationRow {
  readonly id: string;
  readonly key: string;
  readonly state: string;
  readonly reason: string | null;
  readonly claimedAt: Date;
  readonly firstSentAt: Date | null;
  readonly finishedAt: Date | null;
  readonly adjustmentGroupId: string | null;
  /** Entries (items and locations) the call carried. */
  readonly entryCount: number;
}

export interface AuditRow {
  readonly id: bigint;
  readonly at: Date;
  readonly kind: string;
  readonly actor: string;
  readonly delta: number | null;
  readonly before: number | null;
  readonly after: number | null;
  readonly adjustmentGroupId: string | null;
  readonly detail: unknown;
}

export interface OrderFacts {
  readonly name: string | null;
  readonly sourceName: string | null;
  readonly appId: string | null;
  readonly orderedAt: Date | null;
  readonly mode: string | null;
  readonly modeReason: string | null;
  readonly settingsVersion: number | null;
  readonly state: string;
  readonly stateReason: string | null;
  readonly firstSeenAt: Date;
  readonly derivedAt: Date | null;
}

export interface ChangeDetail {
  readonly change: ChangeRow;
  readonly order: OrderFacts | null;
  readonly delivery: DeliveryRow | null;
  readonly mutation: MutationRow | null;
  readonly attempts: readonly AttemptRow[];
  readonly audit: readonly AuditRow[];
}

/** Attempts and audit entries shown of one change; more exist only if something is badly wrong. */
const STEPS_MAX = 100;

/** Null when the install has no such change. */
export async function readChangeDetail(database: Database, installId: bigint, changeId: bigint): Promise<ChangeDetail | null> {
  const rows = await database.query<ChangeRow>(
    `SELECT ${CHANGE_COLUMNS_SQL} FROM changes c ${CHANGE_JOINS_SQL} WHERE c.install_id = $1 AND c.id = $2`,
    installId,
    changeId,
  );
  const change = rows[0];
  if (change === undefined) return null;
  const [order, deliveries, mutation, attempts, audit] = await Promise.all([
    change.orderId === null ? null : readOrderFacts(database, installId, change.orderId),
    change.webhookId === null ? [] : readDeliveries(database, { installId, webhookIds: [change.webhookId] }),
    change.mutationId === null ? null : readMutation(database, installId, change.mutationId),
    change.mutationId === null ? [] : readAttempts(database, installId, [change.mutationId]),
    readAudit(database, installId, changeId),
  ]);
  return { change, order, delivery: deliveries[0] ?? null, mutation, attempts, audit };
}

export async function readOrderFacts(database: Database, installId: bigint, orderId: string): Promise<OrderFacts | null> {
  const rows = await database.query<OrderFacts>(
    `SELECT name, source_name AS "sourceName", app_id AS "appId", ordered_at AS "orderedAt", mode, mode_reason AS "modeReason",
            settings_version AS "settingsVersion", state, state_reason AS "stateReason", first_seen_at AS "firstSeenAt", derived_at AS "derivedAt"
     FROM orders WHERE install_id = $1 AND order_id = $2`,
    installId,
    orderId,
  );
  return rows[0] ?? null;
}

/** Attempts of the given mutations, in the order they were made. */
export function readAttempts(database: Database, installId: bigint, mutationIds: readonly string[]): Promise<AttemptRow[]> {
  return database.query<AttemptRow>(
    `SELECT mutation_id::text AS "mutationId", number, sent_at AS "sentAt", finished_at AS "finishedAt", outcome, detail
     FROM attempts WHERE install_id = $1 AND mutation_id = ANY($2::uuid[])
     ORDER BY mutation_id, number LIMIT ${STEPS_MAX * 10}`,
    installId,
    mutationIds,
  );
}

async function readMutation(database: Database, installId: bigint, mutationId: string): Promise<MutationRow | null> {
  const rows = await database.query<MutationRow>(
    `SELECT m.id::text AS id, m.key::text AS key, m.state, m.reason, m.claimed_at AS "claimedAt",
            m.first_sent_at AS "firstSentAt", m.finished_at AS "finishedAt", m.adjustment_group_id AS "adjustmentGroupId",
            (SELECT count(*)::int FROM mutation_entries e WHERE e.mutation_id = m.id) AS "entryCount"
     FROM mutations m WHERE m.install_id = $1 AND m.id = $2::uuid`,
    installId,
    mutationId,
  );
  return rows[0] ?? null;
}

function readAudit(database: Database, installId: bigint, changeId: bigint): Promise<AuditRow[]> {
  return database.query<AuditRow>(
    `SELECT id, at, kind, actor, delta, before, after, adjustment_group_id AS "adjustmentGroupId", detail
     FROM audit_entries WHERE install_id = $1 AND change_id = $2 ORDER BY id LIMIT ${STEPS_MAX}`,
    installId,
    changeId,
  );
}

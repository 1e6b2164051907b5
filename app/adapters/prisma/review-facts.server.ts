// What the rules about a person's acts look at, read plainly for showing it or under the rows' locks for acting on it.

import type { ChangeState } from "#app/domain/derive-changes.ts";
import type { ReviewFacts } from "#app/domain/review.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { ParkedFacts } from "#app/ports/review-desk.ts";
import { DEFINITE_REFUSALS } from "./record-refused.server.ts";

/** A change as an act sees it. */
export interface JudgedChange {
  readonly id: bigint;
  readonly state: ChangeState;
  readonly reason: string | null;
  readonly outcomeUnknown: boolean;
  /** It stands for a line, or an order, that could not be assigned stock. */
  readonly placeholder: boolean;
  readonly orderId: string | null;
  readonly variantId: string | null;
  readonly sourceKey: string | null;
  readonly mutationId: string | null;
}

const JUDGED_COLUMNS = `id, state, reason, outcome_unknown AS "outcomeUnknown", inventory_item_id IS NULL AS placeholder,
  order_id AS "orderId", variant_id AS "variantId", source_key AS "sourceKey", mutation_id::text AS "mutationId"`;

export function readChanges(executor: SqlExecutor, installId: bigint, ids: readonly bigint[], lock: "plain" | "lock"): Promise<JudgedChange[]> {
  return executor.query<JudgedChange>(
    `SELECT ${JUDGED_COLUMNS} FROM changes WHERE install_id = $1 AND id = ANY($2) ORDER BY id ${lock === "lock" ? "FOR UPDATE" : ""}`,
    installId,
    ids,
  );
}

/** All changes that went in a call and whose outcome nobody knows. */
export function unknownOf(executor: SqlExecutor, mutationId: string, lock: "plain" | "lock"): Promise<JudgedChange[]> {
  return executor.query<JudgedChange>(
    `SELECT ${JUDGED_COLUMNS} FROM changes WHERE mutation_id = $1::uuid AND state = 'parked' AND outcome_unknown ORDER BY id ${lock === "lock" ? "FOR UPDATE" : ""}`,
    mutationId,
  );
}

/**
 * `lock`: a pause that comes meanwhile waits for this transaction, and then finds what it made waiting. Called before the changes are
 * locked: where a change came from never changes, so plain rows will do.
 */
export async function readPausedSources(executor: SqlExecutor, installId: bigint, changes: readonly JudgedChange[], lock: "plain" | "lock"): Promise<ReadonlySet<string>> {
  const keys = [...new Set(changes.flatMap((change) => change.sourceKey ?? []))];
  if (keys.length === 0) return new Set();
  const rows = await executor.query<{ key: string; paused: boolean }>(
    `SELECT source_key AS key, paused_at IS NOT NULL AS paused FROM order_sources
     WHERE install_id = $1 AND source_key = ANY($2) ORDER BY source_key ${lock === "lock" ? "FOR SHARE" : ""}`,
    installId,
    keys,
  );
  return new Set(rows.filter((row) => row.paused).map((row) => row.key));
}

/** By mutation: when its last attempt cannot arrive any more. Those that cannot now are left out. */
export async function readTravelling(executor: SqlExecutor, changes: readonly JudgedChange[], travelLimitMs: number): Promise<ReadonlyMap<string, Date>> {
  const mutationIds = [...new Set(changes.filter((change) => change.outcomeUnknown).flatMap((change) => change.mutationId ?? []))];
  if (mutationIds.length === 0) return new Map();
  const rows = await executor.query<{ mutationId: string; until: Date }>(
    `SELECT mutation_id::text AS "mutationId", max(sent_at) + $3 * interval '1 millisecond' AS until FROM attempts
     WHERE mutation_id = ANY($1::uuid[]) AND (outcome IS NULL OR NOT outcome = ANY($2)) AND sent_at > now() - $3 * interval '1 millisecond'
     GROUP BY mutation_id`,
    mutationIds,
    DEFINITE_REFUSALS,
    travelLimitMs,
  );
  return new Map(rows.map(({ mutationId, until }) => [mutationId, until]));
}

/** What the rules look at besides the change itself. */
export interface Surroundings {
  readonly pausedSources: ReadonlySet<string>;
  readonly travelling: ReadonlyMap<string, Date>;
}

export function toFacts(change: JudgedChange, { pausedSources, travelling }: Surroundings): ReviewFacts {
  return {
    state: change.state,
    outcomeUnknown: change.outcomeUnknown,
    sourcePaused: change.sourceKey !== null && pausedSources.has(change.sourceKey),
    mayStillArrive: change.mutationId !== null && travelling.has(change.mutationId),
  };
}

export async function readParkedFacts(executor: SqlExecutor, installId: bigint, ids: readonly bigint[], travelLimitMs: number): Promise<ReadonlyMap<bigint, ParkedFacts>> {
  if (ids.length === 0) return new Map();
  const changes = await readChanges(executor, installId, ids, "plain");
  const pausedSources = await readPausedSources(executor, installId, changes, "plain");
  const surroundings = { pausedSources, travelling: await readTravelling(executor, changes, travelLimitMs) };
  const unknown = changes.filter((change) => change.outcomeUnknown).flatMap((change) => change.mutationId ?? []);
  const shared = await executor.query<{ mutationId: string; count: number }>(
    `SELECT mutation_id::text AS "mutationId", count(*)::int AS count FROM changes
     WHERE mutation_id = ANY($1::uuid[]) AND state = 'parked' AND outcome_unknown GROUP BY mutation_id`,
    [...new Set(unknown)],
  );
  const reading = await executor.query<{ orderId: string }>(
    `SELECT order_id AS "orderId" FROM orders WHERE install_id = $1 AND order_id = ANY($2) AND state = 'due'`,
    installId,
    changes.filter((change) => change.placeholder).flatMap((change) => change.orderId ?? []),
  );
  const counts = new Map(shared.map(({ mutationId, count }) => [mutationId, count]));
  const beingRead = new Set(reading.map(({ orderId }) => orderId));
  return new Map(
    changes.map((change) => [
      change.id,
      {
        ...toFacts(change, surroundings),
        sharedCount: change.outcomeUnknown ? (counts.get(change.mutationId ?? "") ?? 1) : 1,
        mayArriveUntil: surroundings.travelling.get(change.mutationId ?? "") ?? null,
        beingRead: change.placeholder && beingRead.has(change.orderId ?? ""),
      },
    ]),
  );
}

/** The share lock makes an uninstall wait for this act, and this act see one that came first. */
export async function isActive(tx: SqlExecutor, installId: bigint): Promise<boolean> {
  const rows = await tx.query(`SELECT 1 FROM installs WHERE id = $1 AND state = 'active' FOR SHARE`, installId);
  return rows.length > 0;
}

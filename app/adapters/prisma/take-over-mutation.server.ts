// Stage 0's transactions: finding mutations whose sender is gone, and taking one over with new tokens so that the old sender decides nothing.

import type { AppliedAnswer, ClaimedMutation, OpenMutation, Operation, TakeOverResult } from "#app/ports/change-ledger.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { Timings } from "#app/ports/timings.ts";
import { ENTRY_COLUMNS, type EntryRow, issueTokens, toEntries } from "./claim-changes.server.ts";
import { prepared } from "./prepared-statements.ts";
import { DEFINITE_REFUSALS, parkUnknown, retire } from "./record-refused.server.ts";

export async function abandonedMutations(database: SqlExecutor, installId: bigint, limit: number): Promise<readonly OpenMutation[]> {
  const rows = await database.query<{ id: string; items: string[]; locations: string[] }>(
    prepared(`SELECT m.id::text, array_agg(e.inventory_item_id ORDER BY e.position) AS items, array_agg(e.location_id ORDER BY e.position) AS locations
     FROM (SELECT id, resend_at FROM mutations WHERE install_id = $1 AND state = 'open' AND resend_at <= now() ORDER BY resend_at LIMIT $2) AS m
     JOIN mutation_entries e ON e.mutation_id = m.id GROUP BY m.id, m.resend_at ORDER BY m.resend_at`),
    installId,
    limit,
  );
  return rows.map((row) => ({
    mutationId: row.id,
    entries: row.items.map((inventoryItemId, index) => ({ inventoryItemId, locationId: row.locations[index] ?? "" })),
  }));
}

interface OpenRow {
  operation: Operation;
  key: string;
  trace_id: string;
  first_sent_at: Date;
  key_stands: boolean;
  expired: boolean;
}

export function takeOver(database: Database, installId: bigint, mutationId: string, ownerId: string, timings: Timings): Promise<TakeOverResult> {
  return database.transaction(async (tx) => {
    const [row] = await tx.query<OpenRow>(
      // The age is measured by the database's clock from the first sending, whoever's machine asks.
      `SELECT m.operation, m.key::text, m.trace_id, m.first_sent_at, m.key_stands, m.first_sent_at < now() - $3 * interval '1 millisecond' AS expired
       FROM mutations m JOIN installs ON installs.id = m.install_id AND installs.state = 'active'
       WHERE m.id = $1::uuid AND m.install_id = $2 AND m.state = 'open' AND m.resend_at <= now() FOR UPDATE OF m`,
      mutationId,
      installId,
      timings.resendLimitMs,
    );
    if (!row) return { kind: "gone" };
    const frozen = { mutationId, operation: row.operation, key: row.key, traceId: row.trace_id, firstSentAt: row.first_sent_at, firstAttempt: false, keyStands: row.key_stands };
    const heard = await heardAnswer(tx, mutationId);
    if (heard) return { kind: "answered", mutation: { ...frozen, ...heard.attempt, entries: await entriesOf(tx, mutationId) }, answer: heard.answer };
    if (row.expired) return expire(tx, mutationId);
    const unsettled = await unsettledAttempts(tx, mutationId);
    const entries = await renewTokens(tx, installId, mutationId);
    const attemptNumber = await openAttempt(tx, installId, { mutationId, operation: row.operation, ownerId, resumeAfterMs: timings.resumeAfterMs });
    return { kind: "taken", mutation: { ...frozen, ...unsettled, entries, attemptNumber } };
  });
}

interface HeardDetail {
  readonly adjustmentGroupId: string;
  readonly createdAt: string;
  readonly entries: AppliedAnswer["entries"];
  /** Missing in what an older version wrote. */
  readonly refused?: NonNullable<AppliedAnswer["refused"]>;
}

/** Somebody heard that the call was applied and did not live to book it. */
async function heardAnswer(
  tx: SqlExecutor,
  mutationId: string,
): Promise<{ attempt: Pick<ClaimedMutation, "attemptNumber" | "firstAttempt" | "unsettledSince" | "unsettledCount">; answer: AppliedAnswer } | null> {
  const [row] = await tx.query<{ number: number; detail: HeardDetail }>(
    `SELECT number, detail FROM attempts WHERE mutation_id = $1::uuid AND outcome = 'applied' ORDER BY number LIMIT 1`,
    mutationId,
  );
  if (!row) return null;
  const { adjustmentGroupId: groupId, createdAt, entries, refused = [] } = row.detail;
  return { attempt: { attemptNumber: row.number, firstAttempt: row.number === 1, unsettledSince: null, unsettledCount: 0 }, answer: { groupId, createdAt, entries, refused } };
}

/** Attempts that may have had an effect, or may yet: sent, and not heard of, or not heard clearly. */
async function unsettledAttempts(tx: SqlExecutor, mutationId: string): Promise<Pick<ClaimedMutation, "unsettledSince" | "unsettledCount">> {
  const [row] = await tx.query<{ since: Date | null; count: number }>(
    `SELECT min(sent_at) AS since, count(*)::int AS count FROM attempts WHERE mutation_id = $1::uuid AND (outcome IS NULL OR NOT outcome = ANY($2))`,
    mutationId,
    DEFINITE_REFUSALS,
  );
  return { unsettledSince: row?.since ?? null, unsettledCount: row?.count ?? 0 };
}

async function entriesOf(tx: SqlExecutor, mutationId: string): Promise<ClaimedMutation["entries"]> {
  return toEntries(await tx.query<EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM mutation_entries WHERE mutation_id = $1::uuid`, mutationId));
}

/** Nothing that was sent under the key can have had an effect: its changes go on under another. Otherwise nobody can say, and a person decides. */
async function expire(tx: SqlExecutor, mutationId: string): Promise<TakeOverResult> {
  const [open] = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM attempts WHERE mutation_id = $1::uuid AND (outcome IS NULL OR NOT outcome = ANY($2))`,
    mutationId,
    DEFINITE_REFUSALS,
  );
  if (open?.count !== 0) return { kind: "parked", changeCount: (await parkUnknown(tx, mutationId, "outcome_unknown")).parkedCount };
  await retire(tx, mutationId, "never_sent", 0);
  return { kind: "gone" };
}

async function renewTokens(tx: SqlExecutor, installId: bigint, mutationId: string) {
  const stocks = await tx.query<{ item: string; location: string }>(
    `SELECT inventory_item_id AS item, location_id AS location FROM mutation_entries WHERE mutation_id = $1::uuid`,
    mutationId,
  );
  await issueTokens(
    tx,
    installId,
    stocks.map((stock) => stock.item),
    stocks.map((stock) => stock.location),
  );
  const rows = await tx.query<EntryRow>(
    `UPDATE mutation_entries SET token = t.token FROM fencing_tokens t
     WHERE mutation_entries.mutation_id = $1::uuid AND t.install_id = mutation_entries.install_id
       AND t.inventory_item_id = mutation_entries.inventory_item_id AND t.location_id = mutation_entries.location_id
     RETURNING ${ENTRY_COLUMNS}`,
    mutationId,
  );
  return toEntries(rows);
}

interface NextAttempt {
  readonly mutationId: string;
  readonly operation: Operation;
  readonly ownerId: string;
  readonly resumeAfterMs: number;
}

async function openAttempt(tx: SqlExecutor, installId: bigint, { mutationId, operation, ownerId, resumeAfterMs }: NextAttempt): Promise<number> {
  const [attempt] = await tx.query<{ number: number }>(
    `INSERT INTO attempts (mutation_id, number, install_id, operation)
     SELECT $1::uuid, coalesce(max(number), 0) + 1, $2, $3 FROM attempts WHERE mutation_id = $1::uuid RETURNING number`,
    mutationId,
    installId,
    operation,
  );
  await tx.execute(
    `UPDATE mutations SET owner_id = $2, resend_at = now() + $3 * interval '1 millisecond' WHERE id = $1::uuid`,
    mutationId,
    ownerId,
    resumeAfterMs,
  );
  return attempt?.number ?? 1;
}

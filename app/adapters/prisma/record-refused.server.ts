// Stage 7 when the call was refused or its outcome is open: facts for whoever has them, decisions only for who holds the newest tokens.

import type { AttemptOutcome, ClaimedMutation, RefusalPlan, RefusalRecord } from "#app/ports/change-ledger.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import { dropStaleNumbers } from "./bundle-stock-claim.ts";
import { dropRefusedMoves, type RefusedStock } from "./hold-moves-refused.ts";
import { prepared } from "./prepared-statements.ts";

/** Outcomes after which an attempt certainly has no effect any more, now or later. */
export const DEFINITE_REFUSALS: readonly AttemptOutcome[] = ["rejected", "throttled", "previous_attempt_failed", "refused", "not_sent", "key_mismatch"];

export async function finishAttempt(database: SqlExecutor, mutationId: string, number: number, outcome: AttemptOutcome, detail: unknown): Promise<void> {
  await database.execute(
    prepared(`UPDATE attempts SET finished_at = now(), outcome = $3, detail = $4::jsonb
     WHERE mutation_id = $1::uuid AND number = $2 AND finished_at IS NULL`),
    mutationId,
    number,
    outcome,
    JSON.stringify(detail ?? null),
  );
}

/**
 * True when the mutation is still open and every token is the newest of its stock; the rows stay locked until the transaction ends, so
 * nobody can take over between this look and the decision.
 */
async function holdsTokens(tx: SqlExecutor, mutation: ClaimedMutation): Promise<boolean> {
  const [row] = await tx.query<{ state: string }>(`SELECT state FROM mutations WHERE id = $1::uuid FOR UPDATE`, mutation.mutationId);
  if (row?.state !== "open") return false;
  const [equal] = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (
       SELECT 1 FROM mutation_entries e
       JOIN fencing_tokens t ON t.install_id = e.install_id AND t.inventory_item_id = e.inventory_item_id AND t.location_id = e.location_id
       JOIN unnest($2::int[], $3::bigint[]) AS own(position, token) ON own.position = e.position
       WHERE e.mutation_id = $1::uuid AND t.token = own.token
       ORDER BY t.inventory_item_id, t.location_id FOR SHARE OF t) AS held`,
    mutation.mutationId,
    mutation.entries.map((entry) => entry.position),
    mutation.entries.map((entry) => entry.token),
  );
  return equal?.count === mutation.entries.length;
}

export function postpone(database: Database, mutation: ClaimedMutation, delayMs: number, keyStands = false): Promise<"postponed" | "lost"> {
  return database.transaction(async (tx) => {
    if (!(await holdsTokens(tx, mutation))) return "lost";
    await tx.execute(
      `UPDATE mutations SET resend_at = now() + $2 * interval '1 millisecond', key_stands = key_stands OR $3 WHERE id = $1::uuid`,
      mutation.mutationId,
      Math.round(delayMs),
      keyStands,
    );
    return "postponed";
  });
}

/** `travelLimitMs` null: Shopify has bound the key to nothing, so that no attempt under it can take effect any more, however late. */
export function recordRefused(database: Database, mutation: ClaimedMutation, plan: RefusalPlan, travelLimitMs: number | null): Promise<RefusalRecord> {
  return database.transaction(async (tx) => {
    // The mutation, then its changes, then the tokens: a claim takes changes before tokens too.
    await tx.query(`SELECT 1 FROM mutations WHERE id = $1::uuid FOR UPDATE`, mutation.mutationId);
    await lockChangesOf(tx, mutation.mutationId);
    if (!(await holdsTokens(tx, mutation))) return { kind: "lost" };
    if (plan.kind === "park_unknown") return parkUnknown(tx, mutation.mutationId, plan.reason, plan.evidence);
    const resendAt = travelLimitMs === null ? null : await waitForTravellers(tx, mutation.mutationId, travelLimitMs);
    if (resendAt) return { kind: "not_yet", resendAt };
    const parkedCount = plan.kind === "park_entries" ? await parkEntries(tx, mutation, plan.entries) : 0;
    const waitingCount = await retire(tx, mutation.mutationId, plan.kind === "park_entries" ? "entries_refused" : plan.reason, plan.kind === "split" ? 1 : 0);
    return { kind: "recorded", parkedCount, waitingCount };
  });
}

/** In the order of their ids, as derivation locks them; an UPDATE by itself takes them as it finds them. */
async function lockChangesOf(tx: SqlExecutor, mutationId: string): Promise<void> {
  await tx.query(`SELECT 1 FROM changes WHERE mutation_id = $1::uuid AND state IN ('claimed', 'parked') ORDER BY id FOR UPDATE`, mutationId);
}

/** Closes a call that had no effect; what of it is not parked waits for the next one. Returns how many changes do. */
export async function retire(tx: SqlExecutor, mutationId: string, reason: string, deeper: 0 | 1): Promise<number> {
  await lockChangesOf(tx, mutationId);
  await tx.execute(`UPDATE mutations SET state = 'refused', reason = $2, finished_at = now() WHERE id = $1::uuid`, mutationId, reason);
  await tx.execute(`UPDATE mutation_entries SET open = false WHERE mutation_id = $1::uuid`, mutationId);
  return tx.execute(
    `UPDATE changes SET state = 'waiting', mutation_id = NULL, split_depth = split_depth + $2 WHERE mutation_id = $1::uuid AND state = 'claimed'`,
    mutationId,
    deeper,
  );
}

/**
 * A key is retired only when nothing sent under it can still take effect: every attempt has a definite refusal, or those without an
 * answer are older than they can travel. Until then the same call is sent again, later. Returns when, or null when it may be retired.
 */
async function waitForTravellers(tx: SqlExecutor, mutationId: string, travelLimitMs: number): Promise<Date | null> {
  const [row] = await tx.query<{ until: Date | null }>(
    `SELECT max(sent_at) + $3 * interval '1 millisecond' AS until FROM attempts
     WHERE mutation_id = $1::uuid AND (outcome IS NULL OR NOT outcome = ANY($2)) AND sent_at > now() - $3 * interval '1 millisecond'`,
    mutationId,
    DEFINITE_REFUSALS,
    travelLimitMs,
  );
  if (!row?.until) return null;
  await tx.execute(`UPDATE mutations SET resend_at = $2 WHERE id = $1::uuid`, mutationId, row.until);
  return row.until;
}

function parkEntries(tx: SqlExecutor, mutation: ClaimedMutation, entries: readonly { readonly position: number; readonly reason: string }[]): Promise<number> {
  const stocks = entries.flatMap(({ position, reason }) => {
    const entry = mutation.entries.find((candidate) => candidate.position === position);
    return entry ? [{ ...entry, reason }] : [];
  });
  return parkStocks(tx, mutation, stocks);
}

/**
 * Parks the changes of some stocks of a call: Shopify refused them for certain, whatever was thought of them before. A move out of
 * `available` is dropped instead: nobody was promised its units.
 */
export async function parkStocks(tx: SqlExecutor, { mutationId, operation }: Pick<ClaimedMutation, "mutationId" | "operation">, stocks: readonly RefusedStock[]): Promise<number> {
  await lockChangesOf(tx, mutationId);
  if (operation === "move") await dropRefusedMoves(tx, mutationId, stocks);
  if (operation === "follow") await dropStaleNumbers(tx, mutationId, stocks);
  return tx.execute(
    `WITH parked AS (
       UPDATE changes SET state = 'parked', reason = p.reason, outcome_unknown = false FROM unnest($2::text[], $3::text[], $4::text[]) AS p(item, location, reason)
       WHERE changes.mutation_id = $1::uuid AND changes.state IN ('claimed', 'parked')
         AND changes.inventory_item_id = p.item AND changes.location_id = p.location
       RETURNING changes.*, NULL::jsonb AS evidence)
     ${AUDIT_PARKED}`,
    mutationId,
    stocks.map((stock) => stock.inventoryItemId),
    stocks.map((stock) => stock.locationId),
    stocks.map((stock) => stock.reason),
  );
}

const AUDIT_PARKED = `
INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id,
  quantity_name, delta, detail)
SELECT install_id, shop, 'change_parked', 'holdfast', id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id,
  quantity_name, delta, jsonb_strip_nulls(jsonb_build_object('reason', reason, 'outcomeUnknown', outcome_unknown, 'evidence', evidence)) FROM parked`;

/** Nobody can say whether it took effect: a person decides, and until then nothing is built on it. */
export async function parkUnknown(
  tx: SqlExecutor,
  mutationId: string,
  reason: string,
  evidence: unknown = null,
): Promise<{ kind: "recorded"; parkedCount: number; waitingCount: 0 }> {
  await lockChangesOf(tx, mutationId);
  await tx.execute(`UPDATE mutations SET state = 'parked', reason = $2, finished_at = now() WHERE id = $1::uuid`, mutationId, reason);
  await tx.execute(`UPDATE mutation_entries SET open = false WHERE mutation_id = $1::uuid`, mutationId);
  const parkedCount = await tx.execute(
    `WITH parked AS (
       UPDATE changes SET state = 'parked', reason = $2, outcome_unknown = true WHERE mutation_id = $1::uuid AND state = 'claimed'
       RETURNING changes.*, $3::jsonb AS evidence)
     ${AUDIT_PARKED}`,
    mutationId,
    reason,
    evidence === null || evidence === undefined ? null : JSON.stringify(evidence),
  );
  return { kind: "recorded", parkedCount, waitingCount: 0 };
}

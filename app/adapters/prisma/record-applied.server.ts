// Stage 7 when Shopify applied the call: mutation, changes, audit, mirror in one transaction. The answer is the proof; no token is asked.

import { shareOut } from "#app/domain/coalesce.ts";
import { endOfSecond } from "#app/domain/end-of-second.ts";
import type { AppliedAnswer, AppliedChange, ApplyRecord, ClaimedMutation, DoubledStock } from "#app/ports/change-ledger.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import { parkStocks } from "./record-refused.server.ts";
import { prepared } from "./prepared-statements.ts";
import { mendDoubled, reportDoubled } from "./record-doubled.server.ts";
import { markForJudgement } from "./stock-news.ts";

interface BookedChange {
  readonly id: bigint;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
  readonly orderId: string | null;
  readonly webhookId: string | null;
  readonly traceId: string;
  readonly acceptedAt: Date | null;
}

type Shared = { readonly change: BookedChange; readonly before: number | null; readonly after: number | null };

export function recordApplied(database: Database, mutation: ClaimedMutation, answer: AppliedAnswer, settleMs: number, doubled?: DoubledStock): Promise<ApplyRecord> {
  return database.transaction(async (tx) => {
    const recorded = await record(tx, mutation, answer, doubled);
    // Whatever becomes of the books: stock moved, and its history knows by whom.
    if (recorded.installId !== null) await writeOwnEffects(tx, recorded.installId, mutation, answer, settleMs);
    return recorded.record;
  });
}

type Recorded = { readonly record: ApplyRecord; readonly installId: bigint | null };

async function record(tx: SqlExecutor, mutation: ClaimedMutation, answer: AppliedAnswer, doubled: DoubledStock | undefined): Promise<Recorded> {
  const [row] = await tx.query<{ state: string; install_id: bigint; now: Date }>(
    prepared(`SELECT state, install_id, now() AS now FROM mutations WHERE id = $1::uuid FOR UPDATE`),
    mutation.mutationId,
  );
  if (!row || row.state === "applied") {
    if (row) await confirmResolution(tx, mutation, answer);
    return { record: { kind: "already_applied" }, installId: row?.install_id ?? null };
  }
  if (row.state === "refused") {
    await openIncident(tx, mutation, answer);
    return { record: { kind: "applied_after_retirement" }, installId: row.install_id };
  }
  await leaveOutRefused(tx, mutation, answer);
  const shared = await sharedChanges(tx, mutation, answer);
  await writeApplied(tx, mutation, answer, shared);
  if (doubled) await reportDoubled(tx, mutation, answer.groupId, doubled);
  if (mutation.firstAttempt) await moveMirror(tx, row.install_id, mutation, answer);
  return { record: { kind: "applied", changes: shared.map((entry) => toAppliedChange(entry, row.now)) }, installId: row.install_id };
}

async function sharedChanges(tx: SqlExecutor, mutation: ClaimedMutation, answer: AppliedAnswer): Promise<readonly Shared[]> {
  const rows = await tx.query<{
    id: bigint;
    inventory_item_id: string;
    location_id: string;
    delta: number;
    order_id: string | null;
    webhook_id: string | null;
    trace_id: string;
    accepted_at: Date | null;
  }>(
    prepared(`SELECT id, inventory_item_id, location_id, delta, order_id, webhook_id, trace_id, accepted_at FROM changes
     WHERE mutation_id = $1::uuid AND state IN ('claimed', 'parked')
       AND NOT EXISTS (SELECT 1 FROM mutation_entries e WHERE e.mutation_id = $1::uuid AND e.refused IS NOT NULL
         AND e.inventory_item_id = changes.inventory_item_id AND e.location_id = changes.location_id)
     ORDER BY id FOR UPDATE`),
    mutation.mutationId,
  );
  const after = new Map(answer.entries.map((entry) => [`${entry.inventoryItemId}@${entry.locationId}`, entry.after]));
  const byStock = Map.groupBy(
    rows.map((row) => ({
      id: row.id,
      inventoryItemId: row.inventory_item_id,
      locationId: row.location_id,
      delta: row.delta,
      orderId: row.order_id,
      webhookId: row.webhook_id,
      traceId: row.trace_id,
      acceptedAt: row.accepted_at,
    })),
    (change) => `${change.inventoryItemId}@${change.locationId}`,
  );
  return [...byStock].flatMap(([stock, changes]) => shareOut(changes, after.get(stock) ?? null, signOf(mutation)));
}

/** What a unit of an entry does to `available`: a move into the block takes it away. */
function signOf({ operation }: Pick<ClaimedMutation, "operation">): 1 | -1 {
  return operation === "move" ? -1 : 1;
}

/** Entries that Shopify left out are no part of what the call did; their changes stop with its reason, as after a refusal of the whole. */
async function leaveOutRefused(tx: SqlExecutor, mutation: ClaimedMutation, answer: AppliedAnswer): Promise<void> {
  const { refused = [] } = answer;
  if (refused.length === 0) return;
  await tx.execute(
    `UPDATE mutation_entries SET refused = r.reason FROM unnest($2::text[], $3::text[], $4::text[]) AS r(item, location, reason)
     WHERE mutation_id = $1::uuid AND inventory_item_id = r.item AND location_id = r.location`,
    mutation.mutationId,
    refused.map((entry) => entry.inventoryItemId),
    refused.map((entry) => entry.locationId),
    refused.map((entry) => entry.reason),
  );
  await parkStocks(tx, mutation, refused);
}

async function writeApplied(tx: SqlExecutor, mutation: ClaimedMutation, answer: AppliedAnswer, shared: readonly Shared[]): Promise<void> {
  await tx.execute(
    prepared(`UPDATE mutations SET state = 'applied', reason = NULL, finished_at = now(), adjustment_group_id = $2 WHERE id = $1::uuid`),
    mutation.mutationId,
    answer.groupId,
  );
  await tx.execute(
    `UPDATE mutation_entries SET open = false, after = m.after, before = m.after - $5 * mutation_entries.delta
     FROM (SELECT e.position, a.after FROM mutation_entries e
           LEFT JOIN unnest($2::text[], $3::text[], $4::int[]) AS a(item, location, after) ON a.item = e.inventory_item_id AND a.location = e.location_id
           WHERE e.mutation_id = $1::uuid) AS m
     WHERE mutation_entries.mutation_id = $1::uuid AND mutation_entries.position = m.position`,
    mutation.mutationId,
    answer.entries.map((entry) => entry.inventoryItemId),
    answer.entries.map((entry) => entry.locationId),
    answer.entries.map((entry) => entry.after),
    signOf(mutation),
  );
  await bookChanges(tx, mutation, answer, shared);
}

async function bookChanges(tx: SqlExecutor, mutation: ClaimedMutation, answer: AppliedAnswer, shared: readonly Shared[]): Promise<void> {
  await tx.execute(
    prepared(`WITH booked AS (
       UPDATE changes SET state = 'applied', reason = NULL, outcome_unknown = false, finished_at = now(), before = m.before, after = m.after
       FROM unnest($1::bigint[], $2::int[], $3::int[]) AS m(id, before, after) WHERE changes.id = m.id RETURNING changes.*)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id,
       quantity_name, delta, before, after, adjustment_group_id, detail)
     SELECT install_id, shop, 'change_applied', 'holdfast', id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id,
       quantity_name, delta, before, after, $4, $5::jsonb FROM booked ORDER BY id`),
    shared.map(({ change }) => change.id),
    shared.map(({ before }) => before),
    shared.map(({ after }) => after),
    answer.groupId,
    // Shopify answers per entry; what stood before and after each change of it is our arithmetic. A replay may describe a later moment.
    JSON.stringify({ derived: true, attempt: mutation.attemptNumber, mayBeReplay: !mutation.firstAttempt }),
  );
}

/**
 * Our own answer is the newest level known, unless a notification of a later moment was absorbed meanwhile. Shopify's clock orders them, but
 * the time of its answer has whole seconds, while a notification says when in the second it was triggered and a read counts at its end. So
 * within that second two things place the answer: it came after we sent it, and what it found is what is known: then it is the next. By its
 * whole second alone it would count as older than the notification of the call before it, and each further move would name a level of the past.
 */
async function moveMirror(tx: SqlExecutor, installId: bigint, mutation: ClaimedMutation, answer: AppliedAnswer): Promise<void> {
  const deltas = new Map(mutation.entries.map((entry) => [`${entry.inventoryItemId}@${entry.locationId}`, signOf(mutation) * entry.delta]));
  const seen = answer.entries.flatMap((entry) => {
    const delta = deltas.get(`${entry.inventoryItemId}@${entry.locationId}`);
    return entry.after === null || delta === undefined ? [] : [{ ...entry, before: entry.after - delta }];
  });
  await tx.execute(
    prepared(`INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source)
     SELECT $1, l.item, l.location, l.available, least(greatest($5::timestamptz, $6::timestamptz), $7::timestamptz), 'own_answer'
     FROM unnest($2::text[], $3::text[], $4::int[]) AS l(item, location, available)
     ORDER BY l.item, l.location
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE
       SET available = excluded.available, observed_at = greatest(excluded.observed_at, stock_levels.observed_at), source = excluded.source
     WHERE excluded.observed_at >= stock_levels.observed_at OR (stock_levels.observed_at <= $7::timestamptz AND EXISTS (
       SELECT 1 FROM unnest($2::text[], $3::text[], $8::int[]) AS b(item, location, available)
       WHERE b.item = stock_levels.inventory_item_id AND b.location = stock_levels.location_id AND b.available = stock_levels.available))`),
    installId,
    seen.map((entry) => entry.inventoryItemId),
    seen.map((entry) => entry.locationId),
    seen.map((entry) => entry.after),
    answer.createdAt,
    mutation.firstSentAt,
    endOfSecond(answer.createdAt),
    seen.map((entry) => entry.before),
  );
}

/** What a call of ours did to each stock, once however often its answer is heard. Of a replay the value after it says nothing about now. */
async function writeOwnEffects(tx: SqlExecutor, installId: bigint, mutation: ClaimedMutation, answer: AppliedAnswer, settleMs: number): Promise<void> {
  const after = new Map(answer.entries.map((entry) => [`${entry.inventoryItemId}@${entry.locationId}`, entry.after]));
  const entries = mutation.entries.filter((entry) => after.has(`${entry.inventoryItemId}@${entry.locationId}`));
  if (entries.length === 0) return;
  await tx.execute(
    prepared(`INSERT INTO stock_effects (install_id, effect_key, kind, inventory_item_id, location_id, delta, at, after, mutation_id, expected)
     SELECT $1, 'ours:' || $2 || ':' || e.item || '@' || e.location, 'ours', e.item, e.location, e.delta, $3::timestamptz, e.after, $2::uuid, true
     FROM unnest($4::text[], $5::text[], $6::int[], $7::int[]) AS e(item, location, delta, after)
     ORDER BY e.item, e.location
     ON CONFLICT (install_id, effect_key) DO UPDATE SET at = excluded.at, after = coalesce(stock_effects.after, excluded.after)`),
    installId,
    mutation.mutationId,
    answer.createdAt,
    entries.map((entry) => entry.inventoryItemId),
    entries.map((entry) => entry.locationId),
    entries.map((entry) => signOf(mutation) * entry.delta),
    entries.map((entry) => (mutation.firstAttempt ? (after.get(`${entry.inventoryItemId}@${entry.locationId}`) ?? null) : null)),
  );
  await markForJudgement(tx, installId, entries.map((entry) => ({ ...entry, at: answer.createdAt })), settleMs);
}

/** A person had said that it was applied, and now Shopify says so, too: its group is kept as the proof. What was booked stays as it is. */
async function confirmResolution(tx: SqlExecutor, mutation: ClaimedMutation, answer: AppliedAnswer): Promise<void> {
  await tx.execute(
    `WITH confirmed AS (
       UPDATE mutations SET adjustment_group_id = $2 WHERE id = $1::uuid AND reason = 'resolved_applied' AND adjustment_group_id IS NULL
       RETURNING install_id, shop, trace_id, id)
     INSERT INTO audit_entries (install_id, shop, kind, actor, trace_id, mutation_id, adjustment_group_id, detail)
     SELECT install_id, shop, 'resolution_confirmed', 'holdfast', trace_id, id, $2, $3::jsonb FROM confirmed`,
    mutation.mutationId,
    answer.groupId,
    JSON.stringify({ entries: answer.entries }),
  );
}

/**
 * The key had been retired and its changes went on under another one, yet it took effect: stock moved twice, and it is said. What was
 * parked and is still attached to the call went on nowhere: that moved once, and is booked.
 */
async function openIncident(tx: SqlExecutor, mutation: ClaimedMutation, answer: AppliedAnswer): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, trace_id, mutation_id, adjustment_group_id, detail)
     SELECT install_id, shop, 'applied_after_retirement', 'holdfast', trace_id, id, $2, $3::jsonb FROM mutations WHERE id = $1::uuid`,
    mutation.mutationId,
    answer.groupId,
    JSON.stringify({ entries: answer.entries }),
  );
  const attached = await sharedChanges(tx, mutation, answer);
  await bookChanges(tx, mutation, answer, attached);
  const once = new Set(attached.map(({ change }) => `${change.inventoryItemId}@${change.locationId}`));
  await mendDoubled(tx, mutation, mutation.entries.filter((entry) => !once.has(`${entry.inventoryItemId}@${entry.locationId}`)));
}

function toAppliedChange({ change, before, after }: Shared, appliedAt: Date): AppliedChange {
  return {
    changeId: change.id,
    orderId: change.orderId,
    webhookId: change.webhookId,
    traceId: change.traceId,
    inventoryItemId: change.inventoryItemId,
    locationId: change.locationId,
    delta: change.delta,
    before,
    after,
    acceptedAt: change.acceptedAt,
    appliedAt,
  };
}

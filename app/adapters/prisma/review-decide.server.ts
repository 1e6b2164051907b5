// A person's retry or discard: judged under the locks of the orders and changes, written with its audit entry, in one transaction a step.

import { askAgain, type OrderState } from "#app/domain/order-state.ts";
import { refusalOf } from "#app/domain/review.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { ActOutcome, ActRequest, ActResult } from "#app/ports/review-desk.ts";
import { isActive, type JudgedChange, readChanges, readPausedSources, readTravelling, toFacts } from "./review-facts.server.ts";

interface LockedOrder {
  readonly id: bigint;
  readonly orderId: string;
  readonly snapshot: OrderState;
}

/** Locks are taken as derivation takes them, sources before orders before changes: whoever is first, the other finds what it did. */
export function retryOrDiscard(database: Database, request: ActRequest, travelLimitMs: number): Promise<ActResult> {
  const { installId, changeIds, act } = request;
  return database.transaction(async (tx) => {
    if (!(await isActive(tx, installId))) return { kind: "not_installed" };
    const pausedSources = await readPausedSources(tx, installId, await readChanges(tx, installId, changeIds, "plain"), "lock");
    const orders = act === "retry" ? await lockOrdersOf(tx, installId, changeIds) : [];
    const changes = await readChanges(tx, installId, changeIds, "lock");
    const surroundings = { pausedSources, travelling: await readTravelling(tx, changes, travelLimitMs) };
    const outcomes = new Map<bigint, ActOutcome>(changeIds.map((id) => [id, "not_found"]));
    const allowed: JudgedChange[] = [];
    for (const change of changes) {
      const refusal = refusalOf(act, toFacts(change, surroundings));
      outcomes.set(change.id, refusal ?? "done");
      if (refusal === null) allowed.push(change);
    }
    if (!request.dryRun && allowed.length > 0) await (act === "retry" ? retry(tx, request, allowed, orders) : discard(tx, request, allowed));
    return { kind: "judged", outcomes, changedCount: allowed.length };
  });
}

/** Orders of the questions among the changes: a retry looks at them again. */
function lockOrdersOf(tx: SqlExecutor, installId: bigint, changeIds: readonly bigint[]): Promise<LockedOrder[]> {
  return tx.query<LockedOrder>(
    `SELECT id, order_id AS "orderId", snapshot FROM orders
     WHERE install_id = $1 AND order_id IN (SELECT order_id FROM changes WHERE install_id = $1 AND id = ANY($2) AND inventory_item_id IS NULL)
     ORDER BY id FOR UPDATE`,
    installId,
    changeIds,
  );
}

async function retry(tx: SqlExecutor, request: ActRequest, changes: readonly JudgedChange[], orders: readonly LockedOrder[]): Promise<void> {
  const questions = changes.filter((change) => change.placeholder);
  const asked = new Set(questions.map((change) => change.orderId));
  await lookAgain(tx, request.installId, orders.filter((order) => asked.has(order.orderId)));
  await writeAudit(tx, request, changes, "change_retried");
  // A refused call left its name on what it could not do; under the next call it is a new try in a batch of any size.
  await tx.execute(
    `UPDATE changes SET state = 'waiting', reason = NULL, mutation_id = NULL, split_depth = 0 WHERE id = ANY($1)`,
    changes.filter((change) => !change.placeholder).map((change) => change.id),
  );
}

/** A question stays parked until its order, read anew with all that it is about, answers it. */
async function lookAgain(tx: SqlExecutor, installId: bigint, orders: readonly LockedOrder[]): Promise<void> {
  if (orders.length === 0) return;
  await tx.execute(
    `UPDATE orders SET snapshot = m.snapshot::jsonb, state = 'due', state_reason = NULL, due_at = now()
     FROM unnest($1::bigint[], $2::text[]) AS m(id, snapshot) WHERE orders.id = m.id`,
    orders.map((order) => order.id),
    orders.map((order) => JSON.stringify(askAgain(order.snapshot))),
  );
  // What is remembered of their variants, "there is none" included, is as if it had never been read.
  await tx.execute(
    `UPDATE variants SET read_at = to_timestamp(0) WHERE install_id = $1 AND variant_id IN (
       SELECT variant_id FROM variants WHERE install_id = $1 AND variant_id = ANY($2) ORDER BY variant_id FOR UPDATE)`,
    installId,
    [...new Set(orders.flatMap((order) => (order.snapshot.version?.lines ?? []).flatMap((line) => line.variantId ?? [])))].toSorted(),
  );
}

async function discard(tx: SqlExecutor, request: ActRequest, changes: readonly JudgedChange[]): Promise<void> {
  await writeAudit(tx, request, changes, "change_discarded");
  // Its reason stays: derivation asks a person nothing twice, and the history says what it was about.
  await tx.execute(`UPDATE changes SET state = 'rejected', finished_at = now() WHERE id = ANY($1)`, changes.map((change) => change.id));
}

/** Before the changes are written, so that the entry carries the call they were part of. */
async function writeAudit(tx: SqlExecutor, { actor, note }: ActRequest, changes: readonly JudgedChange[], kind: string): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id,
       quantity_name, delta, detail)
     SELECT install_id, shop, $2, $3, id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id, quantity_name, delta,
       jsonb_strip_nulls(jsonb_build_object('note', $4::text, 'reason', reason)) FROM changes WHERE id = ANY($1) ORDER BY id`,
    changes.map((change) => change.id),
    kind,
    actor,
    note,
  );
}

// A person's word on calls whose outcome nobody knows: one transaction a call, because Shopify applies a call as a whole.

import { refusalOf } from "#app/domain/review.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { ActOutcome, ActRequest, ActResult } from "#app/ports/review-desk.ts";
import { isActive, readChanges, readPausedSources, readTravelling, toFacts, unknownOf } from "./review-facts.server.ts";

type Resolution = "resolve_applied" | "resolve_not_applied";

/** `act` is one of the two resolutions. */
export async function resolveCalls(database: Database, request: ActRequest & { readonly act: Resolution }, travelLimitMs: number): Promise<ActResult> {
  const { installId, changeIds, act } = request;
  const outcomes = new Map<bigint, ActOutcome>(changeIds.map((id) => [id, "not_found"]));
  const changes = await readChanges(database, installId, changeIds, "plain");
  const byCall = Map.groupBy(changes, (change) => (change.state === "parked" && change.outcomeUnknown ? change.mutationId : null));
  for (const change of byCall.get(null) ?? []) {
    outcomes.set(change.id, refusalOf(act, { state: change.state, outcomeUnknown: change.outcomeUnknown, sourcePaused: false, mayStillArrive: false }) ?? "not_parked");
  }
  let changedCount = 0;
  for (const [mutationId, chosen] of byCall) {
    if (mutationId === null) continue;
    const resolved = await database.transaction((tx) => resolveCall(tx, request, mutationId, travelLimitMs));
    if (resolved.kind === "not_installed") return resolved;
    changedCount += resolved.changedCount;
    for (const change of chosen) outcomes.set(change.id, resolved.outcome);
  }
  return { kind: "judged", outcomes, changedCount };
}

type CallResult = { readonly kind: "resolved"; readonly outcome: ActOutcome; readonly changedCount: number } | { readonly kind: "not_installed" };

/** The mutation's lock keeps a late answer and a second person out until it is decided; whoever comes then finds it settled. */
async function resolveCall(tx: SqlExecutor, request: ActRequest & { readonly act: Resolution }, mutationId: string, travelLimitMs: number): Promise<CallResult> {
  if (!(await isActive(tx, request.installId))) return { kind: "not_installed" };
  const [mutation] = await tx.query<{ state: string }>(
    `SELECT state FROM mutations WHERE id = $1::uuid AND install_id = $2 FOR UPDATE`,
    mutationId,
    request.installId,
  );
  if (mutation?.state !== "parked") return { kind: "resolved", outcome: "not_parked", changedCount: 0 };
  const pausedSources = await readPausedSources(tx, request.installId, await unknownOf(tx, mutationId, "plain"), "lock");
  const changes = await unknownOf(tx, mutationId, "lock");
  const [first] = changes;
  if (!first) return { kind: "resolved", outcome: "not_parked", changedCount: 0 };
  const refusal = refusalOf(request.act, toFacts(first, { pausedSources, travelling: await readTravelling(tx, changes, travelLimitMs) }));
  if (refusal !== null) return { kind: "resolved", outcome: refusal, changedCount: 0 };
  if (!request.dryRun) {
    const ids = changes.map((change) => change.id);
    if (request.act === "resolve_applied") await resolveApplied(tx, request, mutationId, ids);
    else await resolveNotApplied(tx, request, mutationId, ids, [...pausedSources]);
  }
  return { kind: "resolved", outcome: "done", changedCount: changes.length };
}

/** What stood before and after stays unknown, and the mirror does not move: nobody saw the quantities. */
async function resolveApplied(tx: SqlExecutor, request: ActRequest, mutationId: string, ids: readonly bigint[]): Promise<void> {
  await writeAudit(tx, request, "change_resolved_applied", ids);
  await tx.execute(`UPDATE mutations SET state = 'applied', reason = 'resolved_applied', finished_at = now() WHERE id = $1::uuid`, mutationId);
  await tx.execute(
    `UPDATE changes SET state = 'applied', reason = 'resolved_applied', outcome_unknown = false, finished_at = now() WHERE id = ANY($1)`,
    ids,
  );
}

/** The key is retired, so a late proof of it is an incident; its changes wait for another. Those of a paused source wait for its pause. */
async function resolveNotApplied(tx: SqlExecutor, request: ActRequest, mutationId: string, ids: readonly bigint[], pausedSources: readonly string[]): Promise<void> {
  await writeAudit(tx, request, "change_resolved_not_applied", ids);
  await tx.execute(`UPDATE mutations SET state = 'refused', reason = 'resolved_not_applied', finished_at = now() WHERE id = $1::uuid`, mutationId);
  await tx.execute(
    `UPDATE changes SET state = 'waiting', reason = NULL, outcome_unknown = false, mutation_id = NULL, split_depth = 0 WHERE id = ANY($1)`,
    ids,
  );
  await tx.execute(
    `WITH parked AS (
       UPDATE changes SET state = 'parked', reason = 'source_paused' WHERE id = ANY($1) AND source_key = ANY($2)
       RETURNING id, install_id, shop, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta, detail)
     SELECT install_id, shop, 'change_parked', 'holdfast', id, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta,
       '{"reason": "source_paused"}'::jsonb FROM parked ORDER BY id`,
    ids,
    pausedSources,
  );
}

async function writeAudit(tx: SqlExecutor, { actor, note }: ActRequest, kind: string, ids: readonly bigint[]): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id,
       quantity_name, delta, detail)
     SELECT install_id, shop, $2, $3, id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id, quantity_name, delta,
       jsonb_build_object('note', $4::text, 'reason', reason, 'changesOfTheCall', $5::int) FROM changes WHERE id = ANY($1) ORDER BY id`,
    ids,
    kind,
    actor,
    note,
    ids.length,
  );
}

// Stage 1's transaction: pending deliveries are merged into order state, levels and catalogue, and marked processed together with it.

import { needsRead, observe, type OrderState } from "#app/domain/order-state.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { AbsorbResult } from "#app/ports/order-book.ts";
import type { Timings } from "#app/ports/timings.ts";
import { faultCode, isContentFault } from "./database.server.ts";
import { endInstall } from "./install-store.server.ts";
import { absorbLevels, absorbScopeNotices, absorbShopNotices } from "./absorb-notices.server.ts";
import { lockOrMakeOrders, type OrderToMerge, SET_TIE } from "./order-shells.ts";
import { PENDING_FOR_US, type PendingDelivery, toObservation } from "./pending-delivery.ts";
import { prepared } from "./prepared-statements.ts";

/** An order with an open question is not read at once, and news of a stock not judged at once: what answers it is usually on its way. */
export type AbsorbTimings = Pick<Timings, "readGraceMs" | "settleMs">;

/** Rows another worker has are skipped, not waited for: it will mark them. Rows commit in any order, so none is passed over by id. */
const TAKE_PENDING = prepared(`
SELECT id, webhook_id, event_id, trace_id, received_at, order_id, payload,
       to_char(triggered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS triggered_at
FROM deliveries WHERE install_id = $1 AND ${PENDING_FOR_US} ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED`);

/** One transaction for the batch; a delivery that cannot be absorbed is found by halving and set aside, so that it holds up no other. */
export async function absorbDeliveries(database: Database, installId: bigint, limit: number, timings: AbsorbTimings): Promise<AbsorbResult> {
  const taken: bigint[] = [];
  try {
    return await absorbBatch(database, installId, limit, timings, taken);
  } catch (error) {
    const [only] = taken;
    if (!isContentFault(error) || only === undefined) throw error;
    if (limit > 1) return absorbDeliveries(database, installId, Math.ceil(limit / 2), timings);
    await database.execute(
      // The row that failed, by its id: "the oldest pending" may be another by now, when two workers met this one.
      `UPDATE deliveries SET state = 'rejected', reason = $2, processed_at = now() WHERE id = $1 AND state = 'pending'`,
      only,
      `unabsorbable:${faultCode(error)}`,
    );
    return { deliveryCount: 1, ended: false };
  }
}

/** `taken`: filled with the ids of the rows at work, for who has to deal with a failure. */
function absorbBatch(database: Database, installId: bigint, limit: number, { readGraceMs, settleMs }: AbsorbTimings, taken: bigint[]): Promise<AbsorbResult> {
  return database.transaction(async (tx) => {
    const deliveries = await tx.query<PendingDelivery>(TAKE_PENDING, installId, limit);
    if (deliveries.length === 0) return { deliveryCount: 0, ended: false };
    taken.splice(0, taken.length, ...deliveries.map((delivery) => delivery.id));
    const ended = await absorbUninstall(tx, installId, deliveries);
    if (!ended) {
      await absorbScopeNotices(tx, installId, deliveries);
      await absorbOrders(tx, installId, deliveries, readGraceMs);
      await absorbLevels(tx, installId, deliveries, settleMs);
      await absorbShopNotices(tx, installId, deliveries);
    }
    await tx.execute(
      prepared(`UPDATE deliveries SET state = 'processed', processed_at = now() WHERE id = ANY($1)`),
      deliveries.map((delivery) => delivery.id),
    );
    return { deliveryCount: deliveries.length, ended };
  });
}

/** A notice triggered before this life began belongs to an earlier one: it was overtaken by the new install. */
async function absorbUninstall(tx: SqlExecutor, installId: bigint, deliveries: readonly PendingDelivery[]): Promise<boolean> {
  const notices = deliveries.filter((delivery) => delivery.payload?.kind === "uninstalled");
  if (notices.length === 0) return false;
  const [install] = await tx.query<{ installed_at: Date }>(`SELECT installed_at FROM installs WHERE id = $1 AND state = 'active' FOR UPDATE`, installId);
  if (!install) return true;
  const own = notices.find((notice) => notice.triggered_at === null || Date.parse(notice.triggered_at) >= install.installed_at.getTime());
  if (!own) return false;
  await endInstall(tx, installId, "uninstalled", own.trace_id);
  return true;
}

async function absorbOrders(tx: SqlExecutor, installId: bigint, deliveries: readonly PendingDelivery[], readGraceMs: number): Promise<void> {
  const byOrder = Map.groupBy(
    deliveries.filter((delivery) => delivery.order_id !== null && toObservation(delivery) !== null),
    (delivery) => delivery.order_id ?? "",
  );
  if (byOrder.size === 0) return;
  const orderIds = [...byOrder.keys()];
  const rows = await lockOrMakeOrders(tx, installId, orderIds);
  const merged = rows.map((row) => mergeOrder(row, byOrder.get(row.order_id) ?? [])).filter((order) => order !== null);
  if (merged.length > 0) await writeMerged(tx, merged, readGraceMs);
}

interface MergedOrder {
  readonly id: bigint;
  readonly state: OrderState;
  /** The delivery that is the cause of what will be derived; null when an earlier one still is. */
  readonly cause: PendingDelivery | null;
}

/** Null when nothing of it was news. */
function mergeOrder(row: OrderToMerge, deliveries: readonly PendingDelivery[]): MergedOrder | null {
  let state = row.snapshot;
  let cause: PendingDelivery | null = null;
  let routed = false;
  for (const delivery of deliveries) {
    const seen = toObservation(delivery);
    if (!seen) continue;
    const next = observe(state, seen);
    const changed = seen.kind === "routed" ? false : JSON.stringify(next) !== JSON.stringify(state);
    routed ||= seen.kind === "routed";
    if (changed) cause ??= delivery;
    state = next;
  }
  if (!cause && !routed) return null;
  const causeStands = row.state === "due" && row.trace_id !== null;
  return { id: row.id, state, cause: causeStands ? null : cause };
}

async function writeMerged(tx: SqlExecutor, merged: readonly MergedOrder[], readGraceMs: number): Promise<void> {
  await tx.execute(
    prepared(`UPDATE orders SET snapshot = m.snapshot, state = 'due', state_reason = NULL, detect_at = now(),
       due_at = now() + CASE WHEN m.needs_read THEN $11 ELSE 0 END * interval '1 millisecond',
       name = coalesce(m.name, orders.name), source_name = coalesce(m.source_name, orders.source_name),
       app_id = coalesce(m.app_id, orders.app_id), ordered_at = coalesce(m.ordered_at, orders.ordered_at),
       webhook_id = coalesce(m.webhook_id, orders.webhook_id), trace_id = coalesce(m.trace_id, orders.trace_id),
       accepted_at = coalesce(m.accepted_at, orders.accepted_at), ${SET_TIE}
     FROM (SELECT id, snapshot::jsonb, needs_read, name, source_name, app_id, ordered_at::timestamptz, webhook_id, trace_id, accepted_at
           FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])
             AS u(id, snapshot, needs_read, name, source_name, app_id, ordered_at, webhook_id, trace_id, accepted_at)) AS m
     WHERE orders.id = m.id`),
    merged.map((order) => order.id),
    merged.map((order) => JSON.stringify(order.state)),
    merged.map((order) => needsRead(order.state)),
    merged.map((order) => order.state.version?.name ?? null),
    merged.map((order) => order.state.version?.sourceName ?? null),
    merged.map((order) => order.state.version?.appId ?? null),
    merged.map((order) => order.state.version?.createdAt ?? null),
    merged.map((order) => order.cause?.webhook_id ?? null),
    merged.map((order) => order.cause?.trace_id ?? null),
    merged.map((order) => order.cause?.received_at ?? null),
    readGraceMs,
  );
}

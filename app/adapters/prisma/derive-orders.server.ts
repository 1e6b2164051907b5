// Stage 2's transaction: orders and their changes are locked, the domain decides, and pins, changes and audit are written together.

import { type ChangeState, effectKey, type ExistingChange } from "#app/domain/derive-changes.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { DeriveResult, DueOrder, OrderBook, OrderDecision } from "#app/ports/order-book.ts";
import { faultCode, isContentFault } from "./database.server.ts";
import { ORDER_COLUMNS, type OrderRow, toDueOrder } from "./order-row.ts";
import { prepared } from "./prepared-statements.ts";
import { readSourceEvidence } from "./source-evidence.ts";

type Decide = Parameters<OrderBook["derive"]>[2];

/**
 * An effect is one of one life of the app: what an earlier one only meant to do (it waited, it was watched) must not keep this one from it.
 * Keys of a shop's first life carry no life.
 */
const LIFE = `CASE installs.epoch WHEN 1 THEN '' ELSE 'life/' || installs.epoch || '/' END`;

interface LockedOrder extends OrderRow {
  webhook_id: string | null;
  trace_id: string | null;
  accepted_at: Date | null;
}

interface Decided {
  readonly row: LockedOrder;
  readonly order: DueOrder;
  readonly decision: OrderDecision;
}

/** One transaction for the batch; an order that cannot be written is found by halving and set aside, so that it fails no neighbour. */
export async function deriveOrders(database: Database, installId: bigint, rowIds: readonly bigint[], decide: Decide): Promise<DeriveResult> {
  try {
    return await deriveBatch(database, installId, rowIds, decide);
  } catch (error) {
    const [only] = rowIds;
    if (!isContentFault(error) || only === undefined) throw error;
    if (rowIds.length === 1) return setAside(database, installId, only, faultCode(error));
    const middle = Math.ceil(rowIds.length / 2);
    const first = await deriveOrders(database, installId, rowIds.slice(0, middle), decide);
    const second = await deriveOrders(database, installId, rowIds.slice(middle), decide);
    return {
      orderCount: first.orderCount + second.orderCount,
      created: [...first.created, ...second.created],
      cancelledCount: first.cancelledCount + second.cancelledCount,
    };
  }
}

/** The order is left for a person, with the reason, until news of it brings another derivation. */
async function setAside(database: Database, installId: bigint, rowId: bigint, code: string): Promise<DeriveResult> {
  await database.transaction(async (tx) => {
    // Asked once as long as it is open, never again once a person discarded it, and anew when an earlier one was withdrawn.
    await tx.execute(
      `WITH earlier AS (
         SELECT count(*) FILTER (WHERE c.state = 'cancelled') AS withdrawn, count(*) FILTER (WHERE c.state <> 'cancelled') AS standing
         FROM orders LEFT JOIN changes c ON c.install_id = orders.install_id AND c.order_id = orders.order_id AND c.line_id IS NULL AND c.reason IN ('underivable', 'overtaken')
         WHERE orders.id = $1),
       parked AS (
         INSERT INTO changes (install_id, shop, effect_key, cause, order_id, order_name, delta, state, reason, webhook_id, trace_id, accepted_at)
         SELECT orders.install_id, orders.shop, ${LIFE} || 'order/' || order_id || '/underivable' || CASE withdrawn WHEN 0 THEN '' ELSE '/rev/' || withdrawn END,
           'order', order_id, name, 0, 'parked', 'underivable', webhook_id, coalesce(trace_id, ''), accepted_at
         FROM orders JOIN installs ON installs.id = orders.install_id, earlier WHERE orders.id = $1 AND standing = 0 ON CONFLICT (shop, effect_key) DO NOTHING RETURNING *)
       INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, detail)
       SELECT install_id, shop, 'change_parked', 'holdfast', id, order_id, webhook_id, trace_id, jsonb_build_object('reason', 'underivable', 'code', $2::text) FROM parked`,
      rowId,
      code,
    );
    await tx.execute(`UPDATE orders SET state = 'settled', state_reason = 'underivable' WHERE id = $1 AND install_id = $2 AND state = 'due'`, rowId, installId);
  });
  return { orderCount: 1, created: [{ state: "parked", cause: "order" }], cancelledCount: 0 };
}

function deriveBatch(database: Database, installId: bigint, rowIds: readonly bigint[], decide: Decide): Promise<DeriveResult> {
  return database.transaction(async (tx) => {
    // Sources before orders before changes, as whoever pauses a source takes them.
    const sources = await readSourceEvidence(tx, installId, "lock");
    const locked = await tx.query<LockedOrder>(
      prepared(`SELECT ${ORDER_COLUMNS}, webhook_id, trace_id, accepted_at FROM orders
       WHERE install_id = $1 AND id = ANY($2) AND state = 'due' ORDER BY id FOR UPDATE`),
      installId,
      rowIds,
    );
    if (locked.length === 0) return { orderCount: 0, created: [], cancelledCount: 0 };
    const existing = await lockChanges(tx, installId, locked);
    const rows = await leaveToNewerVersion(tx, locked, existing);
    if (rows.length === 0) return { orderCount: locked.length, created: [], cancelledCount: 0 };
    const booked = await bookedBefore(tx, installId, rows);
    const made = await madeByUs(tx, rows);
    const decided = rows.map((row) => {
      const order = toDueOrder(row, { bookedBefore: booked.has(row.order_id), madeByUs: made.has(row.order_id) });
      return { row, order, decision: decide(order, existing.get(row.order_id) ?? [], sources) };
    });
    const cancelledCount = await cancelChanges(tx, decided);
    await insertChanges(tx, installId, decided);
    await updateOrders(tx, decided);
    await countSources(tx, installId, decided);
    const created = decided.flatMap(({ decision }) => decision.derivation.create.map(({ state, cause }) => ({ state, cause })));
    return { orderCount: rows.length, created, cancelledCount };
  });
}

const CHANGE_STATES: { readonly [State in ChangeState]: true } = {
  shadow: true, waiting: true, claimed: true, applied: true, parked: true, rejected: true, cancelled: true,
};
const LEFT_TO_NEWER_FOR = "1 minute";

/**
 * The orders that this version may derive. During a deploy a newer one may have given a change of the order a state that this one does not
 * know, and so cannot tell whether its units are taken: such an order stays due, for the newer version or for later.
 */
async function leaveToNewerVersion(tx: SqlExecutor, rows: readonly LockedOrder[], existing: ReadonlyMap<string, readonly ExistingChange[]>): Promise<readonly LockedOrder[]> {
  const isForeign = (row: LockedOrder) => (existing.get(row.order_id) ?? []).some((change) => !(change.state in CHANGE_STATES));
  const foreign = rows.filter(isForeign);
  if (foreign.length === 0) return rows;
  await tx.execute(`UPDATE orders SET due_at = now() + interval '${LEFT_TO_NEWER_FOR}' WHERE id = ANY($1)`, foreign.map((row) => row.id));
  return rows.filter((row) => !isForeign(row));
}

/**
 * Orders new to this life of which an earlier one booked something, or sent something whose outcome it did not live to hear. What only
 * waited there never runs. An ended life claims nothing any more, so the answer does not change after the look.
 */
async function bookedBefore(tx: SqlExecutor, installId: bigint, rows: readonly LockedOrder[]): Promise<ReadonlySet<string>> {
  const orderIds = rows.filter((row) => row.mode === null).map((row) => row.order_id);
  if (orderIds.length === 0) return new Set();
  const booked = await tx.query<{ order_id: string }>(
    prepared(`SELECT DISTINCT order_id FROM changes
     WHERE install_id IN (SELECT earlier.id FROM installs JOIN installs AS earlier ON earlier.shop = installs.shop AND earlier.epoch < installs.epoch WHERE installs.id = $1)
       AND order_id = ANY($2) AND (state IN ('claimed', 'applied') OR outcome_unknown)`),
    installId,
    orderIds,
  );
  return new Set(booked.map((row) => row.order_id));
}

/**
 * Orders that Holdfast created for a reservation: written down before they are sent, so no notification is earlier. One whose answer was lost
 * is known by the attribute that it carries; where the order of the reservation is known, no other that carries it is ours.
 */
async function madeByUs(tx: SqlExecutor, rows: readonly LockedOrder[]): Promise<ReadonlySet<string>> {
  const made = await tx.query<{ order_id: string }>(
    prepared(`SELECT o.order_id FROM orders o JOIN reservation_orders m ON m.reservation_id = o.reservation_id AND m.install_id = o.install_id
     WHERE o.id = ANY($1) AND (m.order_id = o.order_id OR m.state IN ('sending', 'unknown', 'person'))`),
    rows.map((row) => row.id),
  );
  return new Set(made.map((row) => row.order_id));
}

async function lockChanges(tx: SqlExecutor, installId: bigint, rows: readonly LockedOrder[]): Promise<Map<string, ExistingChange[]>> {
  const changes = await tx.query<{
    id: bigint;
    order_id: string;
    line_id: string | null;
    inventory_item_id: string | null;
    location_id: string | null;
    delta: number;
    state: ExistingChange["state"];
    reason: string | null;
    outcome_unknown: boolean;
  }>(
    prepared(`SELECT id, order_id, line_id, inventory_item_id, location_id, delta, state, reason, outcome_unknown FROM changes
     WHERE install_id = $1 AND order_id = ANY($2) ORDER BY id FOR UPDATE`),
    installId,
    rows.map((row) => row.order_id),
  );
  const byOrder = new Map<string, ExistingChange[]>();
  for (const row of changes) {
    const list = byOrder.get(row.order_id) ?? [];
    list.push({
      id: String(row.id),
      lineId: row.line_id,
      inventoryItemId: row.inventory_item_id,
      locationId: row.location_id,
      delta: row.delta,
      state: row.state,
      reason: row.reason,
      outcomeUnknown: row.outcome_unknown,
    });
    byOrder.set(row.order_id, list);
  }
  return byOrder;
}

async function cancelChanges(tx: SqlExecutor, decided: readonly Decided[]): Promise<number> {
  const ids = decided.flatMap(({ decision }) => decision.derivation.cancel.map(BigInt));
  if (ids.length === 0) return 0;
  return tx.execute(
    `WITH cancelled AS (
       UPDATE changes SET state = 'cancelled', reason = 'overtaken', finished_at = now() WHERE id = ANY($1)
       RETURNING id, install_id, shop, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta)
     SELECT install_id, shop, 'change_cancelled', 'holdfast', id, order_id, webhook_id, trace_id, inventory_item_id, location_id, quantity_name, delta FROM cancelled`,
    ids,
  );
}

async function insertChanges(tx: SqlExecutor, installId: bigint, decided: readonly Decided[]): Promise<void> {
  const rows = decided.flatMap((entry) => entry.decision.derivation.create.map((change) => ({ ...entry, change })));
  if (rows.length === 0) return;
  await tx.execute(
    prepared(`WITH created AS (
       INSERT INTO changes (install_id, shop, effect_key, cause, order_id, order_name, line_id, variant_id, sku, title, inventory_item_id,
         location_id, delta, source_key, state, reason, settings_version, webhook_id, trace_id, accepted_at)
       SELECT installs.id, installs.shop, ${LIFE} || c.effect_key, c.cause, c.order_id, c.order_name, c.line_id, c.variant_id, c.sku, c.title,
         c.inventory_item_id, c.location_id, c.delta, c.source_key, c.state, c.reason, c.settings_version, c.webhook_id, c.trace_id, c.accepted_at
       FROM installs,
         unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
           $12::int[], $13::text[], $14::text[], $15::text[], $16::int[], $17::text[], $18::text[], $19::timestamptz[])
           AS c(effect_key, cause, order_id, order_name, line_id, variant_id, sku, title, inventory_item_id, location_id, delta, source_key, state, reason,
             settings_version, webhook_id, trace_id, accepted_at)
       WHERE installs.id = $1
       -- An effect that exists already is not made a second time.
       ON CONFLICT (shop, effect_key) DO NOTHING
       RETURNING *)
     INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, order_id, webhook_id, trace_id, detail)
     SELECT install_id, shop, 'change_parked', 'holdfast', id, order_id, webhook_id, trace_id, jsonb_build_object('reason', reason)
     FROM created WHERE state = 'parked'`),
    installId,
    rows.map(({ row, change }) => effectKey(row.order_id, change)),
    rows.map(({ change }) => change.cause),
    rows.map(({ row }) => row.order_id),
    rows.map(({ row }) => row.name),
    rows.map(({ change }) => change.lineId),
    rows.map(({ change }) => change.variantId),
    rows.map(({ change }) => change.sku),
    rows.map(({ change }) => change.title),
    rows.map(({ change }) => change.inventoryItemId),
    rows.map(({ change }) => change.locationId),
    rows.map(({ change }) => change.delta),
    rows.map(({ decision }) => decision.sourceKey),
    rows.map(({ change }) => change.state),
    rows.map(({ change }) => change.reason),
    rows.map(({ decision }) => decision.settingsVersion),
    rows.map(({ row }) => row.webhook_id),
    rows.map(({ row }) => row.trace_id ?? ""),
    rows.map(({ row }) => row.accepted_at),
  );
}

async function updateOrders(tx: SqlExecutor, decided: readonly Decided[]): Promise<void> {
  const next = (entry: Decided) => entry.decision.next;
  await tx.execute(
    prepared(`UPDATE orders SET pins = m.pins::jsonb, mode = m.mode, mode_reason = coalesce(m.mode_reason, orders.mode_reason),
       settings_version = m.settings_version, state = m.state, state_reason = m.state_reason, due_at = coalesce(m.due_at, orders.due_at), derived_at = now()
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::timestamptz[])
       AS m(id, pins, mode, mode_reason, settings_version, state, state_reason, due_at)
     WHERE orders.id = m.id`),
    decided.map(({ row }) => row.id),
    decided.map(({ decision }) => JSON.stringify(decision.derivation.pins)),
    decided.map(({ decision }) => decision.mode),
    decided.map(({ decision }) => decision.modeReason),
    decided.map(({ decision }) => decision.settingsVersion),
    decided.map((entry) => next(entry).kind),
    decided.map((entry) => {
      const value = next(entry);
      return value.kind === "due" ? value.reason : null;
    }),
    decided.map((entry) => {
      const value = next(entry);
      return value.kind === "due" ? value.dueAt : null;
    }),
  );
}

/** Each order counts once for its source: at the derivation that pins its mode. */
async function countSources(tx: SqlExecutor, installId: bigint, decided: readonly Decided[]): Promise<void> {
  const counts = new Map<string, number>();
  for (const { order, decision } of decided) {
    if (order.mode === null && decision.mode !== null) counts.set(decision.sourceKey, (counts.get(decision.sourceKey) ?? 0) + 1);
  }
  if (counts.size === 0) return;
  const keys = [...counts.keys()].toSorted();
  await tx.execute(
    prepared(`INSERT INTO order_sources (install_id, source_key, order_count) SELECT $1, s.* FROM unnest($2::text[], $3::int[]) AS s
     ON CONFLICT (install_id, source_key) DO UPDATE SET order_count = order_sources.order_count + excluded.order_count, last_seen_at = now()`),
    installId,
    keys,
    keys.map((key) => counts.get(key) ?? 0),
  );
}

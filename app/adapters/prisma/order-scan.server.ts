// The back-fill's book on PostgreSQL: how far each shop was looked through, what looks missed, and the transaction that feeds it in.

import { looksMissed, missedKind } from "#app/domain/missed-order.ts";
import { EMPTY_ORDER, mergeRead, observe, type OrderState } from "#app/domain/order-state.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { FedOrder, FeedRequest, MissedOrders, OrderScan, OrderScanBook, ScanPosition } from "#app/ports/order-scan.ts";
import { lockOrMakeOrders, type OrderToMerge, SET_TIE } from "./order-shells.ts";
import { type PendingDelivery, toObservation } from "./pending-delivery.ts";

export function createOrderScanBook(database: Database): OrderScanBook {
  return {
    async takeDue(limit, leaseMs) {
      await database.execute(BEGIN_NEW);
      const rows = await database.query<ScanRow>(TAKE_DUE, limit, leaseMs);
      return rows.map(toScan);
    },
    async find(shop) {
      await database.execute(BEGIN_NEW);
      const [row] = await database.query<ScanRow>(`SELECT ${SCAN_COLUMNS} FROM order_scans JOIN installs ON installs.id = order_scans.install_id WHERE installs.shop = $1 AND installs.state = 'active'`, shop);
      return row ? toScan(row) : null;
    },
    async suspects(installId, listed) {
      const known = await statesWithPending(database, installId, listed.map((order) => order.orderId));
      return listed.flatMap((order) => {
        const state = known.get(order.orderId) ?? EMPTY_ORDER;
        return looksMissed(state, order) ? [{ orderId: order.orderId, questionCount: state.questionCount }] : [];
      });
    },
    async weigh(installId, orders) {
      const known = await statesWithPending(database, installId, orders.map((order) => order.orderId));
      return missedOf(orders.map((order) => merge(order, known.get(order.orderId) ?? EMPTY_ORDER)));
    },
    feed: (installId, request) => database.transaction((tx) => feed(tx, installId, request)),
    async dropCursor(installId) {
      await database.execute(`UPDATE order_scans SET pass_cursor = NULL WHERE install_id = $1`, installId);
    },
    async release(installId, dueInMs) {
      await database.execute(
        `UPDATE order_scans SET taken_until = NULL, due_at = now() + $2 * interval '1 millisecond' WHERE install_id = $1`,
        installId,
        dueInMs,
      );
    },
  };
}

interface ScanRow {
  install_id: bigint;
  shop: string;
  installed_at: Date;
  watermark: Date;
  pass_from: Date | null;
  pass_until: Date | null;
  pass_cursor: string | null;
  pass_long: boolean;
  long_look_at: Date | null;
}

const SCAN_COLUMNS = "order_scans.install_id, shop, installed_at, watermark, pass_from, pass_until, pass_cursor, pass_long, long_look_at";

/** Looked through from the second of the install on: what is older is left alone. */
const BEGIN_NEW = `
INSERT INTO order_scans (install_id, watermark)
SELECT id, date_trunc('second', installed_at) FROM installs
WHERE state = 'active' AND NOT EXISTS (SELECT 1 FROM order_scans WHERE install_id = installs.id)
ON CONFLICT (install_id) DO NOTHING`;

const TAKE_DUE = `
UPDATE order_scans SET taken_until = now() + $2 * interval '1 millisecond' FROM installs
WHERE installs.id = order_scans.install_id AND installs.state = 'active' AND order_scans.install_id IN (
  SELECT scans.install_id FROM order_scans AS scans JOIN installs ON installs.id = scans.install_id
  WHERE installs.state = 'active' AND scans.due_at <= now() AND (scans.taken_until IS NULL OR scans.taken_until <= now())
  ORDER BY scans.due_at, scans.install_id LIMIT $1 FOR UPDATE OF scans SKIP LOCKED)
RETURNING ${SCAN_COLUMNS}`;

function toScan(row: ScanRow): OrderScan {
  const { pass_from: from, pass_until: until } = row;
  return {
    installId: row.install_id,
    shop: row.shop,
    installedAt: row.installed_at,
    watermark: row.watermark,
    pass: from && until ? { from, until, cursor: row.pass_cursor, long: row.pass_long } : null,
    longLookAt: row.long_look_at,
  };
}

/** The states that the orders will have once what is pending was absorbed. Orders that nobody has told us of are left out. */
async function statesWithPending(database: SqlExecutor, installId: bigint, orderIds: readonly string[]): Promise<Map<string, OrderState>> {
  const states = new Map<string, OrderState>();
  if (orderIds.length === 0) return states;
  // Deliveries first: one that is absorbed between the two looks is then seen twice, never missed, and merging it twice changes nothing.
  const pending = await database.query<Pick<PendingDelivery, "order_id" | "event_id" | "payload" | "triggered_at">>(
    `SELECT order_id, event_id, payload, to_char(triggered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS triggered_at
     FROM deliveries WHERE install_id = $1 AND order_id = ANY($2) AND state = 'pending' ORDER BY id`,
    installId,
    orderIds,
  );
  const rows = await database.query<{ order_id: string; snapshot: OrderState }>(`SELECT order_id, snapshot FROM orders WHERE install_id = $1 AND order_id = ANY($2)`, installId, orderIds);
  for (const row of rows) states.set(row.order_id, row.snapshot);
  for (const delivery of pending) {
    const seen = toObservation(delivery);
    if (seen && delivery.order_id !== null) states.set(delivery.order_id, observe(states.get(delivery.order_id) ?? EMPTY_ORDER, seen));
  }
  return states;
}

interface Merged {
  readonly orderId: string;
  readonly state: OrderState;
  readonly kind: ReturnType<typeof missedKind>;
}

function merge({ orderId, version, questionCount }: FedOrder, before: OrderState): Merged {
  const state = mergeRead(before, version, questionCount);
  return { orderId, state, kind: missedKind(before, state) };
}

function missedOf(merged: readonly Merged[]): MissedOrders {
  const of = (kind: Merged["kind"]) => merged.filter((order) => order.kind === kind).map((order) => order.orderId);
  return { unseen: of("unseen"), changed: of("changed") };
}

/** Found, counted and moved past together: a process that dies before the commit finds it all again, one that dies after it nothing. */
async function feed(tx: SqlExecutor, installId: bigint, request: FeedRequest): Promise<MissedOrders> {
  const byId = new Map(request.orders.map((order) => [order.orderId, order]));
  const rows = byId.size === 0 ? [] : await lockOrMakeOrders(tx, installId, [...byId.keys()]);
  const merged = rows.flatMap((row) => {
    const order = byId.get(row.order_id);
    return order ? [{ row, ...merge(order, row.snapshot) }] : [];
  });
  await writeFed(tx, merged, request.traceId);
  const missed = missedOf(merged);
  if (missed.unseen.length + missed.changed.length > 0) await writeAudit(tx, installId, request, missed);
  if (request.position) await moveOn(tx, installId, request.position, request.longLookAt);
  return missed;
}

/** News makes the order due, with the back-fill as its cause; of the others only what is known becomes newer. */
async function writeFed(tx: SqlExecutor, merged: readonly (Merged & { row: OrderToMerge })[], traceId: string): Promise<void> {
  if (merged.length === 0) return;
  await tx.execute(
    `UPDATE orders SET snapshot = m.snapshot, detect_at = now(), name = coalesce(m.name, orders.name), source_name = coalesce(m.source_name, orders.source_name),
       app_id = coalesce(m.app_id, orders.app_id), ordered_at = coalesce(m.ordered_at::timestamptz, orders.ordered_at),
       state = CASE WHEN m.news THEN 'due' ELSE orders.state END, state_reason = CASE WHEN m.news THEN NULL ELSE orders.state_reason END,
       due_at = CASE WHEN m.news THEN now() ELSE orders.due_at END, missed_at = CASE WHEN m.news THEN now() ELSE orders.missed_at END,
       trace_id = CASE WHEN m.cause THEN $9 ELSE orders.trace_id END, webhook_id = CASE WHEN m.cause THEN NULL ELSE orders.webhook_id END,
       accepted_at = CASE WHEN m.cause THEN now() ELSE orders.accepted_at END, ${SET_TIE}
     FROM (SELECT id, snapshot::jsonb, news, cause, name, source_name, app_id, ordered_at
           FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[])
             AS u(id, snapshot, news, cause, name, source_name, app_id, ordered_at)) AS m
     WHERE orders.id = m.id`,
    merged.map(({ row }) => row.id),
    merged.map(({ state }) => JSON.stringify(state)),
    merged.map(({ kind }) => kind !== null),
    // A delivery that was absorbed and not derived yet stays the cause of what will be.
    merged.map(({ kind, row }) => kind !== null && !(row.state === "due" && row.trace_id !== null)),
    merged.map(({ state }) => state.version?.name ?? null),
    merged.map(({ state }) => state.version?.sourceName ?? null),
    merged.map(({ state }) => state.version?.appId ?? null),
    merged.map(({ state }) => state.version?.createdAt ?? null),
    traceId,
  );
}

async function writeAudit(tx: SqlExecutor, installId: bigint, { traceId, actor }: FeedRequest, missed: MissedOrders): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, trace_id, detail)
     SELECT id, shop, 'missed_orders_found', $2, $3, $4::jsonb FROM installs WHERE id = $1`,
    installId,
    actor,
    traceId,
    JSON.stringify({ unseenCount: missed.unseen.length, changedCount: missed.changed.length, unseen: missed.unseen, changed: missed.changed }),
  );
}

/** The watermark never moves back: of two scans of one shop the one that is behind only looks again at what the other has done. */
async function moveOn(tx: SqlExecutor, installId: bigint, { watermark, pass }: ScanPosition, longLookAt: Date | null): Promise<void> {
  await tx.execute(
    `UPDATE order_scans SET watermark = greatest(watermark, $2::timestamptz), pass_from = $3::timestamptz, pass_until = $4::timestamptz,
       pass_cursor = $5, pass_long = $6,
       passed_at = CASE WHEN $3::timestamptz IS NULL THEN now() ELSE passed_at END,
       long_look_at = coalesce($7::timestamptz, long_look_at)
     WHERE install_id = $1`,
    installId,
    watermark,
    pass?.from ?? null,
    pass?.until ?? null,
    pass?.cursor ?? null,
    pass?.long ?? false,
    longLookAt,
  );
}

// Writes what was decided of an item's oversells: opens, changes, closes; each with its alert, in the caller's transaction.

import type { AlertEvent, AlertStage } from "#app/domain/alert-event.ts";
import type { OversellKind } from "#app/domain/detection/find-oversells.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { CloseReason, ItemDecision, ItemToSettle, OversellOrder, OversellReport, SettledOversell } from "#app/ports/stock-watch.ts";
import { raiseAlerts, type StockNameRow, stockFacts } from "./raise-alert.ts";

interface WrittenRow extends StockNameRow {
  id: bigint;
  location_id: string;
  kind: OversellKind;
  depth: number;
  short: number;
  orders: OversellOrder[];
  is_new: boolean;
  depth_before: number | null;
  orders_before: OversellOrder[] | null;
  alerts_before: number;
}

export async function writeDecision(tx: SqlExecutor, item: ItemToSettle, decision: ItemDecision): Promise<SettledOversell[]> {
  const written = await writeReports(tx, item, decision.report);
  const closed = await close(tx, item, decision.close);
  const changed = written.filter((row) => !row.is_new && tellsMore(row));
  const events = [
    ...written.filter((row) => row.is_new).map((row) => toAlert(item, row, "opened", {})),
    ...changed.map((row) => toAlert(item, row, `changed:${row.alerts_before + 1}`, {})),
    ...closed.map((row) => toAlert(item, row, "closed", { reason: row.close_reason })),
  ];
  await raiseAlerts(tx, events);
  return [
    ...written.map((row): SettledOversell => ({ id: row.id, locationId: row.location_id, kind: row.kind, what: row.is_new ? "opened" : "changed" })),
    ...closed.map((row): SettledOversell => ({ id: row.id, locationId: row.location_id, kind: row.kind, what: "closed" })),
  ];
}

/** A person is told again only of more units missing or other orders left short, not of every number that moved. */
function tellsMore(row: WrittenRow): boolean {
  return row.depth > (row.depth_before ?? 0) || shortOf(row.orders) !== shortOf(row.orders_before ?? []);
}

function shortOf(orders: readonly OversellOrder[]): string {
  return orders
    .filter(({ unitsShort }) => unitsShort > 0)
    .map(({ orderId, lineId, unitsShort }) => `${orderId}/${lineId}/${unitsShort}`)
    .toSorted()
    .join();
}

/** Rows of which nothing changed are not written, and not answered. */
async function writeReports(tx: SqlExecutor, item: ItemToSettle, reports: readonly OversellReport[]): Promise<WrittenRow[]> {
  if (reports.length === 0) return [];
  return tx.query<WrittenRow>(
    `WITH named AS (SELECT variant_id, sku, title FROM variants WHERE install_id = $1 AND inventory_item_id = $3 ORDER BY read_at DESC LIMIT 1),
     before AS (SELECT id, depth, orders FROM oversells WHERE install_id = $1 AND inventory_item_id = $3 AND state = 'open'),
     written AS (
     INSERT INTO oversells (install_id, shop, inventory_item_id, variant_id, sku, title, location_id, location_name, kind, depth, short, available, pending, hidden, movable,
       orders, policy, cause, confidence, evidence, seen_by)
     SELECT $1, $2, $3, n.variant_id, n.sku, n.title, r.location_id, l.name, r.kind, r.depth, r.short, (r.evidence::jsonb->>'available')::int,
       (r.evidence::jsonb->>'pending')::int, (r.evidence::jsonb->>'hidden')::int, r.movable::jsonb, r.orders::jsonb, r.policy, r.cause, r.confidence, r.evidence::jsonb,
       coalesce(CASE WHEN s.source = 'inventory_levels/update' THEN 'notification' ELSE s.source END, 'notification')
     FROM unnest($4::text[], $5::text[], $6::int[], $7::int[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
       AS r(location_id, kind, depth, short, movable, orders, policy, cause, confidence, evidence)
     LEFT JOIN named n ON true LEFT JOIN locations l ON l.install_id = $1 AND l.location_id = r.location_id
     LEFT JOIN stock_levels s ON s.install_id = $1 AND s.inventory_item_id = $3 AND s.location_id = r.location_id
     ORDER BY r.location_id
     ON CONFLICT (install_id, inventory_item_id, location_id) WHERE state = 'open' DO UPDATE SET kind = excluded.kind, depth = excluded.depth, short = excluded.short,
       available = excluded.available, pending = excluded.pending, hidden = excluded.hidden, movable = excluded.movable, orders = excluded.orders, policy = excluded.policy,
       cause = excluded.cause, confidence = excluded.confidence, evidence = excluded.evidence, variant_id = coalesce(excluded.variant_id, oversells.variant_id),
       sku = coalesce(excluded.sku, oversells.sku), title = coalesce(excluded.title, oversells.title), location_name = coalesce(excluded.location_name, oversells.location_name),
       updated_at = now()
     WHERE (oversells.kind, oversells.depth, oversells.short, oversells.available, oversells.pending, oversells.hidden, oversells.movable, oversells.orders, oversells.policy)
       IS DISTINCT FROM (excluded.kind, excluded.depth, excluded.short, excluded.available, excluded.pending, excluded.hidden, excluded.movable, excluded.orders, excluded.policy)
     RETURNING *, (xmax = 0) AS is_new)
     SELECT written.id, written.location_id, written.kind, written.depth, written.short, written.variant_id, written.sku, written.title, written.location_name, written.orders,
       written.is_new, before.depth AS depth_before, before.orders AS orders_before,
       (SELECT count(*)::int FROM alert_events a WHERE a.install_id = $1 AND a.kind = 'oversell' AND a.subject = written.id::text AND a.stage LIKE 'changed:%') AS alerts_before
     FROM written LEFT JOIN before ON before.id = written.id ORDER BY written.location_id`,
    item.installId,
    item.shop,
    item.inventoryItemId,
    reports.map((report) => report.locationId),
    reports.map((report) => report.kind),
    reports.map((report) => report.depth),
    reports.map((report) => report.short),
    reports.map((report) => JSON.stringify(report.movable)),
    reports.map((report) => JSON.stringify(report.orders)),
    reports.map((report) => report.policy),
    reports.map((report) => report.cause),
    reports.map((report) => report.confidence),
    reports.map((report) => JSON.stringify(report.evidence)),
  );
}

type ClosedRow = Omit<WrittenRow, "is_new" | "depth_before" | "orders_before" | "alerts_before"> & { close_reason: string };

async function close(tx: SqlExecutor, item: ItemToSettle, closings: readonly { readonly locationId: string; readonly reason: CloseReason }[]): Promise<ClosedRow[]> {
  if (closings.length === 0) return [];
  return tx.query<ClosedRow>(
    `UPDATE oversells SET state = 'closed', closed_at = now(), updated_at = now(), close_reason = c.reason
     FROM unnest($3::text[], $4::text[]) AS c(location_id, reason)
     WHERE oversells.install_id = $1 AND oversells.inventory_item_id = $2 AND oversells.location_id = c.location_id AND oversells.state = 'open'
     RETURNING oversells.id, oversells.location_id, kind, depth, short, variant_id, sku, title, location_name, orders, close_reason`,
    item.installId,
    item.inventoryItemId,
    closings.map(({ locationId }) => locationId),
    closings.map(({ reason }) => reason),
  );
}

function toAlert(item: ItemToSettle, row: Omit<ClosedRow, "close_reason">, stage: AlertStage, detail: AlertEvent["facts"]["detail"]): AlertEvent {
  return {
    installId: item.installId,
    shop: item.shop,
    kind: "oversell",
    subject: String(row.id),
    stage,
    facts: {
      ...stockFacts(row, { inventoryItemId: item.inventoryItemId, locationId: row.location_id }),
      depth: row.depth,
      orders: row.orders.filter(({ unitsShort }) => unitsShort > 0).map(({ orderId, name, unitsShort }) => ({ orderId, name, units: unitsShort })),
      detail: { kind: row.kind, short: row.short, ...detail },
    },
  };
}

// Writes alert events in the transaction of the incident they tell of: an incident and its alert are durable together or not at all.

import { ALERT_ORDERS_MAX, type AlertEvent, type AlertFacts } from "#app/domain/alert-event.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";

/** What people call a stock, as a row has it. */
export interface StockNameRow {
  readonly title: string | null;
  readonly variant_id: string | null;
  readonly sku: string | null;
  readonly location_name: string | null;
}

/** Which stock an alert is about. */
export function stockFacts(row: StockNameRow, { inventoryItemId, locationId }: StockPlace): Pick<AlertFacts, "title" | "variantId" | "sku" | "inventoryItemId" | "locationId" | "locationName"> {
  return { title: row.title, variantId: row.variant_id, sku: row.sku, inventoryItemId, locationId, locationName: row.location_name };
}

/** Each stage of an incident is told once: raising it again changes nothing. Answers whether it was news. */
export async function raiseAlert(tx: SqlExecutor, event: AlertEvent): Promise<boolean> {
  return (await raiseAlerts(tx, [event])) === 1;
}

/** Many at once, sorted, so that two who raise the same ones queue instead of meeting crosswise. Answers how many were news. */
export async function raiseAlerts(tx: SqlExecutor, events: readonly AlertEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  const sorted = events.toSorted((a, b) => compare(a.installId, b.installId) || compare(a.kind, b.kind) || compare(a.subject, b.subject) || compare(a.stage, b.stage));
  return tx.execute(
    `INSERT INTO alert_events (install_id, shop, kind, subject, stage, facts)
     SELECT e.install_id, e.shop, e.kind, e.subject, e.stage, e.facts::jsonb
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS e(install_id, shop, kind, subject, stage, facts)
     ON CONFLICT (install_id, kind, subject, stage) DO NOTHING`,
    sorted.map((event) => event.installId),
    sorted.map((event) => event.shop),
    sorted.map((event) => event.kind),
    sorted.map((event) => event.subject),
    sorted.map((event) => event.stage),
    sorted.map((event) => JSON.stringify({ ...event.facts, orders: event.facts.orders.slice(0, ALERT_ORDERS_MAX), orderCount: event.facts.orders.length })),
  );
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

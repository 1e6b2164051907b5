// Read model of one oversell's page: the incident, what is known of its orders now, where units could come from, the overwrites behind it.

import type { Database } from "#app/ports/database.ts";

import type { OversellRow } from "./list-oversells.server.ts";
import { STOCK_NAME_COLUMNS_SQL, STOCK_NAME_JOINS_SQL } from "./stock-names.ts";

export interface OversellIncident extends Omit<OversellRow, "evidence" | "holds"> {
  /** Counts; see `toReport` of app/detection/decide-oversells.ts. */
  readonly evidence: Readonly<Partial<Record<"putBack" | "takenAway" | "unknownChanges" | "uncovered" | "orderCount", number>>>;
}

/** Null when the install has no such incident. */
export async function findOversell(database: Database, installId: bigint, oversellId: bigint): Promise<OversellIncident | null> {
  const [row] = await database.query<OversellIncident>(
    `SELECT ${STOCK_NAME_COLUMNS_SQL("o")}, o.id, o.kind, o.state, o.variant_id AS "variantId", coalesce(o.sku, stock_variant.sku) AS sku, coalesce(o.title, stock_variant.title) AS title,
       coalesce(o.location_name, stock_place.name) AS "locationName", o.depth, o.short, o.available, o.pending, o.hidden, o.movable, o.orders, o.policy, o.cause, o.confidence, o.evidence,
       o.seen_by AS "seenBy", o.opened_at AS "openedAt", o.updated_at AS "updatedAt", o.closed_at AS "closedAt", o.close_reason AS "closeReason",
       o.handled_at AS "handledAt", o.handled_by AS "handledBy", o.handled_note AS "handledNote"
     FROM oversells o ${STOCK_NAME_JOINS_SQL("o")} WHERE o.install_id = $1 AND o.id = $2`,
    installId,
    oversellId,
  );
  return row ?? null;
}

export interface OrderNow {
  readonly orderId: string;
  /** Units of this item not fulfilled yet, by now. */
  readonly unitsOpen: number;
  readonly heardAt: Date;
  readonly committedAt: Date;
  /** Taken as a component of a bundle. */
  readonly component: boolean;
  /** `name:my-channel`, `app:123`. */
  readonly sourceKey: string | null;
}

export function readOrdersNow(database: Database, installId: bigint, inventoryItemId: string, orderIds: readonly string[]): Promise<OrderNow[]> {
  return database.query<OrderNow>(
    `SELECT order_id AS "orderId", sum(units_open)::int AS "unitsOpen", min(heard_at) AS "heardAt", min(committed_at) AS "committedAt", bool_or(component) AS component, min(source_key) AS "sourceKey"
     FROM order_items WHERE install_id = $1 AND inventory_item_id = $2 AND order_id = ANY($3::text[]) GROUP BY order_id`,
    installId,
    inventoryItemId,
    orderIds,
  );
}

export interface HoldOfOrder {
  readonly orderId: string;
  readonly state: string;
  readonly reason: string | null;
  readonly by: string;
  readonly at: Date;
}

/** Holds asked for because of one oversell; a few an order at most. */
const HOLDS_MAX = 1_000;

export function readHoldsOf(database: Database, installId: bigint, oversellId: bigint): Promise<HoldOfOrder[]> {
  return database.query<HoldOfOrder>(
    `SELECT order_id AS "orderId", state, reason, by, at FROM fulfilment_holds WHERE oversell_id = $2 AND install_id = $1 ORDER BY at LIMIT ${HOLDS_MAX}`,
    installId,
    oversellId,
  );
}

export interface StockHere {
  readonly locationId: string;
  readonly locationName: string | null;
  readonly available: number | null;
}

/** What Shopify has of the item now, at the places that are named. */
export function readStockAt(database: Database, installId: bigint, inventoryItemId: string, locationIds: readonly string[]): Promise<StockHere[]> {
  return database.query<StockHere>(
    `SELECT s.location_id AS "locationId", l.name AS "locationName", s.available FROM stock_levels s LEFT JOIN locations l ON l.install_id = s.install_id AND l.location_id = s.location_id
     WHERE s.install_id = $1 AND s.inventory_item_id = $2 AND s.location_id = ANY($3::text[])`,
    installId,
    inventoryItemId,
    locationIds,
  );
}

export interface OverwriteHere {
  readonly id: bigint;
  readonly at: Date;
  readonly valueBefore: number;
  readonly valueWritten: number;
  readonly unitsAtRisk: number;
  readonly state: string;
}

const OVERWRITES_MAX = 20;

/** Overwrites of the stock in a span, the latest; those that were explained later are none. */
export async function readOverwritesOf(
  database: Database,
  { installId, inventoryItemId, locationId, from, until }: { readonly installId: bigint; readonly inventoryItemId: string; readonly locationId: string; readonly from: Date; readonly until: Date },
): Promise<OverwriteHere[]> {
  const rows = await database.query<OverwriteHere>(
    `SELECT id, at, value_before AS "valueBefore", value_written AS "valueWritten", units_at_risk AS "unitsAtRisk", state FROM conflicts
     WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND at >= $4::timestamptz AND at <= $5::timestamptz AND state <> 'explained' ORDER BY at DESC LIMIT ${OVERWRITES_MAX}`,
    installId,
    inventoryItemId,
    locationId,
    from,
    until,
  );
  return rows.toReversed();
}

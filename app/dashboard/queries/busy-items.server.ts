// Read models of busy items: hours of waits by cause, of the whole shop or of one item, and the items most waited for.

import { addHistograms, type ContentionCause, EMPTY_HISTOGRAM, type Histogram } from "#app/domain/contention.ts";
import type { Database } from "#app/ports/database.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import { STOCK_NAME_COLUMNS_SQL, STOCK_NAME_JOINS_SQL } from "./stock-names.ts";

export interface NamedStock extends StockPlace {
  readonly locationName: string | null;
  readonly sku: string | null;
  readonly title: string | null;
}

export interface BusyHour {
  readonly hour: Date;
  readonly cause: ContentionCause;
  readonly waits: number;
  readonly waitMsMax: number;
  readonly waitCounts: readonly number[];
  readonly holdMsMax: number;
  readonly lost: number;
}

/** Under these ids stands the sum over all items, so that the shop's hours are as few rows as one item's. */
const ALL_ITEMS: StockPlace = { inventoryItemId: "", locationId: "" };

/** Hours without waits have no row. `place` null: all items together. */
export function readBusyHours(database: Database, { installId, since, place }: { readonly installId: bigint; readonly since: Date; readonly place: StockPlace | null }): Promise<BusyHour[]> {
  const { inventoryItemId, locationId } = place ?? ALL_ITEMS;
  return database.query<BusyHour>(
    `SELECT hour, cause, waits, wait_ms_max AS "waitMsMax", wait_counts AS "waitCounts", hold_ms_max AS "holdMsMax", lost
     FROM contention_hours WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND hour >= $4 ORDER BY hour, cause`,
    installId,
    inventoryItemId,
    locationId,
    since,
  );
}

export interface BusyItem extends NamedStock {
  readonly waits: number;
  readonly waitMsMax: number;
  readonly waitCounts: readonly number[];
  readonly holdMsMax: number;
  readonly lost: number;
  /** Those that waited for it, the most first. */
  readonly causes: readonly ContentionCause[];
}

export const BUSY_ITEMS_MAX = 20;

interface HotRow extends NamedStock {
  readonly cause: ContentionCause;
  readonly waits: number;
  readonly waitMsMax: number;
  readonly waitCounts: readonly number[];
  readonly holdMsMax: number;
  readonly lost: number;
}

/** A row is an hour of one item and cause in which somebody waited: some thousands a week. Each histogram is added up place by place: taking arrays apart costs ten times as much. */
export async function readBusyItems(database: Database, installId: bigint, since: Date): Promise<BusyItem[]> {
  const rows = await database.query<HotRow>(
    `WITH hot AS (
       SELECT install_id, inventory_item_id, location_id, sum(waits)::int AS waits, sum(lost)::int AS lost
       FROM contention_hours WHERE install_id = $1 AND hour >= $2 AND inventory_item_id <> ''
       GROUP BY 1, 2, 3 ORDER BY waits DESC, lost DESC, inventory_item_id, location_id LIMIT ${BUSY_ITEMS_MAX})
     SELECT ${STOCK_NAME_COLUMNS_SQL("hot")}, by_cause.*
     FROM hot ${STOCK_NAME_JOINS_SQL("hot")}
     CROSS JOIN LATERAL (
       SELECT h.cause, sum(h.waits)::int AS waits, max(h.wait_ms_max) AS "waitMsMax", max(h.hold_ms_max) AS "holdMsMax", sum(h.lost)::int AS lost,
         ARRAY[${EMPTY_HISTOGRAM.map((_, place) => `sum(h.wait_counts[${place + 1}])`).join(", ")}]::int[] AS "waitCounts"
       FROM contention_hours h
       WHERE h.install_id = hot.install_id AND h.inventory_item_id = hot.inventory_item_id AND h.location_id = hot.location_id AND h.hour >= $2 GROUP BY 1) by_cause
     ORDER BY hot.waits DESC, hot.lost DESC, hot.inventory_item_id, hot.location_id, by_cause.waits DESC, by_cause.cause`,
    installId,
    since,
  );
  return [...Map.groupBy(rows, ({ inventoryItemId, locationId }) => `${inventoryItemId}@${locationId}`).values()].flatMap(([first, ...others]) => (first === undefined ? [] : together(first, others)));
}

/** The causes of one item added up. */
function together(first: HotRow, others: readonly HotRow[]): BusyItem {
  const rows = [first, ...others];
  const { inventoryItemId, locationId, locationName, sku, title } = first;
  return {
    inventoryItemId,
    locationId,
    locationName,
    sku,
    title,
    waits: rows.reduce((sum, { waits }) => sum + waits, 0),
    waitMsMax: Math.max(...rows.map(({ waitMsMax }) => waitMsMax)),
    waitCounts: rows.reduce<Histogram>((sum, { waitCounts }) => addHistograms(sum, waitCounts), EMPTY_HISTOGRAM),
    holdMsMax: Math.max(...rows.map(({ holdMsMax }) => holdMsMax)),
    lost: rows.reduce((sum, { lost }) => sum + lost, 0),
    causes: rows.map(({ cause }) => cause),
  };
}

/** In no order. Ids that nothing is known of have no names. */
export function readStockNames(database: Database, installId: bigint, places: readonly StockPlace[]): Promise<NamedStock[]> {
  if (places.length === 0) return Promise.resolve([]);
  return database.query<NamedStock>(
    `SELECT ${STOCK_NAME_COLUMNS_SQL("asked")} FROM (
       SELECT $1::bigint AS install_id, p.item AS inventory_item_id, p.location AS location_id FROM unnest($2::text[], $3::text[]) AS p(item, location)) asked
     ${STOCK_NAME_JOINS_SQL("asked")}`,
    installId,
    places.map(({ inventoryItemId }) => inventoryItemId),
    places.map(({ locationId }) => locationId),
  );
}

/** Whether this install ever had to do with the stock; another shop's is none of it. */
export async function knowsStock(database: Database, installId: bigint, { inventoryItemId, locationId }: StockPlace): Promise<boolean> {
  const [row] = await database.query<{ known: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3)
         OR EXISTS (SELECT 1 FROM contention_hours WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3) AS known`,
    installId,
    inventoryItemId,
    locationId,
  );
  return row?.known ?? false;
}

/** Whether anything was ever waited for: an empty page says what a busy item is. */
export async function everWaited(database: Database, installId: bigint): Promise<boolean> {
  const [row] = await database.query<{ ever: boolean }>(`SELECT EXISTS (SELECT 1 FROM contention_hours WHERE install_id = $1) AS ever`, installId);
  return row?.ever ?? false;
}

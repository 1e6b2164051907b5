// Read model of stock that is put aside for checkouts, one row an item at a location, by keyset in the order of their ids.

import type { Database } from "#app/ports/database.ts";
import { STOCK_NAME_COLUMNS_SQL, STOCK_NAME_JOINS_SQL } from "./stock-names.ts";
import { type KeysetPage, type PageRequest, toPageBy } from "./keyset-page.ts";

export interface HeldStockRow {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly locationName: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  /** Units; see docs/reference/reservations.md, "What a block counts". */
  readonly held: number;
  readonly granted: number;
  readonly settling: number;
  readonly leaving: number;
  readonly growing: number;
  /** When the next of its holds lapses, as far as it is among the next `NEXT_TO_LAPSE_MAX` of the shop. */
  readonly nextLapseAt: Date | null;
}

export interface HeldStockCursor {
  readonly inventoryItemId: string;
  readonly locationId: string;
}

/** Holds that are looked at for the next end: more of them are active only in a rush, and then those at the end of the queue say nothing new. */
const NEXT_TO_LAPSE_MAX = 5_000;
const CURSOR_PATTERN = /^s([0-9]{1,20})@([0-9]{1,20})$/;
const CURSOR_LENGTH_MAX = 64;

export function encodeHeldStockCursor({ inventoryItemId, locationId }: HeldStockCursor): string {
  return Buffer.from(`s${inventoryItemId}@${locationId}`, "latin1").toString("base64url");
}

/** Null when the text is none of ours. */
export function decodeHeldStockCursor(cursor: string): HeldStockCursor | null {
  if (cursor.length > CURSOR_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const [, inventoryItemId, locationId] = CURSOR_PATTERN.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  return inventoryItemId === undefined || locationId === undefined ? null : { inventoryItemId, locationId };
}

/**
 * Only stock of which something is put aside. No index says so, on purpose: one over the counters would be written with every grant, and a
 * walk over the blocks of one install is paid by whoever opens the page.
 */
export async function listHeldStock(database: Database, { installId, page }: { readonly installId: bigint; readonly page: PageRequest<HeldStockCursor> }): Promise<KeysetPage<HeldStockRow>> {
  const direction = page.direction === "newer" ? "DESC" : "ASC";
  const [inventoryItemId, locationId] = page.direction === "newest" ? [null, null] : [page.cursor.inventoryItemId, page.cursor.locationId];
  const rows = await database.query<HeldStockRow>(
    `WITH b AS (
       SELECT * FROM stock_blocks WHERE install_id = $1 AND (held <> 0 OR granted > 0 OR settling > 0 OR leaving > 0 OR growing > 0)
         AND ($3::text IS NULL OR (inventory_item_id, location_id) ${page.direction === "newer" ? "<" : ">"} ($3::text, $4::text))
       ORDER BY inventory_item_id ${direction}, location_id ${direction} LIMIT $2::int),
     next AS (SELECT id, expires_at FROM reservations WHERE install_id = $1 AND state = 'active' ORDER BY expires_at LIMIT ${NEXT_TO_LAPSE_MAX}),
     lapses AS (
       SELECT l.inventory_item_id, l.location_id, min(next.expires_at) AS at FROM next JOIN reservation_lines l ON l.reservation_id = next.id WHERE l.counts GROUP BY 1, 2)
     SELECT ${STOCK_NAME_COLUMNS_SQL("b")}, b.held, b.granted, b.settling, b.leaving, b.growing, lapses.at AS "nextLapseAt"
     FROM b LEFT JOIN lapses ON lapses.inventory_item_id = b.inventory_item_id AND lapses.location_id = b.location_id ${STOCK_NAME_JOINS_SQL("b")}
     ORDER BY b.inventory_item_id ${direction}, b.location_id ${direction}`,
    installId,
    page.limit + 1,
    inventoryItemId,
    locationId,
  );
  return toPageBy(rows, page, encodeHeldStockCursor);
}

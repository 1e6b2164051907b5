// One piece of a scan's file against the mirror, in one statement: what is new is taken in, what differs is noted, the rest costs no write.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { ScannedVariant, StockChunk } from "#app/ports/bulk-operations.ts";
import type { ScanHold } from "#app/ports/stock-scan.ts";
import { markForJudgement } from "./stock-news.ts";
import { keepPlace } from "./stock-scans-place.ts";

interface Unequal {
  readonly item: string;
  readonly location: string;
  readonly available: number;
  readonly at: Date;
  readonly fresh: boolean;
  readonly unseen: boolean;
  readonly differs: boolean;
}

export async function compareLevels(tx: SqlExecutor, hold: ScanHold, chunk: StockChunk, lineCount: number, settleMs: number): Promise<boolean> {
  const scan = await keepPlace(tx, hold, lineCount, { levels: chunk.levels.length });
  if (!scan) return false;
  await storeVariants(tx, scan.installId, chunk.variants);
  if (chunk.levels.length === 0) return true;
  await keepNames(tx, hold.scanId, lineCount, chunk);
  const levels = chunk.levels.toSorted((a, b) => (`${a.inventoryItemId}@${a.locationId}` < `${b.inventoryItemId}@${b.locationId}` ? -1 : 1));
  const rows = await tx.query<Unequal>(
    COMPARE,
    scan.installId,
    levels.map((level) => level.inventoryItemId),
    levels.map((level) => level.locationId),
    levels.map((level) => level.available),
    levels.map((level) => level.at ?? scan.beganAt),
    scan.beganAt,
  );
  await takeIn(tx, scan.installId, rows.filter((row) => row.fresh));
  await observe(tx, scan.installId, rows.filter((row) => row.unseen && !row.differs));
  await noteDifferences(tx, scan.installId, hold.scanId, rows.filter((row) => row.differs), settleMs);
  const negative = rows.filter((row) => row.available < 0 && !row.differs);
  await markForJudgement(tx, scan.installId, negative.map(({ item, location, at }) => ({ inventoryItemId: item, locationId: location, at })), 0);
  return true;
}

/** Names only, a row a piece: the mirror itself is not written for what is equal. */
async function keepNames(tx: SqlExecutor, scanId: bigint, lineCount: number, { levels }: StockChunk): Promise<void> {
  await tx.execute(
    `INSERT INTO stock_scan_pieces (scan_id, install_id, operation, line_count, items, locations) SELECT id, install_id, operation_count, $2, $3::text[], $4::text[] FROM stock_scans WHERE id = $1`,
    scanId,
    lineCount,
    levels.map((level) => level.inventoryItemId),
    levels.map((level) => level.locationId),
  );
}

/**
 * After the last piece of a whole file: what is known, and was not named, is no longer stocked there, or its level is gone. EXCEPT is
 * hashed or sorted whatever the planner thinks of the arrays; an anti-join of two long lists might not be.
 */
export async function noteMissing(tx: SqlExecutor, scanId: bigint, settleMs: number): Promise<void> {
  await tx.execute(
    `INSERT INTO stock_scan_candidates (scan_id, install_id, inventory_item_id, location_id, due_at)
     SELECT $1, known.install_id, known.inventory_item_id, known.location_id, now() + $2 * interval '1 millisecond' FROM (
       SELECT l.install_id, l.inventory_item_id, l.location_id FROM stock_scans s JOIN stock_levels l ON l.install_id = s.install_id
       WHERE s.id = $1 AND s.kind = 'stock' AND l.connected AND l.observed_at <= coalesce(s.operation_began_at, s.created_at)
       EXCEPT
       SELECT p.install_id, named.item, named.location FROM stock_scans s JOIN stock_scan_pieces p ON p.scan_id = s.id AND p.operation = s.operation_count,
         unnest(p.items, p.locations) AS named(item, location) WHERE s.id = $1) AS known
     ON CONFLICT (scan_id, inventory_item_id, location_id) DO NOTHING`,
    scanId,
    settleMs,
  );
}

/**
 * A mirror that is newer than the operation and than the number's own last change knows more than the file. What is equal, was seen before
 * and is not negative comes back at all only to be passed over, so it does not come back.
 */
const COMPARE = `
SELECT * FROM (
  SELECT s.item, s.location, s.available, s.at, l.inventory_item_id IS NULL AS fresh,
    NOT EXISTS (SELECT 1 FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = s.item AND o.location_id = s.location) AS unseen,
    l.inventory_item_id IS NOT NULL AND (l.available IS DISTINCT FROM s.available OR NOT l.connected) AND l.observed_at <= greatest(s.at, $6::timestamptz) AS differs
  FROM unnest($2::text[], $3::text[], $4::int[], $5::timestamptz[]) AS s(item, location, available, at)
  LEFT JOIN stock_levels l ON l.install_id = $1 AND l.inventory_item_id = s.item AND l.location_id = s.location) AS compared
WHERE fresh OR unseen OR differs OR available < 0`;

async function takeIn(tx: SqlExecutor, installId: bigint, rows: readonly Unequal[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(
    `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source)
     SELECT $1, l.item, l.location, l.available, l.at, 'scan' FROM unnest($2::text[], $3::text[], $4::int[], $5::timestamptz[]) AS l(item, location, available, at)
     ON CONFLICT (install_id, inventory_item_id, location_id) DO NOTHING`,
    installId,
    ...columns(rows),
  );
}

/** The first thing that is known of a stock: what comes later is a change against it. */
async function observe(tx: SqlExecutor, installId: bigint, rows: readonly Unequal[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(
    `INSERT INTO stock_observations (install_id, inventory_item_id, location_id, available, at, seen_by)
     SELECT $1, l.item, l.location, l.available, l.at, 'scan' FROM unnest($2::text[], $3::text[], $4::int[], $5::timestamptz[]) AS l(item, location, available, at)`,
    installId,
    ...columns(rows),
  );
}

async function noteDifferences(tx: SqlExecutor, installId: bigint, scanId: bigint, rows: readonly Unequal[], settleMs: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(
    `INSERT INTO stock_scan_candidates (scan_id, install_id, inventory_item_id, location_id, due_at)
     SELECT $1, $2, l.item, l.location, now() + $5 * interval '1 millisecond' FROM unnest($3::text[], $4::text[]) AS l(item, location)
     ON CONFLICT (scan_id, inventory_item_id, location_id) DO NOTHING`,
    scanId,
    installId,
    rows.map((row) => row.item),
    rows.map((row) => row.location),
    settleMs,
  );
}

function columns(rows: readonly Unequal[]): [string[], string[], number[], Date[]] {
  return [rows.map((row) => row.item), rows.map((row) => row.location), rows.map((row) => row.available), rows.map((row) => row.at)];
}

/** Only what is news is written: a shop's catalogue is the same from one day to the next. */
async function storeVariants(tx: SqlExecutor, installId: bigint, variants: readonly ScannedVariant[]): Promise<void> {
  if (variants.length === 0) return;
  const sorted = variants.toSorted((a, b) => (a.variantId < b.variantId ? -1 : 1));
  await tx.execute(
    `INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, title, product_title, tracked, inventory_policy, requires_components, missing, read_at)
     SELECT $1, v.*, false, now() FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[], $9::boolean[]) AS v
     ON CONFLICT (install_id, variant_id) DO UPDATE SET inventory_item_id = excluded.inventory_item_id, sku = excluded.sku, title = excluded.title,
       product_title = excluded.product_title, tracked = excluded.tracked, inventory_policy = excluded.inventory_policy,
       requires_components = excluded.requires_components, missing = false, read_at = excluded.read_at
     WHERE (variants.inventory_item_id, variants.sku, variants.title, variants.product_title, variants.tracked, variants.inventory_policy, variants.requires_components, variants.missing)
       IS DISTINCT FROM (excluded.inventory_item_id, excluded.sku, excluded.title, excluded.product_title, excluded.tracked, excluded.inventory_policy, excluded.requires_components, false)`,
    installId,
    sorted.map((variant) => variant.variantId),
    sorted.map((variant) => variant.inventoryItemId),
    sorted.map((variant) => variant.sku),
    sorted.map((variant) => variant.title),
    sorted.map((variant) => variant.productTitle),
    sorted.map((variant) => variant.tracked),
    sorted.map((variant) => variant.policy),
    sorted.map((variant) => variant.requiresComponents),
  );
}

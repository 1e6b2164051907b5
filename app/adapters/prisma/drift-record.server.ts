// Writes a mismatch: Shopify's number into the mirror where it has not moved, its observation and judgement, the drift and its alert, together.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import type { Confirmed, Difference, FoundDrift } from "#app/ports/stock-scan.ts";
import { markForJudgement } from "./stock-news.ts";
import { raiseAlert, type StockNameRow, stockFacts } from "./raise-alert.ts";

export async function recordConfirmed(tx: SqlExecutor, confirmed: Confirmed): Promise<number> {
  const { installId, scanId, seenBy } = confirmed;
  const settled: StockPlace[] = [...confirmed.settled];
  const later: StockPlace[] = [...confirmed.later];
  let written = 0;
  const ordered = confirmed.differences.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const difference of ordered) {
    if (!(await moveMirror(tx, installId, difference, seenBy))) {
      later.push(difference);
      continue;
    }
    settled.push(difference);
    await observe(tx, installId, difference, seenBy);
    // What was never known cannot have been known wrongly.
    if (difference.known === null) continue;
    written += await writeDrift(tx, installId, scanId, difference, difference.shopify, difference.known);
  }
  if (scanId === null) return written;
  await tx.execute(`UPDATE stock_scans SET drift_count = drift_count + $2 WHERE id = $1`, scanId, written);
  await tx.execute(`DELETE FROM stock_scan_candidates WHERE scan_id = $1 AND ${OF_PLACES}`, scanId, ...columns(settled));
  await tx.execute(
    `UPDATE stock_scan_candidates SET looked_count = looked_count + 1, due_at = now() + $4 * interval '1 millisecond' WHERE scan_id = $1 AND ${OF_PLACES}`,
    scanId,
    ...columns(later),
    confirmed.laterMs,
  );
  // An item in constant demand never holds still; that it was not checked is said with the scan.
  await tx.execute(
    `WITH let_go AS (DELETE FROM stock_scan_candidates WHERE scan_id = $1 AND looked_count >= $2 RETURNING 1)
     UPDATE stock_scans SET unsettled_count = unsettled_count + gone.count FROM (SELECT count(*)::int AS count FROM let_go) AS gone WHERE id = $1 AND gone.count > 0`,
    scanId,
    confirmed.looksMax,
  );
  return written;
}

const OF_PLACES = `(inventory_item_id, location_id) IN (SELECT p.item, p.location FROM unnest($2::text[], $3::text[]) AS p(item, location))`;

function columns(places: readonly StockPlace[]): [string[], string[]] {
  return [places.map((place) => place.inventoryItemId), places.map((place) => place.locationId)];
}

function keyOf({ inventoryItemId, locationId }: StockPlace): string {
  return `${inventoryItemId}@${locationId}`;
}

/** Never before what the mirror was seen at: of two moments in one second the later stays the later. */
async function moveMirror(tx: SqlExecutor, installId: bigint, difference: Difference, seenBy: string): Promise<boolean> {
  const { inventoryItemId, locationId, shopify, at, mark } = difference;
  if (mark === null) {
    return (
      (await tx.execute(
        `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source, connected) VALUES ($1, $2, $3, $4, $5::timestamptz, $6, $4::int IS NOT NULL)
         ON CONFLICT (install_id, inventory_item_id, location_id) DO NOTHING`,
        installId,
        inventoryItemId,
        locationId,
        shopify,
        at,
        seenBy,
      )) === 1
    );
  }
  return (
    (await tx.execute(
      `UPDATE stock_levels SET available = $4, connected = $4::int IS NOT NULL, source = $7, observed_at = greatest($5::timestamptz, observed_at + interval '1 millisecond')
       WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND observed_at = $6::text::timestamptz`,
      installId,
      inventoryItemId,
      locationId,
      shopify,
      at,
      mark,
      seenBy,
    )) === 1
  );
}

/** Judged at once: the second look came after everything had settled. */
async function observe(tx: SqlExecutor, installId: bigint, { inventoryItemId, locationId, shopify, observedAt, at }: Difference, seenBy: string): Promise<void> {
  await tx.execute(
    `INSERT INTO stock_observations (install_id, inventory_item_id, location_id, available, connected, at, seen_by)
     SELECT install_id, inventory_item_id, location_id, available, connected, observed_at, $5 FROM stock_levels
     WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND available IS NOT DISTINCT FROM $4::int`,
    installId,
    inventoryItemId,
    locationId,
    shopify,
    seenBy,
  );
  await markForJudgement(tx, installId, [{ inventoryItemId, locationId, at: observedAt ?? at }], 0);
}

export async function recordCall(tx: SqlExecutor, { installId, scanId, drift }: { installId: bigint; scanId: bigint | null; drift: FoundDrift }): Promise<boolean> {
  // Two scans that judge the same call: the second finds what the first one wrote.
  await tx.query(`SELECT 1 FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 FOR UPDATE`, installId, drift.inventoryItemId, drift.locationId);
  const before = await tx.query(
    `SELECT 1 FROM drifts WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND evidence->>'mutationId' = $4 LIMIT 1`,
    installId,
    drift.inventoryItemId,
    drift.locationId,
    String(drift.explanation.evidence.mutationId),
  );
  if (before.length > 0 || drift.shopify === null || drift.known === null) return false;
  const written = await writeDrift(tx, installId, scanId, drift, drift.shopify, drift.known);
  if (scanId !== null) await tx.execute(`UPDATE stock_scans SET drift_count = drift_count + $2 WHERE id = $1`, scanId, written);
  return written === 1;
}

/**
 * One is open per stock. What a known effect explains needs nobody and is closed as it is written. Otherwise the newer takes the place of
 * the older, but for a second proposal: it waits, judged anew by a later scan, until a person has decided on the first.
 */
async function writeDrift(tx: SqlExecutor, installId: bigint, scanId: bigint | null, drift: FoundDrift, shopify: number | null, known: number): Promise<number> {
  const { inventoryItemId, locationId, explanation } = drift;
  const { kind, proposal } = explanation;
  const difference = (shopify ?? 0) - known;
  // A product that was deleted, or a place that had none of it: nobody lost a unit.
  const isExplained = kind === "missed_notification" || (kind === "not_stocked" && (explanation.evidence.itemGone === true || difference === 0));
  if (proposal !== null && (await isProposalOpen(tx, installId, drift))) return 0;
  if (!isExplained) {
    await tx.execute(
      `UPDATE drifts SET state = 'gone', ended_at = now(), ended_by = 'holdfast', note = 'a later comparison took its place'
       WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND state = 'open'`,
      installId,
      inventoryItemId,
      locationId,
    );
  }
  const [row] = await tx.query<StockNameRow & { id: bigint; shop: string }>(
    `INSERT INTO drifts (install_id, shop, scan_id, inventory_item_id, location_id, variant_id, sku, title, shopify, known, difference, explanation, evidence,
       proposed_delta, proposed_because, state, ended_at, ended_by)
     SELECT i.id, i.shop, $2, $3, $4, v.variant_id, v.sku, v.title, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, CASE WHEN $12 = 'open' THEN NULL ELSE now() END, CASE WHEN $12 = 'open' THEN NULL ELSE 'holdfast' END
     FROM installs i LEFT JOIN LATERAL (SELECT variant_id, sku, title FROM variants WHERE install_id = $1 AND inventory_item_id = $3 ORDER BY read_at DESC LIMIT 1) v ON true
     WHERE i.id = $1 AND i.state = 'active'
     RETURNING id, shop, variant_id, sku, title, (SELECT name FROM locations WHERE install_id = $1 AND location_id = $4) AS location_name`,
    installId,
    scanId,
    inventoryItemId,
    locationId,
    shopify,
    known,
    difference,
    kind,
    JSON.stringify(explanation.evidence),
    proposal?.delta ?? null,
    proposal?.because ?? null,
    isExplained ? "explained" : "open",
  );
  if (!row) return 0;
  if (!isExplained) {
    await raiseAlert(tx, {
      installId,
      shop: row.shop,
      kind: "drift",
      subject: String(row.id),
      stage: "opened",
      facts: {
        ...stockFacts(row, { inventoryItemId, locationId }),
        depth: Math.abs(difference),
        orders: [],
        detail: { shopify, known, explanation: kind, proposedDelta: proposal?.delta ?? null },
      },
    });
  }
  return 1;
}

async function isProposalOpen(tx: SqlExecutor, installId: bigint, { inventoryItemId, locationId }: StockPlace): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM drifts WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND state = 'open' AND proposed_delta IS NOT NULL LIMIT 1`,
    installId,
    inventoryItemId,
    locationId,
  );
  return rows.length > 0;
}

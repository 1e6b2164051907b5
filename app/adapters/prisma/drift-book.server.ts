// What is known of a stock when Shopify says something else: the mirror, what stands in its way, effects and calls, and their history.

import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import type { CallHistory, CallInDoubt, DriftBook, KnownEffect, KnownLevel } from "#app/ports/stock-scan.ts";
import { recordCall, recordConfirmed } from "./drift-record.server.ts";

/** Effects of one stock that an explanation looks at. */
const EFFECTS_MAX = 500;

export function createDriftBook(database: Database): DriftBook {
  return {
    candidates: (scanId, limit) =>
      database.query<StockPlace>(
        `SELECT inventory_item_id AS "inventoryItemId", location_id AS "locationId" FROM stock_scan_candidates
         WHERE scan_id = $1 AND due_at <= now() ORDER BY location_id, inventory_item_id LIMIT $2`,
        scanId,
        limit,
      ),
    async nextCandidateInMs(scanId) {
      const [row] = await database.query<{ ms: number | null }>(
        `SELECT extract(epoch FROM min(due_at) - now())::float8 * 1000 AS ms FROM stock_scan_candidates WHERE scan_id = $1`,
        scanId,
      );
      return row === undefined || row.ms === null ? null : Math.max(0, row.ms);
    },
    known: (installId, places, settleMs) => known(database, installId, places, settleMs),
    placesOf: (installId, inventoryItemId) =>
      database.query<StockPlace>(
        `SELECT inventory_item_id AS "inventoryItemId", location_id AS "locationId" FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2
         UNION SELECT $2, location_id FROM locations WHERE install_id = $1 AND active ORDER BY 2`,
        installId,
        inventoryItemId,
      ),
    async history(installId, place, since) {
      const effects = await effectsOf(database, installId, place, since, null, null);
      const calls = await inDoubt(database, installId, 20, place);
      return { effects, calls };
    },
    callsInDoubt: (installId, limit) => inDoubt(database, installId, limit, null),
    callHistory: (installId, call, windowEndsAt) => callHistory(database, installId, call, windowEndsAt),
    record: (confirmed) => database.transaction((tx) => recordConfirmed(tx, confirmed)),
    recordCall: (request) => database.transaction((tx) => recordCall(tx, request)),
  };
}

async function known(database: SqlExecutor, installId: bigint, places: readonly StockPlace[], settleMs: number): Promise<readonly KnownLevel[]> {
  return database.query<KnownLevel>(
    `SELECT p.item AS "inventoryItemId", p.location AS "locationId", CASE WHEN l.connected THEN l.available END AS available, l.observed_at AS "observedAt", l.observed_at::text AS mark,
       EXISTS (SELECT 1 FROM mutation_entries e WHERE e.install_id = $1 AND e.inventory_item_id = p.item AND e.location_id = p.location AND e.open)
       OR EXISTS (SELECT 1 FROM deliveries d WHERE d.install_id = $1 AND d.state = 'pending' AND d.payload->>'kind' = 'level'
            AND d.payload->>'inventoryItemId' = p.item AND d.payload->>'locationId' = p.location)
       OR EXISTS (SELECT 1 FROM changes c JOIN mutations m ON m.id = c.mutation_id WHERE c.install_id = $1 AND c.inventory_item_id = p.item AND c.location_id = p.location
            AND m.finished_at > now() - $4 * interval '1 millisecond') AS busy
     FROM unnest($2::text[], $3::text[]) AS p(item, location)
     LEFT JOIN stock_levels l ON l.install_id = $1 AND l.inventory_item_id = p.item AND l.location_id = p.location`,
    installId,
    places.map((place) => place.inventoryItemId),
    places.map((place) => place.locationId),
    settleMs,
  );
}

/** Uncertain ones too: an order of a source that may bypass stock, or without a location, need not have moved this one. */
function effectsOf(database: SqlExecutor, installId: bigint, place: StockPlace, since: Date, until: Date | null, exceptMutationId: string | null): Promise<KnownEffect[]> {
  return database.query<KnownEffect>(
    `SELECT effect_key AS "effectKey", delta, at, order_name AS "orderName", expected AND location_id IS NOT NULL AS certain FROM stock_effects
     WHERE install_id = $1 AND inventory_item_id = $2 AND (location_id = $3 OR location_id IS NULL)
       AND at >= $4::timestamptz - interval '2 seconds' AND ($5::timestamptz IS NULL OR at <= $5::timestamptz + interval '2 seconds')
       AND ($6::uuid IS NULL OR mutation_id IS DISTINCT FROM $6::uuid)
     ORDER BY at, id LIMIT ${EFFECTS_MAX}`,
    installId,
    place.inventoryItemId,
    place.locationId,
    since,
    until,
    exceptMutationId,
  );
}

/**
 * Booked as applied, and yet: sent more than once with an answer that never came, or called applied by a person with no word of Shopify's.
 * A move is none of these: units that it moved once too often stay ours, in the block. What has a mismatch, or a correction that waits for a person, was judged before.
 */
async function inDoubt(database: SqlExecutor, installId: bigint, limit: number, place: StockPlace | null): Promise<CallInDoubt[]> {
  return database.query<CallInDoubt>(
    `SELECT m.id::text AS "mutationId", e.inventory_item_id AS "inventoryItemId", e.location_id AS "locationId", e.delta,
       CASE WHEN m.adjustment_group_id IS NULL THEN 'may_be_absent' ELSE 'may_be_doubled' END AS doubt,
       coalesce(m.first_sent_at, m.claimed_at) AS "firstSentAt", a.last_sent_at AS "lastSentAt"
     FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id
     JOIN LATERAL (SELECT count(*) AS sent_count, max(sent_at) AS last_sent_at, bool_or(outcome IS NULL OR outcome = 'unknown') AS unheard FROM attempts WHERE mutation_id = m.id) a ON true
     WHERE m.install_id = $1 AND m.state = 'applied' AND m.operation = 'adjust' AND m.claimed_at > now() - interval '7 days' AND e.refused IS NULL
       AND ((m.adjustment_group_id IS NULL AND m.reason = 'resolved_applied') OR (m.adjustment_group_id IS NOT NULL AND a.sent_count > 1 AND a.unheard))
       AND ($3::text IS NULL OR (e.inventory_item_id = $3 AND e.location_id = $4))
       AND NOT EXISTS (SELECT 1 FROM drifts d WHERE d.install_id = $1 AND d.inventory_item_id = e.inventory_item_id AND d.location_id = e.location_id
         AND d.evidence->>'mutationId' = m.id::text)
       AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.shop = m.shop AND c.effect_key = 'doubled:' || m.id || ':' || e.position)
     ORDER BY m.claimed_at, e.position LIMIT $2`,
    installId,
    limit,
    place?.inventoryItemId ?? null,
    place?.locationId ?? null,
  );
}

async function callHistory(database: SqlExecutor, installId: bigint, call: CallInDoubt, windowEndsAt: Date): Promise<CallHistory> {
  const seen = (condition: string, moment: Date) =>
    database.query<{ available: number; at: Date }>(
      `SELECT available, at FROM stock_observations WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND available IS NOT NULL
         AND ${condition} ORDER BY at DESC, id DESC LIMIT 1`,
      installId,
      call.inventoryItemId,
      call.locationId,
      moment,
    );
  const [before] = await seen(`at < $4::timestamptz - interval '2 seconds'`, call.firstSentAt);
  const [after] = await seen(`at <= $4::timestamptz`, windowEndsAt);
  const [later] = await database.query<{ recounted: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM stock_observations o WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = $3 AND o.at > $4::timestamptz
       AND o.verdict = 'another_writer' AND NOT EXISTS (SELECT 1 FROM conflicts c WHERE c.install_id = $1 AND c.observation_id = o.id)) AS recounted`,
    installId,
    call.inventoryItemId,
    call.locationId,
    windowEndsAt,
  );
  const whole = before && after && after.at > before.at;
  const effects = whole ? await effectsOf(database, installId, call, before.at, after.at, call.mutationId) : [];
  return { before: before ?? null, after: whole ? after : null, effects, recounted: later?.recounted ?? false };
}

// Waits for busy items, written in batches: what was noted and what the ledger tells of claimed calls, added to the present hour in one statement.

import { BUCKET_COUNT, WAIT_BOUNDS_MS } from "#app/domain/contention.ts";
import type { ContentionBook, ContentionNotes, ContentionOwner } from "#app/ports/contention.ts";
import type { SqlExecutor } from "#app/ports/database.ts";

/**
 * A call that was claimed later than this after its item was free waited the rest of the time for something else (points, protection that was
 * switched off, a worker): only the time until the item was free counts.
 */
const PASSED_ON_WITHIN_MS = 60_000;
/** Some 24 days, as far as an integer counts. */
const WAIT_MS_MAX = 2_147_483_647;

const BUCKETS = Array.from({ length: BUCKET_COUNT }, (_, index) => index);
/** `width_bucket` counts the thresholds that are not above the value; a bound belongs to the bucket below it. */
const bucketSql = (ms: string) => `width_bucket(${ms}, ARRAY[${WAIT_BOUNDS_MS.map((boundMs) => boundMs + 1).join(", ")}])`;
const countsSql = (ms: string) => `ARRAY[${BUCKETS.map((bucket) => `count(*) FILTER (WHERE ${bucketSql(ms)} = ${bucket})`).join(", ")}]::int[]`;
const addedSql = (column: string) => `ARRAY[${BUCKETS.map((bucket) => `h.${column}[${bucket + 1}] + excluded.${column}[${bucket + 1}]`).join(", ")}]`;
const msSql = (from: string, to: string) => `least(${WAIT_MS_MAX}, greatest(0, ceil(extract(epoch FROM ${to} - ${from}) * 1000)))::int`;

/**
 * `claim`: an item of a claimed call, with what is carried of it: gathered in one pass, because joining the changes again costs the square of a
 * call's entries (250 of them: a second of PostgreSQL for a flush). `taken`: until when somebody else had it before, and since when: the last call of the item that had ended
 * by then, or a lock that was seen held. A change waited for the item when its notification had been accepted before the item was free.
 * `|| ''` keeps the index by location out of it: walking back through a location's changes for one of an item reads nearly all of them.
 * Moves into and out of blocks wait for nobody's sake: the buyers who wait for them note it themselves.
 */
const CLAIMED_SQL = `
  claim AS (
    SELECT c.install_id, c.inventory_item_id AS item, c.location_id AS location, c.mutation_id, m.claimed_at, max(c.id) AS last_id,
      array_agg(coalesce(c.accepted_at, c.created_at)) AS wanted_at, array_agg(c.cause) AS causes
    FROM mutations m JOIN changes c ON c.mutation_id = m.id
    WHERE m.id = ANY($1::uuid[]) AND c.quantity_name = 'available' GROUP BY 1, 2, 3, 4, 5),
  taken AS (
    SELECT claim.*, before.since, greatest(before.until, seen.until) AS until
    FROM claim
    LEFT JOIN LATERAL (
      SELECT m.claimed_at AS since, m.finished_at AS until FROM changes c JOIN mutations m ON m.id = c.mutation_id
      WHERE c.install_id = claim.install_id AND c.inventory_item_id = claim.item AND c.location_id || '' = claim.location
        AND c.id < claim.last_id AND c.mutation_id <> claim.mutation_id AND m.finished_at <= claim.claimed_at
      ORDER BY c.id DESC LIMIT 1) before ON true
    LEFT JOIN (SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) AS s(mutation_id, item, location, until)) seen
      ON seen.mutation_id = claim.mutation_id AND seen.item = claim.item AND seen.location = claim.location),
  waited AS (
    SELECT t.install_id, t.item, t.location, t.mutation_id, t.since, t.until, CASE c.cause WHEN 'correction' THEN 'person' ELSE 'orders' END AS cause,
      ${msSql("c.wanted_at", `CASE WHEN t.claimed_at <= t.until + interval '${PASSED_ON_WITHIN_MS} milliseconds' THEN t.claimed_at ELSE t.until END`)} AS wait_ms
    FROM taken t CROSS JOIN LATERAL unnest(t.wanted_at, t.causes) AS c(wanted_at, cause)
    WHERE c.wanted_at < t.until),
  held AS (SELECT DISTINCT install_id, item, location, mutation_id, cause, ${msSql("since", "until")} AS hold_ms FROM waited WHERE since IS NOT NULL)`;

const ADD_SQL = `
  WITH ${CLAIMED_SQL},
  noted AS (
    SELECT coalesce(n.install_id, i.id) AS install_id, n.item, n.location, n.cause, n.wait_ms, n.lost
    FROM unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::int[], $12::int[]) AS n(install_id, shop, item, location, cause, wait_ms, lost)
    LEFT JOIN installs i ON i.shop = n.shop AND i.state = 'active'),
  facts AS (
    SELECT install_id, item, location, cause, wait_ms, NULL::int AS hold_ms, 0 AS lost FROM waited
    UNION ALL SELECT install_id, item, location, cause, NULL, hold_ms, 0 FROM held
    UNION ALL SELECT install_id, item, location, cause, wait_ms, NULL, lost FROM noted),
  counted AS (
    SELECT f.install_id, coalesce(f.item, '') AS item, coalesce(f.location, '') AS location, f.cause,
      count(f.wait_ms)::int AS waits, coalesce(max(f.wait_ms), 0) AS wait_ms_max, ${countsSql("f.wait_ms")} AS wait_counts,
      coalesce(max(f.hold_ms), 0) AS hold_ms_max, ${countsSql("f.hold_ms")} AS hold_counts, sum(f.lost)::int AS lost
    FROM facts f JOIN installs i ON i.id = f.install_id AND i.state = 'active'
    GROUP BY GROUPING SETS ((f.install_id, f.cause, f.item, f.location), (f.install_id, f.cause)))
  INSERT INTO contention_hours AS h (install_id, hour, inventory_item_id, location_id, cause, waits, wait_ms_max, wait_counts, hold_ms_max, hold_counts, lost)
  SELECT install_id, date_trunc('hour', now()), item, location, cause, waits, wait_ms_max, wait_counts, hold_ms_max, hold_counts, lost
  FROM counted ORDER BY install_id, item, location, cause
  ON CONFLICT (install_id, hour, inventory_item_id, location_id, cause) DO UPDATE SET
    waits = h.waits + excluded.waits, wait_ms_max = greatest(h.wait_ms_max, excluded.wait_ms_max), wait_counts = ${addedSql("wait_counts")},
    hold_ms_max = greatest(h.hold_ms_max, excluded.hold_ms_max), hold_counts = ${addedSql("hold_counts")}, lost = h.lost + excluded.lost`;

export function createContentionBook(database: SqlExecutor): ContentionBook {
  return {
    async add({ mutationIds, busy, waits, losses }: ContentionNotes) {
      const noted = [...waits.map((wait) => ({ ...wait, lost: 0 })), ...losses.map((loss) => ({ ...loss, waitMs: null, lost: 1 }))];
      await database.execute(
        ADD_SQL,
        mutationIds,
        busy.map((one) => one.mutationId),
        busy.map((one) => one.inventoryItemId),
        busy.map((one) => one.locationId),
        busy.map((one) => one.at),
        noted.map((one) => installOf(one)),
        noted.map((one) => ("shop" in one ? one.shop : null)),
        noted.map((one) => one.inventoryItemId),
        noted.map((one) => one.locationId),
        noted.map((one) => one.cause),
        noted.map(({ waitMs }) => (waitMs === null ? null : Math.min(WAIT_MS_MAX, Math.max(0, Math.ceil(waitMs))))),
        noted.map((one) => one.lost),
      );
    },
  };
}

function installOf(owner: ContentionOwner): bigint | null {
  return "installId" in owner ? owner.installId : null;
}

// Judging on PostgreSQL: takes stocks with news, reads their history, keeps what was judged of it.

import type { Effect, EffectKind, Observation } from "#app/domain/detection/stock-history.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { StockHistory, StockToJudge, StockWatch } from "#app/ports/stock-watch.ts";
import { TIMINGS, type Timings } from "#app/ports/timings.ts";
import { recordJudgement } from "./judge-verdicts.server.ts";
import { recordReads } from "./stock-observations.server.ts";
import { tellConflicts } from "./tell-conflicts.server.ts";

/** Observations of one look; a stock with more is judged piece by piece. */
const OBSERVATIONS_MAX = 2_000;
const EFFECTS_MAX = 5_000;
/** How far back an overwrite may reach. */
const LOOK_BACK_MS = 60 * 60_000;
/** So many stocks with news take turns among shops. */
const FAIRNESS_WINDOW = 5_000;

export function createStockWatch(database: Database, timings: Pick<Timings, "settleMs"> = TIMINGS): StockWatch {
  return {
    take: (limit, leaseMs) => take(database, limit, leaseMs),
    history: (stock) => readHistory(database, stock),
    recordJudgement: (stock, history, judgement) =>
      // Most news says nothing about who wrote: no transaction for nothing.
      judgement.attributions.length + judgement.overwrites.length === 0 && history.moreFrom === null ? Promise.resolve(0) : database.transaction((tx) => recordJudgement(tx, stock, history, judgement)),
    finish: (stocks) => finish(database, stocks),
    recordReads: (installId, levels) => database.transaction((tx) => recordReads(tx, installId, levels, timings.settleMs)),
    tellConflicts: (limit, graceMs) => database.transaction((tx) => tellConflicts(tx, limit, graceMs)),
  };
}

/** What arrives while it is judged brings `due_at` and `from_at` back from infinity. One whose judge died is due when its lease is over. */
const TAKE = `
WITH due AS (
  SELECT j.install_id, j.inventory_item_id, j.location_id, j.due_at FROM stock_judgements j
  JOIN installs ON installs.id = j.install_id AND installs.state = 'active'
  WHERE (j.taken_until IS NULL AND j.due_at <= now()) OR j.taken_until <= now()
  ORDER BY j.due_at LIMIT ${FAIRNESS_WINDOW}),
chosen AS (
  SELECT *, row_number() OVER (PARTITION BY install_id ORDER BY due_at, inventory_item_id, location_id) AS turn FROM due ORDER BY turn, due_at LIMIT $1),
locked AS (
  SELECT j.install_id, j.inventory_item_id, j.location_id FROM stock_judgements j JOIN chosen USING (install_id, inventory_item_id, location_id)
  WHERE (j.taken_until IS NULL AND j.due_at <= now()) OR j.taken_until <= now()
  ORDER BY j.install_id, j.inventory_item_id, j.location_id FOR UPDATE OF j SKIP LOCKED)
UPDATE stock_judgements j SET taken_until = now() + $2 * interval '1 millisecond', taken_from_at = least(j.taken_from_at, j.from_at), due_at = 'infinity', from_at = 'infinity'
FROM locked, installs WHERE installs.id = j.install_id
  AND j.install_id = locked.install_id AND j.inventory_item_id = locked.inventory_item_id AND j.location_id = locked.location_id
RETURNING j.install_id, installs.shop, j.inventory_item_id, j.location_id, j.taken_from_at AS from_at, j.taken_until::text AS taken_until`;

async function take(database: Database, limit: number, leaseMs: number): Promise<StockToJudge[]> {
  const rows = await database.query<{ install_id: bigint; shop: string; inventory_item_id: string; location_id: string; from_at: Date; taken_until: string }>(TAKE, limit, leaseMs);
  return rows.map((row) => ({
    installId: row.install_id,
    shop: row.shop,
    inventoryItemId: row.inventory_item_id,
    locationId: row.location_id,
    fromAt: row.from_at,
    takenUntil: row.taken_until,
  }));
}

async function finish(database: Database, stocks: readonly StockToJudge[]): Promise<void> {
  if (stocks.length === 0) return;
  const keys = [
    stocks.map((stock) => stock.installId),
    stocks.map((stock) => stock.inventoryItemId),
    stocks.map((stock) => stock.locationId),
    stocks.map((stock) => stock.takenUntil),
  ] as const;
  const mine = `(SELECT j.ctid FROM stock_judgements j JOIN unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS t(install, item, location, taken_until)
    ON j.install_id = t.install AND j.inventory_item_id = t.item AND j.location_id = t.location AND j.taken_until = t.taken_until::timestamptz
    ORDER BY j.install_id, j.inventory_item_id, j.location_id FOR UPDATE OF j)`;
  await database.transaction(async (tx) => {
    await tx.execute(`DELETE FROM stock_judgements WHERE ctid IN ${mine} AND due_at = 'infinity'`, ...keys);
    await tx.execute(`UPDATE stock_judgements SET taken_until = NULL, taken_from_at = NULL WHERE ctid IN ${mine}`, ...keys);
  });
}

interface ObservationRow {
  readonly id: string;
  readonly at_ms: number;
  readonly available: number;
  readonly seen_by: Observation["seenBy"];
  readonly event_id: string | null;
  readonly reserved_at_ms: number | null;
  readonly known: boolean;
}

interface EffectRow {
  readonly id: string;
  readonly kind: EffectKind;
  readonly at_ms: number;
  readonly delta: number;
  readonly event_id: string | null;
  readonly after: number | null;
  readonly order_id: string | null;
  readonly expected: boolean;
}

const OBSERVATION_COLUMNS = `o.id::text, o.at, (extract(epoch FROM o.at) * 1000)::float8 AS at_ms, o.available, o.seen_by, o.event_id,
  (SELECT (p->>'atMs')::float8 FROM jsonb_array_elements(coalesce(o.parts, '[]')) AS p WHERE p->>'how' = 'reservation' LIMIT 1) AS reserved_at_ms,
  EXISTS (SELECT 1 FROM conflicts c WHERE c.install_id = o.install_id AND c.observation_id = o.id) AS known`;

/**
 * One statement, each list as JSON: what is judged is of one moment, and a stock is one question instead of three. `before`: one
 * observation before the window, so that the first change in it is known; and, of it, whether it is the first of all. `effects`: also what
 * our calls may have done whose outcome is not known, or which a person said had been applied: it explains, nothing is expected of it.
 */
const HISTORY = `
WITH before AS MATERIALIZED (
  SELECT ${OBSERVATION_COLUMNS} FROM stock_observations o
  WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = $3 AND o.at < $4 AND o.available IS NOT NULL ORDER BY o.at DESC, o.id DESC LIMIT 1),
within AS MATERIALIZED (
  SELECT ${OBSERVATION_COLUMNS} FROM stock_observations o
  WHERE o.install_id = $1 AND o.inventory_item_id = $2 AND o.location_id = $3 AND o.at >= $4 AND o.available IS NOT NULL ORDER BY o.at, o.id LIMIT ${OBSERVATIONS_MAX + 1}),
first AS MATERIALIZED (
  SELECT coalesce((SELECT at FROM before), (SELECT min(at) FROM within), $4::timestamptz) - interval '10 seconds' AS at),
effects AS (
  SELECT id, kind, at, delta, event_id, after, order_id, expected FROM (
    SELECT s.id::text, s.kind, s.at, s.delta, s.event_id, s.after, s.order_id, s.expected AND s.location_id IS NOT NULL AS expected FROM stock_effects s
    WHERE s.install_id = $1 AND s.inventory_item_id = $2 AND (s.location_id = $3 OR s.location_id IS NULL) AND s.at >= (SELECT at FROM first)
    UNION ALL
    SELECT 'call:' || m.id, 'ours', m.first_sent_at, e.delta, NULL, NULL, NULL, false FROM mutation_entries e JOIN mutations m ON m.id = e.mutation_id
    WHERE e.install_id = $1 AND e.inventory_item_id = $2 AND e.location_id = $3 AND m.first_sent_at >= (SELECT at FROM first) AND e.refused IS NULL
      AND (m.state IN ('open', 'parked') OR m.state = 'applied' AND m.reason = 'resolved_applied')
      AND NOT EXISTS (SELECT 1 FROM stock_effects s WHERE s.install_id = $1 AND s.effect_key = 'ours:' || m.id || ':' || e.inventory_item_id || '@' || e.location_id)
  ) AS known ORDER BY at, id LIMIT ${EFFECTS_MAX})
SELECT (SELECT json_agg(to_json(b)) FROM before b) AS before,
  (SELECT json_agg(to_json(w) ORDER BY w.at, w.id::bigint) FROM within w) AS within,
  (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'at_ms', (extract(epoch FROM at) * 1000)::float8, 'delta', delta, 'event_id', event_id, 'after', after,
     'order_id', order_id, 'expected', expected) ORDER BY at, id) FROM effects) AS effects`;

async function readHistory(database: SqlExecutor, stock: StockToJudge): Promise<StockHistory> {
  const windowFrom = new Date(stock.fromAt.getTime() - LOOK_BACK_MS);
  const [row] = await database.query<{ before: ObservationRow[] | null; within: ObservationRow[] | null; effects: EffectRow[] | null }>(
    HISTORY,
    stock.installId,
    stock.inventoryItemId,
    stock.locationId,
    windowFrom,
  );
  const before = row?.before ?? [];
  const within = row?.within ?? [];
  const rows = [...before, ...within.slice(0, OBSERVATIONS_MAX)];
  const last = rows.at(-1);
  const more = within.length > OBSERVATIONS_MAX && last ? new Date(last.at_ms) : null;
  return {
    observations: rows.map(({ id, at_ms, available, seen_by, event_id }) => ({ id, atMs: at_ms, available, seenBy: seen_by, eventId: event_id })),
    effects: (row?.effects ?? []).map(toEffect),
    reservationsMs: rows.flatMap(({ reserved_at_ms }) => reserved_at_ms ?? []),
    knownOverwrites: new Set(rows.filter(({ known }) => known).map(({ id }) => id)),
    fromBeginning: before.length === 0,
    moreFrom: more && more > stock.fromAt ? more : null,
  };
}

function toEffect({ id, kind, at_ms, delta, event_id, after, order_id, expected }: EffectRow): Effect {
  return { id, kind, atMs: at_ms, delta, eventId: event_id, after, orderId: order_id, expected };
}

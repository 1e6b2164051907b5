// The transaction after a stock was judged: verdicts of its observations, the places that effects turned out to be at, overwrites found and explained.

import { NO_ALERT_FACTS } from "#app/domain/alert-event.ts";
import type { Attribution, HistoryJudgement, Overwrite } from "#app/domain/detection/stock-history.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { StockHistory, StockToJudge } from "#app/ports/stock-watch.ts";
import { raiseAlerts } from "./raise-alert.ts";
import { markForJudgement } from "./stock-news.ts";

/** News may explain a change this much before its own moment. */
const MARGIN_MS = 10_000;

export async function recordJudgement(tx: SqlExecutor, stock: StockToJudge, history: StockHistory, judgement: HistoryJudgement): Promise<number> {
  const times = new Map(history.observations.map(({ id, atMs }) => [id, atMs]));
  const anchor = history.fromBeginning ? null : (history.observations[0]?.id ?? null);
  const from = stock.fromAt.getTime() - MARGIN_MS;
  // What lies before the news was judged with more of its past in sight.
  const isJudged = (observationId: string) => observationId !== anchor && (times.get(observationId) ?? 0) >= from;
  const attributions = judgement.attributions.filter(({ observationId }) => isJudged(observationId));
  await writeVerdicts(tx, attributions, history);
  await placeEffects(tx, stock, attributions);
  const overwrites = judgement.overwrites.filter(({ observationId }) => isJudged(observationId));
  await explainOld(tx, stock, attributions.map(({ observationId }) => observationId), overwrites);
  const opened = await writeConflicts(tx, stock, overwrites);
  if (history.moreFrom) await markForJudgement(tx, stock.installId, [{ ...stock, at: history.moreFrom }], 0);
  return opened;
}

async function writeVerdicts(tx: SqlExecutor, attributions: readonly Attribution[], history: StockHistory): Promise<void> {
  if (attributions.length === 0) return;
  const moments = new Map(history.observations.map(({ id, atMs }) => [id, atMs]));
  const parts = ({ observationId, parts: known }: Attribution) => {
    const at = moments.get(observationId) ?? 0;
    const reserved = history.reservationsMs.filter((ms) => Math.abs(ms - at) <= 1_500).map((atMs) => ({ effectId: null, how: "reservation", atMs }));
    return JSON.stringify([...known, ...reserved]);
  };
  const sorted = attributions.toSorted((a, b) => Number(BigInt(a.observationId) - BigInt(b.observationId)));
  await tx.execute(
    `UPDATE stock_observations SET delta = v.delta, verdict = v.verdict, foreign_delta = v.foreign_delta, parts = v.parts::jsonb, judged_at = now()
     FROM unnest($1::bigint[], $2::int[], $3::text[], $4::int[], $5::text[]) AS v(id, delta, verdict, foreign_delta, parts)
     WHERE stock_observations.id = v.id AND (stock_observations.delta, stock_observations.verdict, stock_observations.foreign_delta, stock_observations.parts)
       IS DISTINCT FROM (v.delta, v.verdict, v.foreign_delta, v.parts::jsonb)`,
    sorted.map(({ observationId }) => BigInt(observationId)),
    sorted.map(({ delta }) => delta),
    sorted.map(({ verdict }) => verdict),
    sorted.map(({ foreign }) => foreign),
    sorted.map(parts),
  );
}

/** An effect without a place that a change here was recognised by was here; so is its line of the order. */
async function placeEffects(tx: SqlExecutor, stock: StockToJudge, attributions: readonly Attribution[]): Promise<void> {
  const ids = attributions.flatMap(({ parts }) => parts.filter(({ how }) => how === "event" || how === "amount").flatMap(({ effectId }) => (/^\d+$/.test(effectId) ? BigInt(effectId) : [])));
  if (ids.length === 0) return;
  await tx.execute(
    `WITH placed AS (
       UPDATE stock_effects SET location_id = $2 WHERE id IN (SELECT id FROM stock_effects WHERE id = ANY($1) AND location_id IS NULL ORDER BY id FOR UPDATE)
       RETURNING install_id, order_id, line_id, inventory_item_id)
     UPDATE order_items SET location_id = $2 FROM placed
     WHERE order_items.install_id = placed.install_id AND order_items.order_id = placed.order_id AND order_items.line_id = placed.line_id
       AND order_items.inventory_item_id = placed.inventory_item_id AND order_items.location_id IS NULL`,
    ids.toSorted((a, b) => (a < b ? -1 : 1)),
    stock.locationId,
  );
}

/** Late evidence explained what had looked like an overwrite. Who was not told that it was one is not told that it is none. */
async function explainOld(tx: SqlExecutor, stock: StockToJudge, judged: readonly string[], overwrites: readonly Overwrite[]): Promise<void> {
  const found = new Set(overwrites.map(({ observationId }) => observationId));
  const others = judged.filter((id) => !found.has(id)).map(BigInt);
  if (others.length === 0) return;
  const gone = await tx.query<{ id: bigint; shop: string; units_at_risk: number; told_at: Date | null }>(
    `UPDATE conflicts SET state = 'explained', ended_at = now(), ended_by = 'holdfast' WHERE install_id = $1 AND observation_id = ANY($2) AND state = 'open'
     RETURNING id, shop, units_at_risk, told_at`,
    stock.installId,
    others,
  );
  await raiseAlerts(
    tx,
    gone.filter(({ told_at }) => told_at !== null).map((conflict) => ({
      installId: stock.installId,
      shop: conflict.shop,
      kind: "conflict" as const,
      subject: String(conflict.id),
      stage: "closed" as const,
      facts: { ...NO_ALERT_FACTS, inventoryItemId: stock.inventoryItemId, locationId: stock.locationId, depth: conflict.units_at_risk, detail: { reason: "explained" } },
    })),
  );
}

async function writeConflicts(tx: SqlExecutor, stock: StockToJudge, overwrites: readonly Overwrite[]): Promise<number> {
  if (overwrites.length === 0) return 0;
  const unseen = await readUnseen(tx, overwrites);
  const sorted = overwrites.toSorted((a, b) => Number(BigInt(a.observationId) - BigInt(b.observationId)));
  const rows = await tx.query<{ is_new: boolean }>(
    `WITH named AS (SELECT variant_id, sku, title FROM variants WHERE install_id = $1 AND inventory_item_id = $3 ORDER BY read_at DESC LIMIT 1),
     written AS (
     INSERT INTO conflicts (install_id, shop, inventory_item_id, location_id, variant_id, sku, title, observation_id, at, value_before, value_written, same_as_at,
       units_at_risk, unseen, confidence)
     SELECT $1, $2, $3, $4, n.variant_id, n.sku, n.title, c.observation_id, c.at, c.value_before, c.value_written, c.same_as_at, c.units, c.unseen::jsonb, c.confidence
     FROM unnest($5::bigint[], $6::timestamptz[], $7::int[], $8::int[], $9::timestamptz[], $10::int[], $11::text[], $12::text[])
       AS c(observation_id, at, value_before, value_written, same_as_at, units, unseen, confidence) LEFT JOIN named n ON true
     ON CONFLICT (install_id, observation_id) DO UPDATE SET value_before = excluded.value_before, value_written = excluded.value_written,
       same_as_at = excluded.same_as_at, units_at_risk = excluded.units_at_risk, unseen = excluded.unseen, confidence = excluded.confidence,
       state = 'open', ended_at = NULL, ended_by = NULL,
       found_at = CASE WHEN conflicts.state = 'explained' AND conflicts.told_at IS NULL THEN now() ELSE conflicts.found_at END
     -- What a person decided stays decided.
     WHERE conflicts.state IN ('open', 'explained')
     RETURNING (xmax = 0) AS is_new)
     SELECT is_new FROM written`,
    stock.installId,
    stock.shop,
    stock.inventoryItemId,
    stock.locationId,
    sorted.map(({ observationId }) => BigInt(observationId)),
    sorted.map(({ atMs }) => new Date(atMs)),
    sorted.map(({ valueBefore }) => valueBefore),
    sorted.map(({ valueWritten }) => valueWritten),
    sorted.map(({ sameAsMs }) => new Date(sameAsMs)),
    sorted.map(({ unitsAtRisk }) => unitsAtRisk),
    sorted.map(({ unseen: ids }) => JSON.stringify(ordersOf(ids, unseen))),
    sorted.map(({ confidence }) => confidence),
  );
  return rows.filter((row) => row.is_new).length;
}

type Unseen = { readonly orderId: string; readonly name: string | null; readonly units: number };

async function readUnseen(tx: SqlExecutor, overwrites: readonly Overwrite[]): Promise<Map<string, Unseen>> {
  const ids = [...new Set(overwrites.flatMap(({ unseen }) => unseen))].flatMap((id) => (/^\d+$/.test(id) ? BigInt(id) : []));
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: bigint; order_id: string | null; order_name: string | null; delta: number }>(
    // A call of ours was for orders, too: its changes name them.
    `SELECT e.id, coalesce(e.order_id, c.order_id) AS order_id, coalesce(e.order_name, c.order_name) AS order_name, coalesce(c.delta, e.delta) AS delta
     FROM stock_effects e LEFT JOIN changes c ON c.mutation_id = e.mutation_id AND c.inventory_item_id = e.inventory_item_id AND c.location_id = e.location_id
     WHERE e.id = ANY($1)`,
    ids,
  );
  return new Map(rows.flatMap((row, index) => (row.order_id === null ? [] : [[`${row.id}#${index}`, { orderId: row.order_id, name: row.order_name, units: -row.delta }] as const])));
}

/** One entry an order; units that came back (a restock) count against those that went. */
function ordersOf(ids: readonly string[], unseen: ReadonlyMap<string, Unseen>): Unseen[] {
  const wanted = new Set(ids);
  const byOrder = new Map<string, Unseen>();
  for (const [key, entry] of unseen) {
    if (!wanted.has(key.slice(0, key.indexOf("#")))) continue;
    byOrder.set(entry.orderId, { ...entry, units: entry.units + (byOrder.get(entry.orderId)?.units ?? 0) });
  }
  return [...byOrder.values()];
}

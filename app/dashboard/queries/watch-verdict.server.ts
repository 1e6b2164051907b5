// Read model of the set-up guide's second step: what Holdfast would have changed in the last day, and whether Shopify's own numbers bear the rules out.

import type { Settings } from "#app/domain/settings.ts";
import { sourceKeyOf } from "#app/domain/settings.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";
import type { Database } from "#app/ports/database.ts";

import { readJudgedOversells } from "./shadow-verdict.server.ts";

/** Changes that are summed, the newest of the day. */
export const VERDICT_CHANGES_MAX = 20_000;
/** Oversells that are judged, the newest; the API's verdict judges more. */
const VERDICT_OVERSELLS_MAX = 50;

export interface WatchVerdict {
  readonly changes: number;
  readonly orders: number;
  readonly unitsTaken: number;
  /** There were more changes than are summed. */
  readonly cut: boolean;
  /** Orders of the sources that the rules name, whose stock Shopify was seen to leave alone, or to take itself. */
  readonly sourcesNamed: number;
  readonly leftAlone: number;
  readonly tookStock: number;
  readonly oversells: number;
  /** Those that protection would have prevented, wholly or in part. */
  readonly oversellsPrevented: number;
}

export async function readWatchVerdict(database: Database, { installId }: Pick<ActiveInstall, "installId">, settings: Pick<Settings, "deduct">, since: Date): Promise<WatchVerdict> {
  const sources = settings.deduct.sources.map(sourceKeyOf);
  const [[sums], [evidence], oversells] = await Promise.all([
    database.query<{ changes: number; orders: number; units: number }>(
      `SELECT count(*)::int AS changes, count(DISTINCT order_id)::int AS orders, coalesce(sum(-delta) FILTER (WHERE delta < 0), 0)::int AS units
       FROM (SELECT order_id, delta FROM changes WHERE install_id = $1 AND state = 'shadow' AND created_at >= $2 AND inventory_item_id IS NOT NULL
             ORDER BY created_at DESC LIMIT ${VERDICT_CHANGES_MAX}) watched`,
      installId,
      since,
    ),
    database.query<{ leftAlone: number; tookStock: number }>(
      `SELECT coalesce(sum(bypass_count), 0)::int AS "leftAlone", coalesce(sum(took_stock_count), 0)::int AS "tookStock" FROM order_sources WHERE install_id = $1 AND source_key = ANY($2::text[])`,
      installId,
      sources,
    ),
    readJudgedOversells(database, installId, VERDICT_OVERSELLS_MAX),
  ]);
  return {
    changes: sums?.changes ?? 0,
    orders: sums?.orders ?? 0,
    unitsTaken: sums?.units ?? 0,
    cut: (sums?.changes ?? 0) >= VERDICT_CHANGES_MAX,
    sourcesNamed: sources.length,
    leftAlone: evidence?.leftAlone ?? 0,
    tookStock: evidence?.tookStock ?? 0,
    oversells: oversells.items.length,
    oversellsPrevented: oversells.items.filter(({ verdict }) => verdict === "prevented" || verdict === "partly_prevented").length,
  };
}

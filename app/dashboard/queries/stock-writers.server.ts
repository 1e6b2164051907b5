// Read model of who else writes to a stock: foreign numbers of the day before a moment, and what else was overwritten in that minute.

import { FOREIGN_WRITES_MAX } from "#app/dashboard/overwrite-view.ts";
import type { Database } from "#app/ports/database.ts";

/** Observations of one stock in which they are looked for. */
const LOOKED_AT_MAX = 2_000;
/** Overwrites around one of them, by their ids, among which those of the same minute are looked for. */
const NEIGHBOURS_MAX = 1_000;

export interface ForeignWrite {
  readonly id: bigint;
  readonly at: Date;
  /** What was seen after it. */
  readonly available: number | null;
  readonly foreignDelta: number;
  /** Its own page, when it was an overwrite. */
  readonly conflictId: bigint | null;
}

export interface StockOfWriter {
  readonly installId: bigint;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly until: Date;
}

/** Newest first; of the day up to `until`, that moment included. */
export async function readForeignWrites(database: Database, { installId, inventoryItemId, locationId, until }: StockOfWriter): Promise<readonly ForeignWrite[]> {
  return database.query<ForeignWrite>(
    `SELECT o.id, o.at, o.available, o.foreign_delta AS "foreignDelta", c.id AS "conflictId"
     FROM (SELECT id, at, available, foreign_delta FROM stock_observations
           WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3 AND at <= $4::timestamptz + interval '1 second' AND at > $4::timestamptz - interval '1 day'
           ORDER BY at DESC, id DESC LIMIT ${LOOKED_AT_MAX}) AS o
     LEFT JOIN conflicts c ON c.install_id = $1 AND c.observation_id = o.id AND c.state <> 'explained'
     WHERE o.foreign_delta <> 0 ORDER BY o.at DESC, o.id DESC LIMIT ${FOREIGN_WRITES_MAX}`,
    installId,
    inventoryItemId,
    locationId,
    until,
  );
}

/** Other items, each once for every location, that were overwritten within a minute of it. */
export async function countOverwrittenWith(database: Database, installId: bigint, { id, at }: { readonly id: bigint; readonly at: Date }): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(DISTINCT (other.inventory_item_id, other.location_id))::int AS count FROM conflicts mine, conflicts other
     WHERE mine.install_id = $1 AND mine.id = $2 AND other.install_id = $1 AND other.id BETWEEN $2 - ${NEIGHBOURS_MAX} AND $2 + ${NEIGHBOURS_MAX} AND other.state <> 'explained'
       AND other.at BETWEEN $3::timestamptz - interval '1 minute' AND $3::timestamptz + interval '1 minute'
       AND (other.inventory_item_id, other.location_id) <> (mine.inventory_item_id, mine.location_id)`,
    installId,
    id,
    at,
  );
  return row?.count ?? 0;
}

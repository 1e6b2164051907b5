// The block book on PostgreSQL: blocks that are due give back what nobody needs, those of earlier lives of the app are taken over, and a
// person's "release all". Locks: reservations by id, then waiting changes by id, then blocks by (install, item, location).

import { randomUUID } from "node:crypto";

import { shrinkBlock } from "#app/domain/reservations/shrink-block.ts";
import { freeUnits } from "#app/domain/reservations/stock-counts.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { BlockBook } from "#app/ports/reservation-book.ts";
import { adoptDueBlocks } from "./block-adoption.ts";
import { askForMoves, HOLD } from "./hold-moves.ts";
import { cancelMoves } from "./hold-moves-claim.ts";
import { BLOCK_COUNTS, type BlockRow, endReservations } from "./reservation-book-blocks.ts";

/** Reservations ended in one transaction of a "release all". */
const RELEASE_STEP = 1_000;

export function createBlockBook(database: Database): BlockBook {
  return {
    async resizeDue(limit) {
      const adopted = await database.transaction((tx) => adoptDueBlocks(tx, limit));
      const resized = await database.transaction((tx) => resizeDue(tx, limit));
      return { resized: adopted + resized.resized, shopsToWake: resized.shopsToWake };
    },
    releaseAll: (installId, actor) => releaseAll(database, installId, actor),
  };
}

interface DueRow extends BlockRow {
  readonly shop: string;
  readonly mirrored: boolean;
  readonly idle_ms: number | null;
}

const MIRRORED = `(SELECT s.document->>'mode' = 'enforce' AND coalesce(s.document->'reservations'->>'mirrorInShopify', 'true') = 'true'
  FROM settings_versions s WHERE s.install_id = b.install_id ORDER BY s.version DESC LIMIT 1)`;

/** A block that somebody draws on just now is passed over: it is in use. */
async function resizeDue(tx: SqlExecutor, limit: number): Promise<{ resized: number; shopsToWake: readonly string[] }> {
  const rows = await tx.query<DueRow>(
    `SELECT ${BLOCK_COUNTS}, i.shop, coalesce(${MIRRORED}, false) AS mirrored, (extract(epoch FROM now() - b.last_granted_at) * 1000)::float8 AS idle_ms
     FROM stock_blocks b JOIN installs i ON i.id = b.install_id AND i.state = 'active'
     WHERE b.look_at <= now() ORDER BY b.look_at LIMIT $1 FOR UPDATE OF b SKIP LOCKED`,
    limit,
  );
  const decided = rows.map((row) => ({ row, ...shrinkBlock({ ...row, idleMs: row.idle_ms }) }));
  await tx.execute(
    `UPDATE stock_blocks b SET look_at = now() + d.in_ms * interval '1 millisecond'
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[]) AS d(install_id, item, location, in_ms)
     WHERE b.install_id = d.install_id AND b.inventory_item_id = d.item AND b.location_id = d.location`,
    rows.map((row) => row.install_id),
    rows.map((row) => row.item),
    rows.map((row) => row.location),
    decided.map(({ lookAgainInMs }) => lookAgainInMs),
  );
  const giving = decided.filter(({ back }) => back > 0);
  for (const [installId, ofInstall] of Map.groupBy(giving, ({ row }) => row.install_id)) {
    await giveBack(tx, installId, ofInstall.map(({ row, back }) => ({ row, back })));
  }
  return { resized: giving.length, shopsToWake: [...new Set(giving.map(({ row }) => row.shop))] };
}

function giveBack(tx: SqlExecutor, installId: bigint, blocks: readonly { readonly row: BlockRow; readonly back: number }[]): Promise<void> {
  return askForMoves(tx, installId, blocks.map(({ row, back }) => ({ inventoryItemId: row.item, locationId: row.location, delta: -back, traceId: randomUUID() })));
}

/** What is granted while it runs is not of what was to be released. */
async function releaseAll(database: Database, installId: bigint, actor: string): Promise<{ reservations: number; units: number; shopsToWake: readonly string[] }> {
  const [start] = await database.query<{ shop: string; at: Date }>(`SELECT shop, clock_timestamp() AS at FROM installs WHERE id = $1 AND state = 'active'`, installId);
  if (!start) return { reservations: 0, units: 0, shopsToWake: [] };
  let reservations = 0;
  let units = 0;
  for (;;) {
    const step = await database.transaction((tx) => releaseStep(tx, installId, start.at, actor));
    reservations += step.count;
    units += step.units;
    if (step.count === 0) break;
  }
  const moved = await database.transaction((tx) => giveBackAll(tx, installId));
  await database.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, detail) VALUES ($1, $2, 'holds_released', $3, $4::jsonb)`,
    installId,
    start.shop,
    actor,
    JSON.stringify({ reservations, units, givenBack: moved }),
  );
  return { reservations, units, shopsToWake: moved > 0 ? [start.shop] : [] };
}

async function releaseStep(tx: SqlExecutor, installId: bigint, until: Date, actor: string): Promise<{ count: number; units: number }> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM reservations WHERE id IN (
       SELECT id FROM reservations WHERE install_id = $1 AND state = 'active' AND created_at <= $2 ORDER BY id LIMIT ${RELEASE_STEP})
       AND state = 'active' ORDER BY id FOR UPDATE`,
    installId,
    until,
  );
  return rows.length === 0 ? { count: 0, units: 0 } : endReservations(tx, rows.map(({ id }) => id), "released", actor);
}

/** Moves in that wait are not made any more; one that is on its way now is given back when its block is looked at. Answers the units. */
async function giveBackAll(tx: SqlExecutor, installId: bigint): Promise<number> {
  const waiting = await tx.query<{ id: bigint }>(
    `SELECT id FROM changes WHERE install_id = $1 AND quantity_name = '${HOLD}' AND state = 'waiting' AND delta > 0 ORDER BY id FOR UPDATE SKIP LOCKED`,
    installId,
  );
  await cancelMoves(tx, waiting.map(({ id }) => ({ id, reason: "released_all" })));
  const rows = await tx.query<BlockRow>(
    `SELECT ${BLOCK_COUNTS} FROM stock_blocks b WHERE b.install_id = $1 AND (b.held > 0 OR b.growing > 0)
     ORDER BY b.install_id, b.inventory_item_id, b.location_id FOR UPDATE`,
    installId,
  );
  const giving = rows.map((row) => ({ row, back: Math.max(0, freeUnits(row, null, "block")) })).filter(({ back }) => back > 0);
  await giveBack(tx, installId, giving);
  return giving.reduce((sum, { back }) => sum + back, 0);
}

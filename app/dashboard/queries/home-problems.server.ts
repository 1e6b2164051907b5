// Read model of what Home says needs a person: how much of each kind is open, and of the oversells what can be said in one sentence.

import { BACKLOG_COUNT_MAX } from "#app/dashboard/limits.ts";
import type { Database } from "#app/ports/database.ts";
import type { OversellOrder } from "#app/ports/stock-watch.ts";

export interface OpenOversell {
  readonly id: bigint;
  readonly title: string | null;
  readonly sku: string | null;
  readonly inventoryItemId: string;
  readonly locationName: string | null;
  /** Units that are missing whatever is moved. */
  readonly short: number;
  readonly shortOrders: readonly { readonly name: string | null; readonly orderId: string; readonly units: number }[];
}

/** Counted up to `BACKLOG_COUNT_MAX`. */
export interface HomeProblems {
  /** Open, short whatever is moved, and marked as handled by nobody. */
  readonly oversells: number;
  /** The oldest of them: the first order to be told. */
  readonly oversell: OpenOversell | null;
  /** Items of which another location has the units that one lacks. */
  readonly stockToMove: number;
  readonly overwritten: number;
  readonly mismatches: number;
  /** Those of the mismatches for which a correction is proposed. */
  readonly mismatchesToCorrect: number;
  readonly parkedPushes: number;
  readonly failedAlerts: number;
}

interface ProblemRow extends Omit<HomeProblems, "oversell"> {
  readonly oversell: (Omit<OpenOversell, "id" | "shortOrders"> & { readonly id: string; readonly orders: readonly OversellOrder[] }) | null;
}

const OPEN_OVERSELLS = "FROM oversells WHERE install_id = $1 AND state = 'open' AND handled_at IS NULL";

export async function readHomeProblems(database: Database, installId: bigint): Promise<HomeProblems> {
  const [row] = await database.query<ProblemRow>(
    `SELECT ${capped(`${OPEN_OVERSELLS} AND kind <> 'move_stock'`)} AS oversells,
       (SELECT jsonb_build_object('id', id::text, 'title', title, 'sku', sku, 'inventoryItemId', inventory_item_id, 'locationName', location_name, 'short', short, 'orders', orders)
          ${OPEN_OVERSELLS} AND kind <> 'move_stock' ORDER BY id LIMIT 1) AS oversell,
       ${capped(`${OPEN_OVERSELLS} AND kind = 'move_stock'`)} AS "stockToMove",
       -- One that was found a moment ago may be explained in the next: it is told of, here as in alerts, once it has stood.
       ${capped("FROM conflicts WHERE install_id = $1 AND state = 'open' AND told_at IS NOT NULL")} AS overwritten,
       ${capped("FROM drifts WHERE install_id = $1 AND state = 'open'")} AS mismatches,
       ${capped("FROM drifts WHERE install_id = $1 AND state = 'open' AND proposed_delta IS NOT NULL")} AS "mismatchesToCorrect",
       ${capped("FROM external_pushes WHERE install_id = $1 AND state = 'parked'")} AS "parkedPushes",
       -- Flow is told of everything unasked; only what the merchant asked for is missed.
       ${capped("FROM alert_messages WHERE install_id = $1 AND state = 'failed' AND channel_kind <> 'flow'")} AS "failedAlerts"`,
    installId,
  );
  if (row === undefined) throw new TypeError("a statement without FROM answers one row");
  return { ...row, oversell: row.oversell === null ? null : toOversell(row.oversell) };
}

/** `from`: fixed words of this file. */
function capped(from: string): string {
  return `(SELECT count(*)::int FROM (SELECT 1 ${from} LIMIT ${BACKLOG_COUNT_MAX}) counted)`;
}

function toOversell({ id, orders, ...rest }: NonNullable<ProblemRow["oversell"]>): OpenOversell {
  const units = new Map<string, OpenOversell["shortOrders"][number]>();
  for (const order of orders) {
    if (order.verdict !== "short") continue;
    const orderId = order.orderId.slice(order.orderId.lastIndexOf("/") + 1);
    units.set(orderId, { orderId, name: order.name, units: (units.get(orderId)?.units ?? 0) + order.unitsShort });
  }
  return { ...rest, id: BigInt(id), shortOrders: [...units.values()] };
}

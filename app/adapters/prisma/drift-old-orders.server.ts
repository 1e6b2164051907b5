// Orders of before the install, from the file of day one: those that still want units are known from now on, none is ever deducted.

import { EMPTY_ORDER, mergeRead } from "#app/domain/order-state.ts";
import { sourceKeyOf } from "#app/domain/settings.ts";
import type { ScannedOrder } from "#app/ports/bulk-operations.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { ScanHold } from "#app/ports/stock-scan.ts";
import { keepPlace } from "./stock-scans-place.ts";

/** Channels that one shop's orders may come from; what is beyond them is not counted. */
const SOURCES_MAX = 200;

export async function storeOldOrders(tx: SqlExecutor, hold: ScanHold, orders: readonly ScannedOrder[], lineCount: number): Promise<boolean> {
  const scan = await keepPlace(tx, hold, lineCount, { orders: orders.length });
  if (!scan) return false;
  const [install] = await tx.query<{ second: Date }>(`SELECT date_trunc('second', installed_at) AS second FROM installs WHERE id = $1`, scan.installId);
  const old = orders.filter(({ version }) => install !== undefined && Date.parse(version.createdAt) < install.second.getTime());
  await countSources(tx, hold.scanId, old);
  const open = old.filter(({ version, unfulfilledUnits }) => version.cancelledAt === null && unfulfilledUnits > 0);
  if (open.length === 0) return true;
  const sorted = open.toSorted((a, b) => (a.version.id < b.version.id ? -1 : 1));
  // One that is known came by a notification meanwhile and is newer, or was stored by a reading of this file before.
  await tx.execute(
    `INSERT INTO orders (install_id, shop, order_id, name, source_name, app_id, ordered_at, snapshot, mode, mode_reason, state, detect_at)
     SELECT $1, $2, o.id, o.name, o.source_name, o.app_id, o.ordered_at::timestamptz, o.snapshot::jsonb, 'untouched', 'before_install', 'settled', now()
     FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS o(id, name, source_name, app_id, ordered_at, snapshot)
     ON CONFLICT (install_id, order_id) DO NOTHING`,
    scan.installId,
    scan.shop,
    sorted.map(({ version }) => version.id),
    sorted.map(({ version }) => version.name),
    sorted.map(({ version }) => version.sourceName),
    sorted.map(({ version }) => version.appId),
    sorted.map(({ version }) => version.createdAt),
    sorted.map(({ version }) => JSON.stringify(mergeRead(EMPTY_ORDER, version, 0))),
  );
  return true;
}

/** Kept with the scan until its file was read to the end. */
async function countSources(tx: SqlExecutor, scanId: bigint, orders: readonly ScannedOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const [scan] = await tx.query<{ sources: Record<string, SourceCount> }>(`SELECT sources FROM stock_scans WHERE id = $1`, scanId);
  const sources = new Map(Object.entries(scan?.sources ?? {}));
  for (const { version } of orders) {
    // An order of a native channel carries an app as well; what names it to the merchant is its source.
    const key = sourceKeyOf({ sourceName: version.sourceName });
    const known = sources.get(key);
    if (!known && sources.size >= SOURCES_MAX) continue;
    const at = version.createdAt;
    sources.set(key, { count: (known?.count ?? 0) + 1, first: known && known.first < at ? known.first : at, last: known && known.last > at ? known.last : at });
  }
  await tx.execute(`UPDATE stock_scans SET sources = $2::jsonb WHERE id = $1`, scanId, JSON.stringify(Object.fromEntries(sources)));
}

interface SourceCount {
  readonly count: number;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
}

// How far the file of a comparison was read, written with what was read of it.

import type { SqlExecutor } from "#app/ports/database.ts";
import type { ScanHold } from "#app/ports/stock-scan.ts";

/** Renews the lease and says how far the file was read; false when somebody else has the scan. */
export async function keepPlace(tx: SqlExecutor, hold: ScanHold, lineCount: number, counted: { readonly levels?: number; readonly orders?: number }): Promise<{ installId: bigint; shop: string; beganAt: Date } | null> {
  const [scan] = await tx.query<{ install_id: bigint; shop: string; began_at: Date }>(
    `UPDATE stock_scans SET line_count = $3, level_count = level_count + $4, order_count = order_count + $5, taken_until = now() + $6 * interval '1 millisecond'
     WHERE id = $1 AND taken_by = $2 AND state = 'reading' AND EXISTS (SELECT 1 FROM installs WHERE id = install_id AND state = 'active')
     RETURNING install_id, shop, coalesce(operation_began_at, created_at) AS began_at`,
    hold.scanId,
    hold.ownerId,
    lineCount,
    counted.levels ?? 0,
    counted.orders ?? 0,
    hold.leaseMs,
  );
  return scan ? { installId: scan.install_id, shop: scan.shop, beganAt: scan.began_at } : null;
}

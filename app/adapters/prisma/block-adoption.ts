// Blocks of lives of the app that have ended: the next life takes over what they hold, so that no unit stays in `reserved` for good.

import type { SqlExecutor } from "#app/ports/database.ts";
import { HOLD } from "./hold-moves.ts";

/**
 * Units that an earlier life was giving back when it ended may have arrived or not: they are not taken over, because giving back what is
 * not there would make stock out of nothing. They are said.
 */
export async function adoptDueBlocks(tx: SqlExecutor, limit: number): Promise<number> {
  const rows = await tx.query<{ install_id: bigint; shop: string; item: string; location: string; held: number; doubtful: number; heir: bigint | null }>(
    `SELECT b.install_id, ended.shop, b.inventory_item_id AS item, b.location_id AS location, b.held,
       (SELECT coalesce(sum(-c.delta), 0)::int FROM changes c WHERE c.install_id = b.install_id AND c.inventory_item_id = b.inventory_item_id AND c.location_id = b.location_id
          AND c.quantity_name = '${HOLD}' AND c.delta < 0 AND (c.state = 'claimed' OR c.outcome_unknown)) AS doubtful,
       (SELECT id FROM installs heir WHERE heir.shop = ended.shop AND heir.state = 'active') AS heir
     FROM stock_blocks b JOIN installs ended ON ended.id = b.install_id AND ended.state = 'ended'
     WHERE b.look_at <= now() ORDER BY b.look_at LIMIT $1 FOR UPDATE OF b SKIP LOCKED`,
    limit,
  );
  const adopted = rows.flatMap((row) => {
    const units = row.held - row.doubtful;
    return row.heir !== null && units > 0 ? [{ ...row, heir: row.heir, units }] : [];
  });
  // Without an heir they wait for the next life, which makes them due when it begins.
  await tx.execute(
    `UPDATE stock_blocks b SET look_at = NULL, held = b.held - d.units
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[]) AS d(install_id, item, location, units)
     WHERE b.install_id = d.install_id AND b.inventory_item_id = d.item AND b.location_id = d.location`,
    rows.map((row) => row.install_id),
    rows.map((row) => row.item),
    rows.map((row) => row.location),
    rows.map((row) => adopted.find((one) => one.install_id === row.install_id && one.item === row.item && one.location === row.location)?.units ?? 0),
  );
  if (adopted.length === 0) return 0;
  const columns = [adopted.map((row) => row.heir), adopted.map((row) => row.item), adopted.map((row) => row.location), adopted.map((row) => row.units)] as const;
  await tx.execute(
    `INSERT INTO stock_blocks (install_id, inventory_item_id, location_id, held, look_at)
     SELECT d.install_id, d.item, d.location, sum(d.units), now() FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[]) AS d(install_id, item, location, units)
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET held = stock_blocks.held + excluded.held, look_at = now()`,
    ...columns,
  );
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, inventory_item_id, location_id, quantity_name, detail)
     SELECT d.install_id, i.shop, 'block_adopted', 'holdfast', d.item, d.location, '${HOLD}',
       jsonb_build_object('units', d.units, 'ofInstall', d.ended::text, 'inDoubt', d.doubtful)
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::int[]) AS d(install_id, item, location, units, ended, doubtful)
     JOIN installs i ON i.id = d.install_id`,
    ...columns,
    adopted.map((row) => row.install_id),
    adopted.map((row) => row.doubtful),
  );
  return adopted.length;
}

/** Said when a life ends: Shopify lets us move nothing any more. `inDoubt`: calls were under way. */
export async function sayWhatIsStranded(tx: SqlExecutor, installId: bigint, traceId: string | null): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, trace_id, inventory_item_id, location_id, quantity_name, detail)
     SELECT b.install_id, i.shop, 'units_stranded', 'shopify', $2, b.inventory_item_id, b.location_id, '${HOLD}',
       jsonb_build_object('units', b.held, 'leaving', b.leaving, 'growing', b.growing, 'ledgerDocument', 'gid://holdfast/Holds/' || b.install_id)
     FROM stock_blocks b JOIN installs i ON i.id = b.install_id WHERE b.install_id = $1 AND (b.held > 0 OR b.leaving > 0 OR b.growing > 0)
     ORDER BY b.inventory_item_id, b.location_id`,
    installId,
    traceId,
  );
}

/** A new life begins: what earlier ones left behind is due. */
export async function makeLeftBlocksDue(tx: SqlExecutor, shop: string): Promise<void> {
  await tx.execute(
    `UPDATE stock_blocks b SET look_at = now() FROM (
       SELECT b.install_id, b.inventory_item_id, b.location_id FROM stock_blocks b JOIN installs i ON i.id = b.install_id AND i.shop = $1 AND i.state = 'ended'
       WHERE b.held > 0 ORDER BY 1, 2, 3 FOR UPDATE OF b) AS l
     WHERE b.install_id = l.install_id AND b.inventory_item_id = l.inventory_item_id AND b.location_id = l.location_id`,
    shop,
  );
}

/** Holds are no longer to be seen in Shopify: what is free goes back now, not when it has been idle. */
export async function makeHoldingBlocksDue(tx: SqlExecutor, installId: bigint): Promise<void> {
  await tx.execute(
    `UPDATE stock_blocks b SET look_at = now() FROM (
       SELECT inventory_item_id, location_id FROM stock_blocks WHERE install_id = $1 AND (held > 0 OR growing > 0) ORDER BY 1, 2 FOR UPDATE) AS l
     WHERE b.install_id = $1 AND b.inventory_item_id = l.inventory_item_id AND b.location_id = l.location_id`,
    installId,
  );
}

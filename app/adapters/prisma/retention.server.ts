// The retention port: which old rows may go (docs/decisions/028-what-retention-removes.md), in steps of some hundred rows.
//
// A step looks at the next rows along an index, oldest first: it costs the same however large the table is, and rows that are kept are
// passed by once a pass.

import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import { SETTINGS_LIMITS } from "#app/domain/settings-validation.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { Retention, RetentionShop, RetentionStep, RetentionTable } from "#app/ports/retention.ts";

/** Something may still happen to a change in these states. */
const OPEN_CHANGE = "state IN ('waiting', 'claimed', 'parked')";

/** An order of which nothing is under way, and none of whose units are still to be sent: its old news can decide nothing any more. */
const ORDER_IS_OVER = `
  NOT EXISTS (SELECT 1 FROM orders o WHERE o.install_id = row.install_id AND o.order_id = row.order_id AND o.state <> 'settled')
  AND NOT EXISTS (SELECT 1 FROM order_items i WHERE i.install_id = row.install_id AND i.order_id = row.order_id AND i.units_open > 0)
  AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.install_id = row.install_id AND c.order_id = row.order_id AND c.${OPEN_CHANGE})`;

/** `$1` is the install, `$3` the days it is known to want at least. */
const CUTOFF = `(now() - greatest($3::int, coalesce((SELECT (v.document->>'retentionDays')::int FROM settings_versions v WHERE v.install_id = $1 ORDER BY v.version DESC LIMIT 1), 0)) * interval '1 day')`;

interface Rule {
  /** When a row is of. */
  readonly at: string;
  /** The rows that come after `$2` (when) and `$5` (id), in the order of an index that begins with the install. */
  readonly after: string;
  readonly orderBy: string;
  /** Over `row`: it may go once it is old enough. */
  readonly mayGo: string;
}

/** Ids are given out in the order of writing. */
const BY_ID = { after: "$2::timestamptz IS NULL OR id > $5", orderBy: "id" };
const BY_RECEIPT = { after: "$2::timestamptz IS NULL OR (received_at, id) > ($2::timestamptz, $5)", orderBy: "received_at, id" };

const RULES: Readonly<Record<RetentionTable, Rule>> = {
  audit_entries: {
    ...BY_ID,
    at: "at",
    mayGo: `(row.change_id IS NULL OR NOT EXISTS (SELECT 1 FROM changes c WHERE c.id = row.change_id AND c.${OPEN_CHANGE})) AND (row.order_id IS NULL OR (${ORDER_IS_OVER}))
      AND NOT EXISTS (SELECT 1 FROM oversells s WHERE s.install_id = row.install_id AND s.state = 'open' AND s.id::text = row.detail->>'oversellId')`,
  },
  deliveries: {
    ...BY_RECEIPT,
    at: "received_at",
    // A person may have had an old one worked on anew a moment ago.
    mayGo: `row.state <> 'pending' AND (row.replayed_at IS NULL OR row.replayed_at < cutoff.before) AND (row.order_id IS NULL OR (${ORDER_IS_OVER}))`,
  },
  // How often a notification came goes with the notification.
  delivery_duplicates: { ...BY_RECEIPT, at: "received_at", mayGo: "NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.shop = row.shop AND d.webhook_id = row.webhook_id)" },
};

export function createRetention(database: Database): Retention {
  return {
    shops: (afterId, limit) =>
      database.query<RetentionShop>(
        `SELECT i.id AS "installId", i.shop, greatest(coalesce((s.document->>'retentionDays')::int, ${DEFAULT_SETTINGS.retentionDays}), ${SETTINGS_LIMITS.retentionDaysMin}) AS "retentionDays"
         FROM installs i LEFT JOIN LATERAL (SELECT document FROM settings_versions v WHERE v.install_id = i.id ORDER BY v.version DESC LIMIT 1) s ON TRUE
         WHERE i.state = 'active' AND ($1::bigint IS NULL OR i.id > $1) ORDER BY i.id LIMIT $2`,
        afterId,
        limit,
      ),
    sweep: (step) => database.transaction((tx) => sweep(tx, step)),
  };
}

async function sweep(tx: SqlExecutor, { shop: { installId, retentionDays }, table, after, rowsMax }: RetentionStep): ReturnType<Retention["sweep"]> {
  const rule = RULES[table];
  // The database's clock: those of workers may differ. A longer retention that was saved since the list of shops was read counts at once.
  const looked = await tx.query<{ id: bigint; at: Date; old: boolean }>(
    `SELECT id, ${rule.at} AS at, ${rule.at} < ${CUTOFF} AS old FROM ${table} WHERE install_id = $1 AND (${rule.after}) ORDER BY ${rule.orderBy} LIMIT $4`,
    installId,
    after?.at ?? null,
    retentionDays,
    rowsMax,
    after?.id ?? 0n,
  );
  const old = looked.filter((row) => row.old).map((row) => row.id);
  const last = looked.at(-1);
  // Rows that are all young enough: what follows is younger still.
  if (old.length === 0) return { removedCount: 0, next: null };
  const removedCount = await tx.execute(
    `DELETE FROM ${table} WHERE id IN (
       SELECT row.id FROM ${table} row, (SELECT ${CUTOFF} AS before) AS cutoff
       WHERE row.id = ANY($2::bigint[]) AND row.install_id = $1 AND row.${rule.at} < cutoff.before AND ${rule.mayGo} ORDER BY row.id FOR UPDATE OF row SKIP LOCKED)`,
    installId,
    old,
    retentionDays,
  );
  return { removedCount, next: looked.length < rowsMax || last === undefined ? null : { at: last.at, id: last.id } };
}

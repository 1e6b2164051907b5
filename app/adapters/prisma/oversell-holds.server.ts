// The book of holds on PostgreSQL: asked before Shopify is, settled by its answer, each step in the audit trail.

import type { Database } from "#app/ports/database.ts";
import type { HoldBook, HoldTarget, KnownHold } from "#app/ports/fulfilment-holds.ts";

/** An asker that has not said what came of it for so long is gone. */
const ASKER_GONE_SECONDS = 60;

export function createHoldBook(database: Database): HoldBook {
  return {
    target: (installId, oversellId, orderId) => readTarget(database, installId, oversellId, orderId),
    known: (installId, oversellId, orderId) =>
      database.query<KnownHold>(
        `SELECT fulfilment_order_id AS "fulfilmentOrderId", handle, hold_id AS "holdId", state FROM fulfilment_holds
         WHERE install_id = $1 AND oversell_id = $2 AND order_id = $3 ORDER BY fulfilment_order_id`,
        installId,
        oversellId,
        orderId,
      ),
    async ask(installId, target, { fulfilmentOrderId, handle, by }) {
      await database.execute(
        `INSERT INTO fulfilment_holds (install_id, order_id, fulfilment_order_id, handle, oversell_id, state, by) VALUES ($1, $2, $3, $4, $5, 'asked', $6)
         ON CONFLICT (install_id, fulfilment_order_id, handle) DO UPDATE SET state = 'asked', hold_id = NULL, reason = NULL, by = excluded.by, at = now()
         -- What is held already, or on its way, stays as it is.
         WHERE fulfilment_holds.state IN ('asked', 'failed', 'released')`,
        installId,
        target.orderId,
        fulfilmentOrderId,
        handle,
        target.oversellId,
        by,
      );
    },
    async settle(installId, { oversellId, orderId }, { fulfilmentOrderId, handle, holdId, state, reason, by }) {
      await database.execute(
        `WITH settled AS (
           UPDATE fulfilment_holds SET state = $4, hold_id = coalesce($5, hold_id), reason = $6, by = $7, at = now()
           WHERE install_id = $1 AND fulfilment_order_id = $2 AND handle = $3 AND state <> $4 RETURNING order_id)
         INSERT INTO audit_entries (install_id, shop, kind, actor, order_id, inventory_item_id, location_id, detail)
         SELECT o.install_id, o.shop, 'fulfilment_hold_' || $4, $7, settled.order_id, o.inventory_item_id, o.location_id,
           jsonb_build_object('oversellId', $8::text, 'fulfilmentOrderId', $2::text, 'handle', $3::text, 'reason', $6::text)
         FROM settled JOIN oversells o ON o.id = $8 AND o.install_id = $1 WHERE settled.order_id = $9`,
        installId,
        fulfilmentOrderId,
        handle,
        state,
        holdId,
        reason,
        by,
        oversellId,
        orderId,
      );
    },
    async markHandled(installId, oversellId, { by, note, handled }) {
      const [row] = await database.query<{ known: boolean }>(
        `WITH handled AS (
           UPDATE oversells SET handled_at = CASE WHEN $5 THEN now() END, handled_by = CASE WHEN $5 THEN $3 END, handled_note = CASE WHEN $5 THEN $4 END
           WHERE install_id = $1 AND id = $2 AND (CASE WHEN $5 THEN handled_at IS NULL OR handled_note IS DISTINCT FROM $4 ELSE handled_at IS NOT NULL END)
           RETURNING install_id, shop, inventory_item_id, location_id),
         audited AS (
           INSERT INTO audit_entries (install_id, shop, kind, actor, inventory_item_id, location_id, detail)
           SELECT install_id, shop, CASE WHEN $5 THEN 'oversell_handled' ELSE 'oversell_reopened' END, $3, inventory_item_id, location_id, jsonb_build_object('oversellId', $2::text, 'note', $4::text) FROM handled)
         SELECT EXISTS (SELECT 1 FROM oversells WHERE install_id = $1 AND id = $2) AS known`,
        installId,
        oversellId,
        by,
        note,
        handled,
      );
      return row?.known ?? false;
    },
    takeAutomatic: (limit, scopes) => takeAutomatic(database, limit, scopes),
  };
}

async function readTarget(database: Database, installId: bigint, oversellId: bigint, orderId: string): Promise<HoldTarget | null> {
  const [row] = await database.query<{ inventory_item_id: string; location_id: string; short: { lineId: string; units: number }[] | null }>(
    `SELECT inventory_item_id, location_id, (SELECT jsonb_agg(jsonb_build_object('lineId', o->>'lineId', 'units', (o->>'unitsShort')::int)) FROM jsonb_array_elements(orders) AS o
       WHERE o->>'orderId' = $3 AND (o->>'unitsShort')::int > 0) AS short
     FROM oversells WHERE install_id = $1 AND id = $2`,
    installId,
    oversellId,
    orderId,
  );
  return row?.short ? { oversellId, inventoryItemId: row.inventory_item_id, locationId: row.location_id, orderId, short: row.short } : null;
}

/** Until an order that was taken may be taken again, doubled with each time: fulfilment orders come some seconds after the order, what is gone stays gone. */
const NEXT_TRY_SECONDS_FIRST = 15;
const NEXT_TRY_SECONDS_MAX = 6 * 3_600;

/**
 * A hold that a person released, or that Shopify refused, is not asked for again unasked. Two workers at one moment: the second finds the row locked, or
 * the tries not as it read them.
 */
const TAKE_AUTOMATIC = `
WITH due AS (
  SELECT i.id AS install_id, i.shop, o.id AS oversell_id, o.hold_tries, line.value->>'orderId' AS order_id
  FROM oversells o JOIN installs i ON i.id = o.install_id AND i.state = 'active' AND string_to_array(i.scopes, ',') && $2::text[]
  JOIN LATERAL (SELECT document FROM settings_versions WHERE install_id = i.id ORDER BY version DESC LIMIT 1) AS s ON (s.document->'oversell'->>'holdFulfilment')::boolean
  CROSS JOIN LATERAL jsonb_array_elements(o.orders) AS line(value)
  WHERE o.state = 'open' AND o.handled_at IS NULL AND (line.value->>'unitsShort')::int > 0
    AND coalesce((o.hold_tries->(line.value->>'orderId')->>'dueAt')::timestamptz, '-infinity') <= now()
    AND NOT EXISTS (SELECT 1 FROM fulfilment_holds h WHERE h.install_id = i.id AND h.oversell_id = o.id AND h.order_id = line.value->>'orderId'
      AND (h.state <> 'asked' OR h.at > now() - interval '${ASKER_GONE_SECONDS} seconds'))
  GROUP BY i.id, i.shop, o.id, line.value->>'orderId'),
chosen AS (
  SELECT *, row_number() OVER (PARTITION BY install_id ORDER BY oversell_id, order_id) AS turn FROM due ORDER BY turn, oversell_id LIMIT $1),
tries AS (
  SELECT oversell_id, hold_tries AS before, jsonb_object_agg(order_id, jsonb_build_object('count', done.count + 1,
    'dueAt', now() + least(${NEXT_TRY_SECONDS_FIRST} * power(2, least(done.count, 20)), ${NEXT_TRY_SECONDS_MAX}) * interval '1 second')) AS added
  FROM chosen CROSS JOIN LATERAL (SELECT coalesce((hold_tries->order_id->>'count')::int, 0) AS count) AS done GROUP BY oversell_id, hold_tries),
locked AS (
  SELECT id FROM oversells WHERE id IN (SELECT oversell_id FROM chosen) ORDER BY id FOR UPDATE SKIP LOCKED),
taken AS (
  UPDATE oversells o SET hold_tries = o.hold_tries || tries.added FROM tries JOIN locked ON locked.id = tries.oversell_id
  WHERE o.id = tries.oversell_id AND o.hold_tries = tries.before RETURNING o.id)
SELECT install_id AS "installId", shop, oversell_id AS "oversellId", order_id AS "orderId" FROM chosen JOIN taken ON taken.id = oversell_id ORDER BY turn, oversell_id`;

function takeAutomatic(database: Database, limit: number, scopes: readonly string[]) {
  return database.query<{ installId: bigint; shop: string; oversellId: bigint; orderId: string }>(TAKE_AUTOMATIC, limit, scopes);
}

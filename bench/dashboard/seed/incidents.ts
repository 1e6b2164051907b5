// What went wrong: oversells, overwrites, mismatches, the alerts of them, pushes that were not taken, scans that found some.

import { idSql, locationNameSql, type SeededShop, skuSql, titleSql } from "./shop-size.ts";

/** Orders that an incident names; a flash sale leaves more short than a quiet day. */
const ORDERS_OF_INCIDENT = 12;
const PUSHES = 20_000;

/** One stock each, so that no two are open of the same. */
const stockOf = (number: string, { items, locations }: SeededShop) => ({ item: `(1 + (${number} * 13) % ${items})`, location: `(1 + ${number} % ${locations})` });

export function incidentsSql(seeded: SeededShop): string[] {
  const { installId, shop, oversells, conflicts, drifts, openOfEach, orders, days } = seeded;
  const { item, location } = stockOf("n", seeded);
  const named = `${installId}, '${shop}', ${idSql("item", item)}, ${idSql("variant", item)}, ${skuSql(item)}, ${titleSql(item)}, ${idSql("location", location)}`;
  const at = `now() - interval '${days} days' * power((n - 0.5) / `;
  const orderOf = `${orders} - (n - 1) * 7 - k`;
  return [
    `INSERT INTO oversells (install_id, shop, inventory_item_id, variant_id, sku, title, location_id, location_name, kind, state, depth, short, available, pending, hidden, movable, orders, policy, cause, confidence, evidence,
       seen_by, opened_at, updated_at, closed_at, close_reason, handled_at, handled_by, handled_note)
     SELECT ${named}, ${locationNameSql(location)}, (ARRAY['oversold', 'likely_oversold', 'move_stock'])[1 + n % 3], CASE WHEN n <= ${openOfEach} THEN 'open' ELSE 'closed' END, 1 + n % 7, CASE WHEN n % 3 = 2 THEN 0 ELSE 1 + n % 7 END, -(1 + n % 7), n % 4, n % 3,
       CASE WHEN n % 3 = 2 THEN jsonb_build_array(jsonb_build_object('locationId', ${idSql("location", "1")}, 'available', 40)) ELSE '[]'::jsonb END,
       (SELECT jsonb_agg(jsonb_build_object('orderId', ${idSql("order", orderOf)}, 'name', '#' || (1000 + ${orderOf}), 'lineId', ${idSql("line", `(${orderOf}) * 10 + 1`)}, 'committedAt', to_jsonb(now() - (n * 15 + k) * interval '1 minute'), 'units', 1 + k % 2,
          'unitsShort', CASE WHEN k < 3 THEN 1 ELSE 0 END, 'paid', k % 5 > 0, 'verdict', CASE WHEN k < 3 THEN 'short' ELSE 'served' END, 'exempt', NULL) ORDER BY k DESC) FROM generate_series(0, ${ORDERS_OF_INCIDENT - 1}) k),
       'latest_first', (ARRAY['two_sales', 'foreign_write', 'bundle', 'late_notification', 'unknown'])[1 + n % 5], (ARRAY['certain', 'likely', 'unknown'])[1 + n % 3],
       jsonb_build_object('available', -(1 + n % 7), 'pending', n % 4, 'hidden', n % 3, 'putBack', n % 4, 'takenAway', 0, 'unknownChanges', n % 2), 'notification',
       ${at}${oversells}.0, 2), now() - n * interval '7 minutes', CASE WHEN n > ${openOfEach} THEN now() - n * interval '6 minutes' END, CASE WHEN n > ${openOfEach} THEN (ARRAY['stock_returned', 'orders_gone', 'moved', 'recounted'])[1 + n % 4] END,
       CASE WHEN n % 6 = 0 THEN now() - n * interval '5 minutes' END, CASE WHEN n % 6 = 0 THEN 'staff:42' END, CASE WHEN n % 6 = 0 THEN 'The customers were told.' END
     FROM generate_series(${oversells}, 1, -1) n`,
    `INSERT INTO fulfilment_holds (install_id, order_id, fulfilment_order_id, handle, oversell_id, hold_id, state, by, at)
     SELECT install_id, orders->0->>'orderId', '77' || id, 'holdfast-' || id, id, '99' || id, CASE WHEN id % 4 = 0 THEN 'released' ELSE 'held' END, 'holdfast', opened_at + interval '1 minute' FROM oversells WHERE install_id = ${installId} AND id % 2 = 0`,
    // An overwrite is of something that was seen: its observation is one of the stock's own.
    `INSERT INTO conflicts (install_id, shop, inventory_item_id, variant_id, sku, title, location_id, observation_id, at, value_before, value_written, same_as_at, units_at_risk, unseen, confidence, state, found_at, ended_at, ended_by, note)
     SELECT ${installId}, '${shop}', s.inventory_item_id, v.variant_id, v.sku, v.title, s.location_id, s.id, s.at, s.available, s.available + 3 + n % 9, s.at - interval '20 minutes', 3 + n % 9,
       (SELECT jsonb_agg(jsonb_build_object('orderId', ${idSql("order", orderOf)}, 'name', '#' || (1000 + ${orderOf}), 'units', 1)) FROM generate_series(0, 2 + n % 4) k), CASE WHEN n % 2 = 0 THEN 'certain' ELSE 'likely' END,
       CASE WHEN n <= ${openOfEach} THEN 'open' ELSE (ARRAY['repaired', 'dismissed', 'explained'])[1 + n % 3] END, s.at + interval '3 minutes', CASE WHEN n > ${openOfEach} THEN s.at + interval '2 hours' END, CASE WHEN n > ${openOfEach} THEN 'staff:42' END, NULL
     FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS n FROM (
       SELECT DISTINCT ON (inventory_item_id, location_id) * FROM (SELECT * FROM stock_observations WHERE install_id = ${installId} ORDER BY id DESC LIMIT 20000) o ORDER BY inventory_item_id, location_id, id DESC) newest ORDER BY n LIMIT ${conflicts}) s
     LEFT JOIN variants v ON v.install_id = ${installId} AND v.inventory_item_id = s.inventory_item_id ORDER BY s.n DESC`,
    `UPDATE stock_observations o SET verdict = 'another_writer', foreign_delta = c.value_written - c.value_before, available = c.value_written, delta = c.value_written - c.value_before FROM conflicts c WHERE c.observation_id = o.id AND c.install_id = ${installId}`,
    `INSERT INTO stock_scans (install_id, shop, kind, reason, requested_by, state, object_count, line_count, level_count, drift_count, created_at, finished_at, due_at)
     SELECT ${installId}, '${shop}', CASE WHEN n % 10 = 0 THEN 'orders' ELSE 'stock' END, CASE WHEN n = 60 THEN 'day_one' ELSE 'scheduled' END, 'holdfast', 'done', 40000, 44000, 40000, 3, now() - n * interval '1 day', now() - n * interval '1 day' + interval '4 minutes', now() - n * interval '1 day'
     FROM generate_series(60, 0, -1) n`,
    `INSERT INTO drifts (install_id, shop, scan_id, inventory_item_id, variant_id, sku, title, location_id, shopify, known, difference, explanation, evidence, proposed_delta, proposed_because, state, found_at, ended_at, ended_by, note)
     SELECT ${installId}, '${shop}', (SELECT max(id) FROM stock_scans WHERE install_id = ${installId}) - n % 50, ${idSql("item", item)}, ${idSql("variant", item)}, ${skuSql(item)}, ${titleSql(item)}, ${idSql("location", location)}, 50 + n % 30, 50, n % 30,
       (ARRAY['another_writer', 'missed_notification', 'owed', 'doubled', 'unknown'])[1 + n % 5], '{}', CASE WHEN n % 5 IN (2, 3) THEN n % 9 + 1 END, CASE n % 5 WHEN 2 THEN 'owed' WHEN 3 THEN 'doubled' END,
       CASE WHEN n <= ${openOfEach} THEN 'open' ELSE (ARRAY['explained', 'corrected', 'dismissed', 'gone'])[1 + n % 4] END, now() - n * interval '9 hours', CASE WHEN n > ${openOfEach} THEN now() - n * interval '8 hours' END, CASE WHEN n > ${openOfEach} THEN 'staff:42' END, NULL
     FROM generate_series(${drifts}, 1, -1) n`,
    ...alertsSql(seeded),
    ...pushesSql(seeded),
  ];
}

function alertsSql({ installId, shop }: SeededShop): string[] {
  const event = (kind: string, table: string, opened: string) =>
    `SELECT '${kind}' AS kind, id::text AS subject, ${opened} AS at, jsonb_build_object('inventoryItemId', inventory_item_id, 'locationId', location_id, 'sku', sku, 'title', title, 'depth', 2, 'orders', '[]'::jsonb, 'detail', '{}'::jsonb) AS facts FROM ${table} WHERE install_id = ${installId}`;
  return [
    `INSERT INTO alert_events (install_id, shop, kind, subject, stage, facts, at, fanned_out_at)
     SELECT ${installId}, '${shop}', kind, subject, 'opened', facts, at, at + interval '2 seconds' FROM (${event("oversell", "oversells", "opened_at")} UNION ALL ${event("conflict", "conflicts", "found_at")} UNION ALL ${event("drift", "drifts", "found_at")}) e ORDER BY at`,
    `INSERT INTO alert_messages (install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage, state, content, attempt_count, last_error, created_at, first_attempt_at, ended_at)
     SELECT install_id, shop, id, 'webhook:' || md5('alerts'), 'webhook', 'https://alerts.example.com/holdfast', kind, subject, stage, CASE WHEN id % 25 = 0 THEN 'failed' ELSE 'sent' END, facts, 1,
       CASE WHEN id % 25 = 0 THEN 'the receiver answered 500' END, at, at, at + interval '3 seconds' FROM alert_events WHERE install_id = ${installId}`,
  ];
}

function pushesSql({ installId, shop, items }: SeededShop): string[] {
  return [
    `INSERT INTO external_pushes (install_id, shop, change_id, inventory_item_id, sequence, content, state, reason, attempt_count, last_status, last_attempt_at, created_at, finished_at)
     SELECT ${installId}, '${shop}', id, inventory_item_id, row_number() OVER (PARTITION BY inventory_item_id ORDER BY id), jsonb_build_object('sku', sku, 'delta', delta, 'orderName', order_name),
       CASE WHEN id % 400 = 0 THEN 'parked' ELSE 'delivered' END, CASE WHEN id % 400 = 0 THEN 'the receiver answered 422' END, 1, CASE WHEN id % 400 = 0 THEN 422 ELSE 200 END, finished_at, finished_at, CASE WHEN id % 400 > 0 THEN finished_at + interval '1 second' END
     FROM (SELECT * FROM changes WHERE install_id = ${installId} AND state = 'applied' AND quantity_name = 'available' ORDER BY id DESC LIMIT ${Math.min(PUSHES, items * 5)}) newest`,
    `INSERT INTO external_lanes (install_id, inventory_item_id, last_sequence, done_sequence)
     SELECT install_id, inventory_item_id, max(sequence), max(sequence) FROM external_pushes WHERE install_id = ${installId} GROUP BY 1, 2`,
  ];
}

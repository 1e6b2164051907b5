// What became of the orders: orders with their items, changes, the calls that carried them, the audit trail, what stock showed.

import { CHANNEL } from "./catalogue.ts";
import { idSql, type SeededShop, skuSql, titleSql, uuidSql } from "./shop-size.ts";

/** Changes that one call carries, on average: a turn's worth. */
const CHANGES_A_CALL = 8;
/** The newest changes wait still. */
const WAITING = 60;
/** Parked ones are strewn over the newest changes, one in so many. */
const PARKED_EVERY = 97;
const FIRST_LEVEL = 5_000;

const trace = (number: string) => `md5('trace' || ${number})`;

/** Every change in the order of time, with its state and the call that carried it; made from the staged lines. */
export function stagedChangesSql({ items, locations, parked }: SeededShop): string[] {
  return [
    `CREATE UNLOGGED TABLE bench.changes AS
     WITH drawn AS (
       SELECT 'order' AS cause, n, order_id, name, line_id, item, location, -units AS delta, at + interval '2 seconds' AS at, watched, 0 AS revision FROM bench.lines WHERE source = '${CHANNEL}'
       UNION ALL
       SELECT CASE WHEN n % 3 = 0 THEN 'refund' ELSE 'cancellation' END, n, order_id, name, line_id, item, location, units, at + interval '50 minutes', watched, 1 FROM bench.lines WHERE source = '${CHANNEL}' AND cancelled AND at < now() - interval '1 hour'
       UNION ALL
       SELECT 'reservation', 0, NULL, NULL, NULL, 1 + (h * 7) % least(${items}, 150), 1 + h % ${locations}, CASE WHEN h % 2 = 0 THEN 20 ELSE -18 END, now() - interval '30 days' * (h::float8 / ${items * 12}), false, h
       FROM generate_series(1, ${items * 12}) h),
     numbered AS (SELECT *, row_number() OVER (ORDER BY at, line_id, revision) AS rank, count(*) OVER () AS total FROM drawn),
     judged AS (
       SELECT *, CASE WHEN watched THEN 'shadow' WHEN rank > total - ${WAITING} THEN 'waiting'
         WHEN rank % ${PARKED_EVERY} = 0 AND rank > total - ${WAITING} - ${parked * PARKED_EVERY} AND cause = 'order' THEN 'parked' ELSE 'applied' END AS state FROM numbered)
     SELECT *, count(*) FILTER (WHERE state = 'applied') OVER (ORDER BY rank) / ${CHANGES_A_CALL} AS call,
       ${FIRST_LEVEL} + sum(CASE WHEN state = 'applied' THEN CASE WHEN cause = 'reservation' THEN -delta ELSE delta END ELSE 0 END) OVER (PARTITION BY item, location ORDER BY rank)::int AS after,
       (SELECT coalesce(max(id), 0) FROM changes) + rank AS id
     FROM judged`,
    "ANALYZE bench.changes",
    // Two causes in one call would be two calls: moves have their own.
    `UPDATE bench.changes SET call = -call WHERE cause = 'reservation'`,
  ];
}

export function changesSql({ installId, shop }: SeededShop): string[] {
  const parkedReason = `(ARRAY['refused:INVALID_QUANTITY_TOO_LOW', 'outcome_unknown', 'source_paused', 'unknown_variant', 'key_forgotten', 'no_location'])[1 + (rank / ${PARKED_EVERY})::int % 6]`;
  const placeless = `(state = 'parked' AND ${parkedReason} IN ('unknown_variant', 'no_location'))`;
  return [
    `INSERT INTO changes (id, install_id, shop, effect_key, cause, order_id, order_name, line_id, variant_id, sku, title, inventory_item_id, location_id, quantity_name, delta, source_key, state, reason,
       outcome_unknown, settings_version, mutation_id, webhook_id, trace_id, accepted_at, created_at, finished_at, before, after)
     SELECT id, ${installId}, '${shop}',
       CASE WHEN cause = 'reservation' THEN 'hold/' || item || '@' || location || '/' || revision ELSE 'order/' || order_id || '/line/' || line_id || '/stock/' || item || '@' || location || '/rev/' || revision END,
       cause, order_id, name, line_id, ${idSql("variant", "item")}, ${skuSql("item")}, ${titleSql("item")}, CASE WHEN NOT ${placeless} THEN ${idSql("item", "item")} END,
       CASE WHEN NOT ${placeless} THEN ${idSql("location", "location")} END, CASE WHEN cause = 'reservation' THEN 'hold' ELSE 'available' END, CASE WHEN ${placeless} THEN 0 ELSE delta END,
       CASE WHEN order_id IS NOT NULL THEN 'name:${CHANNEL}' END, state, CASE WHEN state = 'parked' THEN ${parkedReason} END, state = 'parked' AND ${parkedReason} = 'outcome_unknown',
       12, CASE WHEN state = 'applied' THEN ${uuidSql(`'call${installId}:'`, "call")} END, CASE WHEN order_id IS NOT NULL THEN ${uuidSql(`'${shop}create'`, "n")}::text END, ${trace("rank")},
       at - interval '1 second', at, CASE WHEN state = 'applied' THEN at + interval '900 milliseconds' END,
       CASE WHEN state = 'applied' THEN after - CASE WHEN cause = 'reservation' THEN -delta ELSE delta END END, CASE WHEN state = 'applied' THEN after END
     FROM bench.changes ORDER BY id`,
  ];
}

export function auditSql({ installId, shop, auditEntries, days }: SeededShop): string[] {
  return [
    `INSERT INTO audit_entries (install_id, shop, at, kind, actor, change_id, order_id, webhook_id, trace_id, mutation_id, inventory_item_id, location_id, quantity_name, delta, before, after, adjustment_group_id, detail)
     SELECT ${installId}, '${shop}', at + interval '900 milliseconds', 'change_applied', 'holdfast', id, order_id, CASE WHEN order_id IS NOT NULL THEN ${uuidSql(`'${shop}create'`, "n")}::text END, ${trace("rank")},
       ${uuidSql(`'call${installId}:'`, "call")}, ${idSql("item", "item")}, ${idSql("location", "location")}, CASE WHEN cause = 'reservation' THEN 'hold' ELSE 'available' END, delta,
       after - CASE WHEN cause = 'reservation' THEN -delta ELSE delta END, after, 'gid://shopify/InventoryAdjustmentGroup/' || (700000000 + abs(call)), '{"derived": true, "attempt": 1, "mayBeReplay": false}'
     FROM bench.changes WHERE state = 'applied' ORDER BY rank`,
    `INSERT INTO audit_entries (install_id, shop, at, kind, actor, change_id, order_id, trace_id, inventory_item_id, location_id, quantity_name, delta, detail)
     SELECT install_id, shop, created_at + interval '3 seconds', 'change_parked', 'holdfast', id, order_id, trace_id, inventory_item_id, location_id, quantity_name, delta, jsonb_build_object('reason', reason)
     FROM changes WHERE install_id = ${installId} AND state = 'parked'`,
    `INSERT INTO audit_entries (install_id, shop, at, kind, actor, detail)
     SELECT install_id, '${shop}', created_at, 'settings_changed', created_by, jsonb_build_object('version', version, 'changes', '[]'::jsonb) FROM settings_versions WHERE install_id = ${installId}`,
    // The rest is of holds: paid for, and settled when their order took its stock.
    `INSERT INTO audit_entries (install_id, shop, at, kind, actor, order_id, trace_id, detail)
     SELECT ${installId}, '${shop}', now() - interval '${days} days' * random(), CASE WHEN n % 2 = 0 THEN 'reservation_committed' ELSE 'reservation_settled' END, 'holdfast', ${idSql("order", "n")}, ${trace("n")},
       jsonb_build_object('reservation', ${uuidSql(`'hold${installId}:'`, "n")})
     FROM generate_series(1, greatest(0, ${auditEntries} - (SELECT count(*) FROM audit_entries WHERE install_id = ${installId})::int)) n`,
  ];
}

export function callsSql({ installId, shop }: SeededShop): string[] {
  const call = uuidSql(`'call${installId}:'`, "call");
  return [
    `INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id, claimed_at, first_sent_at, resend_at, finished_at, adjustment_group_id, operation)
     SELECT ${call}, ${installId}, '${shop}', ${uuidSql(`'key${installId}:'`, "call")}, 'applied', ${trace("min(rank)")}, 'worker-1', max(at), max(at) + interval '50 milliseconds', max(at) + interval '16 seconds',
       max(at) + interval '900 milliseconds', 'gid://shopify/InventoryAdjustmentGroup/' || (700000000 + abs(call)), CASE WHEN call < 0 THEN 'move' ELSE 'adjust' END
     FROM bench.changes WHERE state = 'applied' GROUP BY call`,
    `INSERT INTO mutation_entries (mutation_id, position, install_id, inventory_item_id, location_id, delta, token, open, before, after)
     SELECT ${call}, row_number() OVER (PARTITION BY call ORDER BY item, location), ${installId}, ${idSql("item", "item")}, ${idSql("location", "location")}, sum(delta), 100, false, min(after) - sum(delta), min(after)
     FROM bench.changes WHERE state = 'applied' GROUP BY call, item, location`,
    `INSERT INTO attempts (mutation_id, number, install_id, sent_at, finished_at, outcome, operation)
     SELECT m.id, n, m.install_id, m.first_sent_at, m.finished_at, CASE WHEN n = 1 AND tries = 2 THEN 'throttled' ELSE 'applied' END, m.operation
     FROM (SELECT *, CASE WHEN substr(id::text, 1, 1) = '7' THEN 2 ELSE 1 END AS tries FROM mutations WHERE install_id = ${installId}) m, generate_series(1, m.tries) n`,
    // 60 of them failed in the last day: what the numbers of errors are drawn from.
    `INSERT INTO attempts (mutation_id, number, install_id, sent_at, finished_at, outcome, operation)
     SELECT id, 3, install_id, first_sent_at, now() - random() * interval '1 day', 'unknown', operation FROM mutations WHERE install_id = ${installId} AND state = 'applied' ORDER BY claimed_at DESC LIMIT 60`,
  ];
}

export function ordersSql({ installId, shop }: SeededShop): string[] {
  return [
    `INSERT INTO orders (install_id, shop, order_id, name, source_name, ordered_at, snapshot, pins, mode, mode_reason, settings_version, state, due_at, first_seen_at, derived_at, webhook_id, trace_id, accepted_at, missed_at)
     SELECT ${installId}, '${shop}', o.order_id, o.name, o.source, o.at,
       jsonb_build_object('version', jsonb_build_object('id', o.order_id, 'name', o.name, 'sourceName', o.source, 'appId', NULL, 'test', false, 'createdAt', o.at, 'updatedAt', o.at, 'cancelledAt', NULL, 'financialStatus', 'paid', 'locationId', NULL,
         'lines', l.lines, 'refunds', '[]'::jsonb), 'triggeredAt', o.at, 'refunds', '[]'::jsonb, 'cancelledAt', NULL, 'paid', true, 'routing', NULL, 'eventId', NULL, 'questions', '[]'::jsonb, 'questionCount', 0),
       l.pins, CASE WHEN o.source = 'web' THEN 'untouched' WHEN o.watched THEN 'shadow' ELSE 'enforce' END, CASE WHEN o.source = 'web' THEN 'native_source' END, 12, 'settled', o.at, o.at + interval '1 second',
       o.at + interval '2 seconds', ${uuidSql(`'${shop}create'`, "o.n")}::text, ${trace("o.n")}, o.at + interval '1 second', CASE WHEN o.n % 4001 = 0 THEN o.at + interval '5 minutes' END
     FROM bench.orders o JOIN (
       SELECT n, jsonb_agg(jsonb_build_object('id', line_id, 'variantId', ${idSql("variant", "item")}, 'sku', ${skuSql("item")}, 'title', ${titleSql("item")}, 'quantity', units, 'currentQuantity', units, 'giftCard', false, 'tracked', true, 'groupId', NULL)) AS lines,
         jsonb_object_agg(line_id, jsonb_build_object('locationId', ${idSql("location", "location")})) AS pins FROM bench.lines GROUP BY n) l USING (n) ORDER BY o.n`,
    `INSERT INTO order_items (install_id, order_id, line_id, inventory_item_id, order_name, variant_id, location_id, units, units_open, committed_at, heard_at, paid, source_key, component)
     SELECT ${installId}, order_id, line_id, ${idSql("item", "item")}, name, ${idSql("variant", "item")}, ${idSql("location", "location")}, units, CASE WHEN at > now() - interval '2 days' AND n % 3 > 0 THEN units ELSE 0 END,
       at, at + interval '1 second', n % 20 > 0, 'name:' || source, false FROM bench.lines`,
  ];
}

/** What moved stock, and what was seen of it. */
export function stockHistorySql({ installId }: SeededShop): string[] {
  return [
    `INSERT INTO stock_effects (install_id, effect_key, kind, inventory_item_id, location_id, delta, at, order_id, order_name, line_id, expected)
     SELECT ${installId}, 'order:' || order_id || ':' || line_id, 'order', ${idSql("item", "item")}, ${idSql("location", "location")}, -units, at, order_id, name, line_id, true FROM bench.lines WHERE source = 'web'`,
    `INSERT INTO stock_effects (install_id, effect_key, kind, inventory_item_id, location_id, delta, at, after, mutation_id, expected)
     SELECT ${installId}, 'ours:' || m.id || ':' || e.inventory_item_id || '@' || e.location_id, 'ours', e.inventory_item_id, e.location_id, e.delta, m.finished_at, e.after, m.id, true
     FROM mutation_entries e JOIN mutations m ON m.id = e.mutation_id WHERE e.install_id = ${installId} AND e.delta <> 0`,
    `INSERT INTO stock_observations (install_id, inventory_item_id, location_id, available, at, seen_by, webhook_id, received_at, delta, verdict, foreign_delta, parts, judged_at)
     SELECT ${installId}, ${idSql("item", "item")}, ${idSql("location", "location")}, after, at + interval '1 second', 'notification', ${uuidSql(`'level${installId}:'`, "id")}::text, at + interval '2 seconds', delta, 'ours', 0,
       '[]', at + interval '8 seconds' FROM bench.changes WHERE state = 'applied' AND cause <> 'reservation' AND at > now() - interval '30 days' ORDER BY at`,
  ];
}

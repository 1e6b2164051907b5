// The notifications of the last days: each order's, and the echo of each change of stock; one in ten came twice.

import { idSql, type SeededShop, skuSql, titleSql, uuidSql } from "./shop-size.ts";

/** Newest ones that wait still, so that a queue is there to show. */
const PENDING = 25;

const trace = (number: string) => `md5('trace' || ${number})`;

export function deliveriesSql({ installId, shop, deliveries, duplicates }: SeededShop): string[] {
  const order = (topic: string, word: string, delay: string, where: string) =>
    `SELECT '${topic}' AS topic, ${uuidSql(`'${shop}${word}'`, "o.n")}::text AS webhook_id, o.order_id, o.n, o.at + interval '${delay}' AS at, jsonb_build_object('kind', 'order', 'version', jsonb_build_object(
       'id', o.order_id, 'name', o.name, 'sourceName', o.source, 'appId', NULL, 'test', false, 'createdAt', o.at, 'updatedAt', o.at, 'cancelledAt', NULL, 'financialStatus', 'paid', 'locationId', NULL, 'lines', l.lines, 'refunds', '[]'::jsonb)) AS payload
     FROM newest o JOIN lines l USING (n) WHERE ${where}`;
  return [
    `CREATE UNLOGGED TABLE bench.deliveries AS
     WITH newest AS (SELECT * FROM bench.orders ORDER BY n DESC LIMIT ${Math.ceil(deliveries / 4)}),
     lines AS (SELECT n, jsonb_agg(jsonb_build_object('id', line_id, 'variantId', ${idSql("variant", "item")}, 'sku', ${skuSql("item")}, 'title', ${titleSql("item")}, 'quantity', units, 'currentQuantity', units,
       'giftCard', false, 'tracked', true, 'groupId', NULL)) AS lines FROM bench.lines WHERE n >= (SELECT min(n) FROM newest) GROUP BY n),
     came AS (
       ${order("orders/create", "create", "1 second", "true")}
       UNION ALL ${order("orders/paid", "paid", "2 seconds", "o.n % 2 = 0")}
       UNION ALL ${order("orders/updated", "updated", "9 seconds", "o.n % 2 = 1")}
       UNION ALL
       SELECT 'inventory_levels/update', ${uuidSql(`'level${installId}:'`, "c.id")}::text, NULL, c.n, c.at + interval '2 seconds', jsonb_build_object('kind', 'level', 'inventoryItemId', ${idSql("item", "c.item")}, 'locationId', ${idSql("location", "c.location")},
         'available', c.after, 'updatedAt', c.at, 'connected', true)
       FROM bench.changes c WHERE c.state = 'applied' AND c.cause <> 'reservation' AND c.at > (SELECT min(at) FROM newest))
     SELECT *, row_number() OVER (ORDER BY at DESC) AS age FROM came WHERE at < now() ORDER BY at DESC LIMIT ${deliveries}`,
    `INSERT INTO deliveries (install_id, shop, webhook_id, event_id, topic, api_version, triggered_at, received_at, order_id, payload, state, reason, processed_at, trace_id)
     SELECT ${installId}, '${shop}', webhook_id, ${uuidSql("'event'", "webhook_id")}::text, topic, '2026-10', at - interval '400 milliseconds', at, order_id, payload,
       CASE WHEN age <= ${PENDING} THEN 'pending' WHEN age % 1500 = 1 THEN 'rejected' WHEN age % 40 = 2 THEN 'ignored' ELSE 'processed' END, CASE WHEN age <= ${PENDING} THEN NULL WHEN age % 1500 = 1 THEN 'unreadable' END,
       CASE WHEN age > ${PENDING} THEN at + interval '700 milliseconds' END, ${trace("n")}
     FROM bench.deliveries ORDER BY at`,
    `INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic, received_at)
     SELECT ${installId}, '${shop}', webhook_id, topic, at + interval '6 seconds' FROM bench.deliveries WHERE age % 10 = 0 ORDER BY at LIMIT ${duplicates}`,
  ];
}

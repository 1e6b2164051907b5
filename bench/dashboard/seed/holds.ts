// Stock held for checkouts: some active, most paid for, a few on which a person must decide, and the counts by the hour.

import { idSql, type SeededShop, skuSql, uuidSql } from "./shop-size.ts";

const ACTIVE = 200;
const REFUNDS = 25;
/** Stocks that checkouts hold; in each hour most of them see a hold. */
const HELD_STOCKS = 150;
const DAYS = 30;

export function holdsSql({ installId, shop, reservations, holdsForPerson, items, locations, orders }: SeededShop): string[] {
  const id = uuidSql(`'hold${installId}:'`, "n");
  const at = `now() - interval '2 minutes' - interval '${DAYS} days' * (n::float8 / ${reservations})`;
  const active = Math.min(ACTIVE, Math.floor(reservations / 10));
  const person = `n > ${active} AND n <= ${active + holdsForPerson}`;
  const refund = `n > ${active + holdsForPerson} AND n <= ${active + holdsForPerson + REFUNDS}`;
  const state = `CASE WHEN n <= ${active} THEN 'active' WHEN ${person} THEN 'committed' WHEN ${refund} THEN 'expired' WHEN n % 12 = 0 THEN 'expired' WHEN n % 12 = 1 THEN 'released' ELSE 'committed' END`;
  const item = `(1 + (n * 7) % least(${items}, ${HELD_STOCKS}))`;
  const location = `(1 + n % ${locations})`;
  return [
    `INSERT INTO reservations (id, install_id, shop, idempotency_key, body_hash, token_id, reference, state, expires_at, trace_id, created_at, finished_at, finished_by, payment_reference, order_id, refund_required, settlement, settled_at)
     SELECT id, ${installId}, '${shop}', 'cart-' || n, md5(n::text) || md5(id::text), NULL, 'cart-' || n, state, at + interval '10 minutes', md5('trace' || n), at, CASE WHEN state <> 'active' THEN at + interval '3 minutes' END,
       CASE state WHEN 'committed' THEN 'api' WHEN 'released' THEN 'api' WHEN 'expired' THEN 'expiry' END, CASE state WHEN 'committed' THEN 'pay_' || n END, CASE WHEN state = 'committed' AND NOT (${person}) THEN ${idSql("order", `greatest(1, ${orders} - n)`)} END,
       ${refund}, CASE WHEN state = 'committed' THEN CASE WHEN ${person} THEN 'person' ELSE 'done' END END, CASE WHEN state = 'committed' AND NOT (${person}) THEN at + interval '4 minutes' END
     FROM (SELECT n, ${id} AS id, ${state} AS state, ${at} AS at FROM generate_series(1, ${reservations}) n) r`,
    `INSERT INTO reservation_lines (reservation_id, position, install_id, inventory_item_id, location_id, variant_id, sku, quantity, counts)
     SELECT ${id}, 0, ${installId}, ${idSql("item", item)}, ${idSql("location", location)}, ${idSql("variant", item)}, ${skuSql(item)}, 1 + n % 2, true FROM generate_series(1, ${reservations}) n`,
    `INSERT INTO stock_blocks (install_id, inventory_item_id, location_id, held, granted, settling, leaving, move_count, last_granted_at)
     SELECT ${installId}, ${idSql("item", "n")}, ${idSql("location", "l")}, CASE WHEN n % 3 = 0 THEN 0 ELSE 20 END, CASE WHEN n % 3 = 0 THEN 0 ELSE n % 4 END, CASE WHEN n % 3 = 0 THEN 0 ELSE n % 2 END, 0, 12, now() - n * interval '1 minute'
     FROM generate_series(1, least(${items}, ${HELD_STOCKS})) n, generate_series(1, ${locations}) l`,
    `INSERT INTO reservation_hours (install_id, hour, inventory_item_id, location_id, granted_count, granted_units, committed_units, released_units, lapsed_units, refused_count, short_units)
     SELECT ${installId}, date_trunc('hour', now()) - h * interval '1 hour', ${idSql("item", "s")}, ${idSql("location", `1 + s % ${locations}`)}, 4 + s % 9, 5 + s % 9, 3 + s % 7, 1, 1, CASE WHEN (s + h) % 11 = 0 THEN 3 ELSE 0 END, CASE WHEN (s + h) % 11 = 0 THEN 4 ELSE 0 END
     FROM generate_series(0, ${DAYS * 24 - 1}) h, generate_series(1, least(${items}, ${HELD_STOCKS})) s`,
  ];
}

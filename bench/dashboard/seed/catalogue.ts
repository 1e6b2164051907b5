// What a shop has before anything is sold: places, variants, levels, rules, people's tokens; and the orders that everything else is drawn from.

import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";

import { idOf, idSql, locationNameSql, type SeededShop, skuSql, titleSql, uuidSql } from "./shop-size.ts";

/** The outside channel whose orders leave stock alone. */
export const CHANNEL = "my-channel";
const BUNDLES = 20;
/** Stocks that somebody had to wait for, in most hours. */
const BUSY_STOCKS = 150;
const BUSY_DAYS = 30;

/** Orders and their lines with everything by chance, made once a shop; newer days sell more, a few items sell most. */
export function stagingSql({ orders, items, locations, days }: SeededShop): string[] {
  return [
    "DROP SCHEMA IF EXISTS bench CASCADE",
    "CREATE SCHEMA bench",
    "SELECT setseed(0.42)",
    `CREATE UNLOGGED TABLE bench.orders AS
     SELECT n, ${idSql("order", "n")} AS order_id, '#' || (1000 + n) AS name,
       now() - interval '20 seconds' - interval '${days} days' * power(1 - n::float8 / ${orders}, 1.5) AS at,
       CASE WHEN random() < 0.2 THEN 'web' ELSE '${CHANNEL}' END AS source, n <= ${orders} / 10 AS watched,
       1 + floor(${locations} * power(random(), 2))::int AS location, 1 + floor(8 * random() * random())::int AS line_count, random() < 0.04 AS cancelled
     FROM generate_series(1, ${orders}) n`,
    `CREATE UNLOGGED TABLE bench.lines AS
     SELECT o.n, o.order_id, o.name, o.at, o.source, o.watched, o.location, o.cancelled, ${idSql("line", "o.n * 10 + p")} AS line_id,
       1 + floor(${items} * power(random(), 3))::int AS item, 1 + floor(3 * random() * random())::int AS units
     FROM bench.orders o, generate_series(1, o.line_count) p`,
    "ANALYZE bench.orders",
    "ANALYZE bench.lines",
  ];
}

export function catalogueSql(seeded: SeededShop): string[] {
  const { installId, items, locations, days } = seeded;
  return [
    `INSERT INTO locations (install_id, location_id, name, read_at) SELECT ${installId}, ${idSql("location", "n")}, ${locationNameSql("n")}, now() FROM generate_series(1, ${locations}) n ON CONFLICT DO NOTHING`,
    `INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, title, product_title, tracked, inventory_policy, sold_by_plan, read_at)
     SELECT ${installId}, ${idSql("variant", "n")}, ${idSql("item", "n")}, ${skuSql("n")}, ${titleSql("n")}, split_part(${titleSql("n")}, ' - ', 1), true,
       CASE WHEN n % 200 = 7 THEN 'CONTINUE' ELSE 'DENY' END, false, now() FROM generate_series(1, ${items}) n`,
    `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source)
     SELECT ${installId}, ${idSql("item", "n")}, ${idSql("location", "l")}, CASE WHEN n % 90 = 3 AND l = 1 THEN -(1 + n % 7) ELSE (n * 37 + l * 11) % 240 END, now() - n * interval '1 second',
       CASE WHEN n % 3 = 0 THEN 'own_answer' ELSE 'inventory_levels/update' END FROM generate_series(1, ${items}) n, generate_series(1, ${locations}) l`,
    `INSERT INTO fencing_tokens (install_id, inventory_item_id, location_id, token)
     SELECT ${installId}, ${idSql("item", "n")}, ${idSql("location", "l")}, 100 + n FROM generate_series(1, ${items}) n, generate_series(1, ${locations}) l`,
    `INSERT INTO order_sources (install_id, source_key, order_count, bypass_count, took_stock_count, first_seen_at, last_seen_at, paused_at)
     SELECT ${installId}, key, 1000 * n, CASE n WHEN 1 THEN 900 ELSE 40 END, CASE n WHEN 2 THEN 800 ELSE 0 END, now() - interval '${days} days', now() - n * interval '1 minute', CASE n WHEN 4 THEN now() - interval '3 hours' END
     FROM unnest(ARRAY['name:${CHANNEL}', 'name:web', 'app:1354745', 'app:2776901', 'name:pos', 'name:import']) WITH ORDINALITY AS s(key, n)`,
    `INSERT INTO order_scans (install_id, watermark, passed_at) VALUES (${installId}, now() - interval '3 minutes', now() - interval '2 minutes') ON CONFLICT DO NOTHING`,
    `INSERT INTO activity_hours (install_id, hour, lock_acquired, lock_busy, lock_lost, lock_wait_ms_total, lock_wait_ms_max, turns, throttled)
     SELECT ${installId}, date_trunc('hour', now()) - h * interval '1 hour', 900 + h % 400, 40 + h % 90, (h % 31 = 0)::int, 9000 + h * 3, 300 + h % 900, 700 + h % 300, h % 5
     FROM generate_series(0, ${days} * 24 - 1) h`,
    `INSERT INTO contention_hours (install_id, hour, inventory_item_id, location_id, cause, waits, wait_ms_max, wait_counts, hold_ms_max, hold_counts, lost)
     SELECT ${installId}, date_trunc('hour', now()) - h * interval '1 hour', ${idSql("item", "s")}, ${idSql("location", `1 + s % ${locations}`)}, (ARRAY['orders', 'reservations', 'reconciliation', 'person'])[1 + (s + h) % 4], 9 + s % 30, 400 + s * 7 % 900,
       ARRAY[s % 9, 3, 4, 1, 1, 0, 0, 0, 0, 0, 0, 0], 900, ARRAY[4, 3, s % 9, 1, 0, 0, 0, 0, 0, 0, 0, 0], ((s + h) % 97 = 0)::int
     FROM generate_series(0, ${BUSY_DAYS} * 24 - 1) h, generate_series(1, least(${items}, ${BUSY_STOCKS})) s WHERE (s + h) % 3 > 0`,
    `INSERT INTO api_tokens (id, install_id, shop, hash, label, created_by, created_at, last_used_at, revoked_at)
     SELECT ${uuidSql(`'token'`, String(installId), "n::text")}, ${installId}, '${seeded.shop}', md5('${seeded.shop}' || n) || md5(n::text), 'Checkout ' || n, 'staff:42', now() - n * interval '9 days', now() - n * interval '2 hours',
       CASE WHEN n > 6 THEN now() - interval '1 day' END FROM generate_series(1, 8) n`,
    ...settingsSql(seeded),
  ];
}

/** A protecting shop, a dozen versions old, with bundles and alerts. The first version is there since the install. */
function settingsSql({ installId, items, days }: SeededShop): string[] {
  const settings: Settings = {
    ...DEFAULT_SETTINGS,
    version: 12,
    mode: "enforce",
    deduct: { sources: [{ sourceName: CHANNEL, confirmedBypass: true }, { appId: "1354745", confirmedBypass: false }], on: "orders/create", location: "order" },
    bundles: Array.from({ length: Math.min(BUNDLES, Math.floor(items / 10)) }, (_, index) => ({
      variantId: `gid://shopify/ProductVariant/${idOf("variant", items - index)}`,
      parentStock: "leave",
      components: [1, 2, 3].map((step) => ({ inventoryItemId: `gid://shopify/InventoryItem/${idOf("item", 10 + index * 3 + step)}`, quantity: step })),
    })),
    alerts: [
      { kind: "webhook", target: "https://alerts.example.com/holdfast", on: ["oversell", "conflict", "drift", "parked"], threshold: {} },
      { kind: "email", target: "warehouse@example.com", on: ["oversell"], threshold: {} },
    ],
  };
  const document = JSON.stringify(settings).replaceAll("'", "''");
  return [
    `INSERT INTO settings_versions (install_id, version, document, created_at, created_by)
     SELECT ${installId}, v, jsonb_set('${document}'::jsonb, '{version}', to_jsonb(v)), now() - interval '${days} days' + v * interval '6 days', 'staff:42' FROM generate_series(2, 12) v`,
  ];
}

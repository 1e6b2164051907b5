// What the sides of `accept` find in the database: an installed shop, its offline session, and no deliveries, or millions of them.
import { Client } from "pg";

import { SHOP } from "./sides.ts";

/** An offline session that does not expire: nobody has to refresh anything. */
const SESSION = `INSERT INTO "Session" (id, shop, state, "isOnline", scope, "accessToken") VALUES ('offline_' || $1, $1, '', false, 'read_orders', 'bench') ON CONFLICT DO NOTHING`;
const INSTALL = `INSERT INTO installs (id, shop, epoch, scopes) VALUES (1, $1, 1, 'read_orders') ON CONFLICT DO NOTHING`;

/** A year of a busy shop: worked on long ago, ids of webhooks as random as Shopify's. */
const SEED = `
INSERT INTO deliveries (install_id, shop, webhook_id, topic, api_version, triggered_at, received_at, order_id, payload, state, processed_at, trace_id)
SELECT 1, $1, gen_random_uuid()::text, (ARRAY['orders/create', 'orders/paid', 'orders/updated', 'inventory_levels/update'])[1 + n % 4], '2026-10',
       now() - interval '30 days' * (1 - n / $3::float8), now() - interval '30 days' * (1 - n / $3::float8), (4000000000000 + n / 4)::text,
       jsonb_build_object('kind', 'order', 'version', jsonb_build_object('id', (4000000000000 + n / 4)::text, 'name', '#' || n, 'test', false, 'lines', jsonb_build_array(
         jsonb_build_object('id', (6000000000000 + n)::text, 'sku', 'CANDLE-L', 'title', 'Beeswax candle - large', 'quantity', 1, 'variantId', '44000000000001')))),
       'processed', now() - interval '30 days' * (1 - n / $3::float8), md5(n::text)
FROM generate_series($2::bigint, $2::bigint + $4::bigint - 1) AS n`;
const PORTION = 500_000;

export async function withDatabase<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export async function installShop(url: string): Promise<void> {
  await withDatabase(url, async (client) => {
    await client.query(INSTALL, [SHOP]);
    await client.query(SESSION, [SHOP]);
  });
}

/** Each side begins where the others began. */
export async function forgetDeliveries(url: string): Promise<void> {
  await withDatabase(url, async (client) => {
    await client.query("TRUNCATE deliveries, delivery_duplicates");
    await client.query("CHECKPOINT");
  });
}

export async function countDeliveries(url: string): Promise<number> {
  return await withDatabase(url, async (client) => Number((await client.query<{ count: string }>("SELECT count(*) FROM deliveries")).rows[0]?.count));
}

/** As a dump is restored: rows first, then indexes. All or nothing, so that a table that is kept never stays without its indexes. */
export async function seedDeliveries(url: string, count: number, tell: (line: string) => void): Promise<void> {
  await withDatabase(url, async (client) => {
    await client.query("BEGIN");
    const stored = Number((await client.query<{ count: string }>("SELECT count(*) FROM deliveries")).rows[0]?.count);
    const indexes = await takeIndexes(client);
    for (let from = stored; from < count; from += PORTION) {
      await client.query(SEED, [SHOP, from, count, Math.min(PORTION, count - from)]);
      tell(`${Math.min(from + PORTION, count).toLocaleString("en")} of ${count.toLocaleString("en")} deliveries stored`);
    }
    for (const index of indexes) await client.query(index);
    await client.query("COMMIT");
    tell(`${indexes.length} indexes built`);
    await client.query("VACUUM (ANALYZE) deliveries");
    await client.query("CHECKPOINT");
  });
}

/** All but the primary key's; what makes each again. */
async function takeIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = 'deliveries'::regclass AND NOT indisprimary`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ definition }) => definition);
}

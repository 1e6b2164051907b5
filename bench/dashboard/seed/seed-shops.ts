// Fills a migrated database with a big shop and its small neighbour, fast: set-based statements, indexes made afterwards, triggers asleep.

import { Pool, type PoolClient } from "pg";

import { openDatabase } from "#app/adapters/prisma/database.server.ts";
import { rollUpActivity } from "#app/dashboard/queries/roll-up-activity.server.ts";

import { catalogueSql, stagingSql } from "./catalogue.ts";
import { deliveriesSql } from "./deliveries.ts";
import { holdsSql } from "./holds.ts";
import { incidentsSql } from "./incidents.ts";
import { auditSql, callsSql, changesSql, ordersSql, stagedChangesSql, stockHistorySql } from "./ledger.ts";
import type { SeededShop } from "./shop-size.ts";

/** Tables whose indexes are cheaper to make anew than to keep up with hundreds of thousands of rows. */
const BULK_TABLES = [
  "orders", "order_items", "changes", "mutations", "mutation_entries", "attempts", "audit_entries", "deliveries", "delivery_duplicates", "stock_effects", "stock_observations", "reservations", "reservation_lines", "reservation_hours",
];
const CONNECTIONS = 3;

export interface SeedReport {
  readonly seconds: number;
  /** Rows by table, of both shops. */
  readonly rows: Readonly<Record<string, number>>;
}

/** `shops`: installs that are there already, without anything. The role must be a superuser: triggers sleep while rows are written. */
export async function seedShops(url: string, shops: readonly SeededShop[]): Promise<SeedReport> {
  const began = performance.now();
  const pool = new Pool({ connectionString: url, max: CONNECTIONS, options: "-c session_replication_role=replica -c synchronous_commit=off -c maintenance_work_mem=512MB -c work_mem=256MB -c jit=off" });
  try {
    const indexes = await dropIndexes(pool);
    for (const shop of shops) await seedShop(pool, shop);
    await pool.query("DROP SCHEMA IF EXISTS bench CASCADE");
    await inTurns(pool, indexes.map((index) => [index]));
    await setSequences(pool);
    await countActivity(url, pool, shops);
    await inTurns(pool, (await tableNames(pool)).map((table) => [`VACUUM (ANALYZE) "${table}"`]));
    await pool.query("CHECKPOINT");
    return { seconds: (performance.now() - began) / 1_000, rows: await countRows(pool) };
  } finally {
    await pool.end();
  }
}

/** Two chains at once: what is written of the orders, and what became of their changes. */
async function seedShop(pool: Pool, shop: SeededShop): Promise<void> {
  const first = await pool.connect();
  try {
    // By one connection: chance is drawn from its seed.
    await runAll(first, [...stagingSql(shop), ...stagedChangesSql(shop)]);
  } finally {
    first.release();
  }
  await inTurns(pool, [catalogueSql(shop), changesSql(shop), callsSql(shop), ordersSql(shop), deliveriesSql(shop), holdsSql(shop)]);
  await inTurns(pool, [stockHistorySql(shop), auditSql(shop)]);
  await inTurns(pool, [incidentsSql(shop)]);
}

/** Chains of statements, as many at once as there are connections; each keeps its order. */
async function inTurns(pool: Pool, chains: readonly (readonly string[])[]): Promise<void> {
  await Promise.all(
    chains.map(async (chain) => {
      const client = await pool.connect();
      try {
        await runAll(client, chain);
      } finally {
        client.release();
      }
    }),
  );
}

async function runAll(client: PoolClient, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    try {
      await client.query(statement);
    } catch (error) {
      throw new Error(`seeding failed at: ${statement.slice(0, 400)}`, { cause: error });
    }
  }
}

/** Answers how to make them again. Indexes of constraints stay. */
async function dropIndexes(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
     WHERE t.relname = ANY($1) AND t.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY c.relname`,
    [BULK_TABLES],
  );
  for (const { name } of rows) await pool.query(`DROP INDEX "${name}"`);
  return rows.map(({ definition }) => definition);
}

/** As the worker does, before anybody looks; the first visit counted a shop that had nothing yet. */
async function countActivity(url: string, pool: Pool, shops: readonly SeededShop[]): Promise<void> {
  await pool.query("DELETE FROM activity_rolls");
  await pool.query("ANALYZE");
  const database = openDatabase({ url, connectionsMax: 1 });
  try {
    for (const { installId } of shops) await rollUpActivity(database, installId, new Date());
  } finally {
    await database.close();
  }
}

async function tableNames(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
  return rows.map(({ name }) => name);
}

/** Rows were written with ids of their own. */
async function setSequences(pool: Pool): Promise<void> {
  await pool.query(`SELECT setval(pg_get_serial_sequence('changes', 'id'), (SELECT max(id) FROM changes))`);
}

async function countRows(pool: Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; count: string }>(`SELECT relname AS name, n_live_tup AS count FROM pg_stat_user_tables WHERE schemaname = 'public' AND n_live_tup > 0 ORDER BY n_live_tup DESC`);
  return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
}

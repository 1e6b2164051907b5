// Databases for benchmarks: one prepared template, cloned for each run.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { Pool } from "pg";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";

export interface BenchDatabase {
  readonly url: string;
  readonly name: string;
  /** Connections that the benchmark itself keeps. */
  readonly pool: Pool;
  drop(): Promise<void>;
}

export interface Databases {
  /** A database of one run's own; `sql` is run in it first. */
  create(name: string, sql?: readonly string[]): Promise<BenchDatabase>;
}

export interface DatabasesInput {
  readonly folder: string;
  /** A PostgreSQL to make databases on, and a migrated database there to clone; without them both are made. */
  readonly postgres?: { readonly url: string; readonly migrated: string } | undefined;
  /** What the template holds beside the app's tables. */
  readonly schema?: string;
  /** Name of the benchmark's own connections. */
  readonly application: string;
}

export async function openDatabases(shutdown: Pick<Shutdown, "add">, { folder, postgres, schema, application }: DatabasesInput): Promise<Databases> {
  if (!postgres) await generateClient();
  const server = postgres?.url ?? (await startOwnPostgres(shutdown, join(folder, "postgres")));
  const administrator = openPool(server, { max: 2 });
  shutdown.add("connections to PostgreSQL", async () => await administrator.end());
  const template = `holdfast_bench_${process.pid}_${randomBytes(3).toString("hex")}`;
  await administrator.query(`CREATE DATABASE "${template}"${postgres ? ` TEMPLATE "${postgres.migrated}"` : ""}`);
  shutdown.add("the template", async () => void (await administrator.query(`DROP DATABASE IF EXISTS "${template}" WITH (FORCE)`)));
  if (!postgres) await deployMigrations(addressOf(server, template));
  if (schema !== undefined) await runOnce(addressOf(server, template), schema);
  return {
    async create(name, sql = []) {
      await administrator.query(`CREATE DATABASE "${name}" TEMPLATE "${template}" STRATEGY FILE_COPY`);
      const url = addressOf(server, name);
      const pool = openPool(url, { max: 8, application_name: application });
      for (const statement of sql) await pool.query(statement);
      return {
        url,
        name,
        pool,
        async drop() {
          await pool.end();
          await administrator.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
        },
      };
    },
  };
}

async function startOwnPostgres(shutdown: Pick<Shutdown, "add">, folder: string): Promise<string> {
  const postgres = await startPostgres({ folder, durability: "fast" });
  shutdown.add("PostgreSQL", postgres.stop);
  return postgres.url;
}

/** A connection that is cut is the business of whoever uses it next. */
function openPool(connectionString: string, more: { max: number; application_name?: string }): Pool {
  const pool = new Pool({ connectionString, ...more });
  pool.on("error", () => undefined);
  return pool;
}

async function runOnce(url: string, sql: string): Promise<void> {
  const pool = openPool(url, { max: 1 });
  await pool.query(sql);
  await pool.end();
}

function addressOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

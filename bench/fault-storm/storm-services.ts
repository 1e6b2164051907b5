// What all seeds of a run share: PostgreSQL with one prepared template, Redis, and processes standing by.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { startRedis, type RedisServer } from "#dev/services/redis.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import { STORM_SCHEMA } from "./storm-schema.ts";
import { Barracks } from "./processes.ts";

export interface StormServices {
  readonly adminSchemaPath: string;
  readonly redis: RedisServer;
  /** For the storm's own commands to Redis. */
  readonly redisAdmin: Redis;
  readonly barracks: Barracks;
  /** A database of a seed's own. */
  createDatabase(name: string, sql: readonly string[]): Promise<SeedDatabase>;
}

export interface SeedDatabase {
  readonly url: string;
  readonly name: string;
  /** Connections that the storm itself keeps; `postgres_cut` spares them. */
  readonly pool: Pool;
  drop(): Promise<void>;
}

/** By this name the storm's own connections are known. */
export const OWN_APPLICATION = "the storm itself";

export interface ServicesGiven {
  /** A PostgreSQL to make databases on, and a migrated database there to clone; without them both are made. */
  readonly postgres?: { readonly url: string; readonly migrated: string };
  /** Where the logs of processes go; nowhere without it. */
  readonly logFolder?: string;
}

export async function startStormServices(shutdown: Pick<Shutdown, "add">, { postgres, logFolder }: ServicesGiven = {}): Promise<StormServices> {
  const folder = join(tmpdir(), `holdfast-storm-${process.pid}-${randomBytes(3).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  shutdown.add("the storm's folder", async () => await rm(folder, { recursive: true, force: true }));
  const adminSchemaPath = await ensureAdminSchema();
  if (!postgres) await generateClient();
  const redis = await startRedis({ folder: join(folder, "redis") });
  shutdown.add("Redis", redis.stop);
  const redisAdmin = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50, connectionName: "storm" });
  redisAdmin.on("error", () => undefined);
  shutdown.add("the storm's connection to Redis", async () => void redisAdmin.disconnect());
  const server = postgres?.url ?? (await startOwnPostgres(shutdown, join(folder, "postgres")));
  const administrator = new Pool({ connectionString: server, max: 2 });
  administrator.on("error", () => undefined);
  shutdown.add("connections to PostgreSQL", async () => await administrator.end());
  const template = `holdfast_storm_${process.pid}_${randomBytes(3).toString("hex")}`;
  await makeTemplate(administrator, server, template, postgres?.migrated ?? null);
  shutdown.add("the template", async () => void (await administrator.query(`DROP DATABASE IF EXISTS "${template}" WITH (FORCE)`)));
  await mkdir(join(folder, "processes"));
  const barracks = new Barracks(join(folder, "processes"), logFolder);
  shutdown.add("the storm's processes", async () => await barracks.close());
  return {
    adminSchemaPath,
    redis,
    redisAdmin,
    barracks,
    createDatabase: (name, sql) => createDatabase(administrator, server, template, name, sql),
  };
}

async function startOwnPostgres(shutdown: Pick<Shutdown, "add">, folder: string): Promise<string> {
  const postgres = await startPostgres({ folder, durability: "fast" });
  shutdown.add("PostgreSQL", postgres.stop);
  return postgres.url;
}

async function makeTemplate(administrator: Pool, server: string, template: string, migrated: string | null): Promise<void> {
  await administrator.query(`CREATE DATABASE "${template}"${migrated === null ? "" : ` TEMPLATE "${migrated}"`}`);
  const url = addressOf(server, template);
  if (migrated === null) await deployMigrations(url);
  const pool = new Pool({ connectionString: url, max: 1 });
  await pool.query(STORM_SCHEMA);
  await pool.end();
}

async function createDatabase(administrator: Pool, server: string, template: string, name: string, sql: readonly string[]): Promise<SeedDatabase> {
  await administrator.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  const url = addressOf(server, name);
  const pool = new Pool({ connectionString: url, max: 8, application_name: OWN_APPLICATION });
  pool.on("error", () => undefined);
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
}

function addressOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

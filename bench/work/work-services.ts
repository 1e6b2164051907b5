// What the benchmarks of order work stand on: PostgreSQL with every commit on disk, Redis, the schema of Shopify's API; started once, used by every trial.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { type RedisServer, startRedis } from "#dev/services/redis.ts";
import { type BenchDatabase, type Databases, openDatabases } from "../databases.ts";
import { type PostgresFacts, postgresFacts } from "../measure/machine-facts.ts";
import type { MeasureScope } from "../measure/measure-scope.ts";

export interface WorkServices {
  readonly folder: string;
  readonly schema: string;
  readonly redis: RedisServer;
  readonly postgres: PostgresFacts;
  readonly postgresPid: number;
  createDatabase(): Promise<BenchDatabase>;
}

const APPLICATION = "benchmark of order work";

export async function startWorkServices(scope: MeasureScope): Promise<WorkServices> {
  const { folder } = scope;
  await mkdir(join(folder, "empty"), { recursive: true });
  await generateClient();
  const schema = await ensureAdminSchema();
  const redis = await startRedis({ folder: join(folder, "redis") });
  scope.add("Redis", redis.stop);
  const server = await startPostgres({ folder: join(folder, "postgres"), durability: "safe" });
  scope.add("PostgreSQL", server.stop);
  const databases = await migratedTemplate(scope, server.url);
  return { folder, schema, redis, postgres: await postgresFacts(server.url), postgresPid: server.pid, createDatabase: () => databases.create(`work_${randomBytes(4).toString("hex")}`) };
}

async function migratedTemplate(scope: MeasureScope, url: string): Promise<Databases> {
  const { folder } = scope;
  const first = await openDatabases(scope, { folder, postgres: { url, migrated: "template1" }, application: APPLICATION });
  const { pool, name, url: migrated } = await first.create("migrated");
  await pool.end();
  await deployMigrations(migrated);
  return await openDatabases(scope, { folder, postgres: { url, migrated: name }, application: APPLICATION });
}

// What all seeds of a run share: PostgreSQL with one prepared template, Redis, and processes standing by.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { Redis } from "ioredis";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { startRedis, type RedisServer } from "#dev/services/redis.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import { openDatabases, type BenchDatabase } from "../databases.ts";
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

/** `postgres_cut` spares the connections of `pool`. */
export type SeedDatabase = BenchDatabase;

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
  const redis = await startRedis({ folder: join(folder, "redis") });
  shutdown.add("Redis", redis.stop);
  const redisAdmin = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50, connectionName: "storm" });
  redisAdmin.on("error", () => undefined);
  shutdown.add("the storm's connection to Redis", async () => void redisAdmin.disconnect());
  const databases = await openDatabases(shutdown, { folder, postgres, schema: STORM_SCHEMA, application: OWN_APPLICATION });
  await mkdir(join(folder, "processes"));
  const barracks = new Barracks(join(folder, "processes"), logFolder);
  shutdown.add("the storm's processes", async () => await barracks.close());
  return {
    adminSchemaPath,
    redis,
    redisAdmin,
    barracks,
    createDatabase: (name, sql) => databases.create(name, sql),
  };
}

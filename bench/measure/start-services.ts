// PostgreSQL and Redis of one measurement, migrated, durable as in production.
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { ensureBuild } from "#dev/services/app-build.ts";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { startRedis } from "#dev/services/redis.ts";

import { type PostgresFacts, postgresFacts } from "./machine-facts.ts";
import type { MeasureScope } from "./measure-scope.ts";

export interface MeasuredServices {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly postgresPid: number;
  readonly redisPid: number;
  readonly postgres: PostgresFacts;
}

export interface ServicesOptions {
  /** PostgreSQL's data are kept there and used again. */
  readonly keep?: string | undefined;
  /** Further `name=value` settings of PostgreSQL. */
  readonly settings?: readonly string[];
}

/** The app is built, too, when its sources are newer than its build. */
export async function startMeasuredServices(scope: MeasureScope, { keep, settings = [] }: ServicesOptions = {}): Promise<MeasuredServices> {
  await generateClient();
  await ensureBuild();
  const folder = join(scope.folder, randomBytes(3).toString("hex"));
  const postgres = await startPostgres({ folder: keep ?? join(folder, "postgres"), keep: keep !== undefined, durability: "safe", settings: [...settings] });
  scope.add("PostgreSQL", postgres.stop);
  const redis = await startRedis({ folder: join(folder, "redis") });
  scope.add("Redis", redis.stop);
  await deployMigrations(postgres.url);
  return { databaseUrl: postgres.url, redisUrl: redis.url, postgresPid: postgres.pid, redisPid: redis.pid, postgres: await postgresFacts(postgres.url) };
}

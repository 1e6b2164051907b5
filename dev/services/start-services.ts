// Starts what the processes stand on, PostgreSQL and Redis, unless DATABASE_URL or REDIS_URL says they are elsewhere.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { isAlive } from "./is-alive.ts";
import { say } from "./say.ts";
import { findScratchFolder } from "./scratch-folder.ts";
import { startPostgres, type PostgresServer } from "./postgres.ts";
import { startRedis, type RedisServer } from "./redis.ts";
import type { Shutdown } from "./shutdown.ts";

/** `postgres`, `redis`: only what was started here. */
export type Services = { databaseUrl: string; redisUrl: string; postgres?: PostgresServer; redis?: RedisServer };

export type ServicesOptions = { root: string; durability: "safe" | "fast"; shutdown: Pick<Shutdown, "add">; redisSettings?: string[] };

/** Data of one run lie under .holdfast/run-<pid>/, or in memory where no machine's death has to be survived, and go with it; logs stay in .holdfast/logs/. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const home = join(options.root, ".holdfast");
  const own = join(home, `run-${process.pid}`);
  const folder = options.durability === "fast" ? await findScratchFolder(own) : own;
  const logs = join(home, "logs");
  await mkdir(folder, { recursive: true });
  await mkdir(logs, { recursive: true });
  await removeAbandoned(home);
  options.shutdown.add("data folder", async () => await rm(folder, { recursive: true, force: true }));

  const database = async (): Promise<Pick<Services, "databaseUrl" | "postgres">> => {
    const given = process.env.DATABASE_URL;
    if (given !== undefined && given !== "") return say("using the PostgreSQL of DATABASE_URL"), { databaseUrl: given };
    say("starting PostgreSQL");
    const logFile = join(logs, "postgres.log");
    const server = await startPostgres({ folder: join(folder, "postgres"), durability: options.durability, logFile });
    options.shutdown.add("PostgreSQL", () => server.stop());
    return { databaseUrl: server.url, postgres: server };
  };
  const redis = async (): Promise<Pick<Services, "redisUrl" | "redis">> => {
    const given = process.env.REDIS_URL;
    if (given !== undefined && given !== "") return say("using the Redis of REDIS_URL"), { redisUrl: given };
    say("starting Redis");
    const server = await startRedis({ folder: join(folder, "redis"), logFile: join(logs, "redis.log"), settings: options.redisSettings });
    options.shutdown.add("Redis", () => server.stop());
    return { redisUrl: server.url, redis: server };
  };
  // Redis first: it may have to ask the person, and a question must not be mixed with other messages.
  const started = await redis();
  return { ...started, ...(await database()) };
}

/** Removes the data of runs that were killed; their servers were ended by the watchdog. */
async function removeAbandoned(home: string): Promise<void> {
  for (const entry of await readdir(home)) {
    const pid = /^run-(\d+)$/.exec(entry)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(home, entry), { recursive: true, force: true }).catch(() => undefined);
  }
}

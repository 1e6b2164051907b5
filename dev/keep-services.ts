// The background process behind `shopify app dev`: holds PostgreSQL (its data stays) and Redis, and ends when nobody has used them for long.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { countSessions, keptServicesFile, writeKeptServices } from "./kept-services.ts";
import { startPostgres } from "./services/postgres.ts";
import { startRedis } from "./services/redis.ts";
import { runTask } from "./services/run-task.ts";
import { say } from "./services/say.ts";

/** Longer than a lunch break's restart, short enough that a forgotten one does not run all night. */
const idleLimitMs = 30 * 60_000;
const lookEveryMs = 60_000;

await runTask(async (shutdown) => {
  const root = process.cwd();
  const home = join(root, ".holdfast", "dev");
  const redis = await startRedis({ folder: join(home, "redis"), logFile: join(root, ".holdfast", "logs", "redis.log") });
  shutdown.add("Redis", redis.stop);
  const postgres = await startPostgres({ folder: join(home, "postgres"), keep: true, durability: "safe", logFile: join(root, ".holdfast", "logs", "postgres.log") });
  shutdown.add("PostgreSQL", postgres.stop);
  shutdown.add("note of the services", async () => await rm(keptServicesFile(root), { force: true }));
  await writeKeptServices(root, { pid: process.pid, databaseUrl: postgres.url, redisUrl: redis.url });
  say(`PostgreSQL and Redis are up (process ${process.pid})`);
  await untilIdle(postgres.url, shutdown.signal);
  return 0;
});

/** Web and worker hold connections as long as they run; without any for half an hour, nobody is developing. */
async function untilIdle(databaseUrl: string, signal: AbortSignal): Promise<void> {
  let lastUsed = performance.now();
  while (!signal.aborted && performance.now() - lastUsed < idleLimitMs) {
    await new Promise((wake) => setTimeout(wake, lookEveryMs));
    const sessions = await countSessions(databaseUrl);
    if (sessions === null) return;
    if (sessions > 0) lastUsed = performance.now();
  }
  if (!signal.aborted) say("nobody has used the services for half an hour");
}

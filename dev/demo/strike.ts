// Strikes the demo's own processes with `kill -9` and starts them again, as an orchestrator would.
import { Redis } from "ioredis";
import type { PerformStrike, StrikeTarget } from "#simulator/scenarios/strikes.ts";
import { SetupProblem } from "../services/say.ts";
import type { WholeApp } from "./start-whole-app.ts";

/** What can be struck is what the demo started itself: never a PostgreSQL or Redis that was given. */
export function strikeWholeApp({ services, processes }: Pick<WholeApp, "services" | "processes">): PerformStrike {
  const restart: Record<Exclude<StrikeTarget, "redis_emptied">, (() => Promise<void>) | undefined> = {
    web: processes.web.killAndRestart,
    worker: processes.worker.killAndRestart,
    redis: services.redis?.killAndRestart,
    postgres: services.postgres?.killAndRestart,
  };
  return async (target) => {
    if (target === "redis_emptied") return await empty(services.redisUrl);
    const strike = restart[target];
    if (strike === undefined) throw new SetupProblem(`${target} was not started by the demo and is not struck: unset DATABASE_URL and REDIS_URL`);
    await strike();
  };
}

async function empty(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}

// The coordination's part of the composition: what processes share through Redis (locks, budgets, the queue of turns), and what is counted of it.

import { BullTurnQueue } from "#app/adapters/bullmq/turn-queue.ts";
import { connectRedis } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { openLockServers } from "#app/adapters/redis/open-lock-servers.ts";
import { RedisCostBudget } from "#app/adapters/redis/redis-cost-budget.ts";
import { RedisRush } from "#app/adapters/redis/redis-rush.ts";
import { RedisSharedLooks } from "#app/adapters/redis/redis-shared-looks.ts";
import type { PrometheusMetrics } from "#app/adapters/telemetry/prometheus-metrics.server.ts";
import type { ComposeOptions } from "#app/composition.server.ts";
import type { Environment } from "#app/config/environment.ts";
import type { LockEvent } from "#app/ports/lock.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import type { WakerEvent } from "#app/ports/waker.ts";
import type { Tracing } from "#app/ports/tracing.ts";

interface CoordinationParts extends Required<Pick<ComposeOptions, "clock" | "timings" | "decorate">> {
  readonly config: Pick<Environment, "redisUrl" | "lockRedisUrls">;
  readonly logger: Logger;
  readonly telemetry: PrometheusMetrics;
  readonly tracing: Tracing;
  readonly prefix: string | undefined;
}

export function composeCoordination({ config, clock, timings, decorate, logger, telemetry, tracing, prefix }: CoordinationParts) {
  const redis = connectRedis({ url: config.redisUrl, clock, onError: quietly(logger) });
  const keys = redisKeys(prefix);
  const lockServers = openLockServers({ urls: config.lockRedisUrls, redis, keys, clock, onError: quietly(logger) });
  const store = decorate("lockStore", lockServers.store);
  const turnQueue = new BullTurnQueue({ connections: redis, keys, clock, timings, onEvent: (event) => reportWaker(event, logger, telemetry) });
  return {
    redis,
    lockServers,
    lock: new LeasedLock({ store, clock, onEvent: (event) => countLock(event, telemetry, tracing) }),
    budget: decorate("budget", new RedisCostBudget({ commands: redis.commands, keys, clock, pointsReservedMs: timings.pointsReservedMs })),
    rush: new RedisRush({ commands: redis.commands, keys, clock }),
    sharedLooks: new RedisSharedLooks({ commands: redis.commands, keys, clock }),
    turnQueue,
    waker: decorate("waker", turnQueue),
  };
}

function countLock(event: LockEvent, telemetry: PrometheusMetrics, tracing: Tracing): void {
  switch (event.kind) {
    case "acquired":
    case "timeout":
      tracing.past("lock wait", { durationMs: event.waitMs }, { attributes: { "holdfast.stage": "lock", "holdfast.purpose": event.purpose, "holdfast.outcome": event.kind } });
      telemetry.lock(event.kind, event.waitMs / 1000);
      return;
    case "lost":
      telemetry.lock("lost");
      telemetry.lockHeld(event.holdMs / 1000);
      return;
    case "released":
      telemetry.lockHeld(event.holdMs / 1000);
  }
}

/** A turn that threw counted nothing itself: `failed` is counted here. */
function reportWaker(event: WakerEvent, logger: Pick<Logger, "error" | "warn">, metrics: Pick<PrometheusMetrics, "turn">): void {
  if (event.kind === "turn_failed") {
    metrics.turn("failed");
    logger.error({ shop: event.shop, traceId: event.traceId, cause: event.cause }, "a turn failed; the shop is woken again");
  }
  if (event.kind === "turn_stalled") logger.warn({}, "a turn was given to another worker because its process did not answer");
}

/** A Redis that is away is reported with every attempt to reconnect; one line of each kind a minute is enough. */
function quietly(logger: Logger): (error: Error) => void {
  const lastAt = new Map<string, number>();
  return (error) => {
    const now = Date.now();
    if (now - (lastAt.get(error.message) ?? 0) < 60_000) return;
    lastAt.set(error.message, now);
    logger.warn({ cause: error.message }, "Redis cannot be reached; notifications are still accepted");
  };
}

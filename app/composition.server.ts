// Wires a process together, once: configuration → adapters → ports → pipeline. Web, worker and the operator's command all start here.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import process from "node:process";

import { createActivity } from "#app/adapters/prisma/activity.server.ts";
import { createApiTokenStore } from "#app/adapters/prisma/api-token-store.server.ts";
import { readDeliveryLagSeconds } from "#app/adapters/prisma/backlog.server.ts";
import { createChangeLedger } from "#app/adapters/prisma/change-ledger.server.ts";
import { createCompliance } from "#app/adapters/prisma/compliance.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { createDeliveryIntake } from "#app/adapters/prisma/delivery-intake.server.ts";
import { createInstallStore } from "#app/adapters/prisma/install-store.server.ts";
import { createLocationBook } from "#app/adapters/prisma/location-book.server.ts";
import { createOrderBook } from "#app/adapters/prisma/order-book.server.ts";
import { createSettingsStore } from "#app/adapters/prisma/settings-store.server.ts";
import { createSourceBook } from "#app/adapters/prisma/source-book.server.ts";
import { BullTurnQueue } from "#app/adapters/bullmq/turn-queue.ts";
import { connectRedis, type RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisCostBudget } from "#app/adapters/redis/redis-cost-budget.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { createRuleCatalog } from "#app/adapters/shopify/rule-catalog.server.ts";
import { createShopifyPlatform } from "#app/adapters/shopify/shopify-platform.server.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { createJsonLogger } from "#app/adapters/telemetry/json-logger.server.ts";
import { createPrometheusMetrics, type PrometheusMetrics } from "#app/adapters/telemetry/prometheus-metrics.server.ts";
import type { Environment } from "#app/config/environment.ts";
import { environment } from "#app/config/environment.server.ts";
import { createDeliveryBatcher } from "#app/pipeline/accept/delivery-batcher.server.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { LockEvent } from "#app/ports/lock.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import type { WakerEvent } from "#app/ports/waker.ts";

/** Connections to PostgreSQL of one process; two inserts, a few turns and the pages share them. */
const DATABASE_CONNECTIONS_MAX = 10;

export type Service = "web" | "worker" | "cli";

export type Composition = ReturnType<typeof compose>;

/** The composition of this process; Vite's development server reloads modules, so it is kept beside them. */
export function composition(service: Service = "web"): Composition {
  const home = globalThis as { holdfast?: Composition };
  home.holdfast ??= compose(environment(), service);
  return home.holdfast;
}

/** `redisPrefix`: another name space in Redis, for tests. */
export function compose(config: Environment, service: Service, options: { readonly redisPrefix?: string; readonly clock?: Clock } = {}) {
  const clock = options.clock ?? systemClock;
  const logger = createJsonLogger({ level: config.logLevel, service });
  const telemetry = composeTelemetry(() => parts);
  const database = openDatabase({
    url: config.databaseUrl,
    connectionsMax: DATABASE_CONNECTIONS_MAX,
    onConflict: (kind) => telemetry.databaseConflict(kind),
  });
  const redis = connectRedis({ url: config.redisUrl, clock, onError: quietly(logger) });
  const coordination = composeCoordination(redis, clock, logger, telemetry, options.redisPrefix);
  const parts = { database, waker: coordination.waker };
  const shopify = createShopifyPlatform({ environment: config, database, lock: coordination.lock, clock });
  const settingsStore = createSettingsStore(database);
  const installStore = createInstallStore(database, settingsStore);
  const intake = createDeliveryIntake(database);
  const orders = createOrderBook(database);

  return {
    config,
    clock,
    logger,
    metrics: telemetry,
    database,
    redis,
    ...coordination,
    shopify,
    settingsStore,
    installStore,
    apiTokenStore: createApiTokenStore(database),
    catalog: createRuleCatalog({ orders: shopify.orders, inventory: shopify.inventory, book: orders }),
    compliance: createCompliance(database),
    accept: {
      secrets: [config.shopify.apiSecret, ...(config.shopify.apiSecretPrevious ? [config.shopify.apiSecretPrevious] : [])],
      intake,
      batcher: createDeliveryBatcher(intake, (shops) => void coordination.waker.wakeMany(shops)),
    },
    turnPorts: {
      installs: installStore,
      settings: settingsStore,
      orders,
      ledger: createChangeLedger(database),
      sources: createSourceBook(database),
      activity: createActivity(database),
      locations: createLocationBook(database),
      lock: coordination.lock,
      budget: coordination.budget,
      shopifyOrders: shopify.orders,
      shopifyInventory: shopify.inventory,
      clock,
      logger,
      metrics: telemetry,
      uuid: randomUUID,
      ownerId: `${hostname()}/${process.pid}`,
    } satisfies TurnPorts,
    /** In the reverse of the order in which they were opened. */
    async close(): Promise<void> {
      // Locks that came too late are handed back before the connection to hand them back over is closed.
      await coordination.lock.settled();
      await coordination.waker.close();
      await shopify.close();
      await redis.close();
      await database.close();
    },
  };
}

function composeTelemetry(parts: () => { database: OpenDatabase; waker: BullTurnQueue }): PrometheusMetrics {
  return createPrometheusMetrics({
    deliveryLagSeconds: () => readDeliveryLagSeconds(parts().database),
    queueDepth: async () => (await parts().waker.depth()).waiting,
  });
}

function composeCoordination(redis: RedisConnections, clock: Clock, logger: Logger, telemetry: PrometheusMetrics, prefix?: string) {
  const keys = redisKeys(prefix);
  const store = new RedisLockStore({ commands: redis.commands, subscriber: redis.subscriber }, keys);
  return {
    lock: new LeasedLock({ store, clock, onEvent: (event) => countLock(event, telemetry) }),
    budget: new RedisCostBudget({ commands: redis.commands, keys, clock }),
    waker: new BullTurnQueue({ connections: redis, keys, clock, onEvent: (event) => reportWaker(event, logger, telemetry) }),
  };
}

function countLock(event: LockEvent, telemetry: PrometheusMetrics): void {
  switch (event.kind) {
    case "acquired":
    case "timeout":
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
    logger.error({ shop: event.shop, cause: event.cause }, "a turn failed; the shop is woken again");
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

// Wires a process together, once: configuration → adapters → ports → pipeline. Web, worker and the operator's command all start here.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import process from "node:process";

import { createActivity } from "#app/adapters/prisma/activity.server.ts";
import { createApiTokenStore } from "#app/adapters/prisma/api-token-store.server.ts";
import { readDeliveryLagSeconds, readIncidents } from "#app/adapters/prisma/backlog.server.ts";
import { createChangeLedger } from "#app/adapters/prisma/change-ledger.server.ts";
import { createCompliance } from "#app/adapters/prisma/compliance.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { createCorrections } from "#app/adapters/prisma/corrections.server.ts";
import { createDriftBook } from "#app/adapters/prisma/drift-book.server.ts";
import { createDeliveryIntake } from "#app/adapters/prisma/delivery-intake.server.ts";
import { createExternalDesk } from "#app/adapters/prisma/external-desk.server.ts";
import { createExternalPushBook } from "#app/adapters/prisma/external-pushes.server.ts";
import { createInstallStore } from "#app/adapters/prisma/install-store.server.ts";
import { createStockWatch } from "#app/adapters/prisma/judge-stocks.server.ts";
import { createLocationBook } from "#app/adapters/prisma/location-book.server.ts";
import { createOrderScanBook } from "#app/adapters/prisma/order-scan.server.ts";
import { createOrderBook } from "#app/adapters/prisma/order-book.server.ts";
import { createDetectionOrders } from "#app/adapters/prisma/order-items.server.ts";
import { createHoldBook } from "#app/adapters/prisma/oversell-holds.server.ts";
import { createOversellBook } from "#app/adapters/prisma/oversell-book.server.ts";
import { createReviewDesk } from "#app/adapters/prisma/review-desk.server.ts";
import { createSettingsStore } from "#app/adapters/prisma/settings-store.server.ts";
import { createStockScanBook } from "#app/adapters/prisma/stock-scans.server.ts";
import { createSourceBook } from "#app/adapters/prisma/source-book.server.ts";
import { createTokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { createReceiverClient } from "#app/adapters/external/receiver-client.server.ts";
import { BullTurnQueue } from "#app/adapters/bullmq/turn-queue.ts";
import { connectRedis, type RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { openLockServers } from "#app/adapters/redis/open-lock-servers.ts";
import { RedisCostBudget } from "#app/adapters/redis/redis-cost-budget.ts";
import { createBulkOperations } from "#app/adapters/shopify/bulk-operations.server.ts";
import { createRuleCatalog } from "#app/adapters/shopify/rule-catalog.server.ts";
import { createOrderLister } from "#app/adapters/shopify/scan-orders.server.ts";
import { createShopifyPlatform, type ShopifyPlatformDependencies } from "#app/adapters/shopify/shopify-platform.server.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { createJsonLogger } from "#app/adapters/telemetry/json-logger.server.ts";
import { openTracing } from "#app/adapters/telemetry/open-telemetry.server.ts";
import { createPrometheusMetrics, type PrometheusMetrics } from "#app/adapters/telemetry/prometheus-metrics.server.ts";
import type { Environment } from "#app/config/environment.ts";
import { environment } from "#app/config/environment.server.ts";
import { METRIC_TOPICS, type AcceptDependencies } from "#app/pipeline/accept/accept-webhook.server.ts";
import type { DetectionPorts } from "#app/detection/detect.server.ts";
import { createDeliveryBatcher } from "#app/pipeline/accept/delivery-batcher.server.ts";
import type { ExternalPorts } from "#app/external/push-changes.server.ts";
import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import type { BackfillPorts } from "#app/pipeline/backfill-orders.server.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import type { CorrectPorts } from "#app/reconcile/correct-stock.server.ts";
import { type ReconcilePorts, SCAN_LIMITS } from "#app/reconcile/reconcile-ports.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { DeliveryIntake } from "#app/ports/delivery-intake.ts";
import type { LockEvent } from "#app/ports/lock.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import { TIMINGS, type Timings } from "#app/ports/timings.ts";
import type { Waker, WakerEvent } from "#app/ports/waker.ts";
import { type Tracing, UNTRACED } from "#app/ports/tracing.ts";
import { AS_IT_IS, type DecoratePort } from "#app/steps.ts";
import { composeAlerts } from "#app/compose-alerts.server.ts";
import { traceSteps } from "#app/trace-steps.ts";

/** Connections to PostgreSQL of one process; two inserts, a few turns and the pages share them. */
const DATABASE_CONNECTIONS_MAX = 10;

export type Service = "web" | "worker" | "cli";

export interface ComposeOptions {
  /** Another name space in Redis, for tests. */
  readonly redisPrefix?: string;
  readonly clock?: Clock;
  readonly timings?: Timings;
  /** Put around each port: tests strike a process at a named step, or take a guard away. */
  readonly decorate?: DecoratePort;
  /** Instead of what the environment asks for, in tests. */
  readonly tracing?: Tracing;
  /** Where log lines go instead of standard output, in tests. */
  readonly logTo?: { write(line: string): void };
}

export type Composition = ReturnType<typeof compose>;

/** The composition of this process; Vite's development server reloads modules, so it is kept beside them. */
export function composition(service: Service = "web"): Composition {
  const home = globalThis as { holdfast?: Composition };
  home.holdfast ??= compose(environment(), service);
  return home.holdfast;
}

export function compose(config: Environment, service: Service, options: ComposeOptions = {}) {
  const { clock = systemClock, timings = TIMINGS } = options;
  const { logger, tracing, telemetry, decorate } = composeTelemetry(config, service, { ...options, clock }, () => parts);
  const database = openComposedDatabase(config, telemetry, tracing, () => alerting.signalCounter.note("deadlocks"));
  const redis = connectRedis({ url: config.redisUrl, clock, onError: quietly(logger) });
  const coordination = composeCoordination({ redis, lockUrls: config.lockRedisUrls, clock, timings, decorate, logger, telemetry, tracing, prefix: options.redisPrefix });
  const parts = { database, waker: coordination.turnQueue };
  const shopify = createShopifyPlatform({
    environment: config,
    database,
    lock: coordination.lock,
    clock,
    timings,
    tracing,
    decorate: decorateShopify(decorate),
  });
  const settingsStore = decorate("settings", createSettingsStore(database));
  const installStore = decorate("installs", createInstallStore(database, settingsStore));
  const intake = decorate("intake", createDeliveryIntake(database));
  const orders = decorate("orders", createOrderBook(database, timings));
  const turnPorts: TurnPorts = {
    ...composeBooks(database, timings, decorate),
    installs: installStore,
    settings: settingsStore,
    orders,
    lock: coordination.lock,
    budget: coordination.budget,
    shopifyOrders: shopify.orders,
    shopifyInventory: shopify.inventory,
    clock,
    timings,
    logger,
    metrics: telemetry,
    uuid: randomUUID,
    ownerId: `${hostname()}/${process.pid}`,
  };

  const external = composeExternal({ config, database, decorate, clock, logger, metrics: telemetry });
  const alerting = composeAlerts({ config, database, adminApi: shopify.adminApi, clock, logger, metrics: telemetry, decorate });

  return {
    external,
    ...alerting,
    config,
    clock,
    timings,
    logger,
    metrics: telemetry,
    database,
    redis,
    ...coordination,
    shopify,
    settingsStore,
    installStore,
    apiTokenStore: decorate("apiTokens", createApiTokenStore(database)),
    catalog: createRuleCatalog({ orders: shopify.orders, inventory: shopify.inventory, book: orders }),
    compliance: decorate("compliance", createCompliance(database)),
    review: { desk: decorate("review", createReviewDesk(database, timings)), waker: coordination.waker, metrics: telemetry },
    accept: composeAccept(config, intake, coordination.waker, clock, tracing),
    turnPorts,
    backfill: { ...turnPorts, ...composeScans(database, shopify.adminApi, decorate), waker: coordination.waker } satisfies BackfillPorts,
    reconcile: { ...turnPorts, ...composeReconcile(database, shopify.adminApi, decorate), limits: SCAN_LIMITS, waker: coordination.waker } satisfies ReconcilePorts & CorrectPorts,
    detection: { ...turnPorts, ...composeDetection(database, timings, decorate), holds: decorate("fulfilmentHolds", shopify.holds) } satisfies DetectionPorts,
    turn: decorate("turn", { take: (shop, { signal }) => alerting.signalCounter.within(shop, () => takeTurn(turnPorts, shop, signal)) }),
    close: () => closeAll([() => tracing.close(), database, redis, coordination.lockServers, shopify, external, alerting, coordination.turnQueue, () => coordination.lock.settled()]),
  };
}

type Closable = { close(): Promise<void> } | (() => Promise<void>);

/** In the reverse of the order in which they were opened: locks that came too late are handed back before the connection to hand them back over is closed. */
async function closeAll(opened: readonly Closable[]): Promise<void> {
  for (const one of opened.toReversed()) await (typeof one === "function" ? one() : one.close());
}

function composeAccept({ shopify: { apiSecret, apiSecretPrevious } }: Environment, intake: DeliveryIntake, waker: Waker, clock: Clock, tracing: Tracing): AcceptDependencies {
  return {
    secrets: [apiSecret, ...(apiSecretPrevious ? [apiSecretPrevious] : [])],
    intake,
    batcher: createDeliveryBatcher(intake, (shops, traceIds) => void waker.wakeMany(shops, { traceIds }), clock),
    tracing,
  };
}

/** What only turns write to. */
function composeBooks(database: OpenDatabase, timings: Timings, decorate: DecoratePort) {
  return {
    ledger: decorate("ledger", createChangeLedger(database, timings)),
    sources: decorate("sources", createSourceBook(database)),
    activity: decorate("activity", createActivity(database)),
    locations: decorate("locations", createLocationBook(database)),
    levels: decorate("stockWatch", createStockWatch(database, timings)),
  };
}

interface ExternalParts extends Required<Pick<ComposeOptions, "clock" | "decorate">> {
  readonly config: Environment;
  readonly database: OpenDatabase;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
}

function composeExternal({ config: { encryptionKeys, shopify }, database, decorate, clock, logger, metrics }: ExternalParts) {
  const cipher = createTokenCipher(encryptionKeys);
  // The override says that this is no production: then a receiver on this machine is what a developer wants.
  const receiver = createReceiverClient({ privateAddressesAllowed: shopify.originOverride !== null });
  return {
    ports: {
      externalPushes: decorate("externalPushes", createExternalPushBook(database, cipher)),
      externalReceiver: decorate("externalReceiver", receiver),
      clock,
      logger,
      metrics,
    } satisfies ExternalPorts,
    desk: decorate("externalDesk", createExternalDesk(database, cipher)),
    close: () => receiver.close(),
  };
}

/** What only detection writes to. */
function composeDetection(database: OpenDatabase, timings: Timings, decorate: DecoratePort) {
  return {
    detectionOrders: decorate("detectionOrders", createDetectionOrders(database, timings)),
    stockWatch: decorate("stockWatch", createStockWatch(database, timings)),
    oversells: decorate("oversells", createOversellBook(database)),
    holdBook: decorate("holdBook", createHoldBook(database)),
  };
}

function composeScans(database: OpenDatabase, adminApi: AdminApi, decorate: DecoratePort) {
  return {
    scans: decorate("orderScans", createOrderScanBook(database)),
    lister: decorate("orderLister", createOrderLister(adminApi)),
  };
}

function composeReconcile(database: OpenDatabase, adminApi: AdminApi, decorate: DecoratePort) {
  return {
    scans: decorate("stockScans", createStockScanBook(database)),
    drifts: decorate("drifts", createDriftBook(database)),
    bulk: decorate("bulk", createBulkOperations(adminApi)),
    corrections: decorate("corrections", createCorrections(database)),
  };
}

function decorateShopify(decorate: DecoratePort): ShopifyPlatformDependencies["decorate"] {
  return {
    sessions: (port) => decorate("sessions", port),
    tokenEndpoint: (port) => decorate("tokenEndpoint", port),
    shopifyInventory: (port) => decorate("shopifyInventory", port),
    shopifyOrders: (port) => decorate("shopifyOrders", port),
  };
}

/** Logs, traces and metrics; and what is put around each port: the tests' own, and a span outside of it when traces are made. */
function composeTelemetry(config: Environment, service: Service, options: ComposeOptions & { clock: Clock }, parts: () => { database: OpenDatabase; waker: BullTurnQueue }) {
  const tracing = options.tracing ?? openTracing(config.tracing, { service });
  const given = options.decorate ?? AS_IT_IS;
  const traced = traceSteps(tracing, () => options.clock.monotonicMs());
  const decorate: DecoratePort = (name, port) => traced(name, given(name, port));
  const logger = createJsonLogger({ level: config.logLevel, service, ...(tracing === UNTRACED ? {} : { where: () => spanFields(tracing) }), ...(options.logTo ? { destination: options.logTo } : {}) });
  const telemetry = createPrometheusMetrics({
    topics: METRIC_TOPICS,
    deliveryLagSeconds: () => readDeliveryLagSeconds(parts().database),
    queueDepth: async () => (await parts().waker.depth()).waiting,
    incidents: () => readIncidents(parts().database),
  });
  return { logger, tracing, telemetry, decorate };
}

/** Under the names that OpenTelemetry gives them in logs; the stored ids are in the lines themselves, as `traceId`. */
function spanFields(tracing: Tracing): Record<string, string> {
  const here = tracing.current();
  return here === null ? {} : { trace_id: here.traceId, span_id: here.spanId };
}

function openComposedDatabase({ databaseUrl }: Environment, telemetry: PrometheusMetrics, tracing: Tracing, onDeadlock: () => void): OpenDatabase {
  return openDatabase({
    url: databaseUrl,
    connectionsMax: DATABASE_CONNECTIONS_MAX,
    onConflict: (kind) => {
      telemetry.databaseConflict(kind);
      if (kind === "deadlock") onDeadlock();
      tracing.event("transaction conflict", { "holdfast.conflict": kind });
    },
    onFailure: (kind) => {
      telemetry.databaseFailure(kind);
      tracing.event("database failure", { "holdfast.failure": kind });
    },
  });
}

interface CoordinationParts extends Required<Pick<ComposeOptions, "clock" | "timings" | "decorate">> {
  readonly redis: RedisConnections;
  readonly lockUrls: readonly string[];
  readonly logger: Logger;
  readonly telemetry: PrometheusMetrics;
  readonly tracing: Tracing;
  readonly prefix: string | undefined;
}

function composeCoordination({ redis, lockUrls, clock, timings, decorate, logger, telemetry, tracing, prefix }: CoordinationParts) {
  const keys = redisKeys(prefix);
  const lockServers = openLockServers({ urls: lockUrls, redis, keys, clock, onError: quietly(logger) });
  const store = decorate("lockStore", lockServers.store);
  const turnQueue = new BullTurnQueue({ connections: redis, keys, clock, timings, onEvent: (event) => reportWaker(event, logger, telemetry) });
  return {
    lockServers,
    lock: new LeasedLock({ store, clock, onEvent: (event) => countLock(event, telemetry, tracing) }),
    budget: decorate("budget", new RedisCostBudget({ commands: redis.commands, keys, clock, pointsReservedMs: timings.pointsReservedMs })),
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

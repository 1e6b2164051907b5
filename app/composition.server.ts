// Wires a process together, once: configuration → adapters → ports → pipeline. Web, worker and the operator's command all start here.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import process from "node:process";

import { createActivity } from "#app/adapters/prisma/activity.server.ts";
import { createApiTokenStore } from "#app/adapters/prisma/api-token-store.server.ts";
import { createBundleStockBook, createBundleView } from "#app/adapters/prisma/bundle-stock-book.server.ts";
import { createChangeLedger } from "#app/adapters/prisma/change-ledger.server.ts";
import { createCompliance } from "#app/adapters/prisma/compliance.server.ts";
import type { OpenDatabase } from "#app/adapters/prisma/database.server.ts";
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
import { createRetention } from "#app/adapters/prisma/retention.server.ts";
import { createReviewDesk } from "#app/adapters/prisma/review-desk.server.ts";
import { createSettingsStore } from "#app/adapters/prisma/settings-store.server.ts";
import { createStockScanBook } from "#app/adapters/prisma/stock-scans.server.ts";
import { createSourceBook } from "#app/adapters/prisma/source-book.server.ts";
import { createTokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { createReceiverClient } from "#app/adapters/external/receiver-client.server.ts";
import { createBulkOperations } from "#app/adapters/shopify/bulk-operations.server.ts";
import { createRuleCatalog } from "#app/adapters/shopify/rule-catalog.server.ts";
import { createOrderLister } from "#app/adapters/shopify/scan-orders.server.ts";
import { createShopifyPlatform, type ShopifyPlatformDependencies } from "#app/adapters/shopify/shopify-platform.server.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import type { PrometheusMetrics } from "#app/adapters/telemetry/prometheus-metrics.server.ts";
import type { Environment } from "#app/config/environment.ts";
import { environment } from "#app/config/environment.server.ts";
import type { AcceptDependencies } from "#app/pipeline/accept/accept-webhook.server.ts";
import type { DetectionPorts } from "#app/detection/detect.server.ts";
import { createDeliveryBatcher } from "#app/pipeline/accept/delivery-batcher.server.ts";
import type { ExternalPorts } from "#app/external/push-changes.server.ts";
import { createRushWatch } from "#app/pipeline/accept/rush-watch.server.ts";
import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import type { BackfillPorts } from "#app/pipeline/backfill-orders.server.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import type { CorrectPorts } from "#app/reconcile/correct-stock.server.ts";
import { type ReconcilePorts, SCAN_LIMITS } from "#app/reconcile/reconcile-ports.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { DeliveryIntake } from "#app/ports/delivery-intake.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import type { Rush } from "#app/ports/rush.ts";
import { TIMINGS, type Timings } from "#app/ports/timings.ts";
import type { Waker } from "#app/ports/waker.ts";
import type { Tracing } from "#app/ports/tracing.ts";
import type { DecoratePort } from "#app/steps.ts";
import { composeAlerts } from "#app/compose-alerts.server.ts";
import { composeBriefFacts } from "#app/compose-brief-facts.server.ts";
import { composeContention } from "#app/compose-contention.server.ts";
import { composeCoordination } from "#app/compose-coordination.server.ts";
import { composeReservations } from "#app/compose-reservations.server.ts";
import { composeTelemetry, openComposedDatabase } from "#app/compose-telemetry.server.ts";

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
  const { logger, tracing, telemetry, decorate } = composeTelemetry(config, service, { ...options, clock }, () => ({ database, waker: coordination.turnQueue }));
  const database = openComposedDatabase(config, telemetry, tracing, () => alerting.signalCounter.note("deadlocks"));
  const coordination = composeCoordination({ config, clock, timings, decorate, logger, telemetry, tracing, prefix: options.redisPrefix });
  const shopify = createShopifyPlatform({ environment: config, database, lock: coordination.lock, clock, timings, tracing, decorate: decorateShopify(decorate) });
  const rawSettings = decorate("settings", createSettingsStore(database));
  const { facts: briefFacts, settingsStore, apiTokenStore, installStore } = composeBriefFacts({
    settingsStore: rawSettings,
    apiTokenStore: decorate("apiTokens", createApiTokenStore(database)),
    installStore: decorate("installs", createInstallStore(database, rawSettings)),
    clock,
  });
  const orders = decorate("orders", createOrderBook(database, timings));
  const contention = composeContention({ database, clock, logger, decorate });
  const turnPorts: TurnPorts = {
    ...contention.hearClaims(composeBooks(database, timings, decorate)),
    installs: installStore,
    settings: settingsStore,
    orders,
    lock: contention.hearLock(coordination.lock),
    budget: coordination.budget,
    rush: coordination.rush,
    shopifyOrders: shopify.orders,
    shopifyInventory: shopify.inventory,
    clock,
    timings,
    logger,
    metrics: telemetry,
    uuid: randomUUID,
    ownerId: `${hostname()}/${process.pid}`,
  };
  const reservations = contention.hearBuyers(composeReservations({ database, adminApi: shopify.adminApi, turnPorts, waker: coordination.waker, briefFacts, decorate }));
  const external = composeExternal({ config, database, decorate, clock, logger, metrics: telemetry });
  const alerting = composeAlerts({ config, database, adminApi: shopify.adminApi, clock, logger, metrics: telemetry, decorate });

  return {
    reservations,
    external,
    bundleView: createBundleView(database),
    ...alerting,
    config,
    clock,
    timings,
    logger,
    metrics: telemetry,
    database,
    ...coordination,
    shopify,
    settingsStore,
    installStore,
    apiTokenStore,
    catalog: createRuleCatalog({ orders: shopify.orders, inventory: shopify.inventory, adminApi: shopify.adminApi, book: orders }),
    compliance: decorate("compliance", createCompliance(database)),
    retention: decorate("retention", createRetention(database)),
    review: { desk: decorate("review", createReviewDesk(database, timings)), waker: coordination.waker, metrics: telemetry },
    accept: composeAccept(config, decorate("intake", createDeliveryIntake(database)), coordination, clock, tracing),
    contention: contention.recorder,
    turnPorts,
    backfill: { ...turnPorts, ...composeScans(database, shopify.adminApi, decorate), waker: coordination.waker } satisfies BackfillPorts,
    reconcile: { ...turnPorts, ...contention.hearLooks(composeReconcile(database, shopify.adminApi, decorate)), limits: SCAN_LIMITS, waker: coordination.waker } satisfies ReconcilePorts & CorrectPorts,
    detection: { ...turnPorts, ...composeDetection(database, timings, decorate), holds: decorate("fulfilmentHolds", shopify.holds) } satisfies DetectionPorts,
    turn: decorate("turn", { take: (shop, { signal, letNextBegin }) => alerting.signalCounter.within(shop, () => takeTurn(turnPorts, shop, signal, letNextBegin)) }),
    close: () => closeAll([() => tracing.close(), database, coordination.redis, coordination.lockServers, shopify, external, alerting, coordination.turnQueue, () => coordination.lock.settled(), contention.recorder]),
  };
}

type Closable = { close(): Promise<void> } | (() => Promise<void>);

/** In the reverse of the order in which they were opened: locks that came too late are handed back before the connection to hand them back over is closed. */
async function closeAll(opened: readonly Closable[]): Promise<void> {
  for (const one of opened.toReversed()) await (typeof one === "function" ? one() : one.close());
}

function composeAccept({ shopify: { apiSecret, apiSecretPrevious } }: Environment, intake: DeliveryIntake, { waker, rush }: { readonly waker: Waker; readonly rush: Rush }, clock: Clock, tracing: Tracing): AcceptDependencies {
  return {
    secrets: [apiSecret, ...(apiSecretPrevious ? [apiSecretPrevious] : [])],
    intake,
    batcher: createDeliveryBatcher(intake, (shops, traceIds) => void waker.wakeMany(shops, { traceIds }), clock),
    rushWatch: createRushWatch(rush, clock),
    tracing,
  };
}

/** What only turns write to. */
function composeBooks(database: OpenDatabase, timings: Timings, decorate: DecoratePort) {
  return {
    bundleStock: decorate("bundleStock", createBundleStockBook(database)),
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

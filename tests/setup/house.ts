// A whole Holdfast for a test: its own database, Redis name space and simulator, webhooks arriving over HTTP, turns taken by hand.
import { randomBytes } from "node:crypto";

import { FLOW_TRIGGER_HANDLE } from "#app/adapters/shopify/flow-trigger.server.ts";
import { compose, type ComposeOptions, type Composition } from "#app/composition.server.ts";
import type { Environment } from "#app/config/environment.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";
import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import type { TurnOutcome } from "#app/ports/waker.ts";
import { startSimulator, type Simulator } from "#simulator/start.ts";
import { startAcceptServer } from "./accept-server.ts";
import { createTestDatabase } from "./test-database.ts";
import { createTestRedis } from "./test-redis.ts";
import { registerShop, storeOfflineSession } from "./token-exchange.ts";

const API_KEY = "test-api-key";
const API_SECRET = "test-secret";
const SCOPES = ["read_orders", "read_products", "read_inventory", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders"];
const OPTIONAL_SCOPES = ["write_inventory", "write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders", "write_orders"];
/** Work that asks for more turns than this does not end. Some only wait for the clock: a pause that Shopify asked for takes hundreds of idle turns. */
const TURNS_MAX = 5_000;

export interface HouseShop {
  readonly shop: string;
  /** gids. */
  readonly locationIds: readonly string[];
  readonly installId: bigint;
}

export interface House {
  readonly composed: Composition;
  readonly simulator: Simulator;
  readonly environment: Environment;
  /** The name space in Redis, for other processes of this house. */
  readonly redisPrefix: string;
  /** A shop with the app installed and its tokens stored. `scopes`: optional ones granted too. */
  openShop(options?: { name?: string; plan?: "standard" | "plus"; locations?: number; scopes?: readonly string[]; bigIds?: boolean }): Promise<HouseShop>;
  /** Installs (again) and stores the tokens. */
  install(shop: string, scopes?: readonly string[]): Promise<bigint>;
  /** A merchant opens the app: that brings new tokens. */
  visit(shop: string): Promise<void>;
  /** Saves settings over the present ones. */
  settings(shop: HouseShop, change: (settings: Settings) => Settings): Promise<Settings>;
  /** Protection on, orders of `my-channel` deducted. */
  protect(shop: HouseShop, change?: (settings: Settings) => Settings): Promise<Settings>;
  /** Waits until every webhook on its way was answered. */
  delivered(): Promise<void>;
  turn(shop: string, ports?: Partial<TurnPorts>, signal?: AbortSignal): Promise<TurnOutcome>;
  /** Delivers everything and takes turns until none is asked for; waits for a time that would come are made due at once. */
  settle(shop: string, ports?: Partial<TurnPorts>): Promise<void>;
  close(): Promise<void>;
}

export interface HouseOptions extends Pick<ComposeOptions, "timings" | "decorate" | "clock" | "tracing" | "logTo"> {
  readonly seed?: number;
  /** Servers of the test's own instead of the shared ones: a migrated database, a Redis. Whoever opened them closes them. */
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** Instead of TEST_LOG_LEVEL, or silence. */
  readonly logLevel?: Environment["logLevel"];
}

export async function openHouse({ seed = 1, databaseUrl, redisUrl, logLevel, ...options }: HouseOptions = {}): Promise<House> {
  const database = databaseUrl === undefined ? await createTestDatabase() : { url: databaseUrl, drop: async () => undefined };
  const redis = redisUrl === undefined ? await createTestRedis() : { url: redisUrl, keyPrefix: "own", close: async () => undefined };
  const simulator = await startSimulator({ apiKey: API_KEY, apiSecret: API_SECRET, scopes: SCOPES, optionalScopes: OPTIONAL_SCOPES, schemaPath: ".cache/admin_2026-10.json", flowTriggers: [FLOW_TRIGGER_HANDLE], seed });
  const environment = { ...testEnvironment(database.url, redis.url, simulator.origin), ...(logLevel === undefined ? {} : { logLevel }) };
  const composed = compose(environment, "worker", { ...options, redisPrefix: redis.keyPrefix });
  await composed.redis.connected();
  const accept = await startAcceptServer(composed.accept);
  simulator.setAppUrl(accept.origin);
  let shopCount = 0;

  const house: House = {
    composed,
    simulator,
    environment,
    redisPrefix: redis.keyPrefix,
    async openShop({ name, plan = "plus", locations = 1, scopes = ["write_inventory"], bigIds = false } = {}) {
      const shop = `${name ?? `shop-${(shopCount += 1)}`}.myshopify.com`;
      const made = simulator.control.createShop({ shop, plan, bigIds, locations: Array.from({ length: locations }, (_, index) => ({ name: `Location ${index + 1}` })) });
      const installId = await house.install(shop, scopes);
      return { shop, installId, locationIds: made.locations.map((location) => location.id) };
    },
    install: async (shop, scopes = ["write_inventory"]) => installApp(simulator, composed, shop, scopes),
    visit: (shop) => visit(simulator, composed, shop),
    async settings(shop, change) {
      const current = await composed.settingsStore.current(shop.installId);
      const saved = await composed.settingsStore.save({ installId: shop.installId, expectedVersion: current.version, document: change(current), actor: "test" });
      return saved.kind === "saved" ? saved.settings : saved.current;
    },
    protect: (shop, change = (settings) => settings) =>
      house.settings(shop, (settings) =>
        change({ ...settings, mode: "enforce", deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }] } }),
      ),
    async delivered() {
      await simulator.control.drainWebhooks();
    },
    turn: (shop, ports = {}, signal = new AbortController().signal) => takeTurn({ ...composed.turnPorts, ...ports }, shop, signal),
    settle: (shop, ports) => settle(house, shop, ports),
    async close() {
      await simulator.close();
      await accept.close();
      await composed.close();
      await redis.close();
      await database.drop();
    },
  };
  return house;
}

async function settle(house: House, shop: string, ports: Partial<TurnPorts> = {}): Promise<void> {
  for (let count = 0; count < TURNS_MAX; count += 1) {
    await house.delivered();
    const { again } = await house.turn(shop, ports);
    const { pending, inFlight } = house.simulator.control.webhookCounters();
    // One in flight may be committed in the middle of the caller's next turn.
    if (again === "no" && pending + inFlight === 0) return;
    if (typeof again === "object") await makeDue(house, shop);
  }
  const open = await house.composed.database.query(
    `SELECT m.reason, array_agg(a.outcome || coalesce(':' || left(a.detail::text, 60), '') ORDER BY a.number) AS attempts FROM mutations m JOIN attempts a ON a.mutation_id = m.id WHERE m.shop = $1 AND m.state = 'open' GROUP BY m.id`,
    shop,
  );
  throw new Error(`${shop} still asks for turns after ${TURNS_MAX}: ${JSON.stringify(open).slice(0, 2_000)}`);
}

/** As if the time had passed for which an order or a mutation was told to wait. */
async function makeDue({ composed: { database } }: House, shop: string): Promise<void> {
  await database.execute(`UPDATE orders SET due_at = now() WHERE shop = $1 AND state = 'due' AND due_at > now()`, shop);
  await database.execute(`UPDATE source_suspicions SET judge_at = now() WHERE judge_at > now() AND install_id IN (SELECT id FROM installs WHERE shop = $1)`, shop);
  await database.execute(`UPDATE mutations SET resend_at = now() WHERE shop = $1 AND state = 'open' AND resend_at > now()`, shop);
}

async function installApp(simulator: Simulator, composed: Composition, shop: string, scopes: readonly string[]): Promise<bigint> {
  simulator.control.install(shop, { scopes: [...scopes] });
  await visit(simulator, composed, shop);
  return registerShop(composed, shop);
}

function visit({ origin, control }: Simulator, composed: Composition, shop: string): Promise<void> {
  return storeOfflineSession(composed, shop, { origin, app: { apiKey: API_KEY, apiSecret: API_SECRET }, sessionToken: control.sessionToken(shop).token });
}

function testEnvironment(databaseUrl: string, redisUrl: string, origin: string): Environment {
  return {
    production: false,
    databaseUrl,
    redisUrl,
    lockRedisUrls: [],
    port: 1,
    drainMs: 0,
    workerPort: null,
    logLevel: (process.env.TEST_LOG_LEVEL as Environment["logLevel"] | undefined) ?? "silent",
    metricsToken: null,
    tracing: null,
    apiRateLimitPerSecond: 0,
    encryptionKeys: [randomBytes(32)],
    mail: null,
    support: { email: null, url: null },
    shopify: { apiKey: API_KEY, apiSecret: API_SECRET, apiSecretPrevious: null, appUrl: "http://127.0.0.1", scopes: SCOPES, originOverride: origin, appBridgeUrl: null },
  };
}

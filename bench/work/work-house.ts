// A Holdfast of real processes for one trial: a database of its own, a simulated Shopify in a process of its own, shops with stock, web and worker as children.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Redis } from "ioredis";
import { compose, type Composition } from "#app/composition.server.ts";
import type { Environment } from "#app/config/environment.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import { startChild } from "#dev/services/child-process.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { type ControlClient, controlClient } from "#simulator/scenarios/control-client.ts";
import { registerShop, storeOfflineSession } from "#tests/setup/token-exchange.ts";
import type { BenchDatabase } from "../databases.ts";
import { type MeasuredProcess, type MeasuredProcessOptions, startMeasuredProcess } from "./measured-process.ts";
import { SOURCE } from "./order-body.ts";
import type { WorkServices } from "./work-services.ts";

const API_KEY = "bench-api-key";
export const API_SECRET = "bench-secret";
const SCOPES = ["read_orders", "read_products", "read_inventory", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders"];
const GRANTED = [...SCOPES, "write_inventory"];
const VARIANTS_PER_PRODUCT = 100;
const STOCK_FOR_ALL = 1_000_000;
const UP_MS_MAX = 30_000;

export interface WorkItem {
  readonly variantId: string;
  readonly inventoryItemId: string;
}

/** Ids are decimal, as the ledger keeps them. */
export interface WorkShop {
  readonly shop: string;
  readonly installId: bigint;
  readonly locationId: string;
  readonly items: readonly WorkItem[];
}

export interface ShopOptions {
  readonly name: string;
  readonly plan: "standard" | "plus" | "enterprise";
  readonly items: number;
}

export interface WorkHouse {
  readonly database: BenchDatabase;
  readonly composed: Composition;
  readonly control: ControlClient;
  readonly redis: Redis;
  /** Protecting, with stock for all, its items known and its first comparison behind it. */
  openShop(options: ShopOptions): Promise<WorkShop>;
  /** By name, of what every process of this house stands on; for `machineTime`. */
  readonly pids: Readonly<Record<string, number>>;
  /** Of a process of this house: `web` and `worker` are started with it. */
  readonly env: Readonly<Record<string, string>>;
  start(service: "web" | "worker", options?: Pick<MeasuredProcessOptions, "port" | "nodeOptions">): Promise<MeasuredProcess>;
  close(): Promise<void>;
}

export interface WorkHouseOptions {
  /** What Shopify needs for an answer. */
  readonly answerMs: number;
  /** Where Shopify sends webhooks, and which; without it none is sent. */
  readonly webhooks?: { readonly appUrl: string; readonly topics: readonly string[] };
}

export async function openWorkHouse(services: WorkServices, { answerMs, webhooks }: WorkHouseOptions): Promise<WorkHouse> {
  const stops: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  try {
    const database = await services.createDatabase();
    stops.push(() => database.drop());
    const redis = new Redis(services.redis.url);
    stops.push(async () => redis.disconnect());
    await redis.flushall();
    const simulator = await startSimulator(services, webhooks);
    stops.push(simulator.stop);
    const control = controlClient(simulator.origin);
    const encryptionKey = randomBytes(32);
    const composed = compose(environmentOf(database.url, services.redis.url, simulator.origin, encryptionKey), "cli");
    stops.push(() => composed.close());
    await composed.redis.connected();
    await control.setLatency(answerMs);
    const env = processEnvironment(database.url, services.redis.url, simulator.origin, encryptionKey);
    return {
      database,
      composed,
      control,
      redis,
      pids: { postgres: services.postgresPid, redis: services.redis.pid, "Shopify's stand-in": simulator.pid },
      env,
      openShop: (options) => openShop({ control, composed, database }, options),
      async start(service, options = {}) {
        const started = await startMeasuredProcess({ service, env, folder: join(services.folder, "empty"), ...options });
        stops.push(started.stop);
        return started;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startSimulator({ folder, schema }: WorkServices, webhooks: WorkHouseOptions["webhooks"]): Promise<{ origin: string; pid: number; stop: () => Promise<void> }> {
  const port = await findFreePort();
  const subscriptions = join(folder, `subscriptions-${port}.json`);
  await writeFile(subscriptions, JSON.stringify((webhooks?.topics ?? []).map((topic) => ({ topic, uri: "/webhooks" }))));
  const child = startChild({
    name: "simulator",
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", "simulator/main.ts", "--port", String(port), "--schema", schema, "--subscriptions", subscriptions, ...(webhooks ? ["--app-url", webhooks.appUrl] : [])],
    env: { SHOPIFY_API_KEY: API_KEY, SHOPIFY_API_SECRET: API_SECRET, SCOPES: SCOPES.join(","), OPTIONAL_SCOPES: "write_inventory" },
  });
  const origin = `http://127.0.0.1:${port}`;
  const until = performance.now() + UP_MS_MAX;
  while (!(await fetch(`${origin}/sim/shops`).then((response) => response.ok, () => false))) {
    if (performance.now() > until) throw new Error(`the simulator did not start:\n${child.lastLines().join("\n")}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return { origin, pid: child.pid, stop: child.stop };
}

type Parts = Pick<WorkHouse, "control" | "composed" | "database">;

async function openShop(parts: Parts, { name, plan, items: itemCount }: ShopOptions): Promise<WorkShop> {
  const { control, composed, database } = parts;
  const shop = `${name}.myshopify.com`;
  const made = await control.createShop({ shop, plan, locations: [{ name: "Main" }] });
  const location = made.locations[0]?.id ?? "";
  const items: WorkItem[] = [];
  for (let first = 0; first < itemCount; first += VARIANTS_PER_PRODUCT) {
    const count = Math.min(VARIANTS_PER_PRODUCT, itemCount - first);
    const variants = Array.from({ length: count }, (_, index) => ({ sku: `P-${first + index}`, levels: [{ locationId: location, available: STOCK_FOR_ALL }] }));
    const product = await control.createProduct(shop, { title: `Product ${first}`, variants });
    items.push(...product.variants.map(({ variantId, inventoryItemId }) => ({ variantId: tail(variantId), inventoryItemId: tail(inventoryItemId) })));
  }
  const installId = await install(parts, shop);
  const { version } = await composed.settingsStore.current(installId);
  const document = { ...DEFAULT_SETTINGS, mode: "enforce" as const, deduct: { ...DEFAULT_SETTINGS.deduct, location, sources: [{ sourceName: SOURCE, confirmedBypass: true }] } };
  const saved = await composed.settingsStore.save({ installId, expectedVersion: version, document, actor: "benchmark" });
  if (saved.kind !== "saved") throw new Error("the settings could not be saved");
  await settleIn(database, { shop, installId, locationId: tail(location), items });
  return { shop, installId, locationId: tail(location), items };
}

/** As after its first day: the first comparison is done, its orders were looked through, its variants and its location are known. */
async function settleIn({ pool }: BenchDatabase, { shop, installId, locationId, items }: WorkShop): Promise<void> {
  const id = String(installId);
  await pool.query(
    `INSERT INTO stock_scans (install_id, shop, kind, reason, requested_by, state, finished_at) SELECT $1, $2, kind, 'day_one', 'holdfast', 'done', now() FROM unnest(ARRAY['stock', 'orders']) AS k(kind)`,
    [id, shop],
  );
  await pool.query(`INSERT INTO order_scans (install_id, watermark, due_at) VALUES ($1, now(), now() + interval '1 hour') ON CONFLICT (install_id) DO UPDATE SET due_at = excluded.due_at`, [id]);
  await pool.query(`INSERT INTO locations (install_id, location_id, name, read_at) VALUES ($1, $2, 'Main', now()) ON CONFLICT DO NOTHING`, [id, locationId]);
  await pool.query(
    `INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, title, tracked, inventory_policy, read_at)
     SELECT $1, v.variant, v.item, 'P-' || v.ordinal, 'Product', true, 'DENY', now() FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS v(variant, item, ordinal)`,
    [id, items.map((item) => item.variantId), items.map((item) => item.inventoryItemId)],
  );
}

async function install({ control, composed }: Parts, shop: string): Promise<bigint> {
  await control.install(shop, GRANTED);
  await storeOfflineSession(composed, shop, { origin: control.origin, app: { apiKey: API_KEY, apiSecret: API_SECRET }, sessionToken: await control.sessionToken(shop) });
  return registerShop(composed, shop);
}

function environmentOf(databaseUrl: string, redisUrl: string, origin: string, key: Uint8Array): Environment {
  return {
    production: false,
    databaseUrl,
    redisUrl,
    lockRedisUrls: [],
    port: 1,
    drainMs: 0,
    workerPort: null,
    logLevel: "silent",
    metricsToken: null,
    tracing: null,
    apiRateLimitPerSecond: 0,
    encryptionKeys: [key],
    mail: null,
    support: { email: null, url: null },
    shopify: { apiKey: API_KEY, apiSecret: API_SECRET, apiSecretPrevious: null, appUrl: "http://127.0.0.1", scopes: SCOPES, originOverride: origin, appBridgeUrl: null },
  };
}

/** As in production, but that it writes errors only: what logs cost depends on who reads them. */
function processEnvironment(databaseUrl: string, redisUrl: string, origin: string, key: Uint8Array): Record<string, string> {
  return {
    NODE_ENV: "production",
    LOG_LEVEL: "error",
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SHOPIFY_API_KEY: API_KEY,
    SHOPIFY_API_SECRET: API_SECRET,
    SHOPIFY_APP_URL: "http://127.0.0.1",
    SCOPES: SCOPES.join(","),
    ENCRYPTION_KEY: Buffer.from(key).toString("base64"),
    SHOPIFY_ORIGIN_OVERRIDE: origin,
    ALLOW_ORIGIN_OVERRIDE: "1",
  };
}

function tail(gid: string): string {
  return gid.slice(gid.lastIndexOf("/") + 1);
}

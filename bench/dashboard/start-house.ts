// The house that is measured: PostgreSQL, Redis, the simulated Shopify and one web process on the build; no worker, so that nothing else runs.

import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { Client } from "pg";

import { newIdentity, readManifest } from "#dev/demo/demo-settings.ts";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import { ensureBuild } from "#dev/services/app-build.ts";
import { startChild } from "#dev/services/child-process.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { nodeArgs } from "#dev/services/node-args.ts";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { startRedis } from "#dev/services/redis.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import { type Simulator, startSimulator } from "#simulator/start.ts";

export const BIG = "big-bench.myshopify.com";
export const SMALL = "small-bench.myshopify.com";
const READY_WITHIN_MS = 60_000;
/** Shopify's library answers bots with 410. */
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

export interface House {
  readonly simulator: Simulator;
  readonly databaseUrl: string;
  readonly webUrl: string;
  /** The data folder was filled by an earlier run. */
  readonly isSeeded: boolean;
  /** An install's id. */
  installOf(shop: string): Promise<bigint>;
  /** One page of the app as the admin asks for it: the whole document. */
  documentRequest(shop: string, path: string): { readonly url: string; readonly headers: Record<string, string> };
}

export interface HouseOptions {
  /** PostgreSQL's data are kept there and used again; null: they go with the run. */
  readonly keep: string | null;
}

export async function startHouse(shutdown: Pick<Shutdown, "add">, { keep }: HouseOptions): Promise<House> {
  const folder = join(tmpdir(), `holdfast-dashboard-${process.pid}-${randomBytes(3).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  shutdown.add("the folder", async () => await rm(folder, { recursive: true, force: true }));
  await generateClient();
  await ensureBuild();
  const postgres = await startPostgres({ folder: keep ?? join(folder, "postgres"), keep: keep !== null, durability: "fast", settings: ["max_wal_size=16GB", "checkpoint_timeout=1h"] });
  shutdown.add("PostgreSQL", postgres.stop);
  const redis = await startRedis({ folder: join(folder, "redis") });
  shutdown.add("Redis", redis.stop);
  await deployMigrations(postgres.url);
  const isSeeded = await forgetSessions(postgres.url);
  const port = await findFreePort();
  const webUrl = `http://127.0.0.1:${port}`;
  const identity = newIdentity();
  const { scopes, optionalScopes } = await readManifest(process.cwd());
  // No subscriptions: what the simulated shop sends would be work besides the pages.
  const simulator = await startSimulator({ ...identity, scopes, optionalScopes, subscriptions: [], appUrl: webUrl, schemaPath: await ensureAdminSchema(), seed: 1 });
  shutdown.add("the simulator", () => simulator.close());
  const env = {
    NODE_ENV: "production",
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    PORT: String(port),
    SHOPIFY_API_KEY: identity.apiKey,
    SHOPIFY_API_SECRET: identity.apiSecret,
    SHOPIFY_APP_URL: webUrl,
    SCOPES: scopes.join(","),
    ENCRYPTION_KEY: identity.encryptionKey,
    SHOPIFY_ORIGIN_OVERRIDE: simulator.origin,
    ALLOW_ORIGIN_OVERRIDE: "1",
    APP_BRIDGE_URL: `${simulator.origin}/app-bridge.js`,
    LOG_LEVEL: "error",
  };
  const child = startChild({ name: "web", command: process.execPath, args: ["--disable-warning=ExperimentalWarning", ...nodeArgs("web")], env });
  shutdown.add("web", child.stop);
  await becomesReady(`${webUrl}/readyz`, child.lastLines);
  const house: House = {
    simulator,
    databaseUrl: postgres.url,
    webUrl,
    isSeeded,
    installOf: (shop) => installOf(postgres.url, shop),
    documentRequest: (shop, path) => documentRequest(simulator, webUrl, shop, path),
  };
  for (const shop of [BIG, SMALL]) await openShop(house, shop, optionalScopes);
  return house;
}

/** An earlier run's tokens were given by another simulator, and sealed with another key. */
async function forgetSessions(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`DELETE FROM "Session"`);
    await client.query("UPDATE installs SET app_installation_gid = NULL");
    const { rows } = await client.query("SELECT 1 FROM changes LIMIT 1");
    return rows.length > 0;
  } finally {
    await client.end();
  }
}

async function openShop(house: House, shop: string, optionalScopes: readonly string[]): Promise<void> {
  const { control } = house.simulator;
  const { locations } = control.createShop({ shop, plan: "plus", locations: [{ name: "Main warehouse" }] });
  control.createProduct(shop, { title: "Beeswax candle", variants: [{ sku: "CANDLE", levels: [{ locationId: locations[0]?.id ?? "", available: 400 }] }] });
  control.install(shop, { scopes: [...optionalScopes] });
  const { url, headers } = house.documentRequest(shop, "/app");
  const answer = await fetch(url, { headers, redirect: "manual" });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`the first page of ${shop} answered ${answer.status}`);
}

function documentRequest({ control }: Simulator, webUrl: string, shop: string, path: string) {
  const url = new URL(path, webUrl);
  const host = Buffer.from(`admin.shopify.com/store/${shop.replace(".myshopify.com", "")}`).toString("base64url");
  for (const [name, value] of Object.entries({ embedded: "1", shop, host, locale: "en", id_token: control.sessionToken(shop).token })) url.searchParams.set(name, value);
  return { url: url.href, headers: { "user-agent": BROWSER, accept: "text/html" } };
}

async function installOf(url: string, shop: string): Promise<bigint> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>("SELECT id FROM installs WHERE shop = $1 AND state = 'active'", [shop]);
    if (rows[0] === undefined) throw new Error(`${shop} has no install`);
    return BigInt(rows[0].id);
  } finally {
    await client.end();
  }
}

async function becomesReady(url: string, lastLines: () => string[]): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const ready = await fetch(url).then((response) => response.ok, () => false);
    if (ready) return;
    if (performance.now() > until) throw new Error(`web is not ready: ${lastLines().slice(-5).join("\n")}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

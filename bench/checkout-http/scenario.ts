// `npm run bench -- checkout-http`: holds granted a second by a real web process over HTTP, its token, settings and places looked up as in a rush.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Pool as PgPool } from "pg";
import { Pool } from "undici";
import { ensureBuild } from "#dev/services/app-build.ts";
import { startChild } from "#dev/services/child-process.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { startRedis } from "#dev/services/redis.ts";
import { say } from "#dev/services/say.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import type { BenchScenario } from "../bench-scenario.ts";
import { percentile } from "../reservations/buy.ts";

const SHOP = "bench.myshopify.com";
const STOCK_FOR_ALL = 1_000_000_000;
const READY_WITHIN_MS = 60_000;
const WARM_UP_MS = 1_000;
const text = (value: string) => ({ type: "string", default: value }) as const;

export const checkoutHttp: BenchScenario = {
  name: "checkout-http",
  about: "holds of one hot item granted a second by one web process over HTTP, its waits, and what it answered otherwise",
  usage: ["--connections N  at the same time (200)", "--seconds N      of the measurement (5)", "--json           one JSON document", "exit code 0: no request was answered by 500"],
  async run(args, shutdown) {
    const { values } = parseArgs({ args: [...args], options: { connections: text("200"), seconds: text("5"), json: { type: "boolean", default: false }, yes: { type: "boolean", default: false } } });
    const web = await startHouse(shutdown);
    const figures = await measure(web, Number(values.connections), Number(values.seconds) * 1_000, shutdown.signal);
    if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
    else say(`${values.connections} connections: ${figures.grantedPerSecond.toFixed(0)} granted/s, p50 ${figures.p50Ms?.toFixed(0)} ms, p99 ${figures.p99Ms?.toFixed(0)} ms; by status ${JSON.stringify(figures.byStatus)}`);
    return figures.byStatus[500] === undefined ? 0 : 1;
  },
};

interface Web {
  readonly origin: string;
  readonly token: string;
}

async function startHouse(shutdown: Shutdown): Promise<Web> {
  const folder = join(tmpdir(), `holdfast-checkout-http-${process.pid}-${randomBytes(3).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  shutdown.add("the folder", async () => await rm(folder, { recursive: true, force: true }));
  await generateClient();
  await ensureBuild();
  const postgres = await startPostgres({ folder: join(folder, "postgres"), durability: "safe" });
  shutdown.add("PostgreSQL", postgres.stop);
  const redis = await startRedis({ folder: join(folder, "redis") });
  shutdown.add("Redis", redis.stop);
  await deployMigrations(postgres.url);
  const token = `hf_${randomBytes(32).toString("base64url")}`;
  await seed(postgres.url, token);
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = {
    NODE_ENV: "production",
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    PORT: String(port),
    SHOPIFY_API_KEY: "bench",
    SHOPIFY_API_SECRET: "bench-secret",
    SHOPIFY_APP_URL: origin,
    SCOPES: "read_orders,read_products,read_inventory,read_locations",
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    API_RATE_LIMIT: "0",
    LOG_LEVEL: "fatal",
  };
  const child = startChild({ name: "web", command: process.execPath, args: ["--disable-warning=ExperimentalWarning", "web/main.ts"], env });
  shutdown.add("web", child.stop);
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const ready = await fetch(`${origin}/readyz`).then((response) => response.ok, () => false);
    if (ready) return { origin, token };
    if (performance.now() > until) throw new Error(`web is not ready: ${child.lastLines().slice(-5).join("\n")}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

/** A block that has enough for all, so that nothing waits for Shopify: what is measured is the way of a request. */
async function seed(url: string, token: string): Promise<void> {
  const pool = new PgPool({ connectionString: url, max: 1 });
  const settings = { ...DEFAULT_SETTINGS, mode: "enforce" };
  const statements: [string, unknown[]][] = [
    [`INSERT INTO installs (id, shop, epoch, scopes) VALUES (1, $1, 1, 'write_inventory')`, [SHOP]],
    [`INSERT INTO settings_versions (install_id, version, document, created_by) VALUES (1, 1, $1, 'bench')`, [JSON.stringify(settings)]],
    [`INSERT INTO locations (install_id, location_id, name, read_at) VALUES (1, '1', 'Main', now())`, []],
    [`INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, tracked, inventory_policy, read_at) VALUES (1, '1', '1', 'HOT', true, 'DENY', now())`, []],
    [`INSERT INTO stock_blocks (install_id, inventory_item_id, location_id, held) VALUES (1, '1', '1', ${STOCK_FOR_ALL})`, []],
    [`INSERT INTO api_tokens (id, install_id, shop, hash, label, created_by) VALUES ($1, 1, $2, $3, 'bench', 'bench')`, [randomUUID(), SHOP, createHash("sha256").update(token).digest("hex")]],
  ];
  for (const [sql, values] of statements) await pool.query(sql, values);
  await pool.end();
}

async function measure({ origin, token }: Web, connections: number, ms: number, signal: AbortSignal) {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const from = performance.now() + WARM_UP_MS;
  const until = from + ms;
  const grantedMs: number[] = [];
  const byStatus: Record<number, number> = {};
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const buyer = async (): Promise<void> => {
    while (performance.now() < until && !signal.aborted) {
      const asked = performance.now();
      const body = JSON.stringify({ idempotencyKey: randomUUID(), lines: [{ variantId: "1", quantity: 1 }] });
      const answer = await pool.request({ path: "/api/v1/reservations", method: "POST", headers, body });
      await answer.body.dump();
      const answered = performance.now();
      if (answered < from || answered > until) continue;
      byStatus[answer.statusCode] = (byStatus[answer.statusCode] ?? 0) + 1;
      if (answer.statusCode === 201) grantedMs.push(answered - asked);
    }
  };
  await Promise.all(Array.from({ length: connections }, buyer));
  await pool.close();
  return { connections, seconds: ms / 1_000, grantedPerSecond: (grantedMs.length / ms) * 1_000, p50Ms: percentile(grantedMs, 0.5), p99Ms: percentile(grantedMs, 0.99), byStatus };
}

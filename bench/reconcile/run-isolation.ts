// The same stream of orders twice, on one worker process: alone, and while all of the shop's stock is compared with Shopify.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as after } from "node:timers/promises";
import { type RunningChild, startChild } from "#dev/services/child-process.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";

export interface Latencies {
  readonly orders: number;
  readonly changes: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface IsolationRun {
  readonly levels: number;
  readonly ordersPerSecond: number;
  readonly seconds: number;
  /** From the install until all stock was taken in. */
  readonly dayOneMs: number;
  readonly without: Latencies;
  readonly beside: Latencies;
  /** Scans that were under way beside the second stream, and how long each took, the minute's wait before a second look included. */
  readonly scans: readonly { readonly levels: number; readonly drifts: number; readonly tookMs: number; readonly state: string }[];
  /** Differences that were put there before the second stream. */
  readonly differences: number;
  readonly workerRssMbMax: number;
}

export interface IsolationOptions {
  readonly levels: number;
  readonly ordersPerSecond: number;
  readonly seconds: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  say(line: string): void;
}

const SHOP = "reconcile-bench.myshopify.com";
const ENTRY = join(import.meta.dirname, "worker-process.ts");
const VARIANTS_PER_PRODUCT = 100;
/** Enough of each for the whole stream. */
const START = 1_000_000;
const SOLD_ITEMS_MAX = 100;
const DIFFERENCES_MAX = 300;
const POLL_MS = 250;
const DAY_ONE_MS_MAX = 20 * 60_000;
const SCAN_MS_MAX = 20 * 60_000;
const WORKED_OFF_MS_MAX = 120_000;

interface Bench {
  readonly options: IsolationOptions;
  readonly house: House;
  readonly shop: HouseShop;
  readonly variants: readonly { readonly variantId: string; readonly inventoryItemId: string }[];
  readonly locationId: string;
}

export async function runIsolation(options: IsolationOptions): Promise<IsolationRun> {
  const house = await openHouse({ seed: 1, databaseUrl: options.databaseUrl, redisUrl: options.redisUrl });
  let worker: RunningChild | null = null;
  try {
    const { shop, variants, locationId } = await openShop(house, options.levels);
    const bench: Bench = { options, house, shop, variants, locationId };
    options.say(`${options.levels} levels stand in the shop; the worker takes them in`);
    const began = Date.now();
    worker = await startWorker(house, options);
    await until(bench, DAY_ONE_MS_MAX, "day one ends", async () => (await doneScans(bench)) === 2);
    const dayOneMs = Date.now() - began;
    await house.visit(shop.shop);
    await stream(bench, 3);
    options.say("the stream alone");
    const without = await stream(bench, options.seconds);
    const differences = await hideDifferences(bench);
    options.say("the stream beside scans");
    const scanning = keepScanning(bench);
    const beside = await stream(bench, options.seconds);
    const scans = await scanning.end();
    return { levels: options.levels, ordersPerSecond: options.ordersPerSecond, seconds: options.seconds, dayOneMs, without, beside, scans, differences, workerRssMbMax: await rssMbMaxOf(worker) };
  } finally {
    await worker?.stop();
    await house.close();
  }
}

/** The stock is older than the install: nobody is told of it. */
async function openShop(house: House, levels: number): Promise<Pick<Bench, "shop" | "variants" | "locationId">> {
  const { control } = house.simulator;
  const made = control.createShop({ shop: SHOP, plan: "plus", bigIds: true, locations: [{ name: "Main" }] });
  const locationId = made.locations[0]?.id ?? "";
  const variants: Bench["variants"][number][] = [];
  for (let first = 0; first < levels; first += VARIANTS_PER_PRODUCT) {
    const count = Math.min(VARIANTS_PER_PRODUCT, levels - first);
    const product = { title: `Product ${first}`, variants: Array.from({ length: count }, (_, index) => ({ sku: `P-${first + index}`, levels: [{ locationId, available: START }] })) };
    variants.push(...control.createProduct(SHOP, product).variants);
  }
  const shop: HouseShop = { shop: SHOP, installId: await house.install(SHOP), locationIds: [locationId] };
  await house.protect(shop);
  return { shop, variants, locationId };
}

async function startWorker({ environment, redisPrefix, simulator }: House, { folder }: IsolationOptions): Promise<RunningChild> {
  const { apiKey, apiSecret, appUrl, scopes } = environment.shopify;
  return startChild({
    name: "worker",
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", ENTRY],
    // No .env lies there.
    cwd: folder,
    takesMessages: true,
    env: {
      NODE_ENV: "production",
      LOG_LEVEL: "error",
      BENCH_REDIS_PREFIX: redisPrefix,
      DATABASE_URL: environment.databaseUrl,
      REDIS_URL: environment.redisUrl,
      PORT: "1",
      WORKER_PORT: String(await findFreePort()),
      SHOPIFY_API_KEY: apiKey,
      SHOPIFY_API_SECRET: apiSecret,
      SHOPIFY_APP_URL: appUrl,
      SCOPES: scopes.join(","),
      ENCRYPTION_KEY: Buffer.from(environment.encryptionKeys[0] ?? []).toString("base64"),
      SHOPIFY_ORIGIN_OVERRIDE: simulator.origin,
      ALLOW_ORIGIN_OVERRIDE: "1",
    },
  });
}

/** Orders at an even pace, each of one item; answers how long their changes took once all are done. */
async function stream(bench: Bench, seconds: number): Promise<Latencies> {
  const { options, house, shop, variants } = bench;
  const sold = variants.slice(0, SOLD_ITEMS_MAX);
  const [from] = await house.composed.database.query<{ now: Date }>(`SELECT now() AS now`);
  const began = performance.now();
  for (let order = 0; order < seconds * options.ordersPerSecond && !options.signal.aborted; order += 1) {
    const dueMs = began + (order * 1_000) / options.ordersPerSecond - performance.now();
    if (dueMs > 0) await after(dueMs);
    house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: sold[order % sold.length]?.variantId ?? "", quantity: 1 }] });
  }
  await house.delivered();
  const [to] = await house.composed.database.query<{ now: Date }>(`SELECT now() AS now`);
  await until(bench, WORKED_OFF_MS_MAX, "every change is applied", async () => {
    const [open] = await house.composed.database.query<{ count: number }>(
      `SELECT ((SELECT count(*) FROM changes WHERE install_id = $1 AND finished_at IS NULL AND cause = 'order') + (SELECT count(*) FROM deliveries WHERE install_id = $1 AND state = 'pending' AND topic = 'orders/create')
         + (SELECT count(*) FROM orders WHERE install_id = $1 AND state = 'due'))::int AS count`,
      shop.installId,
    );
    return open?.count === 0;
  });
  const [row] = await house.composed.database.query<Omit<Latencies, "orders">>(
    `SELECT count(*)::int AS changes, percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS "p50Ms", percentile_cont(0.95) WITHIN GROUP (ORDER BY took) AS "p95Ms", percentile_cont(0.99) WITHIN GROUP (ORDER BY took) AS "p99Ms"
     FROM (SELECT extract(epoch FROM finished_at - accepted_at)::float8 * 1000 AS took FROM changes
       WHERE install_id = $1 AND state = 'applied' AND accepted_at BETWEEN $2::timestamptz AND $3::timestamptz) AS done`,
    shop.installId,
    from?.now ?? new Date(0),
    to?.now ?? new Date(),
  );
  if (!row || row.changes === 0) throw new Error("no change was applied");
  return { orders: seconds * options.ordersPerSecond, ...row };
}

/** Numbers that somebody else wrote and nobody told of, in items that the stream does not sell. */
async function hideDifferences({ house, shop, variants, locationId }: Bench): Promise<number> {
  const { control } = house.simulator;
  const hidden = variants.slice(SOLD_ITEMS_MAX).slice(0, Math.min(DIFFERENCES_MAX, Math.floor(variants.length / 100)));
  control.planWebhooks({ loss: { rate: 1 } });
  for (const { inventoryItemId } of hidden) control.adjustLevel(shop.shop, { inventoryItemId, locationId, delta: -5, writer: "another app" });
  await house.delivered();
  control.planWebhooks({ loss: { rate: 0 } });
  return hidden.length;
}

/** One scan after the other until it is told to end; the last one is waited for. */
function keepScanning(bench: Bench): { end(): Promise<IsolationRun["scans"]> } {
  const { house, shop } = bench;
  const ending = new AbortController();
  const ids: bigint[] = [];
  const running = (async () => {
    while (!ending.signal.aborted && !bench.options.signal.aborted) {
      const asked = await house.composed.reconcile.scans.ask({ installId: shop.installId, requestedBy: "benchmark" });
      if (!asked) throw new Error("the app is not installed any more");
      ids.push(asked.scanId);
      await until(bench, SCAN_MS_MAX, "the scan ends", async () => {
        const scan = await house.composed.reconcile.scans.find(shop.installId, asked.scanId);
        return scan?.state === "done" || scan?.state === "failed";
      });
    }
  })();
  // It is waited for at the end; until then a failure is nobody's.
  running.catch(() => undefined);
  return {
    async end() {
      ending.abort();
      await running;
      return house.composed.database.query(
        `SELECT level_count AS levels, drift_count AS drifts, state, extract(epoch FROM finished_at - created_at)::float8 * 1000 AS "tookMs" FROM stock_scans WHERE install_id = $1 AND id = ANY($2::bigint[]) ORDER BY id`,
        shop.installId,
        ids.map(String),
      );
    },
  };
}

async function doneScans({ house, shop }: Bench): Promise<number> {
  const [row] = await house.composed.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM stock_scans WHERE install_id = $1 AND state = 'done'`, shop.installId);
  return row?.count ?? 0;
}

async function until({ options: { signal } }: Bench, limitMs: number, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await isSo())) {
    if (signal.aborted) throw new Error("the benchmark was stopped");
    if (Date.now() > deadline) throw new Error(`waited ${limitMs / 1_000} s until ${what}`);
    await after(POLL_MS);
  }
}

/** The largest it ever was; Linux keeps count. */
async function rssMbMaxOf({ pid }: RunningChild): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

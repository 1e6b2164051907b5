// Holdfast as it is deployed, for a test: database, Redis, the simulated Shopify, and web and worker as processes of their own.
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";
import { newIdentity, readManifest } from "#dev/demo/demo-settings.ts";
import { readBuildState } from "#dev/services/app-build.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { startSimulator } from "#simulator/start.ts";
import type { Simulator } from "#simulator/start.ts";
import { createTestDatabase } from "../test-database.ts";
import { createTestRedis } from "../test-redis.ts";
import { becomesReady, readErrors, ROOT, startAppProcess } from "./app-process.ts";
import type { AppProcess } from "./app-process.ts";

export interface WholeApp {
  readonly simulator: Simulator;
  readonly web: AppProcess;
  readonly worker: AppProcess;
  readonly webUrl: string;
  readonly workerUrl: string;
  /** A merchant's first page, fetched without looking at it: gives Holdfast its access token and puts the install on record. */
  firstVisit(shop: string): Promise<void>;
  /** `holdfast token create`, as an operator runs it. */
  createToken(shop: string): Promise<string>;
  /** One statement on its database: for what would take too long to come about by itself. */
  query(sql: string, values: readonly unknown[]): Promise<void>;
  /** What web and worker logged as errors since it was last asked, or that one of them has ended. */
  newProblems(expected: readonly RegExp[]): string[];
  close(): Promise<void>;
}

/** A test of pages that are not the ones in the checkout would prove nothing. */
export async function requireBuild(): Promise<void> {
  const state = await readBuildState(ROOT);
  if (state !== "fresh") throw new Error(`The build in build/ is ${state}: run \`npm run build\` first (\`npm test\` does it by itself).`);
}

export interface WholeAppOptions {
  /** Variables besides those that it needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** How the simulated Shopify waits. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Puts something between the processes and their services. */
  readonly reach?: (service: "database" | "redis", url: string) => Promise<string>;
}

export async function startWholeApp(options: WholeAppOptions = {}): Promise<WholeApp> {
  await requireBuild();
  const stops: (() => Promise<void>)[] = [];
  try {
    return await start(options, stops);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

async function start({ env: more = {}, sleep, reach = async (_, url) => url }: WholeAppOptions, stops: (() => Promise<void>)[]): Promise<WholeApp> {
  const database = await createTestDatabase();
  stops.push(database.drop);
  const redis = await createTestRedis();
  stops.push(redis.close);
  const [port, workerPort] = [await findFreePort(), await findFreePort()];
  const [webUrl, workerUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${workerPort}`];
  const identity = newIdentity();
  const { scopes, optionalScopes, subscriptions } = await readManifest(ROOT);
  const simulator = await startSimulator({ ...identity, scopes, optionalScopes, subscriptions, appUrl: webUrl, schemaPath: inject("adminSchemaPath"), seed: 1, ...(sleep === undefined ? {} : { sleep }) });
  stops.push(() => simulator.close());
  const env = {
    NODE_ENV: "production",
    DATABASE_URL: await reach("database", database.url),
    REDIS_URL: await reach("redis", redis.url),
    PORT: String(port),
    WORKER_PORT: String(workerPort),
    SHOPIFY_API_KEY: identity.apiKey,
    SHOPIFY_API_SECRET: identity.apiSecret,
    SHOPIFY_APP_URL: webUrl,
    SCOPES: scopes.join(","),
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    SHOPIFY_ORIGIN_OVERRIDE: simulator.origin,
    ALLOW_ORIGIN_OVERRIDE: "1",
    APP_BRIDGE_URL: `${simulator.origin}/app-bridge.js`,
    ...more,
  };
  const startOne = async (name: "web" | "worker") => {
    const started = await startAppProcess({ name, args: [`${name}/main.ts`], env });
    stops.push(() => started.stop());
    return started;
  };
  const [web, worker] = [await startOne("web"), await startOne("worker")];
  const processes = [web, worker];
  const logs = processes.map((started) => readErrors(started));
  const ends: string[] = [];
  for (const { name, ended } of processes) void ended.then((how) => ends.push(`${name} ${how} while the test ran`));
  await Promise.all(processes.map((started) => becomesReady(started, `${started.name === "web" ? webUrl : workerUrl}/readyz`)));

  return {
    simulator,
    web,
    worker,
    webUrl,
    workerUrl,
    firstVisit: (shop) => openFirstPage(simulator, webUrl, shop),
    createToken: (shop) => createToken(env, shop),
    query: (sql, values) => query(database.url, sql, values),
    newProblems: (expected) => [...ends, ...logs.flatMap((log) => log.newErrors(expected))],
    close: () => stopAll(stops),
  };
}

/** Shopify's library answers bots with 410. */
export const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

export async function openFirstPage({ control }: Pick<Simulator, "control">, webUrl: string, shop: string): Promise<void> {
  const page = new URL("/app", webUrl);
  const host = Buffer.from(`admin.shopify.com/store/${shop.replace(".myshopify.com", "")}`).toString("base64url");
  for (const [name, value] of Object.entries({ embedded: "1", shop, host, locale: "en", id_token: control.sessionToken(shop).token })) page.searchParams.set(name, value);
  const response = await fetch(page, { headers: { "User-Agent": BROWSER, Accept: "text/html" }, redirect: "manual" });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`the app's first page answered ${response.status}`);
}

async function query(connectionString: string, sql: string, values: readonly unknown[]): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql, [...values]);
  } finally {
    await client.end();
  }
}

async function createToken(env: Record<string, string>, shop: string): Promise<string> {
  const command = await startAppProcess({ name: "holdfast token create", args: ["cli/main.ts", "token", "create", "--shop", shop, "--json"], env });
  await command.ended;
  const answer = command.log().findLast(({ text }) => text.startsWith("{"));
  const token = answer === undefined ? undefined : (JSON.parse(answer.text) as { token?: string }).token;
  if (token === undefined) throw new Error(`\`holdfast token create\` failed:\n${command.log().map(({ text }) => text).join("\n")}`);
  return token;
}

/** In reverse; one that fails does not keep the others from being stopped. */
async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} parts did not stop cleanly: ${failures.map(String).join("; ")}`);
}

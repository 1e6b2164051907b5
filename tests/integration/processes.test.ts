// Web and worker as processes: what they need to start, what they answer to operators' tools, and how they stop.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readManifest } from "#dev/demo/demo-settings.ts";
import { withBlock, withOwnValue } from "#dev/env-file.ts";
import { findFreePort } from "#dev/services/free-port.ts";
import { createGate } from "#simulator/testing/gate.ts";
import { becomesReady, ROOT, startAppProcess } from "#tests/setup/e2e/app-process.ts";
import type { AppProcess } from "#tests/setup/e2e/app-process.ts";
import { layLine } from "#tests/setup/e2e/cuttable-line.ts";
import type { CuttableLine } from "#tests/setup/e2e/cuttable-line.ts";
import { openApi } from "#tests/setup/e2e/settings-by-api.ts";
import { openSmallShop } from "#tests/setup/e2e/small-shop.ts";
import { startWholeApp } from "#tests/setup/e2e/whole-app.ts";
import { createTestDatabase } from "#tests/setup/test-database.ts";
import { createTestRedis } from "#tests/setup/test-redis.ts";

let cleanUps: (() => Promise<void>)[] = [];

beforeEach(() => {
  cleanUps = [];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

/** What Shopify CLI 4.8 sets for each process of `shopify app dev`, besides the environment of the person's shell. */
async function developmentVariables(port: number): Promise<Record<string, string>> {
  const { scopes } = await readManifest(ROOT);
  const address = "https://quiet-harbour.trycloudflare.com";
  return {
    SHOPIFY_API_KEY: randomBytes(16).toString("hex"),
    SHOPIFY_API_SECRET: randomBytes(16).toString("hex"),
    HOST: address,
    APP_URL: address,
    REMIX_DEV_ORIGIN: address,
    SCOPES: scopes.join(","),
    NODE_ENV: "development",
    APP_ENV: "development",
    PORT: String(port),
    SERVER_PORT: String(port),
    BACKEND_PORT: String(port),
    FRONTEND_PORT: String(port),
  };
}

/** What the step before `shopify app dev` writes. */
async function preparedVariables(): Promise<{ key: string; services: { DATABASE_URL: string; REDIS_URL: string } }> {
  const database = await createTestDatabase();
  cleanUps.push(database.drop);
  const redis = await createTestRedis();
  cleanUps.push(redis.close);
  return { key: randomBytes(32).toString("base64"), services: { DATABASE_URL: database.url, REDIS_URL: redis.url } };
}

async function start(options: Parameters<typeof startAppProcess>[0]): Promise<AppProcess> {
  const started = await startAppProcess(options);
  cleanUps.push(() => started.stop());
  return started;
}

async function ask(url: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  const response = await fetch(`${url}${path}`, { headers });
  return { status: response.status, body: await response.text() };
}

describe("the processes", () => {
  it("start with what `shopify app dev` sets and the step before it writes: the worker", async () => {
    const { key, services } = await preparedVariables();
    const folder = await mkdtemp(join(tmpdir(), "holdfast-dev-"));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    const workerPort = await findFreePort();
    // The developer's own line, which the step before leaves alone: without it the worker opens no port.
    const own = withOwnValue("", "WORKER_PORT", String(workerPort));
    await writeFile(join(folder, ".env"), withBlock(withOwnValue(own, "ENCRYPTION_KEY", key), services));
    const worker = await start({ name: "worker", args: ["worker/main.ts"], env: await developmentVariables(await findFreePort()), cwd: folder });
    await becomesReady(worker, `http://127.0.0.1:${workerPort}/readyz`);
    await worker.stop();
    expect(await worker.ended).toBe("ended with code 0");
    expect(worker.log().filter(({ level }) => level === "error")).toEqual([]);
  });

  it("start with what `shopify app dev` sets and the step before it writes: the pages, from source", async () => {
    const { key, services } = await preparedVariables();
    const port = await findFreePort();
    const env = { ...(await developmentVariables(port)), ...services, ENCRYPTION_KEY: key };
    const pages = await start({ name: "remix vite:dev", args: ["node_modules/@remix-run/dev/dist/cli.js", "vite:dev"], env, cwd: ROOT });
    await becomesReady(pages, `http://localhost:${port}/readyz`);
    expect((await ask(`http://localhost:${port}`, "/healthz")).status).toBe(200);
  });

  it.each(["web", "worker"])("say in one line what is missing and how to get it, and end: %s", async (name) => {
    const { services } = await preparedVariables();
    const ended = await start({ name, args: [`${name}/main.ts`], env: { ...(await developmentVariables(await findFreePort())), ...services } });
    expect(await ended.ended).toBe("ended with code 78");
    expect(ended.log().map(({ text }) => text)).toEqual(["holdfast: ENCRYPTION_KEY is missing: make one with `openssl rand -base64 32` and keep it: stored tokens cannot be read without it"]);
  });

  it("finish the turn that runs when they are asked to stop, and then end", async () => {
    const shopify = createGate();
    const whole = await startWholeApp({ sleep: shopify.sleep });
    cleanUps.push(whole.close);
    const small = openSmallShop(whole, "stopping", { scopes: ["write_inventory"] });
    await whole.firstVisit(small.shop);
    const api = await openApi(whole, small.shop);
    await api.protect();

    const isWriting = shopify.close(1);
    whole.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "slow", delayMs: 1 });
    small.order(small.candle, 2);
    await isWriting;
    const stopped = whole.worker.stop();
    // The turn waits for Shopify, and nothing was changed yet; the worker is still there.
    expect((await ask(whole.workerUrl, "/healthz")).status).toBe(200);
    expect(small.available(small.candle)).toBe(400);
    shopify.open();
    await stopped;

    expect(await whole.worker.ended).toBe("ended with code 0");
    expect(small.changesByApp()).toMatchObject([{ delta: -2, after: 398 }]);
    expect(await api.changes()).toMatchObject([{ state: "applied", delta: -2, before: 400, after: 398 }]);
  });
});

describe("operators' tools", () => {
  it("read the metrics of web and worker with the bearer token only", async () => {
    const whole = await startWholeApp({ env: { METRICS_TOKEN: "let-me-see" } });
    cleanUps.push(whole.close);
    for (const url of [whole.webUrl, whole.workerUrl]) {
      expect((await ask(url, "/metrics")).status).toBe(401);
      expect((await ask(url, "/metrics", { Authorization: "Bearer let-me-guess" })).status).toBe(401);
      const answered = await ask(url, "/metrics", { Authorization: "Bearer let-me-see" });
      expect(answered.status).toBe(200);
      expect(answered.body).toContain("# TYPE holdfast_deliveries_total counter");
    }
  });

  it("see who can do without what: web without Redis still takes notifications, nobody works without the database", async () => {
    const lines: Partial<Record<"database" | "redis", CuttableLine>> = {};
    const whole = await startWholeApp({
      reach: async (service, url) => {
        lines[service] = await layLine(url);
        return lines[service].url;
      },
    });
    cleanUps.push(async () => {
      await whole.close();
      for (const line of Object.values(lines)) await line.cut();
    });
    const small = openSmallShop(whole, "readiness");
    await whole.firstVisit(small.shop);
    const readiness = async () => ({ web: await ask(whole.webUrl, "/readyz"), worker: await ask(whole.workerUrl, "/readyz") });
    const statuses = async () => {
      const { web, worker } = await readiness();
      return [web.status, worker.status];
    };
    await expect.poll(statuses, { timeout: 20_000 }).toEqual([200, 200]);

    await lines.redis?.cut();
    await expect.poll(statuses, { timeout: 20_000 }).toEqual([200, 503]);
    const without = await readiness();
    expect(JSON.parse(without.web.body)).toEqual({ status: "ready", database: true, redis: false, locks: false });
    expect(JSON.parse(without.worker.body)).toEqual({ status: "not_ready", database: true, redis: false, locks: false });
    small.order(small.candle);
    const counters = await whole.simulator.control.drainWebhooks();
    expect([counters.failed, counters.abandoned]).toEqual([0, 0]);
    await lines.redis?.mend();
    await expect.poll(statuses, { timeout: 20_000 }).toEqual([200, 200]);

    await lines.database?.cut();
    await expect.poll(statuses, { timeout: 20_000 }).toEqual([503, 503]);
    expect(JSON.parse((await readiness()).web.body)).toMatchObject({ status: "not_ready", database: false });
    expect([(await ask(whole.webUrl, "/healthz")).status, (await ask(whole.workerUrl, "/healthz")).status]).toEqual([200, 200]);
    await lines.database?.mend();
    await expect.poll(statuses, { timeout: 20_000 }).toEqual([200, 200]);
  });
});

// The lab's handler: a small webhook processor with five protections, each of which can be switched off. Holdfast has no such switches.
//
// It runs inside the demo's process, but lives and dies like one of its own: `kill` cuts its connections and freezes its work, and a
// new one is started at the same address. What it stored in PostgreSQL stays.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { z } from "zod";
import { isSigned, readBody } from "#simulator/scenarios/signed-body.ts";
import { LabLife } from "./lab-life.ts";
import { labLock } from "./lab-lock.ts";
import { labShopify } from "./lab-shopify.ts";
import type { ShopAccess, Stock } from "./lab-shopify.ts";
import type { LabStore } from "./lab-store.ts";
import { sellAtCounter, takeLine } from "./take-line.ts";
import type { LabWork, Moments } from "./take-line.ts";
import type { Switches } from "./switches.ts";

export type LabHandlerOptions = {
  switches: Switches;
  port: number;
  apiSecret: string;
  access: ShopAccess;
  store: LabStore;
  redisUrl: string;
  /** Of every key in Redis. */
  prefix: string;
  /** Orders of this source are the handler's; it ignores others, whose stock Shopify takes. */
  source: string;
  stockOf: (variantId: string) => Stock | undefined;
  moments: Moments;
};

export type LabHandler = {
  /** As `kill -9` does it: nothing is finished, nothing is cleaned up. */
  kill(): Promise<void>;
  close(): Promise<void>;
  sell(buyer: string, stock: Stock): Promise<"sold" | "sold_out">;
  /** Nothing under way, and nothing that it would begin by itself. */
  atRest(): Promise<boolean>;
};

const WORKERS = 6;
const SWEEP_EVERY_MS = 500;
/** Longer than a notification usually waits. One that is in the queue is not added twice: its job has its name. */
const SWEEP_AFTER_MS = 1_000;
const CLOSE_LIMIT_MS = 3_000;
const JOBS = "orders";

const id = z.union([z.number(), z.string()]).transform(String);
const orderBody = z.object({ id, source_name: z.string().nullable(), line_items: z.array(z.object({ id, variant_id: id, quantity: z.number() })) });

export async function startLabHandler(options: LabHandlerOptions): Promise<LabHandler> {
  const { switches, store, moments, access, prefix, port } = options;
  const life = new LabLife();
  const redis = connect(options.redisUrl);
  const work: LabWork = { switches, store, life, moments, shopify: labShopify(access, life), lock: labLock(redis, prefix, life) };
  const jobs = switches.queue ? openJobs(options, work) : null;
  let underWay = 0;
  const counted = async <Result>(task: () => Promise<Result>): Promise<Result> => {
    underWay += 1;
    try {
      return await task();
    } finally {
      underWay -= 1;
    }
  };
  const server = createServer((request, response) => {
    void counted(async () => await answer(options, work, jobs, request)).then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));

  return {
    async kill() {
      life.end();
      redis.disconnect();
      jobs?.cut();
      await stopListening(server);
    },
    async close() {
      await jobs?.close();
      life.end();
      redis.disconnect();
      await stopListening(server);
    },
    sell: async (buyer, stock) => await counted(async () => await sellAtCounter(work, { effectKey: `counter/${buyer}`, stock, quantity: 1 })),
    atRest: async () => underWay === 0 && (jobs === null || (await jobs.atRest())),
  };
}

/** The status that Shopify hears. */
async function answer({ apiSecret, ...options }: LabHandlerOptions, work: LabWork, jobs: Jobs | null, request: IncomingMessage): Promise<number> {
  const body = await readBody(request);
  const header = (name: string) => String(request.headers[name] ?? "");
  if (!isSigned(body, header("x-shopify-hmac-sha256"), apiSecret)) return 401;
  const text = body.toString("utf8");
  if (jobs === null) {
    await workOnOrder(options, work, text);
    return 200;
  }
  const { switches, store, life } = work;
  const delivery = switches.idempotency ? header("x-shopify-webhook-id") : randomUUID();
  if (await life.step(() => store.storeDelivery(delivery, text))) await jobs.add(delivery);
  return 200;
}

async function workOnOrder({ source, stockOf }: Pick<LabHandlerOptions, "source" | "stockOf">, work: LabWork, body: string): Promise<void> {
  const order = orderBody.parse(JSON.parse(body));
  if (order.source_name !== source) return;
  for (const line of order.line_items) {
    const stock = stockOf(`gid://shopify/ProductVariant/${line.variant_id}`);
    if (stock !== undefined) await takeLine(work, { effectKey: `${order.id}/${line.id}`, stock, quantity: line.quantity });
  }
}

type Jobs = { add(delivery: string): Promise<void>; atRest(): Promise<boolean>; cut(): void; close(): Promise<void> };

/** BullMQ in front of the deliveries, and behind it, if it is switched on, the sweeper. */
function openJobs(options: LabHandlerOptions, work: LabWork): Jobs {
  const { redisUrl, prefix, switches } = options;
  const { store, life } = work;
  const connections = [connect(redisUrl), connect(redisUrl)] as const;
  const settings = { prefix: `${prefix}:jobs` };
  const queue = new Queue(JOBS, { connection: connections[0], ...settings });
  const worker = new Worker(
    JOBS,
    async (job) => {
      const delivery = job.id === undefined ? undefined : await life.step(() => store.delivery(String(job.id)));
      if (delivery === undefined || delivery.done) return;
      await workOnOrder(options, work, delivery.body);
      await life.step(() => store.finishDelivery(String(job.id)));
    },
    { connection: connections[1], concurrency: WORKERS, lockDuration: 5_000, stalledInterval: 1_000, maxStalledCount: 10, ...settings },
  );
  queue.on("error", () => undefined);
  worker.on("error", () => undefined);
  // The delivery is the job's name: what waits already is not added a second time.
  const add = async (delivery: string) => void (await life.step(() => queue.add("order", {}, { jobId: delivery, attempts: 5, backoff: 200, removeOnComplete: true, removeOnFail: true })));
  const sweep = async () => {
    for (const delivery of await life.step(() => store.unfinished(SWEEP_AFTER_MS))) await add(delivery);
  };
  let sweeping: Promise<void> = Promise.resolve();
  const sweeper = switches.sweeper ? setInterval(() => void (sweeping = sweep().catch(() => undefined)), SWEEP_EVERY_MS) : undefined;
  life.ended.addEventListener("abort", () => clearInterval(sweeper), { once: true });

  return {
    add,
    async atRest() {
      const counts = await queue.getJobCounts("wait", "active", "delayed");
      if (Object.values(counts).some((count) => count > 0)) return false;
      return !switches.sweeper || (await store.unfinished(0)).length === 0;
    },
    cut() {
      for (const connection of connections) connection.disconnect();
      void worker.close(true).catch(() => undefined);
      void queue.close().catch(() => undefined);
    },
    async close() {
      clearInterval(sweeper);
      await sweeping;
      // After a sale that was given up a job may never end.
      await Promise.race([worker.close(), new Promise((wake) => setTimeout(wake, CLOSE_LIMIT_MS).unref())]);
      await queue.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}

function connect(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  return redis;
}

async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

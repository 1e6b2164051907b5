// The baseline: a BullMQ worker as people write it, one call to Shopify for each order, kept below the shop's rate by BullMQ's own limiter.
import { randomUUID } from "node:crypto";
import { setTimeout as passed } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { ADJUST_QUANTITIES } from "#app/adapters/shopify/documents/inventory.ts";
import { openWorkHouse, type WorkHouse, type WorkShop } from "../work/work-house.ts";
import type { WorkServices } from "../work/work-services.ts";
import { type BudgetedOptions, POINTS_PER_CALL, RESTORED_PER_SECOND } from "./run-budgeted.ts";

export interface OnePerOrderRun {
  readonly seconds: number;
  readonly orders: number;
  readonly throttled: number;
}

const QUEUE = "orders";
/** More than it can work off: work always waits. */
const ORDERS_PER_SECOND_WAITING = 40;
/** Enough that an answer's time never limits it. */
const AT_ONCE = 20;
const WARM_UP_MS = 2_000;

interface OrderJob {
  readonly inventoryItemId: string;
}

export async function runOnePerOrder(services: WorkServices, { seconds, items, answerMs }: BudgetedOptions): Promise<OnePerOrderRun> {
  const house = await openWorkHouse(services, { answerMs });
  const connection = new Redis(services.redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue<OrderJob>(QUEUE, { connection });
  let worker: Worker<OrderJob> | null = null;
  try {
    const shop = await house.openShop({ name: "one-per-order", plan: "standard", items });
    const count = ORDERS_PER_SECOND_WAITING * (seconds + WARM_UP_MS / 1_000);
    await queue.addBulk(Array.from({ length: Math.ceil(count) }, (_, index) => ({ name: "order", data: { inventoryItemId: shop.items[index % shop.items.length]?.inventoryItemId ?? "" }, opts: { attempts: 5, backoff: { type: "exponential", delay: 1_000 } } })));
    const adjust = await adjuster(house, shop);
    const done = { orders: 0, throttled: 0 };
    worker = new Worker<OrderJob>(QUEUE, async ({ data }) => await adjust(data, done), { connection, concurrency: AT_ONCE, limiter: { max: RESTORED_PER_SECOND / POINTS_PER_CALL, duration: 1_000 } });
    worker.on("error", () => undefined);
    await passed(WARM_UP_MS);
    const before = { ...done };
    const began = performance.now();
    await passed(seconds * 1_000);
    return { seconds: (performance.now() - began) / 1_000, orders: done.orders - before.orders, throttled: done.throttled - before.throttled };
  } finally {
    await worker?.close(true);
    await queue.close();
    connection.disconnect();
    await house.close();
  }
}

async function adjuster({ composed, control }: WorkHouse, { shop, locationId }: WorkShop) {
  const session = await composed.shopify.sessionStorage.loadSession(`offline_${shop}`);
  return async ({ inventoryItemId }: OrderJob, done: { orders: number; throttled: number }): Promise<void> => {
    const changes = [{ inventoryItemId: `gid://shopify/InventoryItem/${inventoryItemId}`, locationId: `gid://shopify/Location/${locationId}`, delta: -1, changeFromQuantity: null }];
    const response = await fetch(`${control.origin}/admin/api/2026-10/graphql.json`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-shopify-access-token": session?.accessToken ?? "", "x-forwarded-host": shop },
      body: JSON.stringify({ query: ADJUST_QUANTITIES, variables: { key: randomUUID(), input: { name: "available", reason: "correction", referenceDocumentUri: "bench://order", changes } } }),
    });
    const answer = (await response.json()) as { data?: { inventoryAdjustQuantities?: { userErrors: readonly unknown[] } }; errors?: unknown };
    const payload = answer.data?.inventoryAdjustQuantities;
    if (payload === undefined || payload.userErrors.length > 0) {
      done.throttled += 1;
      throw new Error(`not adjusted: ${JSON.stringify(answer).slice(0, 300)}`);
    }
    done.orders += 1;
  };
}

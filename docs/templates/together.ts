// How the templates meet in an app of yours: web takes webhooks and wakes, a process of its own works. Nothing here decides anything.
import { Redis } from "ioredis";
import type { Pool } from "pg";

import { databaseOf } from "./database.ts";
import { createWebhookAction } from "./webhook-action.ts";
import { openQueue, startWorker, type WorkerDependencies } from "./worker.ts";

export interface Wiring {
  /** One a process; ten connections do. */
  readonly pool: Pool;
  readonly redisUrl: string;
  readonly prefix?: string;
}

/** In web. `app/routes/webhooks.tsx` exports this as its action. */
export function wireWeb({ pool, redisUrl, secrets, prefix }: Wiring & { readonly secrets: readonly string[] }) {
  const queue = openQueue(redisUrl, prefix);
  return { action: createWebhookAction({ database: databaseOf(pool), secrets, wake: queue.wake }), close: queue.close };
}

/** In the worker's process. `admin`: `async (shop) => (await unauthenticated.admin(shop)).admin.graphql`. */
export function wireWorker({ pool, redisUrl, prefix, admin, effectsOf }: Wiring & Pick<WorkerDependencies, "admin" | "effectsOf">) {
  const redis = new Redis(redisUrl);
  const worker = startWorker({ database: databaseOf(pool), redis, queueUrl: redisUrl, admin, effectsOf, ...(prefix === undefined ? {} : { prefix }) });
  return {
    sweep: worker.sweep,
    async close() {
      await worker.close();
      await redis.quit();
    },
  };
}

/** Where a variant's stock is, from your own tables; null when it has none that you change. */
export type StockOf = (shop: string, variantId: string | null) => Promise<{ readonly inventoryItemId: string; readonly locationId: string } | null>;

/** Only orders whose stock Shopify does not take by itself: those of a channel that creates them with stock bypassed. */
export function effectsOfChannel(channel: string, stockOf: StockOf): WorkerDependencies["effectsOf"] {
  return async (shop, { facts: { source, cancelled, orderId, lines } }) => {
    if (source !== channel || cancelled) return [];
    const found = await Promise.all(lines.map(async ({ id, variantId, quantity }) => ({ id, quantity, stock: await stockOf(shop, variantId) })));
    return found.flatMap(({ id, quantity, stock }) => (stock === null || quantity === 0 ? [] : [{ key: `order ${orderId} line ${id}`, ...stock, delta: -quantity }]));
  };
}

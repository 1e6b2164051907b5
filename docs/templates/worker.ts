// Step 4, the queue: webhooks wake a worker, a turn belongs to a shop, and what the queue forgets the sweeper finds. The rows of PostgreSQL are the work; Redis only says that there is some.
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";

import { type AdminGraphql, applyEffect, type Effect, planEffects } from "./adjust-inventory.ts";
import type { Database } from "./database.ts";
import { withLock } from "./lock.ts";

/** A delivery as `webhook-action.ts` stored it. */
export interface Delivery {
  readonly topic: string;
  readonly facts: { readonly orderId: string; readonly source: string | null; readonly cancelled: boolean; readonly lines: readonly { readonly id: string; readonly variantId: string | null; readonly quantity: number }[] };
}

export interface WorkerDependencies {
  readonly database: Database;
  /** For locks. BullMQ makes connections of its own from `queueUrl`. */
  readonly redis: Redis;
  readonly queueUrl: string;
  /** Before every key in Redis; the same in web and worker. */
  readonly prefix?: string;
  admin(shop: string): Promise<AdminGraphql>;
  /** Yours: what a delivery must do to stock. Each effect's key says what it means, so that a second delivery about the same thing means the same effect. */
  effectsOf(shop: string, delivery: Delivery): Promise<readonly Effect[]> | readonly Effect[];
}

const PREFIX = "stock";
/** A turn is bounded, so that a flash sale of one shop lets others in. */
const DELIVERIES_A_TURN = 100;
const EFFECTS_A_TURN = 50;
const SWEEP_MS = 5_000;
const LOCK = { leaseMs: 12_000, waitLimitMs: 2_000 };

export interface TurnQueue {
  /** Brings a turn to a shop; during a turn, exactly one more after it. */
  wake(shop: string): Promise<void>;
  close(): Promise<void>;
}

/** What web needs: it wakes, and works on nothing. */
export function openQueue(queueUrl: string, prefix = PREFIX): TurnQueue {
  const queue = new Queue("turns", { connection: { url: queueUrl }, prefix });
  return {
    async wake(shop) {
      // A job id alone would drop a wake that comes while a turn runs, and the webhook behind it would wait for the sweeper.
      await queue.add("turn", { shop }, { deduplication: { id: shop, keepLastIfActive: true }, removeOnComplete: true, removeOnFail: true });
    },
    close: () => queue.close(),
  };
}

export interface StockWorker {
  /** Wakes every shop that has work: what was never woken, and what failed. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export function startWorker(dependencies: WorkerDependencies): StockWorker {
  const { database, queueUrl, prefix = PREFIX } = dependencies;
  const queue = openQueue(queueUrl, prefix);
  const worker = new Worker<{ shop: string }>(
    "turns",
    async ({ data: { shop } }) => {
      if ((await takeTurn(dependencies, shop)) === "more") await queue.wake(shop);
    },
    // `maxRetriesPerRequest: null` is what BullMQ demands of a worker's connection.
    { connection: { url: queueUrl, maxRetriesPerRequest: null }, prefix, concurrency: 8 },
  );
  // Nothing is lost with a turn that fails: its rows still wait, and the sweeper sees them.
  worker.on("failed", () => undefined);
  const sweep = async (): Promise<void> => {
    const shops = await database.query<{ shop: string }>(
      `SELECT shop FROM webhook_deliveries WHERE done_at IS NULL UNION SELECT shop FROM stock_effects WHERE state = 'waiting' LIMIT 1000`,
    );
    for (const { shop } of shops) await queue.wake(shop);
  };
  const timer = setInterval(() => void sweep().catch(() => undefined), SWEEP_MS);
  return {
    sweep,
    async close() {
      clearInterval(timer);
      // Turns that run are waited for.
      await worker.close();
      await queue.close();
    },
  };
}

/** One bounded turn: deliveries become effects, effects become calls. */
export async function takeTurn({ database, redis, admin, effectsOf, prefix = PREFIX }: Omit<WorkerDependencies, "queueUrl">, shop: string): Promise<"more" | "done"> {
  const absorbed = await database.transaction(async (transaction) => {
    // Two turns of one shop skip each other's rows. Done in the transaction that plans: a crash between the two cannot happen.
    const deliveries = await transaction.query<Delivery & { id: string }>(
      `UPDATE webhook_deliveries SET done_at = now() WHERE id IN (SELECT id FROM webhook_deliveries WHERE shop = $1 AND done_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id, topic, facts`,
      [shop, DELIVERIES_A_TURN],
    );
    for (const delivery of deliveries) await planEffects(transaction, shop, await effectsOf(shop, delivery));
    return deliveries.length;
  });
  const waiting = await database.query<{ effect_key: string; inventory_item_id: string; location_id: string }>(
    `SELECT effect_key, inventory_item_id, location_id FROM stock_effects WHERE shop = $1 AND state = 'waiting' ORDER BY id LIMIT $2`,
    [shop, EFFECTS_A_TURN],
  );
  const send = waiting.length > 0 ? await admin(shop) : null;
  let postponed = 0;
  for (const { effect_key: key, inventory_item_id: item, location_id: location } of waiting) {
    if (send === null) break;
    const locked = await withLock(redis, [`${prefix}:{${shop}}:${item}:${location}`], LOCK, () => applyEffect(database, send, shop, key));
    if (locked.kind !== "done" || locked.value.kind === "later") postponed += 1;
  }
  // What is to be tried later waits for the sweeper: a turn that came back at once would hammer a Shopify that is throttling.
  return absorbed === DELIVERIES_A_TURN || (waiting.length === EFFECTS_A_TURN && postponed === 0) ? "more" : "done";
}

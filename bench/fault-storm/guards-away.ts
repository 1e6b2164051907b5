// How guards are taken away: each function makes the port that a house without the guard would have.
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { TURNS_QUEUE } from "#app/adapters/bullmq/queue-settings.ts";
import { claimChanges } from "#app/adapters/prisma/claim-changes.server.ts";
import { createOrderBook } from "#app/adapters/prisma/order-book.server.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import type { LockStore } from "#app/adapters/redis/lock-store.ts";
import type { ChangeLedger, ClaimedMutation } from "#app/ports/change-ledger.ts";
import type { Database } from "#app/ports/database.ts";
import type { DeliveryIntake, IncomingDelivery } from "#app/ports/delivery-intake.ts";
import type { ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import { openBeside, rewritten, type PortChanges, type Workbench } from "./workbench.ts";

/** How long after its answer a webhook is stored. */
const STORED_AFTER_MS = 250;
/** A call is over by then, whatever became of it. */
const CALL_OVER_MS = 5_000;

export function answerBeforeCommit(intake: DeliveryIntake): DeliveryIntake {
  return {
    ...intake,
    async store(batch) {
      setTimeout(() => void intake.store(batch), STORED_AFTER_MS);
      return { kind: "stored", outcomes: batch.map(() => "accepted") };
    },
  };
}

/** What stands behind the # is not Shopify's: the law knows the webhook by what stands before it. */
export function storeCopies(intake: DeliveryIntake): DeliveryIntake {
  return { ...intake, store: (batch) => intake.store(batch.map((delivery) => ({ ...delivery, webhookId: `${delivery.webhookId}#${crypto.randomUUID()}` }))) };
}

export function newestIsLast(intake: DeliveryIntake): DeliveryIntake {
  return { ...intake, store: (batch) => intake.store(batch.map(asOfNow)) };
}

function asOfNow(delivery: IncomingDelivery): IncomingDelivery {
  const payload = delivery.payload === null ? null : (JSON.parse(delivery.payload) as { kind: string; version?: object });
  if (payload?.kind !== "order") return delivery;
  // Later than anything on Shopify's clock.
  const now = new Date(Date.now() + 365 * 86_400_000).toISOString();
  return { ...delivery, triggeredAt: now, payload: JSON.stringify({ ...payload, version: { ...payload.version, updatedAt: now } }) };
}

export function deriveWithoutRowLocks(workbench: Workbench): PortChanges {
  const database = rewritten(openBeside(workbench), (sql) => sql.replaceAll("FOR UPDATE", ""));
  const book = createOrderBook(database, workbench.timings);
  return { orders: (orders) => ({ ...orders, derive: (...parameters) => book.derive(...parameters) }) };
}

export function grantToEverybody(store: LockStore): LockStore {
  return {
    newOwner: (terms) => store.newOwner(terms),
    attempt: async () => ({ granted: true }),
    attemptFree: async ({ resources }) => [...resources],
    renew: async () => [],
    letGo: async () => [],
    onWake: (owner, listener) => store.onWake(owner, listener),
    list: (shop) => store.list(shop),
    ready: () => store.ready(),
  };
}

/** Only the keys of calls under way: whether Shopify keeps keys at all is still asked in earnest. */
export function callKeysUsedUp(inventory: ShopifyInventory): ShopifyInventory {
  const underWay = new Set<string>();
  return {
    ...inventory,
    async adjustQuantities(context, request) {
      underWay.add(request.key);
      const result = await inventory.adjustQuantities(context, request);
      if (result.kind === "applied") underWay.delete(request.key);
      return result;
    },
    bindKey: async (...question) => (underWay.has(question[1]) ? { kind: "bound", cost: null } : inventory.bindKey(...question)),
  };
}

export function newKeyOnResend(workbench: Workbench): PortChanges {
  const database = openBeside(workbench);
  return {
    ledger: (ledger) => ({
      ...ledger,
      async takeOver(...parameters) {
        const taken = await ledger.takeOver(...parameters);
        if (taken.kind !== "taken") return taken;
        const [row] = await database.query<{ key: string }>(`UPDATE mutations SET key = gen_random_uuid() WHERE id = $1::uuid RETURNING key::text`, taken.mutation.mutationId);
        // Whoever forgets which key he used does not know that there is anything to be weighed.
        return { ...taken, mutation: { ...taken.mutation, key: row?.key ?? taken.mutation.key, unsettledSince: null, unsettledCount: 0 } };
      },
    }),
  };
}

export function decideWithAnyToken(workbench: Workbench): PortChanges {
  const database = openBeside(workbench);
  const withNewest = async (mutation: ClaimedMutation): Promise<ClaimedMutation> => {
    const rows = await database.query<{ position: number; token: bigint }>(
      `SELECT e.position, t.token FROM mutation_entries e JOIN fencing_tokens t ON t.install_id = e.install_id AND t.inventory_item_id = e.inventory_item_id AND t.location_id = e.location_id
       WHERE e.mutation_id = $1::uuid`,
      mutation.mutationId,
    );
    const newest = new Map(rows.map(({ position, token }) => [position, token]));
    return { ...mutation, entries: mutation.entries.map((entry) => ({ ...entry, token: newest.get(entry.position) ?? entry.token })) };
  };
  return {
    ledger: (ledger): ChangeLedger => ({
      ...ledger,
      recordRefused: async (mutation, ...rest) => ledger.recordRefused(await withNewest(mutation), ...rest),
      postpone: async (mutation, delayMs) => ledger.postpone(await withNewest(mutation), delayMs),
    }),
  };
}

export function commitAfterTheCall(workbench: Workbench): PortChanges {
  const beside = openBeside(workbench);
  /** Lets the claim of a mutation commit. */
  const commits = new Map<string, () => Promise<void>>();
  return {
    ledger: (ledger) => ({
      ...ledger,
      claim(request) {
        const late: Database = { ...beside, transaction: (work) => answerEarly(beside, work, request.mutationId, commits) };
        return claimChanges(late, { ...request, resumeAfterMs: workbench.timings.resumeAfterMs });
      },
      async finishAttempt(mutationId, ...rest) {
        await commits.get(mutationId)?.();
        return ledger.finishAttempt(mutationId, ...rest);
      },
    }),
  };
}

/** Answers with what the transaction would commit, and commits when told to, or when the call must be over. */
function answerEarly<Result>(database: Database, work: Parameters<Database["transaction"]>[0], mutationId: string, commits: Map<string, () => Promise<void>>): Promise<Result> {
  const early = Promise.withResolvers<Result>();
  const over = Promise.withResolvers<void>();
  const committed = database.transaction(async (tx) => {
    const result = (await work(tx)) as Result & { kind?: string };
    early.resolve(result);
    // Only a claim has a call to wait for.
    if (result.kind === "claimed") await over.promise;
    return result;
  });
  committed.catch((error: unknown) => early.reject(error));
  const timer = setTimeout(over.resolve, CALL_OVER_MS);
  commits.set(mutationId, async () => {
    clearTimeout(timer);
    commits.delete(mutationId);
    over.resolve();
    await committed.then(() => undefined, () => undefined);
  });
  return early.promise;
}

async function looksOnce(): Promise<boolean> {
  return false;
}

/** As queues are commonly used: one job a shop, whatever comes while it runs is dropped, and the job looks once. */
export function plainWakes({ redisUrl, redisPrefix }: Workbench): PortChanges {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  connection.on("error", () => undefined);
  const queue = new Queue<{ shop: string }>(TURNS_QUEUE, { connection, prefix: redisKeys(redisPrefix).queuePrefix });
  queue.on("error", () => undefined);
  const add = async (shop: string) => void (await queue.add("turn", { shop }, { removeOnComplete: true, removeOnFail: true, deduplication: { id: shop } }));
  return {
    waker: (waker) => ({
      depth: () => waker.depth(),
      async wake(shop, options) {
        if (options?.delayMs !== undefined && options.delayMs > 0) return waker.wake(shop, options);
        await add(shop);
        return { kind: "woken" };
      },
      async wakeMany(shops) {
        for (const shop of shops) await add(shop);
        return { kind: "woken" };
      },
    }),
    orders: (orders) => ({ ...orders, hasWork: looksOnce }),
    ledger: (ledger) => ({ ...ledger, hasWork: looksOnce }),
  };
}

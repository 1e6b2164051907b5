// The order book on PostgreSQL: what is due, what was read, and the bookkeeping around absorbing and deriving.

import type { VariantFacts } from "#app/domain/line-plan.ts";
import { answerUpTo, mergeRead, type Routing } from "#app/domain/order-state.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { OrderBook } from "#app/ports/order-book.ts";
import { TIMINGS, type Timings } from "#app/ports/timings.ts";
import { absorbDeliveries } from "./absorb-deliveries.server.ts";
import { deriveOrders } from "./derive-orders.server.ts";
import { NOTHING_TO_WAIT_FOR, ORDER_COLUMNS, type OrderRow, toDueOrder } from "./order-row.ts";
import { SET_TIE } from "./order-shells.ts";
import { PENDING_FOR_US } from "./pending-delivery.ts";
import { prepared } from "./prepared-statements.ts";
import { readSourceEvidence } from "./source-evidence.ts";

export function createOrderBook(database: Database, timings: Timings = TIMINGS): OrderBook {
  return {
    absorb: (installId, limit) => absorbDeliveries(database, installId, limit, timings),
    unblock: (installId) => database.execute(UNBLOCK, installId),
    async due(installId, limit) {
      const rows = await database.query<OrderRow>(
        prepared(`SELECT ${ORDER_COLUMNS} FROM orders WHERE install_id = $1 AND state = 'due' AND due_at <= now() ORDER BY due_at, id LIMIT $2`),
        installId,
        limit,
      );
      return rows.map((row) => toDueOrder(row));
    },
    variants: (installId, variantIds) => readVariants(database, installId, variantIds),
    async itemNames(installId, itemIds) {
      if (itemIds.length === 0) return new Map();
      const rows = await database.query<{ inventory_item_id: string; sku: string | null; title: string | null }>(
        `SELECT DISTINCT ON (inventory_item_id) inventory_item_id, sku, title FROM variants
         WHERE install_id = $1 AND inventory_item_id = ANY($2) ORDER BY inventory_item_id, read_at DESC`,
        installId,
        itemIds,
      );
      return new Map(rows.map(({ inventory_item_id: itemId, sku, title }) => [itemId, { sku, title }]));
    },
    storeVariants: (installId, variants) => storeVariants(database, installId, variants),
    storeReads: (installId, reads) => database.transaction((tx) => storeReads(tx, installId, reads)),
    storeRoutings: (installId, routings, askedAt) => database.transaction((tx) => storeRoutings(tx, installId, routings, askedAt)),
    sources: (installId) => readSourceEvidence(database, installId, "plain"),
    derive: (installId, rowIds, decide) => deriveOrders(database, installId, rowIds, decide),
    hasWork: (installId) => hasWork(database, installId),
    async nextDueAt(installId) {
      const [row] = await database.query<{ due_at: Date | null }>(
        prepared(`SELECT min(due_at) AS due_at FROM orders WHERE install_id = $1 AND state = 'due'`),
        installId,
      );
      return row?.due_at ?? null;
    },
  };
}

/** Those that somebody else is at are skipped: the end of the turn looks again. */
const UNBLOCK = prepared(`
UPDATE orders SET state = 'due', state_reason = NULL, due_at = now()
WHERE id IN (SELECT id FROM orders WHERE install_id = $1 AND ${NOTHING_TO_WAIT_FOR} ORDER BY id FOR UPDATE SKIP LOCKED)`);

async function hasWork(database: SqlExecutor, installId: bigint): Promise<boolean> {
  const [row] = await database.query<{ work: boolean }>(
    prepared(`SELECT EXISTS (SELECT 1 FROM deliveries WHERE install_id = $1 AND ${PENDING_FOR_US})
         OR EXISTS (SELECT 1 FROM orders WHERE install_id = $1 AND state = 'due' AND due_at <= now())
         -- A turn beside this one may have booked the change that an order of ours was just blocked by.
         OR EXISTS (SELECT 1 FROM orders WHERE install_id = $1 AND ${NOTHING_TO_WAIT_FOR}) AS work`),
    installId,
  );
  return row?.work ?? false;
}

async function readVariants(database: SqlExecutor, installId: bigint, variantIds: readonly string[]): Promise<Map<string, VariantFacts>> {
  if (variantIds.length === 0) return new Map();
  const rows = await database.query<{
    variant_id: string;
    inventory_item_id: string | null;
    sku: string | null;
    title: string | null;
    tracked: boolean;
    requires_components: boolean;
    inventory_policy: string | null;
    missing: boolean;
  }>(
    // A variant that was missing is asked for again after a while: it may only have been created late.
    prepared(`SELECT variant_id, inventory_item_id, sku, title, tracked, requires_components, inventory_policy, missing FROM variants
     WHERE install_id = $1 AND variant_id = ANY($2) AND (NOT missing OR read_at > now() - interval '5 minutes')
       AND read_at > now() - interval '24 hours'`),
    installId,
    variantIds,
  );
  return new Map(
    rows.map((row) => [
      row.variant_id,
      {
        variantId: row.variant_id,
        inventoryItemId: row.inventory_item_id,
        sku: row.sku,
        title: row.title,
        tracked: row.tracked,
        requiresComponents: row.requires_components,
        policy: row.inventory_policy === null ? null : row.inventory_policy === "CONTINUE" ? "continue" : "deny",
        missing: row.missing,
      },
    ]),
  );
}

async function storeVariants(database: SqlExecutor, installId: bigint, variants: readonly VariantFacts[]): Promise<void> {
  if (variants.length === 0) return;
  const sorted = variants.toSorted((a, b) => (a.variantId < b.variantId ? -1 : 1));
  await database.execute(
    `INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, title, tracked, requires_components, missing, inventory_policy, read_at)
     SELECT $1, v.*, now() FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::boolean[], $9::text[]) AS v
     ON CONFLICT (install_id, variant_id) DO UPDATE SET inventory_item_id = excluded.inventory_item_id, sku = excluded.sku,
       title = excluded.title, tracked = excluded.tracked, requires_components = excluded.requires_components,
       missing = excluded.missing, inventory_policy = coalesce(excluded.inventory_policy, variants.inventory_policy), read_at = excluded.read_at`,
    installId,
    sorted.map((variant) => variant.variantId),
    sorted.map((variant) => variant.inventoryItemId),
    sorted.map((variant) => variant.sku),
    sorted.map((variant) => variant.title),
    sorted.map((variant) => variant.tracked),
    sorted.map((variant) => variant.requiresComponents),
    sorted.map((variant) => variant.missing),
    sorted.map((variant) => variant.policy?.toUpperCase() ?? null),
  );
}

async function lockOrders(tx: SqlExecutor, installId: bigint, orderIds: readonly string[]): Promise<OrderRow[]> {
  return tx.query<OrderRow>(
    `SELECT ${ORDER_COLUMNS} FROM orders WHERE install_id = $1 AND order_id = ANY($2) ORDER BY id FOR UPDATE`,
    installId,
    orderIds,
  );
}

async function storeReads(tx: SqlExecutor, installId: bigint, reads: Parameters<OrderBook["storeReads"]>[1]): Promise<void> {
  const byId = new Map(reads.map((read) => [read.orderId, read]));
  const rows = await lockOrders(tx, installId, [...byId.keys()]);
  const merged = rows.map((row) => {
    const read = byId.get(row.order_id);
    if (!read) return { row, state: row.snapshot };
    const state = read.version ? mergeRead(row.snapshot, read.version, read.readUpTo) : answerUpTo(row.snapshot, read.readUpTo);
    return { row, state };
  });
  await tx.execute(
    `UPDATE orders SET snapshot = m.snapshot, detect_at = now(), name = coalesce(m.name, orders.name),
       source_name = coalesce(m.source_name, orders.source_name), app_id = coalesce(m.app_id, orders.app_id),
       ordered_at = coalesce(m.ordered_at, orders.ordered_at), ${SET_TIE}
     FROM (SELECT id, snapshot::jsonb, name, source_name, app_id, ordered_at::timestamptz
           FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
             AS u(id, snapshot, name, source_name, app_id, ordered_at)) AS m
     WHERE orders.id = m.id`,
    merged.map(({ row }) => row.id),
    merged.map(({ state }) => JSON.stringify(state)),
    merged.map(({ state }) => state.version?.name ?? null),
    merged.map(({ state }) => state.version?.sourceName ?? null),
    merged.map(({ state }) => state.version?.appId ?? null),
    merged.map(({ state }) => state.version?.createdAt ?? null),
  );
}

async function storeRoutings(tx: SqlExecutor, installId: bigint, routings: Parameters<OrderBook["storeRoutings"]>[1], askedAt: Date): Promise<void> {
  const byId = new Map(routings.map((entry) => [entry.orderId, entry.fulfilmentOrders]));
  const rows = await lockOrders(tx, installId, [...byId.keys()]);
  await tx.execute(
    `UPDATE orders SET snapshot = jsonb_set(orders.snapshot, '{routing}', m.routing::jsonb), detect_at = now()
     FROM unnest($1::bigint[], $2::text[]) AS m(id, routing) WHERE orders.id = m.id`,
    rows.map((row) => row.id),
    rows.map((row) => {
      const firstAskedAt = row.snapshot.routing?.firstAskedAt ?? askedAt.toISOString();
      return JSON.stringify({ fulfilmentOrders: byId.get(row.order_id) ?? [], firstAskedAt } satisfies Routing);
    }),
  );
}

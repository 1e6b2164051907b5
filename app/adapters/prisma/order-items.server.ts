// Detection's look at orders on PostgreSQL: takes those with news, and writes their items and effects in one transaction.

import type { OrderMode } from "#app/domain/order-mode.ts";
import type { LinePlan } from "#app/domain/line-plan.ts";
import type { OrderState } from "#app/domain/order-state.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { DetectionOrders, KnownEffect, LookedAt, OrderToLookAt, TellingDelivery } from "#app/ports/detection-orders.ts";
import { TIMINGS, type Timings } from "#app/ports/timings.ts";
import { markForJudgement } from "./stock-news.ts";

export function createDetectionOrders(database: Database, timings: Pick<Timings, "settleMs"> = TIMINGS): DetectionOrders {
  return {
    take: (limit, leaseMs) => take(database, limit, leaseMs),
    async places(installId, itemIds) {
      if (itemIds.length === 0) return new Map();
      const rows = await database.query<{ item: string; locations: string[] }>(
        `SELECT inventory_item_id AS item, array_agg(location_id ORDER BY location_id) AS locations FROM stock_levels
         WHERE install_id = $1 AND inventory_item_id = ANY($2) AND connected GROUP BY inventory_item_id`,
        installId,
        itemIds,
      );
      return new Map(rows.map(({ item, locations }) => [item, locations]));
    },
    async record(installId, looked) {
      const recorded = await database.transaction((tx) => record(tx, installId, looked, timings.settleMs));
      if (recorded.size < looked.length) await giveBack(database, looked.filter(({ rowId }) => !recorded.has(rowId)));
      return recorded.size;
    },
  };
}

interface TakenRow {
  id: bigint;
  install_id: bigint;
  shop: string;
  order_id: string;
  name: string | null;
  snapshot: OrderState;
  pins: Record<string, LinePlan>;
  mode: OrderMode | null;
  heard_at: Date;
  stamp: string;
}

/** So many orders with news are looked at to take turns among shops. */
const FAIRNESS_WINDOW = 2_000;

/**
 * An order that was told of late was sold unseen: heard of is its first notification, when both Shopify had triggered it and it was here. One that was
 * found by looking, or whose notifications are not kept any more, was heard of when it was first seen; one of before the install was not late for that.
 */
const HEARD_AT = `coalesce((SELECT min(greatest(d.received_at, d.triggered_at)) FROM deliveries d WHERE d.install_id = orders.install_id AND d.order_id = orders.order_id),
  CASE WHEN orders.mode_reason = 'before_install' THEN orders.ordered_at END, first_seen_at)`;

/** The take itself moves `detect_at` on, which is both the lease and the stamp by which a merge meanwhile is noticed. */
const TAKE = `
UPDATE orders SET detect_at = now() + $2 * interval '1 millisecond'
WHERE id IN (
  SELECT o.id FROM orders o JOIN (
    SELECT due.id, row_number() OVER (PARTITION BY due.install_id ORDER BY due.detect_at, due.id) AS turn, due.detect_at
    FROM (SELECT orders.id, orders.install_id, orders.detect_at FROM orders JOIN installs ON installs.id = orders.install_id AND installs.state = 'active'
          WHERE orders.detect_at <= now() ORDER BY orders.detect_at, orders.id LIMIT ${FAIRNESS_WINDOW}) AS due
    ORDER BY turn, detect_at LIMIT $1) AS chosen ON chosen.id = o.id
  WHERE o.detect_at <= now() ORDER BY o.id FOR UPDATE OF o SKIP LOCKED)
RETURNING id, install_id, shop, order_id, name, snapshot, pins, mode, ${HEARD_AT} AS heard_at, detect_at::text AS stamp`;

async function take(database: Database, limit: number, leaseMs: number): Promise<OrderToLookAt[]> {
  const rows = await database.query<TakenRow>(TAKE, limit, leaseMs);
  if (rows.length === 0) return [];
  const [told, known] = await Promise.all([readTold(database, rows), readKnown(database, rows)]);
  return rows.map((row) => ({
    rowId: row.id,
    installId: row.install_id,
    shop: row.shop,
    orderId: row.order_id,
    name: row.name,
    state: row.snapshot,
    pins: row.pins,
    mode: row.mode,
    heardAt: row.heard_at,
    stamp: row.stamp,
    told: told.get(keyOf(row)) ?? [],
    known: known.get(keyOf(row)) ?? [],
  }));
}

function keyOf({ install_id, order_id }: { readonly install_id: bigint; readonly order_id: string }): string {
  return `${install_id}/${order_id}`;
}

/** Of each topic, and of each refund, the newest that names its event: an order that another app touches all day has thousands of notifications. */
async function readTold(database: SqlExecutor, rows: readonly TakenRow[]): Promise<Map<string, TellingDelivery[]>> {
  const found = await database.query<{ install_id: bigint; order_id: string; topic: string; event_id: string | null; refund_id: string | null }>(
    `SELECT DISTINCT ON (d.install_id, d.order_id, d.topic, d.payload->'refund'->>'id') d.install_id, d.order_id, d.topic, d.event_id, d.payload->'refund'->>'id' AS refund_id
     FROM unnest($1::bigint[], $2::text[]) AS o(install_id, order_id) JOIN deliveries d ON d.install_id = o.install_id AND d.order_id = o.order_id
     WHERE d.event_id IS NOT NULL ORDER BY d.install_id, d.order_id, d.topic, d.payload->'refund'->>'id', d.id DESC`,
    rows.map((row) => row.install_id),
    rows.map((row) => row.order_id),
  );
  return grouped(found, (row): TellingDelivery => ({ topic: row.topic, eventId: row.event_id, refundId: row.refund_id }));
}

async function readKnown(database: SqlExecutor, rows: readonly TakenRow[]): Promise<Map<string, KnownEffect[]>> {
  const found = await database.query<{ install_id: bigint; order_id: string; effect_key: string; kind: KnownEffect["kind"]; line_id: string; inventory_item_id: string; delta: number }>(
    `SELECT e.install_id, e.order_id, e.effect_key, e.kind, e.line_id, e.inventory_item_id, e.delta
     FROM unnest($1::bigint[], $2::text[]) AS o(install_id, order_id) JOIN stock_effects e ON e.install_id = o.install_id AND e.order_id = o.order_id
     WHERE e.kind <> 'ours' ORDER BY e.id`,
    rows.map((row) => row.install_id),
    rows.map((row) => row.order_id),
  );
  return grouped(found, (row): KnownEffect => ({ key: row.effect_key, kind: row.kind, lineId: row.line_id, inventoryItemId: row.inventory_item_id, delta: row.delta }));
}

function grouped<Row extends { readonly install_id: bigint; readonly order_id: string }, Value>(rows: readonly Row[], toValue: (row: Row) => Value): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), toValue(row)]);
  return groups;
}

/** An order that was merged since it was taken is passed over: whoever takes it next sees all of it. So is one that its shop's turn has locked. Answers the others' rows. */
async function record(tx: SqlExecutor, installId: bigint, looked: readonly LookedAt[], settleMs: number): Promise<ReadonlySet<bigint>> {
  const still = await tx.query<{ id: bigint }>(
    `SELECT orders.id FROM orders JOIN unnest($2::bigint[], $3::text[]) AS l(id, stamp) ON l.id = orders.id AND orders.detect_at = l.stamp::timestamptz
     WHERE orders.install_id = $1 ORDER BY orders.id FOR UPDATE OF orders SKIP LOCKED`,
    installId,
    looked.map((order) => order.rowId),
    looked.map((order) => order.stamp),
  );
  const ids = new Set(still.map(({ id }) => id));
  const current = looked.filter((order) => ids.has(order.rowId));
  if (current.length === 0) return ids;
  const items = await writeItems(tx, installId, current);
  const effects = await writeEffects(tx, installId, current);
  await tx.execute(`UPDATE orders SET detect_at = NULL WHERE id = ANY($1)`, [...ids]);
  await markStocks(tx, installId, [...items, ...effects], settleMs);
  return ids;
}

/**
 * One that was locked would be looked at again only when its lease is over, half a minute later. Each in a statement of its own, which holds nothing
 * while it waits for the turn; one that was merged has another stamp.
 */
async function giveBack(database: Database, passedOver: readonly LookedAt[]): Promise<void> {
  for (const { rowId, stamp } of passedOver) await database.execute(`UPDATE orders SET detect_at = now() WHERE id = $1 AND detect_at = $2::timestamptz`, rowId, stamp);
}

interface TouchedItem {
  inventory_item_id: string;
  location_id: string | null;
  at: Date;
}

/** Answers the items whose orders changed: who is short of them may be another now. */
async function writeItems(tx: SqlExecutor, installId: bigint, looked: readonly LookedAt[]): Promise<TouchedItem[]> {
  const rows = looked.flatMap((order) => order.items.map((item) => ({ order, item })));
  if (rows.length === 0) return [];
  return tx.query<TouchedItem>(
    `INSERT INTO order_items (install_id, order_id, line_id, inventory_item_id, order_name, variant_id, location_id, units, units_open, committed_at, heard_at,
       paid, source_key, component, exempt)
     SELECT $1, i.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[], $10::timestamptz[], $11::timestamptz[],
       $12::boolean[], $13::text[], $14::boolean[], $15::text[]) AS i
     ON CONFLICT (install_id, order_id, line_id, inventory_item_id) DO UPDATE SET order_name = excluded.order_name, variant_id = excluded.variant_id,
       location_id = coalesce(excluded.location_id, order_items.location_id), units = excluded.units, units_open = excluded.units_open,
       committed_at = excluded.committed_at, paid = excluded.paid, source_key = excluded.source_key, component = excluded.component,
       exempt = excluded.exempt, updated_at = now()
     WHERE (order_items.location_id, order_items.units, order_items.units_open, order_items.committed_at, order_items.paid, order_items.exempt)
       IS DISTINCT FROM (coalesce(excluded.location_id, order_items.location_id), excluded.units, excluded.units_open, excluded.committed_at, excluded.paid, excluded.exempt)
     RETURNING inventory_item_id, location_id, now() AS at`,
    installId,
    rows.map(({ order }) => order.orderId),
    rows.map(({ item }) => item.lineId),
    rows.map(({ item }) => item.inventoryItemId),
    rows.map(({ order }) => order.name),
    rows.map(({ item }) => item.variantId),
    rows.map(({ item }) => item.locationId),
    rows.map(({ item }) => item.units),
    rows.map(({ item }) => item.unitsOpen),
    rows.map(({ item }) => item.committedAt),
    rows.map(({ order }) => order.heardAt),
    rows.map(({ item }) => item.paid),
    rows.map(({ item }) => item.sourceKey),
    rows.map(({ item }) => item.component),
    rows.map(({ item }) => item.exempt),
  );
}

/** What is known better later (a place, the event, that Shopify takes stock for the source) is filled in; an effect is never two. */
async function writeEffects(tx: SqlExecutor, installId: bigint, looked: readonly LookedAt[]): Promise<TouchedItem[]> {
  const rows = looked.flatMap((order) => order.effects.map((effect) => ({ order, effect })));
  if (rows.length === 0) return [];
  return tx.query<TouchedItem>(
    `INSERT INTO stock_effects (install_id, effect_key, kind, inventory_item_id, location_id, delta, at, event_id, order_id, order_name, line_id, expected)
     SELECT $1, e.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[],
       $12::boolean[]) AS e
     ON CONFLICT (install_id, effect_key) DO UPDATE SET location_id = coalesce(excluded.location_id, stock_effects.location_id),
       event_id = coalesce(stock_effects.event_id, excluded.event_id), expected = excluded.expected
     WHERE (stock_effects.location_id, stock_effects.event_id, stock_effects.expected)
       IS DISTINCT FROM (coalesce(excluded.location_id, stock_effects.location_id), coalesce(stock_effects.event_id, excluded.event_id), excluded.expected)
     RETURNING inventory_item_id, location_id, at`,
    installId,
    rows.map(({ effect }) => effect.key),
    rows.map(({ effect }) => effect.kind),
    rows.map(({ effect }) => effect.inventoryItemId),
    rows.map(({ effect }) => effect.locationId),
    rows.map(({ effect }) => effect.delta),
    rows.map(({ effect }) => effect.at),
    rows.map(({ effect }) => effect.eventId),
    rows.map(({ order }) => order.orderId),
    rows.map(({ order }) => order.name),
    rows.map(({ effect }) => effect.lineId),
    rows.map(({ effect }) => effect.expected),
  );
}

/** Without a place every stock of the item has news. */
async function markStocks(tx: SqlExecutor, installId: bigint, touched: readonly TouchedItem[], settleMs: number): Promise<void> {
  const known = touched.flatMap(({ inventory_item_id: inventoryItemId, location_id: locationId, at }) => (locationId === null ? [] : [{ inventoryItemId, locationId, at }]));
  const anywhere = touched.filter(({ location_id }) => location_id === null);
  const places =
    anywhere.length === 0
      ? []
      : await tx.query<{ item: string; location: string; at: Date }>(
          `SELECT s.inventory_item_id AS item, s.location_id AS location, t.at FROM unnest($2::text[], $3::timestamptz[]) AS t(item, at)
           JOIN stock_levels s ON s.install_id = $1 AND s.inventory_item_id = t.item AND s.connected`,
          installId,
          anywhere.map(({ inventory_item_id }) => inventory_item_id),
          anywhere.map(({ at }) => at),
        );
  await markForJudgement(tx, installId, [...known, ...places.map(({ item, location, at }) => ({ inventoryItemId: item, locationId: location, at }))], settleMs);
}

// Read model of the shadow verdict: since the install, what Holdfast would have changed had it protected, and which oversells it would have prevented.

import { judgePrevention, type IncidentOrder, type PreventionVerdict } from "#app/domain/shadow-prevention.ts";
import type { Database } from "#app/ports/database.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";

/** Watched changes that are summed, the newest; a shop that watched more is told that the sums leave older ones out. */
export const WATCHED_CHANGES_MAX = 500_000;
/** Oversells that are judged, the newest. */
export const JUDGED_OVERSELLS_MAX = 500;
const SOURCES_MAX = 50;
const ITEMS_MAX = 20;

/** Orders of this source pass Shopify's own checkout, which asks the stock first. Of storefronts built on an API it cannot be said. */
const CHECKED_SOURCE = "name:web";

export interface WatchedSource {
  readonly sourceKey: string | null;
  readonly changes: number;
  readonly units: number;
  readonly orders: number;
}

export interface WatchedItem {
  readonly inventoryItemId: string;
  readonly sku: string | null;
  readonly title: string | null;
  readonly unitsTaken: number;
}

export interface JudgedOversell {
  readonly id: bigint;
  readonly kind: string;
  readonly state: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly sku: string | null;
  readonly title: string | null;
  readonly openedAt: Date;
  readonly depth: number;
  readonly verdict: PreventionVerdict;
  readonly unitsPrevented: number;
  readonly refusedOrders: readonly { readonly orderId: string; readonly name: string | null }[];
}

export interface ShadowVerdict {
  readonly since: Date;
  /** When protection was first switched on; null: it never was. */
  readonly protectedSince: Date | null;
  readonly watched: {
    readonly changes: number;
    readonly orders: number;
    readonly items: number;
    readonly unitsTaken: number;
    readonly unitsReturned: number;
    /** Lines whose stock could not be told. */
    readonly unassigned: number;
    readonly firstAt: Date | null;
    readonly lastAt: Date | null;
    /** True: older changes are not in the sums. */
    readonly cut: boolean;
    readonly sources: readonly WatchedSource[];
    readonly topItems: readonly WatchedItem[];
  };
  readonly oversells: {
    readonly judged: number;
    readonly cut: boolean;
    readonly units: number;
    readonly unitsPrevented: number;
    readonly byVerdict: Readonly<Record<PreventionVerdict, number>>;
    readonly items: readonly JudgedOversell[];
  };
}

export async function readShadowVerdict(database: Database, { installId, installedAt }: Pick<ActiveInstall, "installId" | "installedAt">): Promise<ShadowVerdict> {
  const [protectedSince, watched, oversells] = await Promise.all([readProtectedSince(database, installId), readWatched(database, installId), readJudgedOversells(database, installId)]);
  const byVerdict: Record<PreventionVerdict, number> = { prevented: 0, partly_prevented: 0, not_prevented: 0, unknown: 0 };
  for (const oversell of oversells.items) byVerdict[oversell.verdict] += 1;
  return {
    since: installedAt,
    protectedSince,
    watched,
    oversells: {
      judged: oversells.items.length,
      cut: oversells.cut,
      units: oversells.items.reduce((sum, { depth }) => sum + depth, 0),
      unitsPrevented: oversells.items.reduce((sum, { unitsPrevented }) => sum + unitsPrevented, 0),
      byVerdict,
      items: oversells.items,
    },
  };
}

async function readProtectedSince(database: Database, installId: bigint): Promise<Date | null> {
  const [row] = await database.query<{ at: Date | null }>(
    `SELECT min(created_at) AS at FROM settings_versions WHERE install_id = $1 AND document->>'mode' = 'enforce'`,
    installId,
  );
  return row?.at ?? null;
}

const WATCHED_SQL = `
  SELECT inventory_item_id, order_id, source_key, sku, title, delta, created_at FROM changes
  WHERE install_id = $1 AND state = 'shadow' ORDER BY created_at DESC LIMIT ${WATCHED_CHANGES_MAX}`;

async function readWatched(database: Database, installId: bigint): Promise<ShadowVerdict["watched"]> {
  const [sums, sources, topItems] = await Promise.all([
    database.query<Omit<ShadowVerdict["watched"], "cut" | "sources" | "topItems"> & { rows: number }>(
      `WITH watched AS (${WATCHED_SQL})
       SELECT count(*)::int AS rows, count(*) FILTER (WHERE inventory_item_id IS NOT NULL)::int AS changes, count(DISTINCT order_id)::int AS orders,
         count(DISTINCT inventory_item_id)::int AS items, coalesce(sum(-delta) FILTER (WHERE delta < 0), 0)::int AS "unitsTaken",
         coalesce(sum(delta) FILTER (WHERE delta > 0), 0)::int AS "unitsReturned", count(*) FILTER (WHERE inventory_item_id IS NULL)::int AS unassigned,
         min(created_at) AS "firstAt", max(created_at) AS "lastAt" FROM watched`,
      installId,
    ),
    database.query<WatchedSource>(
      `WITH watched AS (${WATCHED_SQL})
       SELECT source_key AS "sourceKey", count(*)::int AS changes, coalesce(sum(-delta), 0)::int AS units, count(DISTINCT order_id)::int AS orders
       FROM watched WHERE inventory_item_id IS NOT NULL GROUP BY source_key ORDER BY count(*) DESC, source_key LIMIT ${SOURCES_MAX}`,
      installId,
    ),
    database.query<WatchedItem>(
      `WITH watched AS (${WATCHED_SQL})
       SELECT inventory_item_id AS "inventoryItemId", max(sku) AS sku, max(title) AS title, sum(-delta)::int AS "unitsTaken"
       FROM watched WHERE inventory_item_id IS NOT NULL GROUP BY inventory_item_id HAVING sum(-delta) > 0 ORDER BY sum(-delta) DESC, inventory_item_id LIMIT ${ITEMS_MAX}`,
      installId,
    ),
  ]);
  const [row] = sums;
  if (row === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  const { rows, ...rest } = row;
  return { ...rest, cut: rows >= WATCHED_CHANGES_MAX, sources, topItems };
}

interface OversellRow extends Omit<JudgedOversell, "verdict" | "unitsPrevented" | "refusedOrders"> {
  readonly hidden: number;
  readonly orders: readonly { readonly orderId: string; readonly name: string | null }[];
}

/** The newest `max`. */
export async function readJudgedOversells(database: Database, installId: bigint, max = JUDGED_OVERSELLS_MAX): Promise<{ readonly items: readonly JudgedOversell[]; readonly cut: boolean }> {
  const rows = await database.query<OversellRow>(
    `SELECT id, kind, state, inventory_item_id AS "inventoryItemId", location_id AS "locationId", sku, title, opened_at AS "openedAt", depth, hidden, orders
     FROM oversells WHERE install_id = $1 AND kind <> 'move_stock' ORDER BY id DESC LIMIT $2::int`,
    installId,
    max,
  );
  const known = await readIncidentOrders(database, installId, rows);
  return { items: rows.map((row) => judge(row, known)), cut: rows.length >= max };
}

type KnownOrders = ReadonlyMap<string, IncidentOrder>;

/** What is known of the orders of all incidents at once, by order and item. Units wanted, not units still open: what was sent since was sold, too. */
async function readIncidentOrders(database: Database, installId: bigint, rows: readonly OversellRow[]): Promise<KnownOrders> {
  const pairs = rows.flatMap((row) => row.orders.map((order) => ({ orderId: idOf(order.orderId), item: row.inventoryItemId })));
  const found = await database.query<{ order_id: string; item: string; units: number; committed_at: Date; heard_at: Date; checked: boolean; watched: number }>(
    `SELECT o.order_id, o.inventory_item_id AS item, sum(o.units)::int AS units, min(o.committed_at) AS committed_at, min(o.heard_at) AS heard_at,
       bool_and(o.source_key = $4 AND NOT o.component) AS checked,
       (SELECT coalesce(sum(-c.delta), 0)::int FROM changes c WHERE c.install_id = $1 AND c.order_id = o.order_id AND c.inventory_item_id = o.inventory_item_id
          AND c.state = 'shadow') AS watched
     FROM order_items o JOIN (SELECT DISTINCT * FROM unnest($2::text[], $3::text[]) AS u(order_id, item)) AS wanted
       ON wanted.order_id = o.order_id AND wanted.item = o.inventory_item_id
     WHERE o.install_id = $1 GROUP BY o.order_id, o.inventory_item_id`,
    installId,
    pairs.map(({ orderId }) => orderId),
    pairs.map(({ item }) => item),
    CHECKED_SOURCE,
  );
  return new Map(
    found.map((row) => [
      `${row.order_id}@${row.item}`,
      {
        orderId: row.order_id,
        units: row.watched > 0 ? row.watched : row.units,
        committedMs: row.committed_at.getTime(),
        heardMs: row.heard_at.getTime(),
        kind: row.watched > 0 ? "watched" : row.checked === true ? "checked" : "other",
      },
    ]),
  );
}

function judge({ hidden, orders, ...row }: OversellRow, known: KnownOrders): JudgedOversell {
  const names = new Map(orders.map((order) => [idOf(order.orderId), order.name]));
  const found = [...names.keys()].flatMap((orderId) => known.get(`${orderId}@${row.inventoryItemId}`) ?? []);
  const { verdict, unitsPrevented, refusedOrderIds } = judgePrevention({ depth: row.depth, hidden, orders: found });
  return { ...row, verdict, unitsPrevented, refusedOrders: refusedOrderIds.map((orderId) => ({ orderId, name: names.get(orderId) ?? null })) };
}

/** Orders are kept by decimal id; an incident may name them by gid. */
function idOf(text: string): string {
  return text.split("/").at(-1) ?? text;
}

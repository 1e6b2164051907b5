// Read model of Stock history, its export and GET /api/v1/changes: the changes of one install, newest first, by keyset.

import type { Database } from "#app/ports/database.ts";

import { BACKLOG_COUNT_MAX } from "../limits.ts";
import { readIdBounds } from "./change-bounds.server.ts";
import { ANYBODY, type ChangeFilter } from "./change-filter.ts";
import { type LaneGroup, lanesOf, type ResolvedFilter, SCAN_ROWS_MAX } from "./change-lanes.ts";
import { type KeysetPage, type PageRequest, toCutPage, toPage } from "./keyset-page.ts";
import { readActors } from "./read-actors.server.ts";
import { findItems, findOrders } from "./search-names.server.ts";
import { SqlParameters } from "./sql-parameters.ts";

/** A change as stored; Shopify ids are decimal strings. */
export interface ChangeRow {
  readonly id: bigint;
  readonly effectKey: string;
  readonly cause: string;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly lineId: string | null;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  /** Null only for a placeholder: a line that could not be derived and waits for a person. */
  readonly inventoryItemId: string | null;
  readonly locationId: string | null;
  readonly locationName: string | null;
  readonly quantityName: string;
  readonly delta: number;
  readonly state: string;
  readonly reason: string | null;
  readonly outcomeUnknown: boolean;
  readonly settingsVersion: number | null;
  /** Order source: `name:my-channel`, `app:123`. */
  readonly sourceKey: string | null;
  readonly mutationId: string | null;
  readonly mutationKey: string | null;
  /** Shopify's own reference of the call that applied it. */
  readonly adjustmentGroupId: string | null;
  readonly webhookId: string | null;
  readonly traceId: string;
  readonly acceptedAt: Date | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly before: number | null;
  readonly after: number | null;
}

export const CHANGE_COLUMNS_SQL = `
  c.id, c.effect_key AS "effectKey", c.cause, c.order_id AS "orderId", c.order_name AS "orderName", c.line_id AS "lineId",
  c.variant_id AS "variantId", c.sku, c.title, c.inventory_item_id AS "inventoryItemId", c.location_id AS "locationId",
  l.name AS "locationName", c.quantity_name AS "quantityName", c.delta, c.state, c.reason,
  c.outcome_unknown AS "outcomeUnknown", c.settings_version AS "settingsVersion", c.source_key AS "sourceKey", c.mutation_id::text AS "mutationId",
  m.key::text AS "mutationKey", m.adjustment_group_id AS "adjustmentGroupId", c.webhook_id AS "webhookId", c.trace_id AS "traceId", c.accepted_at AS "acceptedAt",
  c.created_at AS "createdAt", c.finished_at AS "finishedAt", c.before, c.after`;

export const CHANGE_JOINS_SQL = `
  LEFT JOIN mutations m ON m.id = c.mutation_id
  LEFT JOIN locations l ON l.install_id = c.install_id AND l.location_id = c.location_id`;

export interface ListChanges {
  readonly installId: bigint;
  readonly filter: ChangeFilter;
  readonly page: PageRequest;
}

export interface ChangesPage extends KeysetPage<ChangeRow> {
  /** The page was cut after looking through many rows that do not match: up to changes of this time. Null: it is whole. */
  readonly lookedUpTo: Date | null;
  /** Search texts that mean more than can be searched for at once. */
  readonly vague: readonly ("order" | "item")[];
}

/** @param scanRowsMax for tests: rows that a page may look through. */
export async function listChanges(database: Database, { installId, filter, page }: ListChanges, scanRowsMax = SCAN_ROWS_MAX): Promise<ChangesPage> {
  const { resolved, vague } = await resolve(database, installId, filter);
  const reading = { installId, resolved, page, scanRowsMax };
  const { rows, certain } = await readFound(database, reading);
  const cut = certain ? null : await readCut(database, reading);
  const found = cut === null ? rows : rows.filter((row) => (page.direction === "newer" ? row.id < cut.id : row.id > cut.id));
  if (cut === null || found.length > page.limit) return { ...toPage(found, page), lookedUpTo: null, vague };
  return { ...toCutPage(found, page, cut.id), lookedUpTo: cut.createdAt, vague };
}

export interface RoughCount {
  readonly count: number;
  /** There may be more: the rest was not looked through. */
  readonly more: boolean;
}

/** Counted once before an export, and not with each page. */
const COUNT_ROWS_MAX = 4 * BACKLOG_COUNT_MAX;

/** How many changes match, counted up to `BACKLOG_COUNT_MAX`, looking through a bounded number of rows. */
export async function countChanges(database: Database, { installId, filter }: Omit<ListChanges, "page">, scanRowsMax = COUNT_ROWS_MAX): Promise<RoughCount> {
  const { resolved } = await resolve(database, installId, filter);
  const page = { direction: "newest", limit: BACKLOG_COUNT_MAX } as const;
  const { groups, parameters, order, laneCount } = planLanes({ installId, resolved, page, scanRowsMax });
  if (groups.length === 0) return { count: 0, more: false };
  const most = Math.ceil(scanRowsMax / laneCount);
  const lanes = groups.map(
    ({ values, from, key, condition }) => `SELECT lane.id, lane.hit, lane.place FROM unnest(${parameters.bind(values)}::text[]) v(value) CROSS JOIN LATERAL (
      SELECT id, hit, row_number() OVER () AS place FROM (SELECT c.id, (${condition === null ? "TRUE" : condition(parameters)}) AS hit FROM ${from(parameters)} ORDER BY ${key} ${order}, c.id ${order} LIMIT ${most}) looked_at) lane`,
  );
  const [row] = await database.query<{ count: number; cut: boolean }>(
    `SELECT count(DISTINCT id) FILTER (WHERE hit)::int AS count, coalesce(max(place) >= ${most}, false) AS cut FROM (${lanes.join(" UNION ALL ")}) found`,
    ...parameters.values,
  );
  const count = row?.count ?? 0;
  return { count: Math.min(count, BACKLOG_COUNT_MAX), more: row?.cut === true || count > BACKLOG_COUNT_MAX };
}

async function resolve(database: Database, installId: bigint, filter: ChangeFilter): Promise<{ readonly resolved: ResolvedFilter; readonly vague: readonly ("order" | "item")[] }> {
  const { orderText, itemText, happenedFrom, happenedBefore, actor } = filter;
  const [orders, items, actors, bounds] = await Promise.all([
    orderText === undefined ? null : findOrders(database, installId, orderText),
    itemText === undefined ? null : findItems(database, installId, itemText),
    actor === ANYBODY ? readActors(database, installId) : [],
    readIdBounds(database, installId, { from: happenedFrom, before: happenedBefore }),
  ]);
  const vague = [...(orders?.vague === true ? (["order"] as const) : []), ...(items?.vague === true ? (["item"] as const) : [])];
  return { resolved: { filter, ...(orders === null ? {} : { orderIds: orders.ids }), ...(items === null ? {} : { itemIds: items.ids }), actors, ...bounds }, vague };
}

interface Reading {
  readonly installId: bigint;
  readonly resolved: ResolvedFilter;
  readonly page: PageRequest;
  readonly scanRowsMax: number;
}

interface Plan {
  readonly groups: readonly LaneGroup[];
  readonly parameters: SqlParameters;
  readonly order: "ASC" | "DESC";
  readonly laneCount: number;
  readonly laneRowsMax: number;
}

function planLanes({ installId, resolved, page, scanRowsMax }: Reading): Plan {
  const parameters = new SqlParameters();
  const install = parameters.bind(installId);
  const cursor = page.direction === "newest" ? null : parameters.bind(page.cursor);
  const order = page.direction === "newer" ? "ASC" : "DESC";
  const groups = lanesOf(resolved, { install, cursor, order }).filter((group) => group.values.length > 0);
  const laneCount = groups.reduce((sum, group) => sum + group.values.length, 0);
  return { groups, parameters, order, laneCount, laneRowsMax: Math.max(page.limit + 1, Math.ceil(scanRowsMax / Math.max(1, laneCount))) };
}

/** The first rows that match, of those that may be looked through. A lane stops as soon as it has as many as the page can show. */
async function readFound(database: Database, reading: Reading): Promise<{ readonly rows: readonly ChangeRow[]; /** No row that was not looked at can belong before the last of them. */ readonly certain: boolean }> {
  const { groups, parameters, order, laneCount, laneRowsMax } = planLanes(reading);
  if (groups.length === 0) return { rows: [], certain: true };
  const want = parameters.bind(reading.page.limit + 1);
  const lanes = groups.map(({ values, from, key, condition }) => {
    const [hit, most] = condition === null ? ["TRUE", `${want}::int`] : [condition(parameters), laneRowsMax];
    return `SELECT lane.id FROM unnest(${parameters.bind(values)}::text[]) v(value) CROSS JOIN LATERAL (
      SELECT id FROM (SELECT c.id, ${key} AS key, (${hit}) AS hit FROM ${from(parameters)} ORDER BY ${key} ${order}, c.id ${order} LIMIT ${most}) looked_at
      WHERE hit ORDER BY key ${order}, id ${order} LIMIT ${want}::int) lane`;
  });
  const rows = await database.query<ChangeRow>(
    `SELECT ${CHANGE_COLUMNS_SQL} FROM (SELECT DISTINCT id FROM (${lanes.join(" UNION ALL ")}) found ORDER BY id ${order} LIMIT ${want}::int) hits
     JOIN changes c ON c.id = hits.id ${CHANGE_JOINS_SQL} ORDER BY c.id ${order}`,
    ...parameters.values,
  );
  return { rows, certain: groups.every((group) => group.condition === null) || (laneCount === 1 && rows.length > reading.page.limit) };
}

/** The first row, in the order of the page, that was not looked at; null when all were. */
async function readCut(database: Database, reading: Reading): Promise<{ readonly id: bigint; readonly createdAt: Date } | null> {
  const { groups, parameters, order, laneRowsMax } = planLanes(reading);
  const lanes = groups
    .filter((group) => group.condition !== null)
    .map(
      ({ values, from, key }) => `SELECT lane.id FROM unnest(${parameters.bind(values)}::text[]) v(value)
        CROSS JOIN LATERAL (SELECT c.id FROM ${from(parameters)} ORDER BY ${key} ${order}, c.id ${order} OFFSET ${laneRowsMax} LIMIT 1) lane`,
    );
  const rows = await database.query<{ id: bigint; createdAt: Date }>(
    `SELECT c.id, c.created_at AS "createdAt" FROM (${lanes.join(" UNION ALL ")}) ends JOIN changes c ON c.id = ends.id ORDER BY c.id ${order} LIMIT 1`,
    ...parameters.values,
  );
  return rows[0] ?? null;
}

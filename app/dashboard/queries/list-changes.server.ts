// Read model of Stock history and of GET /api/v1/changes: the changes of one install, newest first, by keyset.

import { EXACT_REVIEW_REASONS, REFUSED_PREFIX, type ReviewReason } from "#app/domain/review.ts";
import type { Database } from "#app/ports/database.ts";

import type { ChangeFilter } from "./change-filter.ts";
import { keysetSql, toPage, type KeysetPage, type PageRequest } from "./keyset-page.ts";
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
  readonly mutationId: string | null;
  readonly mutationKey: string | null;
  readonly webhookId: string | null;
  readonly traceId: string;
  readonly acceptedAt: Date | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly before: number | null;
  readonly after: number | null;
}

/** Orders or items that one search text may stand for; a text that means more is too vague to be a filter. */
const SEARCH_MATCHES_MAX = 200;

export const CHANGE_COLUMNS_SQL = `
  c.id, c.effect_key AS "effectKey", c.cause, c.order_id AS "orderId", c.order_name AS "orderName", c.line_id AS "lineId",
  c.variant_id AS "variantId", c.sku, c.title, c.inventory_item_id AS "inventoryItemId", c.location_id AS "locationId",
  l.name AS "locationName", c.quantity_name AS "quantityName", c.delta, c.state, c.reason,
  c.outcome_unknown AS "outcomeUnknown", c.settings_version AS "settingsVersion", c.mutation_id::text AS "mutationId",
  m.key::text AS "mutationKey", c.webhook_id AS "webhookId", c.trace_id AS "traceId", c.accepted_at AS "acceptedAt",
  c.created_at AS "createdAt", c.finished_at AS "finishedAt", c.before, c.after`;

export const CHANGE_JOINS_SQL = `
  LEFT JOIN mutations m ON m.id = c.mutation_id
  LEFT JOIN locations l ON l.install_id = c.install_id AND l.location_id = c.location_id`;

export interface ListChanges {
  readonly installId: bigint;
  readonly filter: ChangeFilter;
  readonly page: PageRequest;
}

export async function listChanges(database: Database, { installId, filter, page }: ListChanges): Promise<KeysetPage<ChangeRow>> {
  const parameters = new SqlParameters();
  const conditions = [`c.install_id = ${parameters.bind(installId)}`];
  const exact: readonly (readonly [column: string, value: string | undefined])[] = [
    ["c.cause", filter.cause],
    ["c.order_id", filter.orderId],
    ["c.inventory_item_id", filter.inventoryItemId],
    ["c.webhook_id", filter.webhookId],
    ["c.trace_id", filter.traceId],
  ];
  for (const [column, value] of exact) if (value !== undefined) conditions.push(`${column} = ${parameters.bind(value)}`);
  if (filter.states !== undefined) conditions.push(`c.state = ANY(${parameters.bind([...filter.states])}::text[])`);
  if (filter.reviewReason !== undefined) conditions.push(reviewReasonSql(filter.reviewReason, parameters));
  if (filter.happenedFrom !== undefined) conditions.push(`coalesce(c.finished_at, c.created_at) >= ${parameters.bind(filter.happenedFrom)}::timestamptz`);
  if (filter.happenedBefore !== undefined) conditions.push(`coalesce(c.finished_at, c.created_at) < ${parameters.bind(filter.happenedBefore)}::timestamptz`);
  if (filter.orderText !== undefined) {
    const orderIds = await findOrders(database, installId, filter.orderText);
    conditions.push(`c.order_id = ANY(${parameters.bind(orderIds)}::text[])`);
  }
  if (filter.itemText !== undefined) {
    const itemIds = await findItems(database, installId, filter.itemText);
    conditions.push(`(c.inventory_item_id = ANY(${parameters.bind(itemIds)}::text[]) OR c.sku = ${parameters.bind(filter.itemText)})`);
  }
  const keyset = keysetSql(page, "c.id", page.direction === "newest" ? "" : parameters.bind(page.cursor));
  const rows = await database.query<ChangeRow>(
    `SELECT ${CHANGE_COLUMNS_SQL} FROM changes c ${CHANGE_JOINS_SQL}
     WHERE ${conditions.join(" AND ")} AND ${keyset.where}
     ORDER BY ${keyset.orderBy} LIMIT ${parameters.bind(page.limit + 1)}::int`,
    ...parameters.values,
  );
  return toPage(rows, page);
}

/** The same closed list as `reviewReasonOf`. */
function reviewReasonSql(reason: ReviewReason, parameters: SqlParameters): string {
  const refused = `c.reason LIKE '${REFUSED_PREFIX}%'`;
  if (reason === "refused") return refused;
  if (reason !== "other") return `c.reason = ${parameters.bind(reason)}`;
  return `(c.reason IS NULL OR NOT (${refused} OR c.reason = ANY(${parameters.bind([...EXACT_REVIEW_REASONS])}::text[])))`;
}

async function findOrders(database: Database, installId: bigint, text: string): Promise<string[]> {
  const id = text.replace(/^gid:\/\/shopify\/Order\//, "");
  const rows = await database.query<{ orderId: string }>(
    `SELECT order_id AS "orderId" FROM orders
     WHERE install_id = $1 AND (order_id = $2 OR name = ANY($3::text[])) LIMIT ${SEARCH_MATCHES_MAX}`,
    installId,
    id,
    [text, `#${text}`],
  );
  return rows.map((row) => row.orderId);
}

/** Items by id, or by a part of the SKU or title that Shopify gave for their variant. */
async function findItems(database: Database, installId: bigint, text: string): Promise<string[]> {
  const id = text.replace(/^gid:\/\/shopify\/InventoryItem\//, "");
  const pattern = `%${text.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
  const rows = await database.query<{ inventoryItemId: string }>(
    `SELECT DISTINCT inventory_item_id AS "inventoryItemId" FROM variants
     WHERE install_id = $1 AND inventory_item_id IS NOT NULL AND (sku ILIKE $2 OR title ILIKE $2) LIMIT ${SEARCH_MATCHES_MAX}`,
    installId,
    pattern,
  );
  return [id, ...rows.map((row) => row.inventoryItemId)];
}

// The stock history as a CSV file: every change that a filter finds, newest first, one page of them in memory at a time.

import { formatGid, type GidKind, isDecimalId } from "#app/domain/gid.ts";
import type { Database } from "#app/ports/database.ts";

import { formatItemName } from "../formatting.ts";
import { toHistoryRow } from "../history-page.server.ts";
import type { ChangeFilter } from "../queries/change-filter.ts";
import { type ChangeRow, listChanges } from "../queries/list-changes.server.ts";
import { actorText, CHANGE_STATES, reasonText, sourceText, termFor } from "../terms.ts";
import { BYTE_ORDER_MARK, type Cell, csvRecord } from "./csv.ts";
import { isoClock } from "./iso-in-zone.ts";
import { pagesOf } from "./pages-of.ts";
import type { ExportFile } from "./serve-export.server.ts";

export interface ChangesFileRequest {
  readonly installId: bigint;
  readonly shop: string;
  readonly filter: ChangeFilter;
  readonly timeZone: string;
  readonly now: Date;
}

export function changesFile(database: Database, request: ChangesFileRequest): ExportFile {
  const { shop, now } = request;
  return { name: `stock-history-${shop.replace(/\.myshopify\.com$/, "").replaceAll(/[^A-Za-z0-9-]/g, "-")}-${now.toISOString().slice(0, 10)}.csv`, contentType: "text/csv; charset=utf-8", pieces: recordsOf(database, request) };
}

interface ExportedChange extends ChangeRow {
  /** People and programs that acted on it. */
  readonly actors: readonly string[];
}

/** The name of each column and what stands in it. */
function columnsFor(timeZone: string): readonly (readonly [name: string, cell: (change: ExportedChange) => Cell])[] {
  const shopTime = isoClock(timeZone);
  const utc = isoClock("UTC");
  return [
    [`When (${timeZone})`, (change) => shopTime(happenedAt(change))],
    ["When (UTC)", (change) => utc(happenedAt(change)).replace("+00:00", "Z")],
    ["Order", (change) => change.orderName],
    ["Item", (change) => formatItemName(change.title)],
    ["SKU", (change) => change.sku],
    ["Location", (change) => change.locationName],
    ["Change of units on sale", (change) => toHistoryRow(change).delta],
    ["Before", (change) => change.before],
    ["After", (change) => change.after],
    ["Cause", (change) => toHistoryRow(change).cause],
    ["State", (change) => termFor(CHANGE_STATES, change.state).label],
    ["Reason", (change) => reasonText(change.reason)],
    ["Order source", (change) => (change.sourceKey === null ? null : sourceText(change.sourceKey))],
    ["Who acted, beside Holdfast", (change) => change.actors.map(actorText).join(", ")],
    ["Rules (version of the settings)", (change) => change.settingsVersion],
    ["Counts once under", (change) => change.effectKey],
    ["Key of the call to Shopify", (change) => change.mutationKey],
    ["Shopify's reference", (change) => change.adjustmentGroupId],
    ["Notification id", (change) => change.webhookId],
    ["Trace id", (change) => change.traceId],
    ["Order id", (change) => gid("Order", change.orderId)],
    ["Variant id", (change) => gid("ProductVariant", change.variantId)],
    ["Inventory item id", (change) => gid("InventoryItem", change.inventoryItemId)],
    ["Location id", (change) => gid("Location", change.locationId)],
    ["Change id", (change) => String(change.id)],
  ];
}

function happenedAt({ finishedAt, createdAt }: ChangeRow): Date {
  return finishedAt ?? createdAt;
}

/** Spreadsheets take a long row of digits for a number and round it; a gid stays as it is. */
function gid(kind: GidKind, id: string | null): string | null {
  return id !== null && isDecimalId(id) ? formatGid(kind, id) : id;
}

async function* recordsOf(database: Database, { installId, filter, timeZone }: ChangesFileRequest): AsyncGenerator<string> {
  const columns = columnsFor(timeZone);
  yield BYTE_ORDER_MARK + csvRecord(columns.map(([name]) => name));
  for await (const changes of pagesOf((page) => listChanges(database, { installId, filter, page }))) {
    const actors = await readActorsOf(database, installId, changes.map((change) => change.id));
    yield changes.map((change) => csvRecord(columns.map(([, cell]) => cell({ ...change, actors: actors.get(change.id) ?? [] })))).join("");
  }
}

async function readActorsOf(database: Database, installId: bigint, changeIds: readonly bigint[]): Promise<ReadonlyMap<bigint, readonly string[]>> {
  const rows = await database.query<{ changeId: bigint; actor: string }>(
    "SELECT DISTINCT change_id AS \"changeId\", actor FROM audit_entries WHERE install_id = $1 AND change_id = ANY($2::bigint[]) AND actor <> 'holdfast' ORDER BY change_id, actor",
    installId,
    changeIds,
  );
  return new Map([...Map.groupBy(rows, (row) => row.changeId)].map(([changeId, entries]) => [changeId, entries.map((entry) => entry.actor)]));
}

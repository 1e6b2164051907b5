// Everything the pages of overwritten stock show for one address, put together from their read models for one moment.

import { type CorrectionView, toCorrectionView } from "./correction-acts.server.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { stockName } from "./hold-view.ts";
import { readOverwriteView, writerAdvice, writerRhythmMs } from "./overwrite-view.ts";
import { readPageRequest } from "./page-request.ts";
import type { OverwriteView } from "./problem-terms.ts";
import { readCorrection } from "./queries/correction-standing.server.ts";
import { type ConflictRow, findConflict, listConflicts } from "./queries/list-conflicts.server.ts";
import { type OverwriteNumbers, readOverwriteNumbers } from "./queries/problem-numbers.server.ts";
import { readRowId } from "./queries/row-id.ts";
import { readStockOverTime } from "./queries/stock-over-time.server.ts";
import { countOverwrittenWith, type ForeignWrite, readForeignWrites } from "./queries/stock-writers.server.ts";
import { drawStockPicture, type StockPicture } from "./stock-picture.server.ts";

type Dependencies = Pick<DashboardDependencies, "database" | "clock" | "settingsStore">;

/** Orders that a row of the list names; its own page names the rest. */
const LIST_ORDERS_MAX = 3;
/** Orders that its own page names. */
const PAGE_ORDERS_MAX = 100;
const MINUTE_MS = 60_000;
/** What is to be seen before and after at least. */
const PICTURE_MARGIN_MS = 10 * MINUTE_MS;

export interface ForgottenOrder {
  readonly orderId: string;
  readonly name: string;
  readonly units: number;
}

export interface OverwriteItem extends Pick<ConflictRow, "state" | "inventoryItemId" | "sku" | "at" | "valueBefore" | "valueWritten" | "unitsAtRisk" | "confidence" | "timesLastDay"> {
  readonly id: string;
  readonly item: string;
  readonly location: string;
  readonly orders: readonly ForgottenOrder[];
  /** In all. */
  readonly orderCount: number;
}

export interface OverwrittenPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly view: OverwriteView;
  /** Only this item's; null: all items'. */
  readonly onlyItem: string | null;
  readonly numbers: OverwriteNumbers;
  readonly rows: readonly OverwriteItem[];
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export async function loadOverwrittenPage({ database, clock }: Pick<Dependencies, "database" | "clock">, install: ActiveInstall, timeZone: string, query: URLSearchParams): Promise<OverwrittenPage> {
  const now = clock.now();
  const view = readOverwriteView(query.get("show"));
  const onlyItem = readItem(query);
  const filter = { state: view, ...(onlyItem === null ? {} : { inventoryItemId: onlyItem }) };
  const [numbers, page] = await Promise.all([readOverwriteNumbers(database, install.installId, now), listConflicts(database, { installId: install.installId, filter, page: readPageRequest(query) })]);
  return { nowMs: now.getTime(), timeZone, view, onlyItem, numbers, rows: page.items.map((row) => toItem(row, LIST_ORDERS_MAX)), olderCursor: page.olderCursor, newerCursor: page.newerCursor };
}

/** Null for a text that is no item's id: then the list is not narrowed. */
export function readItem(query: URLSearchParams): string | null {
  const item = query.get("item");
  return item !== null && /^\d{1,19}$/.test(item) ? item : null;
}

function toItem(row: ConflictRow, ordersMax: number): OverwriteItem {
  const { id, state, inventoryItemId, locationId, locationName, sku, at, valueBefore, valueWritten, unitsAtRisk, confidence, timesLastDay, unseen } = row;
  const orders = unseen.slice(0, ordersMax).map(({ orderId, name, units }) => ({ orderId, name: name ?? `Order ${orderId}`, units }));
  return {
    id: String(id),
    item: stockName(row),
    location: locationName ?? `Location ${locationId}`,
    state,
    inventoryItemId,
    sku,
    at,
    valueBefore,
    valueWritten,
    unitsAtRisk,
    confidence,
    timesLastDay,
    orders,
    orderCount: unseen.length,
  };
}

export interface OverwriteDetail {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly mode: "observe" | "enforce";
  readonly overwrite: OverwriteItem & Pick<ConflictRow, "sameAsAt" | "foundAt" | "endedAt" | "endedBy" | "note" | "locationId">;
  readonly decided: CorrectionView;
  readonly picture: StockPicture | null;
  readonly writer: {
    readonly writes: readonly (Omit<ForeignWrite, "id" | "conflictId"> & { readonly key: string; readonly conflictId: string | null })[];
    readonly advice: readonly string[];
  };
}

/** Null when the install has none of this id. */
export async function loadOverwrite({ database, clock, settingsStore }: Dependencies, install: ActiveInstall, timeZone: string, idText: string | undefined): Promise<OverwriteDetail | null> {
  const { installId } = install;
  const id = readRowId(idText);
  const row = id === null ? null : await findConflict(database, installId, id);
  if (row === null) return null;
  const now = clock.now();
  const { inventoryItemId, locationId, at } = row;
  const place = { installId, inventoryItemId, locationId };
  const [settings, standing, seen, writes, othersAtOnce] = await Promise.all([
    settingsStore.current(installId),
    readCorrection(database, install, { kind: "conflict", id: row.id }),
    readStockOverTime(database, { ...place, ...spanOf(row, now), keep: [row.observationId] }),
    readForeignWrites(database, { ...place, until: at }),
    countOverwrittenWith(database, installId, row),
  ]);
  const { sameAsAt, foundAt, endedAt, endedBy, note } = row;
  return {
    nowMs: now.getTime(),
    timeZone,
    mode: settings.mode,
    overwrite: { ...toItem(row, PAGE_ORDERS_MAX), locationId, sameAsAt, foundAt, endedAt, endedBy, note },
    decided: toCorrectionView(standing),
    picture: drawStockPicture(seen, {
      timeZone,
      second: { name: "Without the overwrite", points: withoutOverwrite(row, seen.points, now) },
      marks: [{ at: sameAsAt, label: "last right" }, { at, label: "overwritten", bad: true }],
      levels: [{ value: row.valueWritten, label: "the number that was written" }],
    }),
    writer: {
      writes: writes.map(({ id: key, conflictId, ...write }) => ({ ...write, key: String(key), conflictId: conflictId === null ? null : String(conflictId) })),
      advice: writerAdvice({ timesLastDay: row.timesLastDay, rhythmMs: writerRhythmMs(writes.map((write) => write.at)), othersAtOnce }),
    },
  };
}

/** As much after it as before, and never into the future. */
function spanOf({ sameAsAt, at }: Pick<ConflictRow, "sameAsAt" | "at">, now: Date): { readonly from: Date; readonly until: Date } {
  const margin = Math.max(PICTURE_MARGIN_MS, (at.getTime() - sameAsAt.getTime()) / 2);
  const until = Math.max(at.getTime() + MINUTE_MS, Math.min(at.getTime() + margin, now.getTime()));
  return { from: new Date(sameAsAt.getTime() - margin), until: new Date(until) };
}

/** What would have been seen from the write on, until somebody set it right or wrote another number. */
function withoutOverwrite({ at, valueBefore, unitsAtRisk, endedAt, observationId }: ConflictRow, points: StockPoints, now: Date) {
  const later = points.filter((point) => point.at >= at);
  const end = Math.min(endedAt?.getTime() ?? now.getTime(), later.find((point) => point.id !== observationId && (point.foreignDelta ?? 0) !== 0)?.at.getTime() ?? Number.POSITIVE_INFINITY);
  const from = { at, value: valueBefore };
  const after = later.filter((point) => point.id !== observationId && point.at.getTime() < end).map((point) => ({ at: point.at, value: point.available === null ? null : point.available - unitsAtRisk }));
  return [from, ...after, ...(end < now.getTime() ? [{ at: new Date(end), value: null }] : [])];
}

type StockPoints = Awaited<ReturnType<typeof readStockOverTime>>["points"];

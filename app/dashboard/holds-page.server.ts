// Everything the pages of holds show for one address, put together from their read models for one moment.

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import type { HoldView } from "./hold-terms.ts";
import { holdFilter, holdHeading, isUndecided, readHoldView, stockName } from "./hold-view.ts";
import { readPageRequestBy } from "./page-request.ts";
import { type HoldNumbers, type HoldsOfSpan, readHoldNumbers, readHoldsOfSpan, readRefusedStock } from "./queries/hold-numbers.server.ts";
import { decodeHeldStockCursor, type HeldStockRow, listHeldStock } from "./queries/list-held-stock.server.ts";
import { decodeReservationCursor, findReservation, listReservations, readReservationId, type ReservationRow } from "./queries/list-reservations.server.ts";
import { HOUR_MS, startOfHour } from "./time-zone.ts";

export type HoldSpan = "day" | "week";
const SPAN_HOURS: Readonly<Record<HoldSpan, number>> = { day: 24, week: 168 };

type Dependencies = Pick<DashboardDependencies, "database" | "clock">;

/** An item at a location as a row; ids as text. */
export interface HeldStockItem extends Omit<HeldStockRow, "title" | "locationName"> {
  readonly key: string;
  readonly item: string;
  readonly location: string;
  /** Units that may be promised at once. */
  readonly free: number;
}

export interface RefusedItem {
  readonly key: string;
  readonly item: string;
  readonly location: string;
  readonly refusedCount: number;
  readonly shortUnits: number;
}

export interface HoldsPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly numbers: HoldNumbers;
  readonly span: HoldSpan;
  readonly ofSpan: HoldsOfSpan;
  readonly refused: readonly RefusedItem[];
  readonly stock: readonly HeldStockItem[];
  readonly nextCursor: string | null;
  readonly previousCursor: string | null;
}

export async function loadHoldsPage({ database, clock }: Dependencies, install: ActiveInstall, timeZone: string, query: URLSearchParams): Promise<HoldsPage> {
  const now = clock.now();
  const span: HoldSpan = query.get("span") === "week" ? "week" : "day";
  const since = new Date(startOfHour(now, timeZone).getTime() - (SPAN_HOURS[span] - 1) * HOUR_MS);
  const [numbers, ofSpan, refused, stock] = await Promise.all([
    readHoldNumbers(database, install.installId),
    readHoldsOfSpan(database, install.installId, since),
    readRefusedStock(database, install.installId, since),
    listHeldStock(database, { installId: install.installId, page: readPageRequestBy(query, decodeHeldStockCursor) }),
  ]);
  return {
    nowMs: now.getTime(),
    timeZone,
    numbers,
    span,
    ofSpan,
    refused: refused.map((row) => ({ ...named(row), refusedCount: row.refusedCount, shortUnits: row.shortUnits })),
    stock: stock.items.map(({ title: _title, locationName: _locationName, ...row }) => ({
      ...row,
      ...named({ ...row, title: _title, locationName: _locationName }),
      free: Math.max(0, row.held - row.granted - row.settling - row.leaving),
    })),
    nextCursor: stock.olderCursor,
    previousCursor: stock.newerCursor,
  };
}

function named(row: Pick<HeldStockRow, "inventoryItemId" | "locationId" | "locationName" | "title" | "sku">) {
  return { key: `${row.inventoryItemId}@${row.locationId}`, item: stockName(row), location: row.locationName ?? `Location ${row.locationId}` };
}

export interface HoldRow extends Pick<ReservationRow, "id" | "state" | "settlement" | "late" | "refundRequired" | "reference" | "expiresAt" | "createdAt" | "finishedAt" | "orderId" | "orderName" | "making"> {
  readonly heading: string;
  readonly location: string;
}

export interface HoldListPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly view: HoldView;
  readonly waitingForPerson: number;
  readonly refundsRequired: number;
  readonly rows: readonly HoldRow[];
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export async function loadHoldList({ database, clock }: Dependencies, install: ActiveInstall, timeZone: string, query: URLSearchParams): Promise<HoldListPage> {
  const view = readHoldView(query.get("show"));
  const [numbers, page] = await Promise.all([
    readHoldNumbers(database, install.installId),
    listReservations(database, { installId: install.installId, filter: holdFilter(view), page: readPageRequestBy(query, decodeReservationCursor) }),
  ]);
  const { waitingForPerson, refundsRequired } = numbers;
  return { nowMs: clock.now().getTime(), timeZone, view, waitingForPerson, refundsRequired, rows: page.items.map(toHoldRow), olderCursor: page.olderCursor, newerCursor: page.newerCursor };
}

/** More than one order could name are a mistake of a checkout; then the newest are shown. */
const HOLDS_OF_ORDER_MAX = 5;

/** `orderId`: decimal. */
export async function loadHoldsOfOrder({ database }: Pick<Dependencies, "database">, { installId }: ActiveInstall, orderId: string): Promise<HoldRow[]> {
  const { items } = await listReservations(database, { installId, filter: { orderId }, page: { direction: "newest", limit: HOLDS_OF_ORDER_MAX } });
  return items.map(toHoldRow);
}

function toHoldRow({ lines, id, state, settlement, late, refundRequired, reference, expiresAt, createdAt, finishedAt, orderId, orderName, making }: ReservationRow): HoldRow {
  const locations = [...new Set(lines.map((line) => line.locationName ?? `Location ${line.locationId}`))];
  const location = locations.length > 1 ? `${locations.length} locations` : (locations[0] ?? "");
  return { id, state, settlement, late, refundRequired, reference, expiresAt, createdAt, finishedAt, orderId, orderName, making, heading: holdHeading(lines), location };
}

export interface HoldDetail {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly hold: HoldRow & Pick<ReservationRow, "finishedBy" | "settledAt" | "paymentReference" | "traceId" | "makingFailure" | "lines">;
  /** It waits for a person's decision. */
  readonly undecided: boolean;
}

/** Null when the install has none of this id. */
export async function loadHold({ database, clock }: Dependencies, install: ActiveInstall, timeZone: string, idText: string | undefined): Promise<HoldDetail | null> {
  const id = readReservationId(idText);
  const row = id === null ? null : await findReservation(database, install.installId, id);
  if (row === null) return null;
  const { finishedBy, settledAt, paymentReference, traceId, makingFailure, lines } = row;
  return { nowMs: clock.now().getTime(), timeZone, hold: { ...toHoldRow(row), finishedBy, settledAt, paymentReference, traceId, makingFailure, lines }, undecided: isUndecided(row) };
}

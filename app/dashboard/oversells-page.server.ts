// Everything the pages of oversells show for one address, put together from their read models for one moment.

import type { DrawnChart } from "./charts/draw-chart.server.ts";
import { drawStockChart } from "./charts/stock-chart.server.ts";
import type { StoryStep } from "./change-story.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { mayHold } from "./oversell-acts.server.ts";
import { HOLD_SCOPES, type OversellView } from "./oversell-terms.ts";
import { tellOversell } from "./oversell-story.ts";
import { type HoldStanding, holdStanding, itemName, type OrderHere, ordersOf, oversellHeading, readOversellSearch, readOversellView, spanOf, withoutPutBack } from "./oversell-view.ts";
import { readPageRequest } from "./page-request.ts";
import { type ApartRow, listApart } from "./queries/list-apart.server.ts";
import { countOversells, listOversellCards, type OversellCardRow, type OversellCounts } from "./queries/list-oversell-cards.server.ts";
import { findOversell, type HoldOfOrder, type OrderNow, type OversellIncident, type OverwriteHere, readHoldsOf, readOrdersNow, readOverwritesOf, readStockAt, type StockHere } from "./queries/oversell-detail.server.ts";
import { readAuthors, readOversellEvents } from "./queries/oversell-events.server.ts";
import { readRowId } from "./queries/row-id.ts";
import { readStockOverTime, type StockPoint } from "./queries/stock-over-time.server.ts";

type Dependencies = Pick<DashboardDependencies, "database" | "clock">;

export interface OversellCard extends Omit<OversellCardRow, "id"> {
  readonly id: string;
  readonly item: string;
  readonly location: string;
  readonly heading: string;
}

export interface ApartCard extends Omit<ApartRow, "id"> {
  readonly item: string;
}

export interface OversellsPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly view: OversellView;
  readonly search: string | null;
  readonly counts: OversellCounts;
  readonly cards: readonly OversellCard[];
  readonly apart: readonly ApartCard[];
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export async function loadOversells({ database, clock }: Dependencies, { installId }: ActiveInstall, timeZone: string, query: URLSearchParams): Promise<OversellsPage> {
  const view = readOversellView(query.get("show"));
  const search = view === "apart" ? null : readOversellSearch(query.get("search"));
  const page = readPageRequest(query);
  const [counts, list, apart] = await Promise.all([
    countOversells(database, installId),
    view === "apart" ? null : listOversellCards(database, { installId, filter: { view, search }, page }),
    view === "apart" ? listApart(database, { installId, filter: { state: "all" }, page }) : null,
  ]);
  return {
    nowMs: clock.now().getTime(),
    timeZone,
    view,
    search,
    counts,
    cards: (list?.items ?? []).map(toCard),
    apart: (apart?.items ?? []).map(({ id: _id, ...row }) => ({ ...row, item: itemName(row) })),
    olderCursor: (list ?? apart)?.olderCursor ?? null,
    newerCursor: (list ?? apart)?.newerCursor ?? null,
  };
}

function toCard({ id, ...row }: OversellCardRow): OversellCard {
  const [item, location] = [itemName(row), row.locationName ?? `Location ${row.locationId}`];
  return { ...row, id: String(id), item, location, heading: oversellHeading({ ...row, item, location }) };
}

/** An order of the incident with what is known of it by now. */
export interface OversellOrderItem extends OrderHere {
  readonly hold: HoldStanding;
  /** Shopify's reason where the hold was refused. */
  readonly holdReason: string | null;
  /** Nothing of it waits any more: shipped, cancelled or taken from the order. */
  readonly settled: boolean;
  /** How much later than it was sold Holdfast heard of it. */
  readonly heardAfterMs: number;
  readonly component: boolean;
}

export interface MovableStock {
  readonly locationId: string;
  readonly location: string;
  /** Units that can come from there, and what is there now. */
  readonly units: number;
  readonly available: number | null;
}

export interface OversellDetail {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly id: string;
  readonly item: string;
  readonly location: string;
  readonly heading: string;
  readonly incident: Omit<OversellIncident, "id" | "orders" | "movable">;
  readonly orders: readonly OversellOrderItem[];
  readonly movable: readonly MovableStock[];
  /** What Shopify has of it here now. */
  readonly availableNow: number | null;
  readonly overwrites: readonly (Omit<OverwriteHere, "id"> & { readonly id: string })[];
  readonly chart: DrawnChart;
  readonly points: readonly (Pick<StockPoint, "at" | "available" | "seenBy" | "verdict"> & { readonly key: string })[];
  /** The picture had to begin later than the incident did. */
  readonly cut: boolean;
  readonly story: readonly StoryStep[];
  readonly permissions: { readonly hold: boolean; readonly service: boolean };
}

/** Orders whose notifications and changes the time line tells: the short ones, and the last that were served before them. */
const STORY_ORDERS_MAX = 20;
/** Numbers that the time line tells, around the opening. */
const STORY_POINTS_MAX = 60;

/** Null when the install has no such incident, or `idText` is no id. */
export async function loadOversell({ database, clock }: Dependencies, { installId, scopes }: ActiveInstall, timeZone: string, idText: string | undefined): Promise<OversellDetail | null> {
  const oversellId = readRowId(idText);
  const found = oversellId === null ? null : await findOversell(database, installId, oversellId);
  if (found === null) return null;
  const { id, orders: lines, movable, ...incident } = found;
  const now = clock.now();
  const orders = ordersOf(lines);
  const span = spanOf({ ...incident, soldAt: orders.filter(({ verdict }) => verdict === "short").map(({ committedAt }) => committedAt) }, now);
  const stock = { installId, inventoryItemId: incident.inventoryItemId, locationId: incident.locationId, ...span };
  const [ordersNow, holds, levels, overwrites, overTime, events] = await Promise.all([
    readOrdersNow(database, installId, incident.inventoryItemId, orders.map(({ orderId }) => orderId)),
    readHoldsOf(database, installId, id),
    readStockAt(database, installId, incident.inventoryItemId, [incident.locationId, ...movable.map(({ locationId }) => locationId)]),
    readOverwritesOf(database, stock),
    readStockOverTime(database, stock),
    readOversellEvents(database, { ...stock, oversellId: id, orderIds: ordersToTell(orders) }),
  ]);
  const told = pointsToTell(overTime.points, incident.openedAt);
  const authors = told.length < 2 ? [] : await readAuthors(database, installId, told.slice(1).map((point) => point.id));
  const [item, location] = [itemName(incident), incident.locationName ?? `Location ${incident.locationId}`];
  return {
    nowMs: now.getTime(),
    timeZone,
    id: String(id),
    item,
    location,
    heading: oversellHeading({ ...incident, item, location }),
    incident,
    orders: orders.map((order) => toOrderItem(order, ordersNow, holds)),
    movable: movable.map((one) => toMovable(one, levels)),
    availableNow: levels.find(({ locationId }) => locationId === incident.locationId)?.available ?? null,
    overwrites: overwrites.map((one) => ({ ...one, id: String(one.id) })),
    chart: drawPicture({ incident, timeZone, from: overTime.from, until: overTime.until, points: overTime.points, overwrites }),
    points: overTime.points.map(({ id: pointId, at, available, seenBy, verdict }) => ({ key: String(pointId), at, available, seenBy, verdict })),
    cut: overTime.cut,
    story: tellOversell({ events, points: told, authors, incident }),
    permissions: { hold: mayHold(scopes), service: scopes.includes(HOLD_SCOPES.service) },
  };
}

function ordersToTell(orders: readonly OrderHere[]): string[] {
  const short = orders.filter(({ verdict }) => verdict === "short").slice(0, STORY_ORDERS_MAX);
  const firstShort = orders.findIndex(({ verdict }) => verdict === "short");
  const before = orders.slice(0, firstShort === -1 ? orders.length : firstShort).slice(short.length - STORY_ORDERS_MAX);
  return [...(short.length >= STORY_ORDERS_MAX ? [] : before), ...short].map(({ orderId }) => orderId);
}

/** The numbers up to the opening, and as many after it. */
function pointsToTell(points: readonly StockPoint[], openedAt: Date): readonly StockPoint[] {
  const after = points.findIndex(({ at }) => at > openedAt);
  const opening = after === -1 ? points.length : after;
  const from = Math.max(0, opening - STORY_POINTS_MAX / 2);
  return points.slice(from, from + STORY_POINTS_MAX);
}

function toOrderItem(order: OrderHere, ordersNow: readonly OrderNow[], holds: readonly HoldOfOrder[]): OversellOrderItem {
  const known = ordersNow.find(({ orderId }) => orderId === order.orderId);
  const mine = holds.filter(({ orderId }) => orderId === order.orderId);
  return {
    ...order,
    hold: holdStanding(mine),
    holdReason: mine.findLast(({ state }) => state === "failed")?.reason ?? null,
    settled: known?.unitsOpen === 0,
    heardAfterMs: known === undefined ? 0 : Math.max(0, known.heardAt.getTime() - known.committedAt.getTime()),
    component: known?.component ?? false,
  };
}

function toMovable({ locationId, available }: OversellIncident["movable"][number], levels: readonly StockHere[]): MovableStock {
  const level = levels.find((one) => one.locationId === locationId);
  return { locationId, location: level?.locationName ?? `Location ${locationId}`, units: available, available: level?.available ?? null };
}

interface Picture {
  readonly incident: Pick<OversellIncident, "openedAt" | "closedAt" | "hidden">;
  readonly timeZone: string;
  readonly from: Date;
  readonly until: Date;
  readonly points: readonly StockPoint[];
  readonly overwrites: readonly OverwriteHere[];
}

function drawPicture({ incident, timeZone, from, until, points, overwrites }: Picture): DrawnChart {
  const hiding = overwrites.filter(({ state, unitsAtRisk }) => state === "open" && unitsAtRisk > 0).map(({ at, unitsAtRisk }) => ({ at, units: unitsAtRisk }));
  return drawStockChart({
    from,
    until,
    timeZone,
    name: "Available in Shopify",
    points: points.map(({ at, available }) => ({ at, value: available })),
    ...(incident.hidden > 0 && hiding.length > 0 ? { second: { name: "Without what was put back over orders", points: withoutPutBack(points, hiding) } } : {}),
    marks: [{ at: incident.openedAt, label: "Found", bad: true }, ...(incident.closedAt === null ? [] : [{ at: incident.closedAt, label: "Over" }])],
  });
}

// Everything the page of busy items shows for one address, put together from its read models and the lock service for one moment.

import { addHistograms, CONTENTION_CAUSES, type ContentionCause, EMPTY_HISTOGRAM } from "#app/domain/contention.ts";
import { stockOfResource } from "#app/pipeline/stock-key.ts";
import type { HeldLock, LockListing } from "#app/ports/lock.ts";

import { PURPOSE_TERMS } from "./busy-terms.ts";
import { BUSY_SPAN_HOURS, type BusyPlace, type BusySpan, concludeBusy, type Conclusion, type CountedWaits, figuresOf, readBusyPlace, readBusySpan, type WaitFigures } from "./busy-view.ts";
import { drawBusyChart } from "./charts/busy-chart.server.ts";
import { createChartMemory } from "./charts/chart-memory.ts";
import type { DrawnChart } from "./charts/draw-chart.server.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { stockName } from "./hold-view.ts";
import { type BusyHour, everWaited, knowsStock, type NamedStock, readBusyHours, readBusyItems, readStockNames } from "./queries/busy-items.server.ts";
import { HOUR_MS, startOfHour } from "./time-zone.ts";

export interface BusyPorts extends Pick<DashboardDependencies, "database" | "clock"> {
  /** Rejects, soon, when the lock service cannot be asked. */
  readonly listLocks: (shop: string) => Promise<LockListing>;
}

export interface BusyItemRow extends BusyPlace, WaitFigures {
  readonly key: string;
  readonly name: string;
  readonly sku: string | null;
  readonly location: string;
  readonly causes: readonly ContentionCause[];
}

/** What is locked now. `place` null: no item. */
export interface HeldRow {
  readonly key: string;
  readonly name: string;
  readonly location: string | null;
  readonly place: BusyPlace | null;
  readonly purpose: string;
  readonly heldSince: Date;
  readonly waitingCount: number;
}

/** A bar of the chart: an hour of a day, six of a week. */
export interface BusyStep extends WaitFigures {
  readonly startedAt: Date;
}

interface BusyFigures {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly span: BusySpan;
  readonly all: WaitFigures;
  readonly causes: readonly { readonly cause: ContentionCause; readonly waits: number; readonly longestMs: number }[];
  readonly steps: readonly BusyStep[];
  /** Null when nobody waited in the span: there is nothing to draw. */
  readonly chart: DrawnChart | null;
  /** Null: the lock service could not be asked. */
  readonly held: { readonly rows: readonly HeldRow[]; readonly more: number } | null;
}

export interface BusyOverview extends BusyFigures {
  readonly kind: "overview";
  readonly ever: boolean;
  readonly conclusions: readonly Conclusion[];
  readonly items: readonly BusyItemRow[];
}

export interface BusyItemPage extends BusyFigures {
  readonly kind: "item";
  readonly place: BusyPlace;
  readonly name: string;
  readonly sku: string | null;
  readonly location: string;
}

/** As on Home: more bars are too thin to tell apart. */
const STEP_HOURS: Readonly<Record<BusySpan, number>> = { day: 1, week: 6 };

const charts = createChartMemory();

/** Locks that are named; a call holds up to 250. */
const HELD_ROWS_MAX = 20;

/** Null when the address names an item that this shop does not have. */
export async function loadBusyPage(ports: BusyPorts, install: ActiveInstall, timeZone: string, query: URLSearchParams): Promise<BusyOverview | BusyItemPage | null> {
  const asked = readBusyPlace(query);
  if (asked.kind === "wrong") return null;
  const span = readBusySpan(query);
  const now = ports.clock.now();
  const since = new Date(startOfHour(now, timeZone).getTime() - (BUSY_SPAN_HOURS[span] - 1) * HOUR_MS);
  const frame = { nowMs: now.getTime(), timeZone, span, since };
  return asked.kind === "all" ? loadOverview(ports, install, frame) : loadItem(ports, install, frame, asked.place);
}

interface Frame extends Pick<BusyFigures, "nowMs" | "timeZone" | "span"> {
  readonly since: Date;
}

async function loadOverview(ports: BusyPorts, install: ActiveInstall, frame: Frame): Promise<BusyOverview> {
  const { database } = ports;
  const { installId } = install;
  const { since } = frame;
  const [ever, rows, busy, held] = await Promise.all([everWaited(database, installId), readBusyHours(database, { installId, since, place: null }), readBusyItems(database, installId, since), readHeld(ports, install, null)]);
  const figures = figuresOfHours(frame, rows, `${install.shop}/${installId}`);
  const items = busy.map((item): BusyItemRow => ({ ...namedPlace(item), ...figuresOf(item), causes: item.causes }));
  const conclusions = concludeBusy({
    span: frame.span,
    all: figures.all,
    causes: figures.causes,
    top: items[0] ?? null,
    held: held === null ? null : held.rows.map(({ name, heldSince }) => ({ name, heldForMs: frame.nowMs - heldSince.getTime() })),
  });
  return { kind: "overview", ...figures, held, ever, items, conclusions };
}

async function loadItem(ports: BusyPorts, install: ActiveInstall, frame: Frame, place: BusyPlace): Promise<BusyItemPage | null> {
  const { database } = ports;
  const { installId } = install;
  const [known, [named], rows, held] = await Promise.all([knowsStock(database, installId, place), readStockNames(database, installId, [place]), readBusyHours(database, { installId, since: frame.since, place }), readHeld(ports, install, place)]);
  if (!known || named === undefined) return null;
  const { name, sku, location } = namedPlace(named);
  return { kind: "item", ...figuresOfHours(frame, rows, `${install.shop}/${installId}/${place.inventoryItemId}@${place.locationId}`), held, place, name, sku, location };
}

function namedPlace({ inventoryItemId, locationId, locationName, sku, title }: NamedStock) {
  return { key: `${inventoryItemId}@${locationId}`, inventoryItemId, locationId, name: stockName({ title, sku, inventoryItemId }), sku, location: locationName ?? `Location ${locationId}` };
}

const NOTHING: CountedWaits = { waits: 0, waitMsMax: 0, waitCounts: EMPTY_HISTOGRAM, holdMsMax: 0, lost: 0 };

function sumOf(rows: readonly CountedWaits[]): CountedWaits {
  return rows.reduce(
    (sum, row) => ({
      waits: sum.waits + row.waits,
      waitMsMax: Math.max(sum.waitMsMax, row.waitMsMax),
      waitCounts: addHistograms(sum.waitCounts, row.waitCounts),
      holdMsMax: Math.max(sum.holdMsMax, row.holdMsMax),
      lost: sum.lost + row.lost,
    }),
    NOTHING,
  );
}

/** @param chartOf whose waits these are: names the chart. */
function figuresOfHours({ nowMs, timeZone, span, since }: Frame, rows: readonly BusyHour[], chartOf: string): Omit<BusyFigures, "held"> {
  const stepMs = STEP_HOURS[span] * HOUR_MS;
  const stepCount = BUSY_SPAN_HOURS[span] / STEP_HOURS[span];
  // PostgreSQL's clock keeps the hours; where it is ahead of ours the newest belong to the last.
  const placeOf = ({ hour }: BusyHour) => Math.min(stepCount - 1, Math.max(0, Math.floor((hour.getTime() - since.getTime()) / stepMs)));
  const byStep = Map.groupBy(rows, placeOf);
  const steps = Array.from({ length: stepCount }, (_, index): BusyStep => ({ startedAt: new Date(since.getTime() + index * stepMs), ...figuresOf(sumOf(byStep.get(index) ?? [])) }));
  const all = figuresOf(sumOf(rows));
  const causes = CONTENTION_CAUSES.map((cause) => {
    const { waits, waitMsMax } = sumOf(rows.filter((row) => row.cause === cause));
    return { cause, waits, longestMs: waitMsMax };
  }).toSorted((a, b) => b.waits - a.waits);
  const draw = () => drawBusyChart({ steps, timeZone });
  const chart = all.waits === 0 ? null : charts.remembered({ key: `${chartOf}/${span}/${timeZone}`, content: JSON.stringify(steps.map(({ startedAt, waits, p95Ms }) => [startedAt, waits, p95Ms])), nowMs }, draw);
  return { nowMs, timeZone, span, all, causes, steps, chart };
}

/** The page stands without it: who holds what is a look, and the lock service may be away. */
async function readHeld({ database, listLocks }: BusyPorts, { installId, shop }: ActiveInstall, only: BusyPlace | null): Promise<BusyFigures["held"]> {
  const listing = await listLocks(shop).catch(() => null);
  if (listing === null) return null;
  const locks = listing.held
    .map((lock) => ({ ...lock, place: stockOfResource(lock.resource) }))
    .filter(({ place }) => only === null || (place !== null && place.inventoryItemId === only.inventoryItemId && place.locationId === only.locationId))
    .toSorted((a, b) => b.waitingCount - a.waitingCount || a.heldSince.getTime() - b.heldSince.getTime());
  const shown = locks.slice(0, HELD_ROWS_MAX);
  const names = new Map((await readStockNames(database, installId, shown.flatMap(({ place }) => place ?? []))).map((named) => [`${named.inventoryItemId}@${named.locationId}`, namedPlace(named)]));
  return { rows: shown.map((lock) => toHeldRow(lock, names)), more: locks.length - shown.length };
}

function toHeldRow({ place, resource, purpose, heldSince, waitingCount }: HeldLock & { readonly place: BusyPlace | null }, names: ReadonlyMap<string, ReturnType<typeof namedPlace>>): HeldRow {
  const named = place === null ? undefined : names.get(`${place.inventoryItemId}@${place.locationId}`);
  return { key: resource, name: named?.name ?? "Access to Shopify", location: named?.location ?? null, place, purpose: PURPOSE_TERMS[purpose], heldSince, waitingCount };
}

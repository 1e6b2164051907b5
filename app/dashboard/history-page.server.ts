// Everything Stock history shows for one address: filters as understood, what can be chosen in them, and a page of changes.

import { itemNameOf, locationNameOf } from "./change-names.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import type { EmbeddedContext } from "./embedded-context.server.ts";
import { exportAddress, type ExportPorts } from "./export/serve-export.server.ts";
import { historyQuery, readHistoryFilters, type HistoryFilters } from "./history-filters.ts";
import { filterTags, type FilterOptions, type FilterTag } from "./history-view.ts";
import { readPageRequest } from "./page-request.ts";
import { countChanges, listChanges, type ChangeRow, type RoughCount } from "./queries/list-changes.server.ts";
import { readActors } from "./queries/read-actors.server.ts";
import { readLocations, readSourceEvidence } from "./queries/settings-evidence.server.ts";
import { saleTerms } from "./terms.ts";

/** A change as a row of the list; ids as text. */
export interface HistoryRow {
  readonly id: string;
  readonly happenedAt: Date;
  readonly orderId: string | null;
  readonly orderName: string | null;
  readonly item: string;
  readonly sku: string | null;
  readonly location: string | null;
  /** What it does to the units on sale. */
  readonly delta: number;
  readonly before: number | null;
  readonly after: number | null;
  /** In words. */
  readonly cause: string;
  readonly state: string;
  readonly reason: string | null;
}

export interface HistoryPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly filters: HistoryFilters;
  readonly problems: Readonly<Partial<Record<keyof HistoryFilters, string>>>;
  readonly options: FilterOptions;
  readonly tags: readonly FilterTag[];
  /** Search texts that mean more than can be searched for at once. */
  readonly vague: readonly ("order" | "item")[];
  readonly rows: readonly HistoryRow[];
  /** The page was cut after looking through many changes that do not match: up to this time. */
  readonly lookedUpTo: Date | null;
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export async function loadHistoryPage(
  { database, clock }: Pick<DashboardDependencies, "database" | "clock">,
  install: ActiveInstall,
  timeZone: string,
  query: URLSearchParams,
): Promise<HistoryPage> {
  const now = clock.now();
  const { installId } = install;
  const { filters, changeFilter, problems } = readHistoryFilters(query, now, timeZone);
  const [changes, locations, sources, actors] = await Promise.all([
    listChanges(database, { installId, filter: changeFilter, page: readPageRequest(query) }),
    readLocations(database, installId),
    readSourceEvidence(database, installId),
    readActors(database, installId),
  ]);
  const options: FilterOptions = {
    locations: locations.map(({ locationId, name }) => ({ value: locationId, label: name })),
    sources: sources.map(({ sourceKey }) => sourceKey),
    actors,
  };
  return {
    nowMs: now.getTime(),
    timeZone,
    filters,
    problems,
    options,
    tags: filterTags(filters, problems, options),
    vague: changes.vague,
    rows: changes.items.map(toHistoryRow),
    lookedUpTo: changes.lookedUpTo,
    olderCursor: changes.olderCursor,
    newerCursor: changes.newerCursor,
  };
}

/** What the page's dialog needs to offer the download. */
export type ExportOffer = { readonly kind: "offered"; readonly address: string } & RoughCount;

/** Of the filters in the page's address, without its page: an export begins at the newest change. */
export async function offerExport({ dependencies, install, actor, timeZone }: Pick<EmbeddedContext, "dependencies" | "install" | "actor" | "timeZone">, ports: Pick<ExportPorts, "secrets" | "clock">, asked: URLSearchParams): Promise<ExportOffer> {
  const { filters, changeFilter } = readHistoryFilters(asked, dependencies.clock.now(), timeZone);
  const rough = await countChanges(dependencies.database, { installId: install.installId, filter: changeFilter });
  return { kind: "offered", address: exportAddress(ports, "/exports/changes.csv", { kind: "changes", install, actor, query: historyQuery(filters).slice(1) }), ...rough };
}

export function toHistoryRow(change: ChangeRow): HistoryRow {
  const sale = saleTerms(change);
  return {
    id: String(change.id),
    happenedAt: change.finishedAt ?? change.createdAt,
    orderId: change.orderId,
    orderName: change.orderName ?? change.orderId,
    item: itemNameOf(change),
    sku: change.sku,
    location: locationNameOf(change),
    delta: sale.delta,
    before: change.before,
    after: change.after,
    cause: sale.cause.label,
    state: change.state,
    reason: change.reason,
  };
}

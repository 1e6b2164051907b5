// Everything Stock history shows for one address: filters as understood and a page of changes.

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { formatItemName } from "./formatting.ts";
import { readHistoryFilters, type HistoryFilters } from "./history-filters.ts";
import { readPageRequest } from "./page-request.ts";
import { listChanges, type ChangeRow } from "./queries/list-changes.server.ts";
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
  readonly rows: readonly HistoryRow[];
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
  const { filters, changeFilter, problems } = readHistoryFilters(query, now, timeZone);
  const page = readPageRequest(query);
  const changes = await listChanges(database, { installId: install.installId, filter: changeFilter, page });
  return {
    nowMs: now.getTime(),
    timeZone,
    filters,
    problems,
    rows: changes.items.map(toHistoryRow),
    olderCursor: changes.olderCursor,
    newerCursor: changes.newerCursor,
  };
}

export function toHistoryRow(change: ChangeRow): HistoryRow {
  const sale = saleTerms(change);
  return {
    id: String(change.id),
    happenedAt: change.finishedAt ?? change.createdAt,
    orderId: change.orderId,
    orderName: change.orderName ?? change.orderId,
    item: formatItemName(change.title) ?? change.sku ?? (change.inventoryItemId === null ? "No stock item" : `Item ${change.inventoryItemId}`),
    sku: change.sku,
    location: change.locationName ?? (change.locationId === null ? null : `Location ${change.locationId}`),
    delta: sale.delta,
    before: change.before,
    after: change.after,
    cause: sale.cause.label,
    state: change.state,
    reason: change.reason,
  };
}

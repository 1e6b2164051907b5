// Everything the page of one notification shows: its times, its repetitions, and the changes it led to.

import { type DeliveryItem, toDeliveryItem } from "./delivery-item.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import type { StoryStep } from "./change-story.ts";
import { toHistoryRow, type HistoryRow } from "./history-page.server.ts";
import { tellNotification } from "./notification-view.ts";
import type { ChangeFilter } from "./queries/change-filter.ts";
import { listChanges } from "./queries/list-changes.server.ts";
import { readDelivery, readRepetitions } from "./queries/list-deliveries.server.ts";

export interface NotificationPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly item: DeliveryItem;
  readonly eventId: string | null;
  readonly traceId: string;
  readonly steps: readonly StoryStep[];
  /** The rows are those that another notification of its order led to. */
  readonly byAnother: boolean;
  readonly rows: readonly HistoryRow[];
  /** There are more than are listed. */
  readonly more: boolean;
}

const CHANGES_LISTED = 50;

/** Null when the install has no such notification. */
export async function loadNotification({ database, clock }: Pick<DashboardDependencies, "database" | "clock">, install: ActiveInstall, timeZone: string, id: bigint): Promise<NotificationPage | null> {
  const { installId, shop } = install;
  const delivery = await readDelivery(database, installId, id);
  if (delivery === null) return null;
  const { webhookId } = delivery;
  const list = (filter: ChangeFilter) => listChanges(database, { installId, filter, page: { direction: "newest", limit: CHANGES_LISTED } });
  const [repetitions, own] = await Promise.all([
    delivery.duplicates === 0 ? [] : readRepetitions(database, installId, { shop, webhookId }),
    list({ webhookId }),
  ]);
  // Several notifications tell of the same order; whichever is worked on first leads to its changes.
  const byAnother = own.items.length === 0 && delivery.orderId !== null;
  const changes = byAnother ? await list({ orderId: delivery.orderId }) : own;
  const more = changes.olderCursor !== null;
  return {
    nowMs: clock.now().getTime(),
    timeZone,
    item: toDeliveryItem(delivery),
    eventId: delivery.eventId,
    traceId: delivery.traceId,
    steps: tellNotification(delivery, repetitions, { changes: changes.items, byAnother, more }),
    byAnother,
    rows: changes.items.map(toHistoryRow),
    more,
  };
}

// Everything the notifications page shows for one address.

import { toDeliveryItem, type DeliveryItem } from "./delivery-item.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { readNotificationFilters, toDeliveryFilter, type NotificationFilters } from "./notification-filters.ts";
import { readPageRequest } from "./page-request.ts";
import { notificationTags, type NotificationTag } from "./notification-view.ts";
import { listDeliveries } from "./queries/list-deliveries.server.ts";

export interface NotificationsPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly filters: NotificationFilters;
  readonly items: readonly DeliveryItem[];
  readonly tags: readonly NotificationTag[];
  /** The page was cut after looking through many that do not match: up to this time. */
  readonly lookedUpTo: Date | null;
  readonly olderCursor: string | null;
  readonly newerCursor: string | null;
}

export async function loadNotificationsPage(
  { database, clock }: Pick<DashboardDependencies, "database" | "clock">,
  install: ActiveInstall,
  timeZone: string,
  query: URLSearchParams,
): Promise<NotificationsPage> {
  const now = clock.now();
  const filters = readNotificationFilters(query);
  const { items, olderCursor, newerCursor, lookedUpTo } = await listDeliveries(database, {
    installId: install.installId,
    filter: toDeliveryFilter(filters, now, timeZone),
    page: readPageRequest(query),
  });
  return { nowMs: now.getTime(), timeZone, filters, items: items.map(toDeliveryItem), tags: notificationTags(filters), lookedUpTo, olderCursor, newerCursor };
}

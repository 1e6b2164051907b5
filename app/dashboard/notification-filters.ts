// The filters of the notifications page as they stand in the address. Pure.

import type { DeliveryFilter } from "./queries/list-deliveries.server.ts";
import { startOfDay } from "./time-zone.ts";

/** Empty: everything. */
export interface NotificationFilters {
  readonly when: "" | "today";
  readonly state: "" | "pending" | "rejected";
  readonly duplicated: "" | "yes";
}

/** A value that is not one of these is no filter. */
export function readNotificationFilters(query: URLSearchParams): NotificationFilters {
  const state = query.get("state");
  return {
    when: query.get("when") === "today" ? "today" : "",
    state: state === "pending" || state === "rejected" ? state : "",
    duplicated: query.get("duplicated") === "yes" ? "yes" : "",
  };
}

export function toDeliveryFilter(filters: NotificationFilters, now: Date, timeZone: string): DeliveryFilter {
  return {
    ...(filters.state === "" ? {} : { state: filters.state }),
    ...(filters.when === "" ? {} : { receivedFrom: startOfDay(now, timeZone) }),
    ...(filters.duplicated === "" ? {} : { duplicatedOnly: true }),
  };
}

export function notificationQuery(filters: Partial<NotificationFilters>, page?: { readonly older?: string; readonly newer?: string }): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, ...page })) if (value !== "") query.set(name, value);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

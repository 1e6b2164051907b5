// The filters of the notifications page as they stand in the address. Pure.

import type { DeliveryFilter } from "./queries/list-deliveries.server.ts";
import type { TopicGroup } from "./queries/topic-group.ts";
import { startOfDay } from "./time-zone.ts";

/** Empty: everything. */
export interface NotificationFilters {
  readonly when: "" | "today";
  readonly state: "" | "pending" | "rejected";
  readonly duplicated: "" | "yes";
  readonly about: "" | TopicGroup;
}

/** A value that is not one of these is no filter. */
export function readNotificationFilters(query: URLSearchParams): NotificationFilters {
  const state = query.get("state");
  const about = query.get("about");
  return {
    when: query.get("when") === "today" ? "today" : "",
    state: state === "pending" || state === "rejected" ? state : "",
    duplicated: query.get("duplicated") === "yes" ? "yes" : "",
    about: about === "orders" || about === "stock" ? about : "",
  };
}

export function toDeliveryFilter(filters: NotificationFilters, now: Date, timeZone: string): DeliveryFilter {
  return {
    ...(filters.state === "" ? {} : { state: filters.state }),
    ...(filters.when === "" ? {} : { receivedFrom: startOfDay(now, timeZone) }),
    ...(filters.duplicated === "" ? {} : { duplicatedOnly: true }),
    ...(filters.about === "" ? {} : { about: filters.about }),
  };
}

export function notificationQuery(filters: Partial<NotificationFilters>, page?: { readonly older?: string; readonly newer?: string }): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, ...page })) if (value !== "") query.set(name, value);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

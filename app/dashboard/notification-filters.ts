// The filters of the notifications page as they stand in the address. Pure.

import { readText } from "./queries/change-filter.ts";
import type { DeliveryFilter, DeliveryState } from "./queries/list-deliveries.server.ts";
import type { TopicGroup } from "./queries/topic-group.ts";
import { startOfDay } from "./time-zone.ts";

/** Empty: everything. */
export interface NotificationFilters {
  readonly when: "" | "today";
  readonly state: "" | DeliveryState;
  readonly duplicated: "" | "yes";
  readonly about: "" | TopicGroup;
  /** Shopify's name: `orders/create`. */
  readonly topic: string;
  readonly late: "" | "yes";
}

/** A value that is not one of these is no filter. */
export function readNotificationFilters(query: URLSearchParams): NotificationFilters {
  const state = query.get("state");
  const topic = readText(query.get("topic"));
  const about = query.get("about");
  return {
    when: query.get("when") === "today" ? "today" : "",
    state: state === "pending" || state === "processed" || state === "ignored" || state === "rejected" ? state : "",
    duplicated: query.get("duplicated") === "yes" ? "yes" : "",
    about: about === "orders" || about === "stock" ? about : "",
    topic: topic.kind === "value" ? topic.value : "",
    late: query.get("late") === "yes" ? "yes" : "",
  };
}

export function toDeliveryFilter(filters: NotificationFilters, now: Date, timeZone: string): DeliveryFilter {
  return {
    ...(filters.state === "" ? {} : { state: filters.state }),
    ...(filters.when === "" ? {} : { receivedFrom: startOfDay(now, timeZone) }),
    ...(filters.duplicated === "" ? {} : { duplicatedOnly: true }),
    ...(filters.about === "" ? {} : { about: filters.about }),
    ...(filters.topic === "" ? {} : { topic: filters.topic }),
    ...(filters.late === "" ? {} : { lateOnly: true }),
  };
}

export function notificationQuery(filters: Partial<NotificationFilters>, page?: { readonly older?: string; readonly newer?: string }): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, ...page })) if (value !== "") query.set(name, value);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

// The few useful views of the notifications, and the one that is open when it is none of them.

import { notificationQuery, type NotificationFilters } from "../notification-filters.ts";
import { DELIVERY_STATES, termFor, topicText } from "../terms.ts";
import { ViewChoice } from "./view-choice.tsx";

const VIEWS: readonly { readonly label: string; readonly filters: Partial<NotificationFilters> }[] = [
  { label: "All", filters: {} },
  { label: "Today", filters: { when: "today" } },
  { label: "About orders", filters: { about: "orders" } },
  { label: "Came more than once", filters: { duplicated: "yes" } },
  { label: "Came late", filters: { late: "yes" } },
  { label: "Waiting", filters: { state: "pending" } },
  { label: "Unreadable", filters: { state: "rejected" } },
];

export function NotificationTabs({ filters }: { readonly filters: NotificationFilters }) {
  const present = notificationQuery(filters);
  const views = VIEWS.map((view) => {
    const query = notificationQuery(view.filters);
    return { label: view.label, url: `/app/history/notifications${query}`, chosen: query === present };
  });
  // Home's numbers lead to narrower views than these; what is shown must be said.
  if (!views.some((view) => view.chosen)) views.push({ label: nameOf(filters), url: `/app/history/notifications${present}`, chosen: true });
  return <ViewChoice name="Which notifications" views={views} />;
}

function nameOf({ when, about, duplicated, state, topic, late }: NotificationFilters): string {
  const parts = [
    when === "today" ? "today" : null,
    about === "" ? null : about === "orders" ? "about orders" : "about stock levels",
    duplicated === "yes" ? "came more than once" : null,
    state === "" ? null : termFor(DELIVERY_STATES, state).label.toLowerCase(),
    topic === "" ? null : (topicText(topic) ?? topic).toLowerCase(),
    late === "" ? null : "came late",
  ].filter((part) => part !== null);
  const name = parts.join(", ");
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

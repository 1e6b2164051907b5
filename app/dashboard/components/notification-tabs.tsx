// The few useful views of the notifications.

import { notificationQuery, type NotificationFilters } from "../notification-filters.ts";
import { ViewChoice } from "./view-choice.tsx";

const VIEWS: readonly { readonly label: string; readonly filters: Partial<NotificationFilters> }[] = [
  { label: "All", filters: {} },
  { label: "Today", filters: { when: "today" } },
  { label: "Came more than once", filters: { duplicated: "yes" } },
  { label: "Waiting", filters: { state: "pending" } },
  { label: "Unreadable", filters: { state: "rejected" } },
];

export function NotificationTabs({ filters }: { readonly filters: NotificationFilters }) {
  const present = notificationQuery(filters);
  const views = VIEWS.map((view) => {
    const query = notificationQuery(view.filters);
    return { label: view.label, url: `/app/history/notifications${query}`, chosen: query === present };
  });
  return <ViewChoice name="Which notifications" views={views} />;
}

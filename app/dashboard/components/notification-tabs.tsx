// The few useful views of the notifications, as links.

import { Button, ButtonGroup } from "@shopify/polaris";

import { notificationQuery, type NotificationFilters } from "../notification-filters.ts";

const VIEWS: readonly { readonly label: string; readonly filters: Partial<NotificationFilters> }[] = [
  { label: "All", filters: {} },
  { label: "Today", filters: { when: "today" } },
  { label: "Came more than once", filters: { duplicated: "yes" } },
  { label: "Waiting", filters: { state: "pending" } },
  { label: "Unreadable", filters: { state: "rejected" } },
];

export function NotificationTabs({ filters }: { readonly filters: NotificationFilters }) {
  const present = notificationQuery(filters);
  return (
    <nav aria-label="Which notifications">
      <ButtonGroup>
        {VIEWS.map((view) => {
          const query = notificationQuery(view.filters);
          return (
            <Button key={view.label} size="slim" url={`/app/history/notifications${query}`} pressed={query === present}>
              {view.label}
            </Button>
          );
        })}
      </ButtonGroup>
    </nav>
  );
}

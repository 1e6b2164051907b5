// HTTP: the notifications Shopify sent, newest first, with the repetitions that were stopped.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { NotificationFilterForm } from "#app/dashboard/components/notification-filter-form.tsx";
import { NotificationTabs } from "#app/dashboard/components/notification-tabs.tsx";
import { ReplayableDeliveries } from "#app/dashboard/components/replayable-deliveries.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatExact } from "#app/dashboard/formatting.ts";
import { loadNotificationsPage } from "#app/dashboard/notifications-page.server.ts";
import { notificationQuery } from "#app/dashboard/notification-filters.ts";
import { replayNotifications } from "#app/dashboard/replay-notifications.server.ts";
import { refusedToPerson } from "#app/dashboard/staff-permission.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadNotificationsPage(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return (await refusedToPerson(context)) ?? replayNotifications(context, await request.formData());
}

export default function Notifications() {
  const { filters, tags, lookedUpTo, items, olderCursor, newerCursor, nowMs, timeZone } = useLoaderData<typeof loader>();
  const query = notificationQuery(filters);
  const address = (page: { older?: string; newer?: string }) => `/app/history/notifications${notificationQuery(filters, page)}`;
  return (
    <DashboardPage title={PAGE_NAMES.notifications} subtitle="What Shopify told Holdfast, and how often" back={{ label: PAGE_NAMES.history, url: "/app/history" }}>
      <BlockStack gap="400">
        <div className="hf-edge">
          <NotificationTabs filters={filters} />
        </div>
        <NotificationFilterForm key={`form${query}`} filters={filters} tags={tags} />
        {items.length === 0 ? (
          <Card padding="0">
            <EmptyMessage
              heading="No notification here"
              text="Shopify sends a notification for every order, edit, cancellation and refund. Each is stored before it is answered, and counted once however often it comes."
              {...(query === "" ? {} : { action: { label: "Show all", url: "/app/history/notifications" } })}
            />
          </Card>
        ) : (
          <ReplayableDeliveries key={query} items={items} nowMs={nowMs} timeZone={timeZone} query={query} hasMore={olderCursor !== null || newerCursor !== null} />
        )}
        {lookedUpTo === null ? null : (
          <Text as="p" alignment="center" tone="subdued">
            {`Holdfast looked through the notifications up to ${formatExact(lookedUpTo, timeZone)}. There may be more that match: go on.`}
          </Text>
        )}
        <ListPages newerUrl={newerCursor === null ? null : address({ newer: newerCursor })} olderUrl={olderCursor === null ? null : address({ older: olderCursor })} {...(lookedUpTo === null ? {} : { labels: { newer: "Newer", older: "Look further back" } })} />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.notifications} back={{ label: PAGE_NAMES.history, url: "/app/history" }} />;
}

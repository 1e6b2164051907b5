// HTTP: Stock history. Every change of stock that Holdfast made or would have made, newest first.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card } from "@shopify/polaris";

import { ChangesList } from "#app/dashboard/components/changes-list.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { HistoryFilterForm } from "#app/dashboard/components/history-filter-form.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { historyQuery } from "#app/dashboard/history-filters.ts";
import { loadHistoryPage } from "#app/dashboard/history-page.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadHistoryPage(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export default function History() {
  const page = useLoaderData<typeof loader>();
  const { filters, rows, olderCursor, newerCursor } = page;
  const query = historyQuery(filters);
  return (
    <DashboardPage
      title={PAGE_NAMES.history}
      subtitle="Every change of stock, with its cause and its proof"
      secondaryActions={[{ content: PAGE_NAMES.notifications, url: "/app/history/notifications" }]}
    >
      <BlockStack gap="400">
        <HistoryFilterForm key={query} filters={filters} problems={page.problems} />
        <Card padding="0">{rows.length === 0 ? <NothingFound filtered={query !== ""} /> : <ChangesList rows={rows} nowMs={page.nowMs} timeZone={page.timeZone} />}</Card>
        <ListPages
          newerUrl={newerCursor === null ? null : `/app/history${historyQuery(filters, { newer: newerCursor })}`}
          olderUrl={olderCursor === null ? null : `/app/history${historyQuery(filters, { older: olderCursor })}`}
        />
      </BlockStack>
    </DashboardPage>
  );
}

function NothingFound({ filtered }: { readonly filtered: boolean }) {
  if (filtered) {
    return (
      <EmptyMessage
        heading="No change matches these filters"
        text="Try fewer filters, or a longer time. Orders are found by their name or id, items by SKU, title or id."
        action={{ label: "Clear the filters", url: "/app/history" }}
      />
    );
  }
  return (
    <EmptyMessage
      heading="No stock has changed yet"
      text="When an order arrives that your rules cover, you see here what it takes, from which item and location, and the proof that it was counted once."
      action={{ label: "Set your rules", url: "/app/settings" }}
      secondaryAction={{ label: "See notifications", url: "/app/history/notifications" }}
    />
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.history} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}

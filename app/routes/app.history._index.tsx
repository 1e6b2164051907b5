// HTTP: Stock history. Every change of stock that Holdfast made or would have made, newest first.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Card, Text } from "@shopify/polaris";
import { useState } from "react";

import { afterPaint } from "#app/dashboard/components/after-paint.ts";
import { ChangesList } from "#app/dashboard/components/changes-list.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { ExportDialog } from "#app/dashboard/components/export-dialog.tsx";
import { HistoryFilterForm } from "#app/dashboard/components/history-filter-form.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatExact } from "#app/dashboard/formatting.ts";
import { historyQuery } from "#app/dashboard/history-filters.ts";
import { loadHistoryPage, offerExport } from "#app/dashboard/history-page.server.ts";
import { vagueText } from "#app/dashboard/history-view.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { exportPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadHistoryPage(dependencies, install, timeZone, new URL(request.url).searchParams);
}

/** Offers the download of what the address filters by; it changes nothing. */
export async function action({ request }: ActionFunctionArgs) {
  return offerExport(await embeddedContext(request), exportPorts(), new URL(request.url).searchParams);
}

export default function History() {
  const page = useLoaderData<typeof loader>();
  const [exporting, setExporting] = useState(false);
  const { filters, rows, olderCursor, newerCursor, lookedUpTo } = page;
  const query = historyQuery(filters);
  return (
    <DashboardPage
      title={PAGE_NAMES.history}
      subtitle="Every change of stock, with its cause and its proof"
      secondaryActions={[
        { content: "Export", onAction: () => afterPaint(() => setExporting(true)) },
        { content: PAGE_NAMES.notifications, url: "/app/history/notifications" },
      ]}
    >
      <BlockStack gap="400">
        <HistoryFilterForm key={query} filters={filters} problems={page.problems} options={page.options} tags={page.tags} />
        {page.vague.map((what) => (
          <Banner key={what} tone="info">
            <p>{vagueText(what)}</p>
          </Banner>
        ))}
        <Card padding="0">
          {rows.length > 0 ? <ChangesList rows={rows} nowMs={page.nowMs} timeZone={page.timeZone} /> : lookedUpTo === null ? <NothingFound filtered={query !== ""} /> : <NothingYet />}
        </Card>
        {lookedUpTo === null ? null : (
          <Text as="p" alignment="center" tone="subdued">
            {`Holdfast looked through the changes ${newerCursor !== null && olderCursor === null ? "up" : "back"} to ${formatExact(lookedUpTo, page.timeZone)}. There may be more that match: go on, or choose days.`}
          </Text>
        )}
        <ListPages
          newerUrl={newerCursor === null ? null : `/app/history${historyQuery(filters, { newer: newerCursor })}`}
          olderUrl={olderCursor === null ? null : `/app/history${historyQuery(filters, { older: olderCursor })}`}
          {...(lookedUpTo === null ? {} : { labels: { newer: "Newer", older: "Look further back" } })}
        />
      </BlockStack>
      {exporting ? <ExportDialog action={`/app/history?index&${query.slice(1)}`} filtered={query !== ""} timeZone={page.timeZone} onClose={() => setExporting(false)} /> : null}
    </DashboardPage>
  );
}

/** The bound on what one page may look through was reached before anything was found. */
function NothingYet() {
  return (
    <EmptyMessage
      heading="Nothing found so far"
      text="Few changes match these filters, if any. So that the page stays quick, only a part of the history is looked through at once."
      action={{ label: "Clear the filters", url: "/app/history" }}
    />
  );
}

function NothingFound({ filtered }: { readonly filtered: boolean }) {
  if (filtered) {
    return (
      <EmptyMessage
        heading="No change matches these filters"
        text="Try fewer filters, or a longer time. Orders are found by the beginning of their name or number, items by SKU, title or id."
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

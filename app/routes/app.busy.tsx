// HTTP: Busy items. Which items are waited for, how long and by whom, and what may be concluded; with an item in the address, its hours.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";

import { BusyConclusions } from "#app/dashboard/components/busy/busy-conclusions.tsx";
import { BusyFigures, WaitsByCause, WaitsOverTime } from "#app/dashboard/components/busy/busy-figures.tsx";
import { BusyItems } from "#app/dashboard/components/busy/busy-items.tsx";
import { HeldNow } from "#app/dashboard/components/busy/held-now.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { type BusyItemPage, type BusyOverview, loadBusyPage } from "#app/dashboard/busy-page.server.ts";
import { BUSY_TERM } from "#app/dashboard/busy-terms.ts";
import { BUSY_SPAN_TEXT, busyUrl } from "#app/dashboard/busy-view.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { busyPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { install, timeZone } = await embeddedContext(request);
  const page = await loadBusyPage(busyPorts(), install, timeZone, new URL(request.url).searchParams);
  if (page === null) throw new Response("Not found", { status: 404 });
  return page;
}

export default function Busy() {
  const page = useLoaderData<typeof loader>();
  useLiveUpdates();
  return page.kind === "item" ? <Item page={page} /> : <Overview page={page} />;
}

function Overview({ page }: { readonly page: BusyOverview }) {
  if (!page.ever) return <NeverWaited page={page} />;
  return (
    <DashboardPage title={PAGE_NAMES.busy} subtitle={`Items that somebody had to wait for (${BUSY_TERM.technical})`}>
      <BlockStack gap="500">
        <BusyConclusions conclusions={page.conclusions} />
        <BusyFigures page={page} />
        <BlockStack gap="300">
          <div className="hf-edge">
            <Text as="h2" variant="headingMd">
              Most waited for
            </Text>
          </div>
          <Card padding="0">
            {page.items.length === 0 ? <EmptyMessage heading={`No item was waited for in ${BUSY_SPAN_TEXT[page.span]}`} text={BUSY_TERM.meaning} /> : <BusyItems page={page} />}
          </Card>
        </BlockStack>
        <WaitsOverTime page={page} />
        <WaitsByCause page={page} />
        <HeldNow page={page} />
      </BlockStack>
    </DashboardPage>
  );
}

function NeverWaited({ page }: { readonly page: BusyOverview }) {
  return (
    <DashboardPage title={PAGE_NAMES.busy} subtitle={`Items that somebody had to wait for (${BUSY_TERM.technical})`}>
      <BlockStack gap="500">
        <Card padding="0">
          <EmptyMessage
            heading="No item was ever waited for"
            text={`${BUSY_TERM.meaning} When several orders of one item arrive at the same moment, it is listed here with how long they waited, so that you know whether it is the item, Shopify or something else that is slow.`}
            action={{ label: "See what changed", url: "/app/history" }}
          />
        </Card>
        <HeldNow page={page} />
      </BlockStack>
    </DashboardPage>
  );
}

function Item({ page }: { readonly page: BusyItemPage }) {
  return (
    <DashboardPage
      title={page.name}
      subtitle={[page.sku === page.name ? null : page.sku, page.location].filter((part) => part !== null).join(" · ")}
      back={{ label: PAGE_NAMES.busy, url: busyUrl(page.span) }}
      secondaryActions={[{ content: "Its changes in Stock history", url: `/app/history?${new URLSearchParams({ item: page.place.inventoryItemId }).toString()}` }]}
    >
      <BlockStack gap="500">
        <BusyFigures page={page} />
        <WaitsOverTime page={page} />
        <WaitsByCause page={page} />
        <HeldNow page={page} />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.busy} back={{ label: PAGE_NAMES.busy, url: "/app/busy" }} />;
}

// HTTP: the holds one by one, newest first: all, those on hold now, those that need a decision or a refund.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { HoldsList } from "#app/dashboard/components/holds/holds-list.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { ViewChoice } from "#app/dashboard/components/view-choice.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatCapped } from "#app/dashboard/formatting.ts";
import { HOLD_VIEW_TERMS, HOLD_VIEWS, type HoldView } from "#app/dashboard/hold-terms.ts";
import { holdsUrl } from "#app/dashboard/hold-view.ts";
import { loadHoldList, type HoldListPage } from "#app/dashboard/holds-page.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadHoldList(dependencies, install, timeZone, new URL(request.url).searchParams);
}

export default function AllHolds() {
  const page = useLoaderData<typeof loader>();
  const { view, rows, olderCursor, newerCursor } = page;
  const term = HOLD_VIEW_TERMS[view];
  return (
    <DashboardPage title="All holds" subtitle="Each hold that a checkout asked for, and what became of it" back={{ label: PAGE_NAMES.holds, url: "/app/holds" }}>
      <BlockStack gap="400">
        <div className="hf-edge">
          <ViewChoice name="Which holds" views={HOLD_VIEWS.map((one) => ({ label: labelOf(one, page), url: holdsUrl(one), chosen: one === view }))} />
        </div>
        <Card padding="0">
          {rows.length === 0 ? (
            <EmptyMessage heading={term.empty} text={term.text} {...(view === "all" ? {} : { action: { label: "Show all", url: holdsUrl("all") } })} />
          ) : (
            <HoldsList rows={rows} nowMs={page.nowMs} timeZone={page.timeZone} />
          )}
        </Card>
        <ListPages newerUrl={newerCursor === null ? null : holdsUrl(view, { newer: newerCursor })} olderUrl={olderCursor === null ? null : holdsUrl(view, { older: olderCursor })} />
      </BlockStack>
    </DashboardPage>
  );
}

function labelOf(view: HoldView, { waitingForPerson }: HoldListPage): string {
  const { label } = HOLD_VIEW_TERMS[view];
  return view === "person" && waitingForPerson > 0 ? `${label} (${formatCapped(waitingForPerson)})` : label;
}

export function ErrorBoundary() {
  return <RouteError title="All holds" back={{ label: PAGE_NAMES.holds, url: "/app/holds" }} />;
}
